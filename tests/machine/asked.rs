//! Explanations of rules that wait below nodes, and of stages that add nodes while they run.

use super::told::{node_id, stage_id};
use dagcore::dag::{
    Additions, Adds, Below, BelowWait, Cause, Condition, Each, Event, Machine, NodeError, Place, RuleId, RuleSpec,
    StageId, StageInfo, Time, Unfired,
};
use std::sync::LazyLock;

const CITY: usize = 0;
const STREET: usize = 1;
const MAP: usize = 2;
const TREE: usize = 3;
const LEAF: usize = 4;
const AT: Time = Time::START;

/// A tree adds leaves while it runs.
fn describe(stage: StageId) -> StageInfo {
    static ADDS: LazyLock<Adds> = LazyLock::new(|| Adds::only([stage_id(LEAF)]));
    let info = StageInfo::new(["city", "street", "map", "tree", "leaf"][stage.index()], Place::Async);
    if stage.index() == TREE { info.adding(&ADDS) } else { info }
}

/// A run that its tests drive event by event.
struct Run(Machine);

impl Run {
    fn new(fill: impl FnOnce(&mut Additions)) -> Self {
        let mut run = Self(Machine::new(describe));
        let mut additions = Additions::default();
        fill(&mut additions);
        run.tell(Event::Added { additions, at: Time::START });
        run.tell(Event::RunStarted { at: AT });
        run.follow();
        run
    }

    fn tell(&mut self, event: Event) {
        self.0.apply(&event).unwrap_or_else(|refused| panic!("{event:?}: {refused}"));
    }

    fn follow(&mut self) {
        while let Some(event) = self.0.consequence(AT) {
            self.tell(event);
        }
    }

    fn start(&mut self, node: usize) {
        self.tell(Event::Started { node: node_id(node), at: AT });
    }

    fn succeed(&mut self, node: usize) {
        self.start(node);
        self.tell(Event::Succeeded { node: node_id(node), at: AT });
        self.follow();
    }

    fn fail(&mut self, node: usize) {
        self.start(node);
        let error = NodeError::new("", "", Cause::Panic("by plan".into()));
        self.tell(Event::Failed { node: node_id(node), error, at: AT });
        self.follow();
    }

    /// Fires the next due rule, which adds `count` nodes of a stage.
    fn fire(&mut self, count: usize, stage: usize) {
        let due = self.0.next_due().expect("a rule is due");
        self.tell(Event::Fired { rule: due.rule, binding: due.binding, additions: nodes(count, stage), at: AT });
        self.follow();
    }

    fn rule(&self, rule: usize) -> String {
        self.0.explain_rule(RuleId::from_index(rule)).expect("the rule exists").to_string()
    }

    fn stage(&self, stage: &str) -> String {
        self.0.progress().stage(stage).expect("the stage is known to the run").to_string()
    }
}

fn nodes(count: usize, stage: usize) -> Additions {
    let mut additions = Additions::default();
    (0..count).for_each(|_| additions.node(stage_id(stage), [], None));
    additions
}

/// Cities have streets; when all streets of a city have succeeded, a map of the city is added; a rule waits for the
/// list of maps.
fn cities() -> Run {
    Run::new(|additions| {
        *additions = nodes(2, CITY);
        let each = Each::Succeeded(stage_id(CITY));
        additions.rule(RuleSpec::new("spread", Adds::only([stage_id(STREET)])).each(each));
        let below = RuleSpec::new("draw", Adds::only([stage_id(MAP)])).each(Each::Under(stage_id(CITY)));
        additions.rule(below.under(stage_id(STREET), Below::Done));
        additions.rule(RuleSpec::new("bind", Adds::only([])).when(Condition::Closed(stage_id(MAP))));
    })
}

const SPREAD: usize = 0;
const DRAW: usize = 1;
const BIND: usize = 2;

#[test]
fn a_rule_that_waits_below_nodes_reports_the_first_few_unmet_conditions() {
    let mut run = cities();
    assert_eq!(
        run.rule(DRAW),
        "rule `draw` has not fired: below `city#0` `street` has not closed: `city#0` (ready) may lead to another, and \
         below `city#1` `street` has not closed: `city#1` (ready) may lead to another"
    );
    run.succeed(0);
    assert_eq!(
        run.rule(DRAW),
        "rule `draw` has not fired: below `city#0` `street` has not closed: rule `spread` has found 1 node that it has \
         not been applied to, and below `city#1` `street` has not closed: `city#1` (ready) may lead to another"
    );
    run.fire(2, STREET);
    run.start(2);
    run.succeed(1);
    run.fire(0, STREET);
    assert_eq!(
        run.rule(DRAW),
        "rule `draw` has not fired: below `city#0` `street#2` (running) and `street#3` (ready) have not ended; it has found \
         `city#1`, and has not been applied to it"
    );
    run.fire(1, MAP); // for the second city, which has no streets
    assert_eq!(
        run.rule(DRAW),
        "rule `draw` has fired once: below `city#0` `street#2` (running) and `street#3` (ready) have not ended"
    );
}

#[test]
fn a_rule_names_the_node_below_which_it_will_not_fire_because_of_a_failure() {
    let mut run = cities();
    run.succeed(0);
    run.fire(1, STREET);
    run.fail(2);
    let why = &run.0.unfired(RuleId::from_index(DRAW))[0];
    let Unfired::Below { nodes, .. } = why else { panic!("{why:?}") };
    assert!(matches!(nodes.first[0].waits[0], BelowWait::Lost { stage: "street", .. }), "{nodes:?}");
    run.fail(1);
    run.fire(0, MAP); // nothing can be added below the second city
    run.fire(0, MAP);
    assert_eq!(run.rule(DRAW), "rule `draw` has fired once: below `city#0` `street#2` (failed) did not succeed");
    let events = run.0.at_rest(AT).expect("the machine is at rest");
    events.into_iter().for_each(|event| run.tell(event));
    assert_eq!(run.rule(DRAW), "rule `draw` fired once: below `city#0` `street#2` (failed) did not succeed");
}

#[test]
fn a_node_is_not_listed_below_itself() {
    let mut run = Run::new(|additions| {
        *additions = nodes(1, CITY);
        let again = RuleSpec::new("again", Adds::only([stage_id(CITY)]));
        additions.rule(again.when(Condition::Failed(node_id(0))));
        let below = RuleSpec::new("draw", Adds::only([stage_id(MAP)])).each(Each::Under(stage_id(CITY)));
        additions.rule(below.under(stage_id(CITY), Below::Done));
    });
    run.fail(0);
    run.fire(1, CITY); // below the city that failed
    run.fail(1);
    assert_eq!(
        run.rule(1),
        "rule `draw` has not fired: below `city#0` `city#1` (failed) did not succeed; it has found `city#1`, and has not \
         been applied to it"
    );
}

#[test]
fn a_rule_that_waits_below_nodes_keeps_a_stage_open() {
    let mut run = cities();
    run.succeed(0);
    run.succeed(1);
    assert_eq!(
        run.rule(BIND),
        "rule `bind` has not fired: `map` has not closed: rule `spread` has found 2 nodes that it has not been applied \
         to, rule `draw` waits below 2 nodes and may bring one about"
    );
    assert_eq!(
        run.rule(SPREAD),
        "rule `spread` has not fired: it has found `city#0` and `city#1`, and has not been applied to them"
    );
    assert_eq!(run.stage("map"), "map: 0 of 0 so far; it may grow by rule `draw`");
    run.fire(0, STREET);
    run.fire(0, STREET);
    assert_eq!(
        run.rule(BIND),
        "rule `bind` has not fired: `map` has not closed: rule `draw` waits below 2 nodes and may bring one about"
    );
    assert_eq!(
        run.rule(DRAW),
        "rule `draw` has not fired: it has found `city#0` and `city#1`, and has not been applied to them"
    );
    run.fire(1, MAP);
    run.fire(1, MAP);
    assert_eq!(
        (run.rule(BIND), run.stage("map")),
        ("rule `bind` is about to fire".to_owned(), "map: 0 of 2, 2 ready".to_owned())
    );
}

#[test]
fn a_rule_that_waits_below_missing_nodes_reports_it() {
    let run = Run::new(|additions| {
        let below = RuleSpec::new("draw", Adds::only([stage_id(MAP)])).each(Each::Under(stage_id(CITY)));
        additions.rule(below.under(stage_id(STREET), Below::Closed));
    });
    assert_eq!(run.rule(0), "rule `draw` has not fired: no node of `city` was added");
    assert_eq!(run.stage("map"), "map: 0 of 0");
}

#[test]
fn a_stage_may_grow_as_long_as_a_stage_that_adds_to_it_has_nodes_at_work() {
    let mut run = Run::new(|additions| *additions = nodes(1, TREE));
    assert_eq!(run.stage("leaf"), "leaf: 0 of 0 so far; it may grow while `tree` is not done");
    run.start(0);
    let mut additions = Additions::default();
    let needs = dagcore::dag::Edge { from: node_id(0), need: dagcore::dag::Need::Success };
    additions.node(stage_id(LEAF), [needs], None);
    run.tell(Event::Grown { node: node_id(0), additions, at: AT });
    let grown = run.0.progress();
    assert_eq!((grown.growths(), grown.nodes.known), (2, 2));
    assert_eq!(run.stage("leaf"), "leaf: 0 of 1 so far, 1 waiting; it may grow while `tree` is not done");
    run.tell(Event::Succeeded { node: node_id(0), at: AT });
    assert_eq!(run.stage("leaf"), "leaf: 0 of 1, 1 ready");
}

#[test]
fn before_a_run_starts_no_total_is_given_and_a_node_that_could_run_waits_for_that() {
    let mut machine = Machine::new(describe);
    machine.apply(&Event::Added { additions: nodes(1, CITY), at: Time::START }).unwrap();
    assert_eq!(machine.progress().stage("city").map(|city| city.total), Some(None));
    let told = machine.explain(node_id(0), AT).expect("the node exists").to_string();
    assert_eq!(told, "node `city#0` is ready: the run has not started");
    assert!(machine.explain(node_id(1), AT).is_none() && machine.explain_rule(RuleId::from_index(0)).is_none());
}
