//! Names, keys and messages are untrusted: every text of the library escapes and shortens them.

use dagcore::prelude::*;
use dagcore::{Cause, Error};
use std::time::Duration;

#[stage]
async fn on_async(n: u64) -> u64 {
    n
}

/// A very long text with characters that a terminal interprets.
fn long() -> String {
    "\u{1b}[2J\u{7f}\u{9b}\n\u{202e}".repeat(100_000)
}

#[stage(name = "evil\u{202e}\u{2066}")]
fn evil(fails: bool) -> Result<u64, String> {
    if fails { Err(long()) } else { Ok(1) }
}

#[stage(name = "needy\u{202e}\u{2066}")]
fn needy(n: u64) -> u64 {
    n
}

#[stage(name = "rare\u{202e}\u{2066}", concurrency = 1)]
async fn rare(n: u64) -> u64 {
    std::future::pending::<()>().await;
    n
}

/// Checks that no text contains characters that a display interprets, and that each text has at most the length of a
/// few of the longest messages.
fn check(texts: impl IntoIterator<Item = String>) {
    for text in texts {
        let acts = |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202e}' | '\u{2066}');
        assert!(!text.contains(acts), "{:?}", text.chars().take(2_000).collect::<String>());
        assert!(text.len() < 60_000, "{} bytes: {}", text.len(), text.chars().take(2_000).collect::<String>());
    }
}

#[test]
fn every_text_of_a_report_is_escaped_and_shortened_and_the_accessors_return_all_of_it() {
    let mut other = Workflow::new(long());
    let foreign = other.add(evil::new(false));
    let mut flow = Workflow::new(long());
    let bad = flow.add(evil::new(true).key(long()));
    let named = flow.add(evil::new(false).named(long()));
    let skipped = flow.add(needy::new(bad).named(long()));
    let last = flow.add(needy::new(skipped));
    flow.rule(rule! { when named("no\u{1b}\u{202e}") && count(needy) >= 9, adds [], then |_grow, _node, _nodes| {} });
    flow.rule(rule! { when closed(evil) && count_done(needy) >= 9, adds [], then |_grow, _evil, _needy| {} });
    flow.rule(rule! { when each(needy), adds [], then |_grow, _node, _n| {} });
    flow.rule(rule! { when |view: &View<'_>| view.named(&long()).is_none() && view.count::<evil>() > 9, adds [], then |_grow| {} });
    flow.rule(
        rule! { when done(named), adds [needy], then |_grow, _n| { std::panic::resume_unwind(Box::new(long())); } },
    );
    flow.rule(rule! { when failed(bad), adds [], then |grow, _error| { grow.keep(foreign); } });
    let report = flow.run_blocking().or_else(Error::into_report).unwrap();
    let (error, rules) = (report.error(bad).unwrap(), report.rule_failures());
    assert!(matches!(error.cause(), Cause::Error { message, .. } if **message == *long()));
    assert!(rules.iter().any(|error| matches!(error.cause(), Cause::Panic(message) if **message == *long())));
    assert_eq!((error.key(), report.node_name(named)), (Some(&*long()), long()));

    check([report.to_string(), report.progress().to_string(), report.possible().to_string()]);
    check([report.possible().to_svg(), report.possible().to_dot(), report.possible().to_mermaid()]);
    check(
        [bad.untyped(), named.untyped(), skipped.untyped(), last.untyped(), foreign.untyped()]
            .map(|node| report.explain(node).to_string()),
    );
    check(rules.iter().map(|error| report.explain_rule(error.rule())[0].to_string()));
    check(report.unfired().flat_map(|(_, why)| why).map(|why| why.to_string()));
    check(report.failures().map(ToString::to_string));
    check([bad, skipped, last, foreign].map(|node| report.output(node).unwrap_err().to_string()));
    check([report.only::<evil>().unwrap_err().to_string(), report.only::<rare>().unwrap_err().to_string()]);
    check([report.named::<rare>(&long()).unwrap_err().to_string()]);
}

#[test]
fn every_text_of_a_workflow_that_is_refused_is_escaped_and_shortened() {
    let mut other = Workflow::new(long());
    let foreign = other.add(evil::new(false));
    let mut flow = Workflow::new(long()).pool(long(), 0).pool(long(), 1).stage_concurrency::<rare>(0);
    let keyed = [false, true].map(|fails| evil::new(fails).key(long()));
    for call in keyed {
        flow.add(call);
    }
    flow.add(needy::new(foreign));
    flow.add(rare::new(1_u64));
    let refused = flow.run_blocking().unwrap_err();
    let Error::Build(error) = &refused else { panic!("expected a build error, found: {refused}") };
    assert!(error.problems().len() >= 4, "{:?}", error.problems());
    check([refused.to_string(), format!("{refused:?}")]);
    let mut flow = Workflow::new(long());
    flow.add(rare::new(1_u64));
    check([dagcore::testing::dry_run(flow).unwrap_err().to_string()]);
}

#[tokio::test(start_paused = true)]
async fn every_text_of_a_run_is_escaped_and_shortened() {
    let mut other = Workflow::new(long());
    let foreign = other.add(evil::new(false));
    let mut flow = Workflow::new(long()).pool(long(), 1).stepwise();
    let nodes = [flow.add(rare::new(1_u64).pool(long(), 1)), flow.add(rare::new(2_u64).key(long()).pool(long(), 1))];
    let needy = flow.add(needy::new(nodes[0]).named(long()));
    let pooled = flow.add(on_async::new(1).pool(long(), 1));
    let lost = flow.add(on_async::new(1).pool(long() + "other", 1));
    let run = flow.start().unwrap();
    while let Some(choice) = run.choices().first().cloned() {
        check([choice.to_string()]);
        run.choose(&choice);
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    check([format!("{run:?}"), run.progress().to_string(), run.possible().to_string()]);
    let all =
        [nodes[0].untyped(), nodes[1].untyped(), needy.untyped(), pooled.untyped(), lost.untyped(), foreign.untyped()];
    check(all.map(|node| run.explain(node).to_string()));
    let refused = run
        .append(|grow| {
            grow.add(on_async::new(foreign));
        })
        .unwrap_err();
    check([refused.to_string()]);
    run.cancel();
    let report = run.wait().await.or_else(Error::into_report).unwrap();
    check([report.to_string()]);
    check(all.map(|node| report.explain(node).to_string()));
}
