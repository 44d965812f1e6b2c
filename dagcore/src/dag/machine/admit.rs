//! Taking in new nodes and rules: first checked as a whole, then added as a whole.

use super::{Closed, Machine, Refused};
use crate::dag::adds::Adds;
use crate::dag::event::{Additions, Binding, Edge, Need};
use crate::dag::graph::NodeState;
use crate::dag::id::{FiringId, NodeId, RuleId, StageId};
use crate::dag::rule::{RuleRecord, RuleSpec};

impl Machine {
    pub(super) fn check_additions(&self, additions: &Additions, rule: Option<&RuleRecord>) -> Result<(), Refused> {
        let base = self.graph.len();
        let mut edges = additions.edges.iter();
        for (index, node) in additions.nodes.iter().enumerate() {
            for edge in edges.by_ref().take(node.edges as usize) {
                let from = edge.from.index();
                if from >= base + index {
                    return Err(Refused(format!("a node needs node {}, which is not older than itself", edge.from)));
                }
                let open = rule.and_then(|rule| rule.spec.feeds);
                if open.is_some_and(|open| from >= open.index() && from < base) {
                    let (needed, list) = (self.graph.name(edge.from), open.map(|open| self.graph.name(open)));
                    return Err(Refused(format!(
                        "an element of `{}` needs `{needed}`, which was added after it and may need the list itself: \
                         let elements need only nodes that were added before the `map`",
                        list.unwrap_or_default()
                    )));
                }
            }
            let stage = self.graph.stage_info(node.stage).name;
            if let Some(rule) = rule.filter(|rule| !rule.spec.adds.allows(node.stage)) {
                return Err(Refused(format!(
                    "rule `{}` adds a `{stage}`, which its `adds [..]` does not name",
                    rule.spec.name
                )));
            }
            if let Some(closed) = self.closed.get(&node.stage) {
                return Err(Refused(self.late(stage, *closed, rule)));
            }
            let key = additions.labels.get(node.label as usize).and_then(|label| label.key.as_deref());
            if let Some(key) = key.filter(|key| self.graph.keyed(node.stage, key).is_some()) {
                return Err(Refused(format!("there is a `{stage}` with the key `{key}` already")));
            }
        }
        for inner in &additions.rules {
            if let Some(rule) = rule.filter(|rule| !rule.spec.adds.covers(&inner.adds)) {
                return Err(Refused(self.undeclared(rule, inner)));
            }
        }
        Ok(())
    }

    pub(super) fn undeclared(&self, rule: &RuleRecord, inner: &RuleSpec) -> String {
        let name = |stage| self.graph.stage_info(stage).name;
        let (outer, inner_name) = (&rule.spec.name, &inner.name);
        match &inner.adds {
            Adds::Anything => format!(
                "rule `{outer}` registers `{inner_name}`, which does not say what it adds, while `{outer}` does: \
                 write `adds [..]` in `{inner_name}` too"
            ),
            Adds::Only(list) => {
                let stage = list.iter().find(|addition| !rule.spec.adds.allows(addition.stage));
                let stage = stage.map_or("?", |addition| name(addition.stage));
                format!(
                    "rule `{outer}` registers `{inner_name}`, which may add a `{stage}` that `{outer}` does not \
                     declare: write `{stage}` in the `adds [..]` of `{outer}` too"
                )
            }
        }
    }

    pub(super) fn late(&self, stage: &str, closed: Closed, rule: Option<&RuleRecord>) -> String {
        let who = rule.map_or("the program".to_owned(), |rule| format!("rule `{}`", rule.spec.name));
        let why = if closed.at_rest {
            "closed when the run was at rest"
        } else {
            "had closed, because nothing that was known could add one"
        };
        format!(
            "{who} adds a `{stage}` (event {}), but `{stage}` {why} (event {}): let the rule declare it in `adds [..]`, \
             or let its condition come true before",
            self.events, closed.event
        )
    }

    /// Takes in nodes and rules that have been checked.
    pub(super) fn add(
        &mut self,
        additions: &Additions,
        rule: RuleId,
        binding: Binding,
        about: Option<NodeId>,
    ) -> FiringId {
        let firing = self.graph.lineage.next_id();
        let first = NodeId::from_index(self.graph.len());
        let scope = self.rules.scope(rule);
        let parent = about.or_else(|| self.graph.lineage.parent(scope)).unwrap_or(NodeId::NONE);
        let bound = binding.unwrap_or(NodeId::NONE);
        self.graph.push_firing(rule, bound, parent, first, additions.nodes.len() as u32);
        let mut edges = additions.edges.iter();
        for node in &additions.nodes {
            let label = additions.labels.get(node.label as usize);
            let id = self.graph.push(node.stage, firing, node.open, label);
            for edge in edges.by_ref().take(node.edges as usize) {
                self.connect(id, *edge);
            }
            self.appeared(id, node.stage);
        }
        for (position, spec) in additions.rules.iter().enumerate() {
            let scope = if rule.is_some() { firing } else { FiringId::NONE };
            self.register(spec, scope, position as u32);
        }
        firing
    }

    #[inline]
    pub(super) fn connect(&mut self, child: NodeId, edge: Edge) {
        self.graph.push_parent(child, edge);
        let state = self.graph.nodes[edge.from.index()].state;
        if !state.is_settled() {
            self.graph.nodes[child.index()].waiting += 1;
        } else if state != NodeState::Succeeded && edge.need == Need::Success {
            self.graph.nodes[child.index()].waiting += 1; // so that nothing makes it ready
            let because = self.graph.culprit(edge.from);
            self.doomed.push_back((child, because));
        }
    }

    #[inline]
    pub(super) fn appeared(&mut self, node: NodeId, stage: StageId) {
        self.closing.busy(stage, 1);
        let record = &self.graph.nodes[node.index()];
        if record.keyed {
            self.graph.lineage.note_keyed(node);
        }
        if record.waiting == 0 {
            self.make_ready(node);
        }
        let count = self.graph.stages[stage.index()].nodes.len();
        while let Some(rule) = self.watches.count_reached(stage, count) {
            self.met(rule);
        }
        self.watches.stage_changed(stage, &mut self.rules, &mut self.ask);
        if let Some(name) = self.graph.given_name(node).map(str::to_owned) {
            for rule in self.watches.named(&name) {
                self.met(rule);
            }
            self.watches.name_changed(&name, &mut self.rules, &mut self.ask);
        }
    }
}
