#![deny(warnings)]
#![allow(dead_code, unused_imports, non_camel_case_types, reason = "what shadows the library is there to be in the way")]

mod own {
    pub struct Option;
    pub struct Result;
    pub struct Some;
    pub struct None;
    pub struct Ok;
    pub struct Err;
    pub struct Vec;
    pub struct String;
    pub struct Box;
    pub struct Send;
    pub struct Sync;
    pub struct Into;
    pub struct From;
    pub struct Clone;
    pub struct Fn;
    pub struct Rule;
    pub struct Growth;
    pub struct Stage;
    pub struct bool;
    pub struct u32;
}

mod shadowed {
    use super::own::*;

    mod std {}
    mod core {}

    #[dagcore::stage]
    pub(crate) fn number(text: &str, all: &[u64]) -> u64 {
        text.len() as u64 + all.len() as u64
    }

    #[dagcore::stage]
    pub(crate) async fn other(n: u64) -> u64 {
        n
    }

    #[dagcore::stage]
    pub(crate) fn fallible(n: u64) -> ::std::result::Result<u64, ::std::io::Error> {
        ::std::result::Result::Ok(n)
    }

    dagcore::rule! {
        pub(crate) follow: when each(number), adds [other, fallible],
        then |grow, node, _n| { grow.add(other::new(node)); grow.add(fallible::new(node)); }
    }

    pub(crate) fn inline(node: dagcore::Node<u64>) -> dagcore::Rule {
        dagcore::rule! { when done(node) && count(number) >= 1 && |_| true, adds [other by key], then |_, _, _| {} }
    }
}

fn main() {
    let mut flow = dagcore::Workflow::new("shadowed").rules(dagcore::rules![shadowed::follow]);
    let number = flow.add(shadowed::number::new("four", vec![0_u64; 4]));
    flow.rule(shadowed::inline(number));
    let report = flow.run_blocking().unwrap();
    assert_eq!(*report.only::<shadowed::other>().unwrap(), 8);
    assert_eq!(*report.only::<shadowed::fallible>().unwrap(), 8);
}
