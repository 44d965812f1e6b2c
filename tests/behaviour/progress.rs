//! Accurate progress: counts of known nodes, with a total only for complete stages.

use dagcore::prelude::*;
use dagcore::{Error, Progress};
use std::collections::BTreeMap;
use std::time::Duration;

#[stage]
async fn page(n: u64, ms: u64) -> u64 {
    tokio::time::sleep(Duration::from_millis(ms)).await;
    n
}

#[stage]
async fn word(n: u64) -> u64 {
    tokio::time::sleep(Duration::from_millis(n % 7)).await;
    n
}

#[stage]
async fn index(words: Gathered<u64>) -> usize {
    words.len()
}

/// A pseudo-random number that depends only on the seed.
fn chance(seed: u64) -> u64 {
    let mut n = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    n ^ (n >> 31)
}

rule! {
    follow: when each(page), adds [page by key, word],
    then |grow, node, n| {
        for turn in 0..chance(*n) % 4 {
            let next = chance(n + turn) % 60;
            grow.add(page::new(next, chance(next) % 20).key(next));
        }
        if n % 3 == 0 { grow.add(word::new(node)); }
    }
}

rule! {
    finish: when closed(word), adds [index],
    then |grow, words| { grow.add(index::new(words)); }
}

fn check(last: &Progress, now: &Progress, totals: &mut BTreeMap<&'static str, usize>) {
    assert!((0.0..=1.0).contains(&now.fraction()), "{now}");
    assert!(now.fraction() >= last.fraction() || now.growths() > last.growths(), "{last}\n{now}");
    for stage in &now.stages {
        if let Some(total) = totals.get(stage.stage) {
            assert_eq!(stage.total, Some(*total), "{now}");
        }
        if let Some(total) = stage.total {
            assert_eq!(total, stage.nodes.known, "{now}");
            totals.insert(stage.stage, total);
        } else {
            assert!(!(stage.rules.is_empty() && stage.stages.is_empty()), "{now}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn progress_falls_only_when_the_graph_has_grown_and_totals_stay() -> Result<(), Error> {
    for seed in 0..40 {
        let mut flow = Workflow::new("crawl").rules(rules![follow, finish]);
        flow.add(page::new(seed, chance(seed) % 20).key(seed));
        let run = flow.concurrency(1 + chance(seed) as usize % 5).start()?;
        run.seal();
        let (mut last, mut totals) = (run.progress(), BTreeMap::new());
        loop {
            let now = run.progress();
            check(&last, &now, &mut totals);
            last = now;
            tokio::select! {
                () = run.ended() => break,
                () = tokio::time::sleep(Duration::from_millis(1)) => {}
            }
        }
        let report = run.wait().await?;
        check(&last, &report.progress(), &mut totals);
        assert_eq!((report.progress().fraction(), totals.len()), (1.0, 3));
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_open_stage_names_the_rules_and_stages_that_may_still_add_to_it() -> Result<(), Error> {
    rule! { never: when named("Godot"), adds [page], then |_grow, _node| {} }
    let mut flow = Workflow::new("open").rules(rules![follow, finish, never]);
    flow.add(page::new(3, 10).key(3));
    let run = flow.start()?;
    tokio::time::sleep(Duration::from_millis(1)).await;
    let now = run.progress();
    assert_eq!(
        now.to_string(),
        "0 of 1 known nodes have ended (0 %), 1 running\n  \
         page: 0 of 1 so far, 1 running; it may grow by rules `follow` and `never`, while `page` is not done\n  \
         word: 0 of 0 so far; it may grow by rules `follow` and `never`, while `page` is not done\n  \
         index: 0 of 0 so far; it may grow by rule `finish`"
    );
    let page = now.stage("page").unwrap();
    assert_eq!((page.nodes.running, page.total, &page.rules.first), (1, None, &vec!["follow".into(), "never".into()]));
    let report = run.wait().await?;
    let end = report.progress();
    assert!(end.stages.iter().all(|stage| stage.total == Some(stage.nodes.known)), "{end}");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_stage_without_waiting_rules_has_a_total_once_nothing_can_add_to_it() -> Result<(), Error> {
    let mut flow = Workflow::new("total");
    let first = flow.add(page::new(1, 10));
    flow.add(word::new(first));
    flow.rule(rule! { when done(first), adds [word], then |grow, n| { grow.add(word::new(n + 5)); } });
    let run = flow.start()?;
    tokio::time::sleep(Duration::from_millis(5)).await;
    let total = |stage| run.progress().stage(stage).and_then(|stage| stage.total);
    assert_eq!((total("page"), total("word")), (None, None)); // as long as nodes may be appended
    run.seal();
    assert_eq!((total("page"), total("word")), (Some(1), None));
    tokio::time::sleep(Duration::from_millis(6)).await;
    assert_eq!((total("page"), total("word")), (Some(1), Some(2)));
    assert!(run.progress().fraction() < 1.0);
    run.wait().await.map(drop)
}

#[tokio::test(start_paused = true)]
async fn a_map_may_add_as_long_as_its_list_is_not_there() -> Result<(), Error> {
    #[stage]
    async fn numbers() -> Vec<u64> {
        tokio::time::sleep(Duration::from_millis(10)).await;
        vec![1, 2, 3]
    }
    let mut flow = Workflow::new("map");
    let list = flow.add(numbers::new());
    flow.map(list, word::new);
    let run = flow.start()?;
    run.seal();
    let word = |run: &dagcore::Run| run.progress().stage("word").cloned().expect("the map adds the node");
    let before = word(&run);
    assert_eq!((before.total, before.rules.first), (None, vec!["map of word".to_owned()]));
    tokio::time::sleep(Duration::from_millis(11)).await;
    assert_eq!(word(&run).total, Some(3));
    run.wait().await.map(drop)
}
