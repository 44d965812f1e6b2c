#![deny(warnings)]
#![no_implicit_prelude]

#[::dagcore::stage]
fn number(n: u64, text: &str) -> u64 {
    n + text.len() as u64
}

#[::dagcore::stage(version = 2, inline)]
fn other(n: u64) -> ::std::result::Result<u64, ::std::io::Error> {
    ::std::result::Result::Ok(n)
}

::dagcore::rule! {
    follow: when each(number), adds [other],
    then |grow, node, _n| { grow.add(other::new(node)); }
}

fn main() {
    let mut flow = ::dagcore::Workflow::new("alone").rules(::dagcore::rules![follow]);
    flow.add(number::new(1_u64, "one"));
    let report = flow.run_blocking().unwrap();
    ::std::assert_eq!(*report.only::<other>().unwrap(), 4);
}
