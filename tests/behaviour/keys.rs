//! Keys: one node per key, in the whole run or below a node.

use dagcore::prelude::*;
use dagcore::{Error, Report};

#[stage]
fn site(start: String) -> String {
    start
}

/// Returns the links of a page.
#[stage]
fn page(site: String, name: String) -> Vec<(String, String)> {
    let links: &[&str] = match name.as_str() {
        "home" => &["news", "about"],
        "news" => &["home", "archive", "about"],
        _ => &[],
    };
    links.iter().map(|link| (site.clone(), (*link).to_owned())).collect()
}

#[stage]
fn index(pages: Gathered<Vec<(String, String)>>) -> usize {
    pages.len()
}

rule! {
    enter: when each(site), adds [page by key under site],
    then |grow, _node, site| { grow.add(page::new(site.clone(), "home").key("home")); }
}

rule! {
    follow: when each(page), adds [page by key under site],
    then |grow, _node, links| for (site, name) in links {
        grow.add(page::new(site.clone(), name.clone()).key(name));
    }
}

rule! {
    conclude: when closed(page) under each(site), adds [index],
    then |grow, _site, pages| { grow.add(index::new(pages)); }
}

fn run(flow: Workflow) -> Report {
    flow.run_blocking().or_else(Error::into_report).unwrap()
}

/// The rule failures, one per line.
fn told(report: &Report) -> Vec<String> {
    report.rule_failures().iter().map(ToString::to_string).collect()
}

#[test]
fn a_key_under_a_stage_is_one_node_below_each_of_its_nodes() {
    let mut flow = Workflow::new("crawl").rules(rules![enter, follow, conclude]);
    let sites = ["here", "there"].map(|name| flow.add(site::new(name)));
    let report = run(flow);
    assert!(report.is_success(), "{report}");
    assert_eq!(report.outputs::<index>().unwrap().collect::<Vec<_>>(), [&4, &4]);
    let graph = report.graph();
    for node in report.nodes::<page>() {
        let above = graph.lineage_parent(node.id());
        assert!(sites.iter().any(|site| above == Some(site.id())), "its lineage parent must be the site");
    }
    let mut keys: Vec<_> = report.nodes::<page>().filter_map(|node| graph.key(node.id())).collect();
    keys.sort_unstable();
    assert_eq!(keys, ["about", "about", "archive", "archive", "home", "home", "news", "news"]);
}

#[test]
fn two_rules_that_add_one_key_under_one_node_add_one_node() {
    rule! {
        also: when each(site), adds [page by key under site],
        then |grow, _node, site| { grow.add(page::new(site.clone(), "about").key("about")); }
    }
    let mut flow = Workflow::new("twice").rules(rules![enter, also, follow]);
    let here = flow.add(site::new("here"));
    let report = run(flow);
    assert!(report.is_success(), "{report}");
    assert_eq!(report.nodes::<page>().count(), 4);
    assert!(report.nodes::<page>().all(|node| report.graph().lineage_parent(node.id()) == Some(here.id())));
}

#[test]
fn the_pages_under_a_node_come_in_the_order_of_their_keys() {
    #[stage]
    fn listed(pages: String) -> String {
        pages
    }
    rule! {
        list: when done(page) under each(site), adds [listed],
        then |grow, _site, pages| {
            let keys = grow.view(|view| pages.iter().map(|page| view.name(*page)).collect::<Vec<_>>());
            grow.add(listed::new(keys.join(" ")));
        }
    }
    let mut flow = Workflow::new("order").rules(rules![enter, follow, list]);
    flow.add(site::new("here"));
    let report = run(flow);
    assert_eq!(report.only::<listed>().unwrap(), "page[about] page[archive] page[home] page[news]");
}

#[test]
fn a_key_under_a_stage_that_is_not_an_ancestor_is_reported() {
    let mut flow = Workflow::new("nowhere").rules(rules![follow]);
    flow.add(page::new("here", "home").named("start"));
    let report = run(flow);
    assert_eq!(
        told(&report),
        [
            "rule `follow` failed on node `start`: rule `follow` declares `page by key under site`, and what it adds for \
             has no `site` above it in the lineage: declare `page by key`"
        ]
    );
}

#[test]
fn what_is_declared_by_key_under_a_stage_is_added_with_a_key() {
    rule! {
        careless: when each(site), adds [page by key under site],
        then |grow, _node, site| { grow.add(page::new(site.clone(), "home")); }
    }
    let mut flow = Workflow::new("careless").rules(rules![careless]);
    flow.add(site::new("here"));
    let told = told(&run(flow));
    let expected = "rule `careless` declares `page by key under site` and adds one without a key: write \
                    `page::new(..).key(..)`";
    assert!(told[0].ends_with(expected), "{told:?}");
}

#[stage]
fn scaled(n: u64, by: f64) -> f64 {
    n as f64 * by
}

#[stage]
fn number(n: u64) -> u64 {
    n
}

#[stage]
fn twice(n: &u64) -> u64 {
    2 * n
}

#[stage]
fn total(all: &[u64], more: Gathered<u64>) -> u64 {
    all.iter().chain(more.outputs()).sum()
}

#[test]
fn two_rules_that_add_one_key_with_other_inputs_are_both_named() {
    rule! {
        first: when each(number), adds [twice by key],
        then |grow, _node, n| { grow.add(twice::new(*n).key("twice")); }
    }
    rule! {
        second: when each(twice), adds [twice by key],
        then |grow, _node, n| { grow.add(twice::new(*n).key("twice")); }
    }
    let mut flow = Workflow::new("two").rules(rules![first, second]);
    flow.add(number::new(3).named("three"));
    assert_eq!(
        told(&run(flow)),
        [
            "rule `second` failed on node `twice[twice]`: rule `second` adds `twice[twice]`, which rule `first` has added with \
             another input 1: a key decides the inputs, so it must contain everything that differs"
        ]
    );
}

#[test]
fn one_rule_that_adds_one_key_with_other_inputs_fails_in_one_body_and_in_two() {
    rule! {
        both: when closed(number), adds [scaled by key],
        then |grow, _numbers| {
            grow.add(scaled::new(1, 0.5).key("a"));
            grow.add(scaled::new(1, 0.5).key("a"));
            grow.add(scaled::new(2, 0.5).key("a"));
        }
    }
    let report = run(Workflow::new("one body").rules(rules![both]));
    let expected = "rule `both` failed: rule `both` adds `scaled[a]`, which rule `both` has added with another input 1: a key \
                    decides the inputs, so it must contain everything that differs";
    assert_eq!((told(&report).as_slice(), report.nodes::<scaled>().count()), (&[expected.to_owned()][..], 0));

    rule! {
        each_its_own: when each(number), adds [twice by key],
        then |grow, _node, n| { grow.add(twice::new(*n).key("twice")); }
    }
    let mut flow = Workflow::new("two bodies").rules(rules![each_its_own]);
    let (three, again) = (flow.add(number::new(3)), flow.add(number::new(3)));
    flow.add(number::new(4).after(three).after(again));
    let report = run(flow);
    assert_eq!((told(&report).len(), report.nodes::<twice>().count()), (1, 1), "{report}");
    assert!(told(&report)[0].contains("which rule `each_its_own` has added with another input 1"), "{report}");
}

#[test]
fn a_program_that_adds_one_key_with_other_inputs_is_refused_before_it_runs() {
    let mut flow = Workflow::new("program");
    flow.add(scaled::new(1, 0.5).key("a"));
    flow.add(scaled::new(2, 0.5).key("a"));
    assert_eq!(
        flow.run_blocking().unwrap_err().to_string(),
        "workflow `program` cannot run: the program adds `scaled[a]`, which the program has added with another input 1: a \
         key decides the inputs, so it must contain everything that differs"
    );
}

#[test]
fn handles_are_compared_with_handles_and_lists_with_lists() {
    let refused = |add: fn(&mut Workflow, [Node<u64>; 2])| {
        let mut flow = Workflow::new("handles");
        let nodes = [flow.add(number::new(3)), flow.add(number::new(3))];
        add(&mut flow, nodes);
        flow.run_blocking().err().map(|error| error.to_string())
    };
    let told = |add| refused(add).is_some_and(|error| error.contains("with another input"));
    assert!(told(|flow, [one, two]| {
        flow.add(twice::new(one).key("a"));
        flow.add(twice::new(two).key("a"));
    }));
    assert!(told(|flow, [one, two]| {
        flow.add(total::new([one, two], [one]).key("a"));
        flow.add(total::new([one, two], [one, two]).key("a"));
    }));
    assert!(told(|flow, [one, two]| {
        flow.add(total::new([one, two], [one]).key("a"));
        flow.add(total::new([two, one], [one]).key("a"));
    }));
    let fine: fn(&mut Workflow, [Node<u64>; 2]) = |flow, [one, two]| {
        flow.add(twice::new(one).key("a"));
        flow.add(twice::new(one).key("a"));
        flow.add(total::new([one, two], [two]).key("a"));
        flow.add(total::new(vec![one, two], vec![two]).key("a").after(one));
    };
    assert_eq!(refused(fine), None);
}

#[test]
fn inputs_that_cannot_be_compared_are_accepted() {
    let mut flow = Workflow::new("passed");
    let node = flow.add(number::new(4));
    let first = flow.add(scaled::new(1, 0.5).key("not hashed"));
    assert_eq!(flow.add(scaled::new(1, 0.7).key("not hashed")), first);
    let value = flow.add(twice::new(3).key("value"));
    assert_eq!(flow.add(twice::new(node).key("value")), value);
    let report = run(flow);
    assert_eq!((report.output(first).unwrap(), report.output(value).unwrap()), (&0.5, &6));
}

#[test]
fn a_running_node_that_adds_one_key_with_other_inputs_fails() {
    #[stage(adds(number by key))]
    fn adds(n: u64, context: &StageContext<adds>) -> u64 {
        context.grow(|grow| grow.add(number::new(n).key("number")));
        n
    }
    let mut flow = Workflow::new("inside");
    let first = flow.add(adds::new(1));
    flow.add(adds::new(2).after(first));
    let report = run(flow);
    assert_eq!(
        report.failures().next().expect("the second differs").to_string(),
        "node `adds#1` failed: stage `adds` adds `number[number]`, which node `adds#0` has added with another input 1: a key \
         decides the inputs, so it must contain everything that differs"
    );
}
