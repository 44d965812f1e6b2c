//! Rules that could never terminate, or that add undeclared stages, are refused before anything runs. The compiler
//! refuses what is visible in a single `rules![..]`, see `ui/laws`; these tests cover what is visible only in the whole
//! workflow.

use dagcore::Error;
use dagcore::prelude::*;

#[stage]
fn item(n: u32) -> u32 {
    n
}

#[stage]
fn sum(all: Vec<u32>) -> u32 {
    all.iter().sum()
}

#[stage]
fn note(text: String) -> String {
    text
}

rule! { total: when closed(item), adds [sum], then |grow, items| { grow.add(sum::new(items)); } }
rule! { tell: when each(sum), adds [note], then |grow, _node, n| { grow.add(note::new(n.to_string())); } }
rule! { back: when count(note) >= 1, adds [item], then |grow, _notes| { grow.add(item::new(1)); } }
rule! { again: when closed(sum), adds [item], then |grow, _sums| { grow.add(item::new(1)); } }
rule! { renew: when each(note), adds [sum], then |grow, _node, _text| { grow.add(sum::new([1_u32])); } }

/// Returns the problems of a workflow.
fn problems(mut flow: Workflow) -> Vec<String> {
    flow.add(item::new(1));
    match flow.run_blocking() {
        Err(Error::Build(error)) => error.problems().to_vec(),
        other => panic!("the workflow must be refused, but returned {other:?}"),
    }
}

#[test]
fn rules_of_several_lists_are_held_to_the_laws_together() {
    let flow = Workflow::new("lists").rules(rules![total]).rules(rules![tell]).rules(rules![back]);
    assert_eq!(
        problems(flow),
        [
            "rule `total` waits for `item` to close, and may bring one about itself: it adds `sum`, and for each `sum` rule \
          `tell` adds `note`, and for enough of `note` rule `back` adds `item`: break the circle, or let the rule wait \
          for something else"
        ]
    );
    assert_eq!(problems(Workflow::new("both").rules(rules![total]).rules(rules![again])).len(), 2);
    assert_eq!(
        problems(Workflow::new("endless").rules(rules![tell]).rules(rules![renew])),
        ["rule `tell` feeds itself without end: for each `sum` it adds `note`, and for each `note` rule `renew` adds \
          `sum`: bound one of them with `by key` or `within N`"]
    );
}

#[test]
fn rules_without_a_name_are_held_to_them_too() {
    let mut flow = Workflow::new("inline");
    let first = flow.add(item::new(0));
    let line = line!() + 1;
    flow.rule(rule! { when closed(item), adds [item], then |grow, _items| { grow.add(item::new(1)); } });
    flow.rule(rule! { when done(first) && each(sum), adds [sum], then |_grow, _n, _node, _sum| {} });
    let (here, there) = (format!("{}:{line}", file!()), format!("{}:{}", file!(), line + 1));
    assert_eq!(
        problems(flow),
        [
            format!(
                "rule `{here}` waits for `item` to close, and adds one itself: let it add another stage, or wait for \
                 something else"
            ),
            format!(
                "rule `{there}` feeds itself without end: for each `sum` it adds another: bound it with `by key` or \
                 `within N`"
            ),
        ]
    );
}

#[test]
fn a_list_that_is_too_long_for_the_compiler_is_held_to_them_when_it_runs() {
    macro_rules! endless {
        ($($name:ident)*) => {{
            $(rule! { $name: when each(note), adds [note], then |_grow, _node, _text| {} })*
            rules![$($name),*]
        }};
    }
    #[rustfmt::skip]
    let rules = endless! {
        r0 r1 r2 r3 r4 r5 r6 r7 r8 r9 r10 r11 r12 r13 r14 r15 r16 r17 r18 r19 r20 r21 r22 r23 r24 r25 r26 r27 r28 r29
        r30 r31 r32 r33 r34 r35 r36 r37 r38 r39 r40 r41 r42 r43 r44 r45 r46 r47 r48 r49 r50 r51 r52 r53 r54 r55 r56
        r57 r58 r59 r60 r61 r62 r63 r64 r65 r66 r67 r68 r69 r70 r71 r72 r73 r74 r75 r76 r77 r78 r79 r80 r81 r82 r83
        r84 r85 r86 r87 r88 r89 r90 r91 r92 r93 r94 r95 r96 r97 r98 r99 r100 r101 r102 r103 r104 r105 r106 r107 r108
        r109 r110 r111 r112 r113 r114 r115 r116 r117 r118 r119 r120 r121 r122 r123 r124 r125 r126 r127 r128
    };
    let told = problems(Workflow::new("many").rules(rules));
    assert!(told.len() == 129 && told[128].starts_with("rule `r128` feeds itself without end"), "{told:#?}");
}

#[test]
fn a_rule_is_registered_once() {
    assert_eq!(
        problems(Workflow::new("twice").rules(rules![total]).rules(rules![tell, total])),
        ["rule `total` is registered twice, and would fire twice for all it finds: keep one"]
    );
}

mod one {
    use super::item;
    use dagcore::prelude::*;
    rule! { pub(super) go: when each(item), adds [], then |_grow, _node, _n| {} }
}

mod two {
    use super::item;
    use dagcore::prelude::*;
    rule! { pub(super) go: when each(item), adds [], then |_grow, _node, _n| {} }
}

#[test]
fn two_rules_of_one_name_are_refused_with_their_modules() {
    let here = module_path!();
    assert_eq!(
        problems(Workflow::new("modules").rules(rules![one::go, two::go])),
        [format!("two rules are called `go`, in `{here}::one` and in `{here}::two`: rename one of them")]
    );
    let local = {
        rule! { total: when each(item), adds [], then |_grow, _node, _n| {} }
        rules![total]
    };
    assert_eq!(
        problems(Workflow::new("local").rules(rules![total]).rules(local)),
        [format!("two rules are called `total`, both in `{here}`: rename one of them")]
    );
}

#[test]
fn all_mistakes_are_reported_at_once() {
    let flow =
        Workflow::new("all").rules(rules![one::go, total]).rules(rules![two::go, tell]).rules(rules![renew, again]);
    let told = problems(flow.concurrency(0));
    let starts = ["two rules are called `go`", "`concurrency(0)`", "rule `total` waits", "rule `again` waits"];
    let starts = starts.into_iter().chain(["rule `tell` feeds"]);
    assert!(told.iter().zip(starts).all(|(told, start)| told.starts_with(start)) && told.len() == 5, "{told:#?}");
}

#[test]
fn a_program_that_keeps_the_laws_runs() {
    let mut flow = Workflow::new("kept").rules(rules![total, tell, tests::laws::rules::read]);
    flow.add(item::new(2));
    flow.add(item::new(3));
    flow.add(tests::laws::page::new(7));
    let report = flow.run_blocking().unwrap();
    assert_eq!(
        (report.only::<note>().unwrap().as_str(), report.only::<tests::laws::text>().unwrap().as_str()),
        ("5", "7")
    );
}
