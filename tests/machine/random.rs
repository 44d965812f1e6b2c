//! Generates random programs, and checks a property against many of them.

use super::program::{Ask, Every, Fails, InsidePlan, LEAF, NodePlan, Program, RulePlan, When, Whom};
use dagcore::dag::{Below, Need};
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use tests::dice::Dice;

/// The result of a check; the error states why a property does not hold.
pub(crate) type Checked<T = ()> = Result<T, String>;

/// Runs `property` on this number of programs, each with a number that determines the order of events, and reports the
/// smallest program that violates it. The programs are the same in every run.
pub(crate) fn check(programs: u32, property: impl Fn(Program, u64) -> Checked) {
    let config = Config {
        cases: programs,
        failure_persistence: None,
        max_shrink_iters: 20_000,
        max_shrink_time: 30_000,
        ..Config::default()
    };
    let seed: u64 = std::env::var("DAGCORE_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let bytes: Vec<u8> = seed.to_le_bytes().into_iter().chain(*b"dagcore!").collect();
    let rng = TestRng::from_seed(RngAlgorithm::XorShift, &bytes);
    let outcome = TestRunner::new_with_rng(config, rng)
        .run(&(program(), any::<u64>()), |(program, order)| property(program, order).map_err(TestCaseError::fail));
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

/// The number of programs per test: 500, or the value of `DAGCORE_PROGRAMS`.
pub(crate) fn programs() -> u32 {
    std::env::var("DAGCORE_PROGRAMS").ok().and_then(|programs| programs.parse().ok()).unwrap_or(500)
}

fn program() -> impl Strategy<Value = Program> {
    let (nodes, rules) = (vec(node(1), 1..8), vec(rule(2), 0..14));
    // A rule that never fires keeps a stage open, so that some stage is left to close at rest.
    let (family, kept_open) = (weighted(0.7, family()), weighted(0.3, stage()));
    let (inside, reaching) = (vec(inside(), 0..3), proptest::bool::weighted(0.15));
    (nodes, rules, family, kept_open, inside, reaching).prop_map(
        |(mut nodes, mut rules, family, kept_open, inside, reaching)| {
            if let Some((more, family)) = family {
                nodes.extend(more);
                rules.splice(0..0, family);
            }
            rules.extend(kept_open.map(RulePlan::never));
            Program { nodes, rules, inside, reaching }.lawful()
        },
    )
}

/// Nodes of a stage, a rule that adds others below each, and one that waits for these.
fn family() -> impl Strategy<Value = (Vec<NodePlan>, Vec<RulePlan>)> {
    let stages = (0..3usize).prop_flat_map(|group| (Just(group), group + 1..LEAF - 1));
    (stages, vec(node(0), 1..4), vec(node(0), 1..4), below(), rule(1), proptest::bool::weighted(0.4)).prop_map(
        |((group, stage), mut groups, mut members, below, waits, keyed)| {
            groups.iter_mut().for_each(|node| (node.stage, node.key) = (group, None));
            members.iter_mut().for_each(|node| node.stage = stage);
            for node in members.iter_mut().filter(|_| keyed) {
                (node.key, node.under) = (node.key.or(Some(1)), Some(group));
            }
            let adds = RulePlan { every: Every::Succeeded(group), ..RulePlan::adding(members) };
            let waits = RulePlan { every: Every::Under(group), below: vec![(stage, below)], ..waits };
            (groups, vec![adds, waits])
        },
    )
}

fn inside() -> impl Strategy<Value = InsidePlan> {
    let steps = vec(vec(node(0), 0..3), 1..3);
    (0..LEAF, steps, weighted(0.1, stage()), proptest::bool::weighted(0.03))
        .prop_map(|(stage, steps, extra, anything)| InsidePlan { stage, steps, extra, anything })
}

fn stage() -> impl Strategy<Value = usize> {
    0..42usize
}

fn whom() -> impl Strategy<Value = Whom> {
    prop_oneof![(0..6usize).prop_map(Whom::Initial), (0..3usize).prop_map(Whom::Sibling), Just(Whom::Bound)]
}

fn need() -> impl Strategy<Value = Need> {
    prop_oneof![Just(Need::Success), Just(Need::End), Just(Need::Order)]
}

fn fails() -> impl Strategy<Value = Fails> {
    prop_oneof![12 => Just(Fails::Never), 2 => Just(Fails::Sometimes), 1 => Just(Fails::Always)]
}

fn node(maps: u32) -> BoxedStrategy<NodePlan> {
    let map = if maps == 0 {
        Just(None).boxed()
    } else {
        weighted(0.08, (whom(), vec(node(maps - 1), 0..4), fails()).prop_map(Box::new)).boxed()
    };
    let edges = vec((whom(), need()), 0..3);
    let key = (weighted(0.15, 0..6usize), weighted(0.7, stage()));
    (stage(), edges, weighted(0.2, 0..2usize), key, fails(), map)
        .prop_map(|(stage, edges, name, (key, under), fails, map)| {
            let under = under.filter(|_| key.is_some());
            NodePlan { stage, edges, name, key, under, fails, open: false, map }
        })
        .boxed()
}

fn every() -> impl Strategy<Value = Every> {
    prop_oneof![
        4 => Just(Every::Once),
        5 => stage().prop_map(Every::Succeeded),
        1 => stage().prop_map(Every::Failed),
        3 => (0..LEAF, 0..LEAF).prop_map(|(one, other)| Every::Under(one.min(other))),
    ]
}

fn below() -> impl Strategy<Value = Below> {
    prop_oneof![2 => Just(Below::Closed), 1 => Just(Below::Settled), 2 => Just(Below::Done)]
}

fn when() -> impl Strategy<Value = When<Whom>> {
    prop_oneof![
        3 => stage().prop_map(When::Closed),
        2 => whom().prop_map(When::Done),
        1 => whom().prop_map(When::Settled),
        1 => whom().prop_map(When::Failed),
        1 => (stage(), 0..5usize).prop_map(|(stage, wanted)| When::Count(stage, wanted)),
        1 => (stage(), 0..4usize).prop_map(|(stage, wanted)| When::CountDone(stage, wanted)),
        1 => (0..4usize, 0..2usize).prop_map(|(level, number)| When::Named(level, number)),
    ]
}

fn ask() -> impl Strategy<Value = Ask<Whom>> {
    prop_oneof![
        (stage(), 2..6usize).prop_map(|(stage, wanted)| Ask::OddOrAtLeast(stage, wanted)),
        (stage(), 1..4usize).prop_map(|(stage, wanted)| Ask::SucceededAtLeast(stage, wanted)),
        whom().prop_map(Ask::NodeFailed),
        whom().prop_map(Ask::NodeRuns),
        (whom(), 1..4usize).prop_map(|(node, wanted)| Ask::Children(node, wanted)),
        (0..4usize, 0..2usize).prop_map(|(level, number)| Ask::NameExists(level, number)),
        (2..12usize).prop_map(Ask::AllAtLeast),
    ]
}

fn rule(nested: u32) -> BoxedStrategy<RulePlan> {
    let inner = if nested == 0 { Just(Vec::new()).boxed() } else { vec(rule(nested - 1), 0..2).boxed() };
    let whens = prop_oneof![3 => Just(Vec::new()), 5 => vec(when(), 1..2), 2 => vec(when(), 2..4)];
    let waits = (whens, vec((0..LEAF, below()), 1..3));
    let head = (every(), waits, weighted(0.08, ask()), proptest::bool::weighted(0.1));
    let body = (weighted(0.3, 1..4u32), vec(node(1), 0..4), inner, fails());
    let adds = (weighted(0.2, stage()), proptest::bool::weighted(0.04));
    (head, body, adds)
        .prop_map(|((every, (when, below), ask, ask_fails), (within, body, inner, fails), (extra, anything))| {
            RulePlan { every, when, below, ask, ask_fails, within, body, inner, fails, extra, anything, feeds: None }
        })
        .boxed()
}

/// Small random choices, the same for the same seed.
pub(crate) struct Chance(pub(crate) Dice);

impl Chance {
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0.below(bound.max(1) as u64) as usize
    }

    pub(crate) fn take<T>(&mut self, from: &mut Vec<T>) -> Option<T> {
        let index = self.below(from.len());
        (!from.is_empty()).then(|| from.swap_remove(index))
    }
}
