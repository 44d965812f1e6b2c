//! Validates additions: each node and rule is checked against the declarations and the closed stages.

use super::refused::Refused;
use crate::dag::base::declared_additions::Adds;
use crate::dag::base::escaping::Name;
use crate::dag::base::ids::GroupId;
use crate::dag::base::ids::{NodeId, StageId};
use crate::dag::base::keys::Key;
use crate::dag::closing::groups::Closed;
use crate::dag::graph::additions::{Additions, Label, NewNode};
use crate::dag::graph::edge::Edge;
use crate::dag::machine::Machine;
use crate::dag::rules::rule_spec::{Condition, Each, RuleSpec};
use crate::dag::rules::rule_table::RuleRecord;
use std::collections::HashSet;

/// The origin of an addition.
#[derive(Clone, Copy)]
pub(crate) enum By<'a> {
    Program,
    /// A rule; its additions are below this node of the lineage.
    Rule(&'a RuleRecord, Option<NodeId>),
    /// A running node.
    Node(NodeId),
}

impl Machine {
    #[inline]
    pub(crate) fn check_additions(&self, additions: &Additions, by: By<'_>) -> Result<(), Refused> {
        let base = self.graph.len();
        let mut edges = additions.edges.as_slice();
        for (index, node) in additions.nodes.iter().enumerate() {
            let own = edges.split_at_checked(node.edges as usize);
            let Some((own, rest)) = own else { return malformed("a node lacks its edges".to_owned()) };
            edges = rest;
            let label = additions.labels.get(node.label as usize);
            let keyed = label.filter(|label| label.key.is_some());
            self.check_edges(own, base + index, by)?;
            self.check_declared(node, own, keyed, by)?;
            self.check_open(node, keyed, by)?;
            if let Some((label, key)) = keyed.and_then(|label| Some((label, label.key.as_deref()?))) {
                self.check_under(label, by)?;
                let known = || self.graph.with_key(Key::hashed(node.stage, label.under, key, node.hash)).is_some();
                if additions.twin() == Some(index) || known() {
                    let (stage, key) = (Name(self.graph.stage_info(node.stage).name), Name(key));
                    let why = format!("there is a `{stage}` with the key `{key}` already");
                    return Err(Refused::KeyTaken { stage: node.stage, why });
                }
            }
        }
        if let Some(node) = additions.kept.iter().find(|node| node.index() >= base + additions.nodes.len()) {
            return malformed(format!("node {node} is to be kept, and does not exist"));
        }
        if !additions.rules.is_empty() {
            self.check_rules(additions, by)?;
        }
        let is_late = matches!(by, By::Program) && self.started;
        if is_late { self.check_outside(additions) } else { Ok(()) }
    }

    fn check_rules(&self, additions: &Additions, by: By<'_>) -> Result<(), Refused> {
        let mut fed = HashSet::new();
        for inner in &additions.rules {
            match by {
                By::Rule(rule, _) if !rule.spec.adds.covers(&inner.adds) => {
                    return Err(Refused::Undeclared { why: self.undeclared(rule, inner) });
                }
                By::Node(_) => return malformed("a node that runs adds nodes, and no rules".to_owned()),
                _ => self.check_rule(inner, additions, &mut fed)?,
            }
        }
        Ok(())
    }

    /// Checks that edges come from older nodes, and those of a map's elements from nodes older than the list.
    #[inline]
    fn check_edges(&self, edges: &[Edge], id: usize, by: By<'_>) -> Result<(), Refused> {
        let list = match by {
            By::Rule(rule, _) => rule.spec.feeds,
            _ => None,
        };
        for edge in edges {
            let from = edge.from.index();
            if from >= id {
                return malformed(format!("a node needs node {}, which is not older than itself", edge.from));
            }
            if let Some(list) = list.filter(|list| from >= list.index() && from < self.graph.len()) {
                let (needed, list) = (self.graph.name(edge.from), self.graph.name(list));
                let (needed, list) = (Name(&needed), Name(&list));
                return malformed(format!(
                    "an element of `{list}` needs `{needed}`, which was added after it and may need the list itself: \
                     let elements need only nodes that were added before the `map`"
                ));
            }
        }
        Ok(())
    }

    #[inline]
    fn check_declared(&self, node: &NewNode, edges: &[Edge], keyed: Option<&Label>, by: By<'_>) -> Result<(), Refused> {
        if node.open {
            return match by {
                By::Node(_) => malformed("a node that runs adds no open node: no rule would feed it".to_owned()),
                _ => Ok(()), // the list of a map is not a stage of the user, and nothing can wait for it to close
            };
        }
        let adds = match by {
            By::Program => return Ok(()),
            By::Rule(rule, _) => Some(&rule.spec.adds),
            By::Node(inside) => {
                let info = self.graph.stage(inside).map(|stage| self.graph.stage_info(stage));
                let needs = |edge: &Edge| edge.from == inside && edge.need.is_success();
                if keyed.is_none() && !edges.iter().any(needs) {
                    let name = self.graph.name(inside);
                    return malformed(format!("what `{}` adds while it runs must need it", Name(&name)));
                }
                info.and_then(|info| info.adds)
            }
        };
        if adds.is_some_and(|adds| adds.allows(node.stage)) {
            return Ok(());
        }
        let (who, stage) = (self.who(by), Name(self.graph.stage_info(node.stage).name));
        Err(Refused::Undeclared { why: format!("{who} adds a `{stage}`, which its `adds` does not name") })
    }

    fn who(&self, by: By<'_>) -> String {
        match by {
            By::Program => "the program".to_owned(),
            By::Rule(rule, _) => format!("rule `{}`", Name(&rule.spec.name)),
            By::Node(inside) => format!("node `{}`", Name(&self.graph.name(inside))),
        }
    }

    #[inline]
    fn check_open(&self, node: &NewNode, keyed: Option<&Label>, by: By<'_>) -> Result<(), Refused> {
        if let Some(closed) = self.closed.get(&node.stage) {
            return Err(Refused::Closed { stage: node.stage, why: self.late(node, None, *closed, by) });
        }
        if self.groups.are_none() {
            return Ok(());
        }
        let above = match (keyed, by) {
            (Some(label), _) => label.under,
            (None, By::Rule(_, above)) => above,
            (None, By::Node(inside)) => Some(inside),
            (None, By::Program) => None,
        };
        match self.closed_around(self.group_of(above), node.stage) {
            Some((group, closed)) => {
                Err(Refused::Closed { stage: node.stage, why: self.late(node, Some(group), closed, by) })
            }
            None => Ok(()),
        }
    }

    /// Checks that the node below which a key is unique is a group that encloses the origin of the addition.
    fn check_under(&self, label: &Label, by: By<'_>) -> Result<(), Refused> {
        let Some(under) = label.under else { return Ok(()) };
        let above = match by {
            By::Rule(_, above) => above,
            By::Node(inside) => Some(inside),
            By::Program => None,
        };
        let is_group = self.groups.get(self.group_of(Some(under))).is_some_and(|group| group.node == under);
        let mut around = self.groups.chain(above.map_or(GroupId::NONE, |above| self.group_of(Some(above))));
        if is_group && around.any(|(_, group)| group.node == under) {
            return Ok(());
        }
        malformed(format!("a key is to be unique below node {under}, which what adds it is not below"))
    }

    /// Checks that a rule can be registered together with these nodes. `fed` holds the open nodes that earlier rules of
    /// the batch feed.
    fn check_rule(&self, spec: &RuleSpec, with: &Additions, fed: &mut HashSet<NodeId>) -> Result<(), Refused> {
        let (nodes, name) = (self.graph.len() + with.nodes.len(), Name(&spec.name));
        if spec.under.is_empty() == matches!(spec.each, Each::Under(_)) {
            return malformed(format!("rule `{name}` waits below nodes of a stage, or it does not"));
        }
        let mut waited = spec.conditions.iter().filter_map(Condition::node);
        if let Some(node) = waited.find(|node| node.index() >= nodes) {
            return malformed(format!("rule `{name}` waits for node {node}, which does not exist"));
        }
        let is_open = |open: NodeId| match open.index().checked_sub(self.graph.len()) {
            None => self.graph.nodes[open.index()].open && self.graph.gathered(open).is_none(),
            Some(new) => with.nodes.get(new).is_some_and(|node| node.open),
        };
        let mut alone = |open: NodeId| fed.insert(open) && !self.feeders.contains_key(&open) && spec.each == Each::Once;
        match spec.feeds.filter(|open| !(is_open(*open) && alone(*open))) {
            Some(open) => malformed(format!("rule `{name}` cannot be the one that feeds node {open}")),
            None => Ok(()),
        }
    }

    fn undeclared(&self, rule: &RuleRecord, inner: &RuleSpec) -> String {
        let name = |stage| self.graph.stage_info(stage).name;
        let (outer, inner_name) = (Name(&rule.spec.name), Name(&inner.name));
        match &inner.adds {
            Adds::Anything => format!(
                "rule `{outer}` registers `{inner_name}`, which does not say what it adds, while `{outer}` does: \
                 write `adds [..]` in `{inner_name}` too"
            ),
            Adds::Only(list) => {
                let missing = list.iter().find(|addition| !rule.spec.adds.covers_one(**addition));
                let stage = Name(missing.map_or("?", |addition| name(addition.stage)));
                if missing.is_some_and(|addition| rule.spec.adds.allows(addition.stage)) {
                    return format!(
                        "rule `{outer}` declares `{stage} by key` and registers `{inner_name}`, which declares it \
                         without: write `{stage} by key` in `{inner_name}` too"
                    );
                }
                format!(
                    "rule `{outer}` registers `{inner_name}`, which may add a `{stage}` that `{outer}` does not \
                     declare: write `{stage}` in the `adds [..]` of `{outer}` too"
                )
            }
        }
    }

    fn late(&self, node: &NewNode, below: Option<NodeId>, closed: Closed, by: By<'_>) -> String {
        let stage = Name(self.graph.stage_info(node.stage).name);
        let declares = match by {
            By::Program => false,
            By::Rule(rule, _) => matches!(rule.spec.adds, Adds::Only(_)),
            By::Node(_) => true,
        };
        let who = self.who(by);
        let below = below.map_or(String::new(), |group| format!(" below `{}`", Name(&self.graph.name(group))));
        let why = if closed.at_rest {
            "closed when the run was at rest"
        } else {
            "had closed, because nothing that was known could add one"
        };
        let mend = if declares {
            "a rule must not wait, directly or through others, for the closing of a stage that it adds, and a name or \
             a predicate must come true before"
        } else {
            "let the rule declare it in `adds [..]`"
        };
        let (now, then) = (self.events, closed.event);
        let by = self.closed_by(node.stage);
        format!("{who} adds a `{stage}`{below} (event {now}), but `{stage}` {why} (event {then}){by}: {mend}")
    }

    /// Returns the rule for which a stage closed, as text.
    pub(crate) fn closed_by(&self, stage: StageId) -> String {
        let waited = |rule: &&RuleRecord| rule.spec.closing().chain(rule.spec.below()).any(|waited| waited == stage);
        let rule = self.rules.records.iter().find(waited);
        rule.map_or(String::new(), |rule| format!(" for rule `{}`", Name(&rule.spec.name)))
    }
}

fn malformed(why: String) -> Result<(), Refused> {
    Err(Refused::Malformed { why })
}
