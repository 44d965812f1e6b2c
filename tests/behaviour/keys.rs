//! Keys: one node for each, in the whole run or below a node.

use dagcore::prelude::*;
use dagcore::{Error, Report};

#[stage]
fn site(start: String) -> String {
    start
}

/// A page: the pages that it links to.
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

/// The rule failures, each on its line.
fn told(report: &Report) -> Vec<String> {
    report.rule_failures().iter().map(ToString::to_string).collect()
}

#[test]
fn a_key_under_a_stage_is_one_node_below_each_of_its_nodes() {
    let mut flow = Workflow::new("crawl").rules(rules![enter, follow, conclude]);
    let sites = ["here", "there"].map(|name| flow.add(site::new(name)));
    let report = run(flow);
    assert!(report.is_success(), "{report}");
    assert_eq!(report.all::<index>().unwrap().collect::<Vec<_>>(), [&4, &4]);
    let graph = report.graph();
    for node in report.nodes::<page>() {
        let above = graph.lineage_parent(node.id());
        assert!(sites.iter().any(|site| above == Some(site.id())), "its parent in the lineage is the site");
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
fn a_key_under_a_stage_that_is_not_above_is_told() {
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
