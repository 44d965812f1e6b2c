//! The possible graph of machines: all actual additions of random programs were possible beforehand, also groups and
//! nodes that grow.

use super::driver::{Driver, ensure, run};
use super::model::Model;
use super::program::Program;
use super::random::{Checked, check, programs};
use dagcore::dag::{
    Addition, Additions, Adds, ArrowEnd, Below, Condition, Each, Event, Keying, Machine, Multiplicity, NodeId, Place,
    Possible, PossibleArrow, PossibleRule, PossibleStage, RuleSpec, StageId, StageInfo, Time,
};
use std::sync::LazyLock;

/// A stage with actual nodes was never excluded, and a rule never fires more often than its maximum.
#[test]
fn what_a_run_really_does_was_possible_before_it() {
    check(programs() / 2, |program, order| {
        // The lists of maps are not stages there, and random programs wait for them as for any other node.
        let driver = run(&program, order)?.filter(|driver| driver.model.nodes.iter().all(|node| !node.open));
        driver.map_or(Ok(()), |driver| hold_against(&planned(&program)?, &driver))
    });
}

fn planned(program: &Program) -> Checked<Possible> {
    let mut machine = Machine::new(super::told::describe);
    let additions = Model::default().first(program).additions();
    machine.apply(&Event::Added { additions, at: Time::START }).map_err(|refused| refused.to_string())?;
    Ok(Possible::of(&machine))
}

fn hold_against(before: &Possible, driver: &Driver) -> Checked {
    let after = Possible::of(&driver.machine);
    let opaque = |rule: &PossibleRule| !rule.declares() && rule.multiplicity() != Multiplicity::Never;
    // The running nodes of a stage may also add, if there can be any.
    let grows = |arrow: &PossibleArrow| match (arrow.from(), arrow.to()) {
        (ArrowEnd::Stage(from), ArrowEnd::Anything) => before.stages()[from].multiplicity() != Multiplicity::Never,
        _ => false,
    };
    let anything = before.rules().iter().any(opaque) || before.arrows().iter().any(grows);
    // The rules that bodies register may reveal that something leads to itself; everything else was known.
    let same = |planned, now| planned == now || (planned, now) == (Multiplicity::AnyNumber, Multiplicity::Recursive);
    for stage in after.stages() {
        let planned = before.stage(stage.name()).map(PossibleStage::multiplicity);
        let now = stage.multiplicity();
        ensure!(planned.is_none_or(|planned| same(planned, now)), "`{}` is {now} now:\n{before}", stage.name());
        let nodes = stage.actual().map_or(0, |count| count.nodes);
        let possible = match planned {
            None => nodes == 0 || anything,
            Some(Multiplicity::Never) => nodes == 0,
            Some(Multiplicity::Exactly(exactly)) => nodes == exactly,
            Some(_) => true,
        };
        ensure!(possible, "{nodes} nodes of `{}` exceed the planned multiplicity:\n{before}", stage.name());
    }
    let broken = !driver.machine.rule_errors().is_empty();
    let own: Vec<_> = after.rules().iter().filter(|rule| !rule.is_nested()).collect();
    ensure!(own.len() == before.rules().len(), "the rules differ");
    for (planned, rule) in before.rules().iter().zip(own) {
        let now = rule.multiplicity();
        ensure!(same(planned.multiplicity(), now), "the multiplicity of a rule is now {now}:\n{before}\nbut\n{after}");
        let fired = usize::try_from(rule.fired().unwrap_or(0)).unwrap_or(usize::MAX);
        let possible = match planned.multiplicity() {
            Multiplicity::Never => fired == 0,
            Multiplicity::Exactly(exactly) => fired == exactly || (broken && fired < exactly),
            Multiplicity::AtMost(most) => fired <= most,
            _ => true,
        };
        ensure!(possible, "{fired} firings exceed the planned multiplicity:\n{before}\nbut\n{after}");
    }
    Ok(())
}

const GROUP: usize = 0;
const LEAF: usize = 1;
const LAST: usize = 2;
const LONELY: usize = 3;

fn stage(index: usize) -> StageId {
    StageId::from_index(index)
}

/// Nodes of `group` add leaves while they run, each key once below a group.
fn grows(id: StageId) -> StageInfo {
    static LEAVES: LazyLock<Adds> =
        LazyLock::new(|| Adds::Only(vec![Addition::new(stage(LEAF), Keying::Under(stage(GROUP)))]));
    let info = StageInfo::new(["group", "leaf", "last", "lonely"][id.index()], Place::Inline);
    if id.index() == GROUP { info.adding(&LEAVES) } else { info }
}

fn plain(id: StageId) -> StageInfo {
    StageInfo::new(["group", "leaf", "last", "lonely"][id.index()], Place::Inline)
}

/// A program of `groups` groups, and these rules.
fn machine(describe: fn(StageId) -> StageInfo, groups: usize, rules: impl IntoIterator<Item = RuleSpec>) -> Machine {
    let mut additions = Additions::default();
    (0..groups).for_each(|_| additions.node(stage(GROUP), [], None));
    rules.into_iter().for_each(|rule| additions.rule(rule));
    let mut machine = Machine::new(describe);
    machine.apply(&Event::Added { additions, at: Time::START }).unwrap();
    machine
}

fn rule(name: &str, adds: &[usize]) -> RuleSpec {
    RuleSpec::new(name, Adds::only(adds.iter().copied().map(stage)))
}

fn below_each(name: &str, group: usize, leaf: usize, below: Below) -> RuleSpec {
    rule(name, &[LAST]).each(Each::Under(stage(group))).under(stage(leaf), below)
}

fn multiplicities(possible: &Possible) -> Vec<(&str, Multiplicity)> {
    let stages = possible.stages().iter().map(|stage| (stage.name(), stage.multiplicity()));
    stages.chain(possible.rules().iter().map(|rule| (rule.name(), rule.multiplicity()))).collect()
}

fn labels(possible: &Possible) -> Vec<String> {
    let name = |end| match end {
        ArrowEnd::Stage(place) => possible.stages()[place].name(),
        ArrowEnd::Rule(place) => possible.rules()[place].name(),
        _ => "anything",
    };
    let arrows = possible.arrows().iter();
    arrows.map(|arrow| format!("{} -{}-> {}", name(arrow.from()), possible.label(arrow), name(arrow.to()))).collect()
}

#[test]
fn nodes_that_add_while_they_run_lead_from_stage_to_stage() {
    let possible = Possible::of(&machine(grows, 2, []));
    assert_eq!(multiplicities(&possible), [("group", Multiplicity::Exactly(2)), ("leaf", Multiplicity::AnyNumber)]);
    assert_eq!(labels(&possible), ["group -by key under group-> leaf"]);
    assert!(
        possible
            .to_string()
            .contains("stage `group`: 2, and no other; while it runs it adds `leaf` by key under `group`")
    );
    // A stage that cannot have nodes leads to none either.
    let waits = rule("waits", &[]).each(Each::Succeeded(stage(LEAF)));
    let possible = Possible::of(&machine(grows, 0, [rule("looks", &[]).when(Condition::Closed(stage(GROUP))), waits]));
    let never = ("leaf", Multiplicity::Never);
    assert!(multiplicities(&possible).contains(&never), "{possible}");
    assert!(possible.warnings()[0].contains("what adds one can never come itself (stage `group`)"), "{possible}");
}

#[test]
fn a_stage_whose_nodes_lead_to_it_while_they_run_is_recursive() {
    let back = rule("back", &[GROUP]).each(Each::Succeeded(stage(LEAF)));
    let possible = Possible::of(&machine(grows, 1, [back]));
    let all =
        [("group", Multiplicity::Recursive), ("leaf", Multiplicity::Recursive), ("back", Multiplicity::Recursive)];
    assert_eq!(multiplicities(&possible), all);
}

#[test]
fn a_rule_below_each_node_fires_for_all_of_them_unless_it_waits_for_success() {
    let rules = [
        below_each("closed", GROUP, LEAF, Below::Closed),
        below_each("settled", GROUP, LEAF, Below::Settled),
        below_each("done", GROUP, LEAF, Below::Done),
        below_each("never", LONELY, LEAF, Below::Closed),
        below_each("empty", GROUP, LONELY, Below::Done),
    ];
    let possible = Possible::of(&machine(plain, 3, rules));
    let times: Vec<Multiplicity> = possible.rules().iter().map(PossibleRule::multiplicity).collect();
    use Multiplicity::{AtMost, Exactly, Never};
    assert_eq!(times, [Exactly(3), Exactly(3), AtMost(3), Never, AtMost(3)]);
    assert_eq!(
        labels(&possible)[..3],
        ["group -below each-> closed", "leaf -when closed below-> closed", "closed --> last"]
    );
    assert_eq!(possible.warnings().len(), 1);
    assert!(possible.warnings()[0].starts_with("rule `never` fires below each `lonely`, and nothing can ever add one"));
}

#[test]
fn it_can_be_asked_in_the_middle_of_a_run() {
    let (at, group) = (Time::START, NodeId::from_index(0));
    let mut machine = machine(grows, 2, [rule("last", &[LAST]).when(Condition::Closed(stage(LEAF)))]);
    assert!(!Possible::of(&machine).has_begun());
    machine.apply(&Event::RunStarted { at }).unwrap();
    machine.apply(&Event::Started { node: group, at }).unwrap();
    let mut additions = Additions::default();
    let label = dagcore::dag::Label { key: Some("k".to_owned()), under: Some(group), ..Default::default() };
    additions.node(stage(LEAF), [], Some(label));
    machine.apply(&Event::Grown { node: group, additions, at }).unwrap();
    machine.apply(&Event::Succeeded { node: group, at }).unwrap();
    let possible = Possible::of(&machine);
    let groups = possible.stage("group").unwrap().actual().unwrap();
    assert_eq!((groups.nodes, groups.succeeded, groups.unsettled), (2, 1, 1));
    assert_eq!(possible.rules()[0].fired(), Some(0));
    assert_eq!(labels(&possible)[0], "group -by key under group, +1-> leaf");
    let text = possible.to_string();
    assert!(text.contains("2 came: 1 succeeded, 1 unsettled") && text.contains("; never fired"), "{text}");
}
