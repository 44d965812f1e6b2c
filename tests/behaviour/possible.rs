//! The possible graph: planned before the run, compared with the actual graph afterwards.

mod run;

use dagcore::dag::{ArrowEnd, ArrowKind, Multiplicity, Possible};
use dagcore::prelude::*;
use dagcore::{Error, Rule};

#[stage]
async fn page(n: u32) -> u32 {
    for _ in 0..n % 5 {
        tokio::task::yield_now().await;
    }
    n
}

#[stage]
fn checked(n: &u32) -> Result<u32, String> {
    if *n == 3 { Err("three".to_owned()) } else { Ok(*n) }
}

#[stage]
fn report(pages: Gathered<u32>) -> usize {
    pages.len()
}

#[stage]
fn numbers(n: u32) -> Vec<u32> {
    (0..n).collect()
}

#[stage]
fn sum(all: Vec<u32>) -> u32 {
    all.iter().sum()
}

rule! {
    follow: when each(page), adds [page by key, checked],
    then |grow, node, n| {
        grow.add(checked::new(node));
        for next in [n * 2, n * 2 + 1] {
            if next < 12 { grow.add(page::new(next).key(next)); }
        }
    }
}

rule! {
    summarise: when closed(page, checked), adds [report],
    then |grow, pages, _checked| { grow.add(report::new(pages)); }
}

fn crawl() -> Workflow {
    let mut flow = Workflow::new("crawl").rules(rules![follow, summarise]);
    flow.add(page::new(1_u32).key(1));
    flow
}

fn stages(possible: &Possible) -> Vec<(&str, Multiplicity)> {
    possible.stages().iter().map(|stage| (stage.name(), stage.multiplicity())).collect()
}

fn rules(possible: &Possible) -> Vec<Multiplicity> {
    possible.rules().iter().map(dagcore::dag::PossibleRule::multiplicity).collect()
}

/// All arrows as text: `page -for each-> follow`.
fn arrows(possible: &Possible) -> Vec<String> {
    let name = |end| match end {
        ArrowEnd::Stage(place) => possible.stages()[place].name(),
        ArrowEnd::Rule(place) => possible.rules()[place].name(),
        _ => "anything",
    };
    let arrows = possible.arrows().iter();
    arrows.map(|arrow| format!("{} -{}-> {}", name(arrow.from()), possible.label(arrow), name(arrow.to()))).collect()
}

#[test]
fn stages_rules_and_arrows_are_known_before_anything_runs() {
    let possible = crawl().possible();
    assert_eq!(
        stages(&possible),
        [("page", Multiplicity::Recursive), ("checked", Multiplicity::AnyNumber), ("report", Multiplicity::AnyNumber)]
    );
    assert_eq!(rules(&possible), [Multiplicity::Recursive, Multiplicity::Exactly(1)]);
    assert_eq!(
        arrows(&possible),
        [
            "page -for each-> follow",
            "follow -by key-> page",
            "follow --> checked",
            "page -when closed-> summarise",
            "checked -when closed-> summarise",
            "summarise --> report",
        ]
    );
    let page = possible.stage("page").unwrap();
    assert_eq!((page.program(), page.actual(), possible.rules()[0].fired()), (1, None, None));
    assert!(!possible.has_begun() && possible.warnings().is_empty());
}

#[test]
fn its_text_has_one_line_for_each_stage_and_rule() {
    assert_eq!(
        crawl().possible().to_string(),
        "the possible graph of `crawl`: 3 stages, 2 rules\n  \
           stage `page`: any number, leads to itself; 1 from the program\n  \
           stage `checked`: any number\n  \
           stage `report`: any number\n  \
           rule `follow`: any number of times, leads to itself; for each `page` it adds `page` by key, `checked`\n  \
           rule `summarise`: once; when `page` has closed and when `checked` has closed it adds `report`"
    );
    let done = crawl().run_blocking().or_else(Error::into_report).unwrap();
    let text = done.possible().to_string();
    for said in ["; 11 came: 10 succeeded, 1 failed", "`page` by key, `checked`; fired 11 times", "; fired once"] {
        assert!(text.contains(said), "{text}");
    }
}

#[test]
fn a_stage_that_only_the_program_adds_has_an_exact_count() {
    let mut flow = Workflow::new("exact");
    let one = flow.add(page::new(1));
    let two = flow.add(page::new(2).after(one));
    flow.add(sum::new([one, two]));
    let possible = flow.possible();
    assert_eq!(stages(&possible), [("page", Multiplicity::Exactly(2)), ("sum", Multiplicity::Exactly(1))]);
    assert_eq!(arrows(&possible), ["page --> page", "page --> sum"]);
    assert_eq!(possible.arrows()[0].kind(), ArrowKind::Needs);
}

/// A rule that waits for a certain event fires once; a rule that waits for an uncertain event fires at most once.
#[test]
fn how_often_a_rule_fires_is_decided_by_what_it_waits_for() {
    fn times(make: impl FnOnce(Node<u32>) -> Rule) -> Multiplicity {
        let mut flow = Workflow::new("times");
        let node = flow.add(page::new(1).named("first"));
        flow.add(page::new(2));
        flow.add(numbers::new(1));
        flow.rule(make(node));
        flow.possible().rules()[0].multiplicity()
    }
    let once = Multiplicity::Exactly(1);
    assert_eq!(times(|_| rule! { when closed(page, sum), adds [], then |_grow, _pages, _sums| {} }), once);
    assert_eq!(times(|node| rule! { when settled(node), adds [], then |_grow, _n| {} }), once);
    assert_eq!(times(|_| rule! { when count(page) >= 2, adds [], then |_grow, _nodes| {} }), once);
    assert_eq!(times(|_| rule! { when named("first"), adds [], then |_grow, _node| {} }), once);

    let perhaps = Multiplicity::AtMost(1);
    assert_eq!(times(|node| rule! { when done(node), adds [], then |_grow, _n| {} }), perhaps);
    assert_eq!(times(|node| rule! { when failed(node), adds [], then |_grow, _e| {} }), perhaps);
    assert_eq!(times(|_| rule! { when count_done(page) >= 1, adds [], then |_grow, _nodes| {} }), perhaps);
    assert_eq!(times(|_| rule! { when |view| !view.is_empty(), adds [], then |_grow| {} }), perhaps);
    assert_eq!(
        times(|_| rule! { when closed(page) && |view| !view.is_empty(), adds [], then |_grow, _pages| {} }),
        perhaps
    );
    // Only this rule itself could add the node that it waits for, and no other node has that name.
    assert_eq!(times(|_| rule! { when named("second"), adds [page], then |_grow, _node| {} }), Multiplicity::Never);
    assert_eq!(times(|_| rule! { when count(page) >= 3, adds [page], then |_grow, _nodes| {} }), Multiplicity::Never);

    // Each of exactly two nodes, either of which may fail.
    assert_eq!(times(|_| rule! { when each(page), adds [sum], then |_grow, _node, _n| {} }), Multiplicity::AtMost(2));
    assert_eq!(times(|_| rule! { when each_failed(page), adds [], then |_g, _node, _e| {} }), Multiplicity::AtMost(2));
    assert_eq!(times(|_| rule! { when each(page), adds [page], then |_g, _node, _n| {} }), Multiplicity::Recursive);
    assert_eq!(times(|_| rule! { when each(sum), adds [], then |_grow, _node, _n| {} }), Multiplicity::Never);
}

#[test]
fn a_rule_for_each_node_of_a_stage_that_rules_add_fires_any_number_of_times() {
    rule! { check: when each(page), adds [checked], then |_grow, _node, _n| {} }
    rule! { count_them: when each(checked), adds [report], then |_grow, _node, _n| {} }
    let mut flow = Workflow::new("any").rules(rules![check, count_them]);
    flow.add(page::new(1));
    assert_eq!(rules(&flow.possible()), [Multiplicity::AtMost(1), Multiplicity::AnyNumber]);
}

#[test]
fn a_stage_on_a_cycle_is_recursive_and_one_that_is_added_once_is_not() {
    rule! { there: when each(page), adds [checked], then |_grow, _node, _n| {} }
    rule! { back: when each_failed(checked), adds [page, sum] within 3, then |_grow, _node, _e| {} }
    rule! { again: when closed(sum), adds [report], then |_grow, _sums| {} }
    let mut flow = Workflow::new("circle").rules(rules![there, back, again]);
    flow.add(page::new(1));
    let possible = flow.possible();
    use Multiplicity::{AnyNumber, Exactly, Recursive};
    assert_eq!(
        stages(&possible),
        [("page", Recursive), ("checked", Recursive), ("sum", AnyNumber), ("report", AnyNumber)]
    );
    assert_eq!(rules(&possible), [Recursive, Recursive, Exactly(1)]);

    let mut flow = Workflow::new("once");
    let first = flow.add(page::new(1));
    flow.rule(rule! { when done(first), adds [page], then |grow, _n| { grow.add(page::new(2)); } });
    assert_eq!(stages(&flow.possible()), [("page", AnyNumber)]);
}

#[test]
fn a_rule_that_declares_nothing_may_add_anything_and_nothing_is_excluded() {
    rule! { sums: when each(sum), adds [report], then |_grow, _node, _n| {} }
    let mut flow = Workflow::new("opaque").rules(rules![sums]);
    let first = flow.add(page::new(3));
    flow.rule(rule! { when done(first), then |grow, _n| { grow.add(checked::new(first)); } });
    let possible = flow.possible();
    use Multiplicity::AnyNumber;
    assert_eq!(stages(&possible), [("page", AnyNumber), ("sum", AnyNumber), ("report", AnyNumber)]);
    assert!(possible.warnings().is_empty(), "{:?}", possible.warnings());
    let opaque = &possible.rules()[1];
    assert!(!opaque.declares());
    assert!(arrows(&possible).contains(&format!("{} --> anything", opaque.name())));

    // Its actual additions then have a separate arrow.
    let done = flow.run_blocking().or_else(Error::into_report).unwrap();
    let after = done.possible();
    assert_eq!(after.stage("checked").unwrap().multiplicity(), AnyNumber);
    assert!(arrows(&after).contains(&format!("{} -+1-> checked", opaque.name())), "{:?}", arrows(&after));
}

#[test]
fn the_list_of_a_map_is_no_stage_and_what_takes_it_takes_its_elements() {
    let mut flow = Workflow::new("map");
    let list = flow.add(numbers::new(3));
    let pages = flow.map(list, page::new);
    let total = flow.add(sum::new(pages));
    flow.rule(rule! { when done(pages, total), adds [], then |_grow, _pages, _sum| {} });
    let possible = flow.possible();
    use Multiplicity::{AnyNumber, AtMost, Exactly};
    assert_eq!(stages(&possible), [("numbers", Exactly(1)), ("sum", Exactly(1)), ("page", AnyNumber)]);
    assert_eq!(rules(&possible), [AtMost(1), AtMost(1)]);
    let other = possible.rules()[1].name();
    assert_eq!(
        arrows(&possible),
        [
            "page --> sum".to_owned(),
            "numbers -when done-> map of page".to_owned(),
            "map of page --> page".to_owned(),
            format!("page -when done-> {other}"),
            format!("sum -when done-> {other}"),
        ]
    );
    let after = flow.run_blocking().unwrap().possible();
    assert_eq!(after.stages().len(), 3);
    assert_eq!(after.stage("page").unwrap().actual().unwrap().succeeded, 3);
}

#[test]
fn the_possible_graph_of_an_invalid_workflow_is_still_shown() {
    let mut other = Workflow::new("other");
    let foreign = other.add(numbers::new(2));
    let mut flow = Workflow::new("wrong").concurrency(0);
    for _ in 0..2 {
        flow.rule(rule! { when closed(page), adds [page], then |_grow, _pages| {} });
    }
    let pages = flow.map(foreign, page::new);
    let total = flow.add(sum::new(pages));
    flow.rule(rule! { when done(total), adds [], then |_grow, _n| {} });
    let possible = flow.possible();
    assert_eq!(stages(&possible), [("sum", Multiplicity::Exactly(1)), ("page", Multiplicity::AnyNumber)]);
    let waits = arrows(&possible).iter().any(|arrow| arrow.starts_with("page -when closed-> tests/behaviour"));
    assert!(waits, "{:?}", arrows(&possible));
    assert_eq!(possible.rules()[0].registered(), 2);
    assert!(flow.run_blocking().is_err());
}

#[test]
fn an_empty_workflow_has_an_empty_possible_graph_and_reports_it() {
    let flow = Workflow::new("empty");
    let possible = flow.possible();
    assert!(possible.stages().is_empty() && possible.rules().is_empty() && possible.arrows().is_empty());
    assert_eq!(possible.to_string(), "the possible graph of `empty`: 0 stages, 0 rules");
    assert!(flow.run_blocking().unwrap().possible().has_begun());
}
