//! The declaration of a rule under construction.

use super::node::{AnyNode, Node};
use crate::dag::{Condition, NodeId, RuleSpec};
use std::any::TypeId;
use std::collections::{HashSet, VecDeque};

/// The declaration of a rule under construction.
pub struct RuleDraft {
    pub(crate) spec: RuleSpec,
    /// The handles in the conditions.
    pub(crate) handles: Vec<AnyNode>,
    /// The rules in its `adds [..]`.
    pub(crate) inner: Vec<Inner>,
}

/// A rule that another rule declares.
pub(crate) struct Inner {
    pub(crate) item: TypeId,
    pub(crate) draft: fn() -> RuleDraft,
}

impl RuleDraft {
    pub(super) fn wait(&mut self, condition: Condition) {
        self.spec.conditions.push(condition);
    }

    pub(super) fn wait_for<T>(&mut self, node: Node<T>, condition: fn(NodeId) -> Condition) {
        self.handles.push(node.into());
        self.wait(condition(node.id()));
    }

    /// Returns the declaration, including those of all rules that it names, directly or through others. Rules may name
    /// each other and themselves.
    pub(super) fn whole(self) -> RuleSpec {
        let Self { mut spec, inner, .. } = self;
        if inner.is_empty() {
            return spec;
        }
        let mut seen = HashSet::new();
        let mut todo = VecDeque::from(inner);
        while let Some(Inner { item, draft }) = todo.pop_front() {
            if seen.insert(item) {
                let Self { spec: named, inner, .. } = draft();
                spec = spec.naming(&named);
                todo.extend(inner);
            }
        }
        spec
    }
}

#[cfg(test)]
mod tests {
    use crate::dag::{Addition, Keying, RuleSpec, StageId};
    use crate::prelude::*;
    use crate::typed::{RuleItem, Stage, stage_id};

    #[stage]
    fn a() {}

    #[stage]
    fn b() {}

    #[stage]
    fn c() {}

    rule! { adds_a: when closed(b) && count(c) >= 2, adds [a by key], then |_grow, _b, _c| {} }

    rule! { names_it: when done(c) under each(b), adds [b, adds_a, itself], then |_grow, _b, _c| {} }

    rule! { itself: when each(a), adds [c, itself, names_it, Rule], then |_grow, _node, _a| {} }

    fn whole<R: RuleItem>() -> RuleSpec {
        R::rule().draft.whole()
    }

    fn stages<S: Stage, T: Stage, U: Stage>() -> [StageId; 3] {
        [stage_id::<S>(), stage_id::<T>(), stage_id::<U>()]
    }

    #[test]
    fn a_rule_declares_what_the_rules_that_it_names_declare() {
        let alone = whole::<adds_a>();
        assert_eq!(alone.adds.list(), [Addition::new(stage_id::<a>(), Keying::Run)]);
        assert!(alone.reads.is_empty() && !alone.registers);
        for spec in [whole::<names_it>(), whole::<itself>()] {
            let mut added: Vec<_> = spec.adds.list().iter().map(|addition| addition.stage).collect();
            let mut reads = spec.reads.clone();
            let mut all = stages::<a, b, c>();
            [added.as_mut_slice(), &mut reads, &mut all].into_iter().for_each(<[_]>::sort_unstable);
            assert_eq!((added.as_slice(), reads.as_slice(), spec.registers), (&all[..], &all[..], true));
        }
    }

    #[test]
    fn a_rule_that_says_nothing_may_register_anything() {
        let free = rule! { when count(a) >= 1, then |_grow, _nodes| {} };
        let bound = rule! { when count(a) >= 1, adds [a], then |_grow, _nodes| {} };
        assert!(free.draft.whole().registers && !bound.draft.whole().registers);
    }

    #[test]
    fn a_rule_whose_functions_hold_values_says_so() {
        let captures = |rule: Rule| rule.draft.whole().captures;
        let n = 3_usize;
        assert!(!captures(adds_a::rule()));
        assert!(!captures(rule! { when count(a) >= n, adds [], then |_grow, _nodes| {} }));
        assert!(captures(rule! { when count(a) >= 1, adds [], then |_grow, _nodes| assert!(n > 2) }));
        assert!(captures(rule! { when |view| view.len() > n, adds [], then |_grow| {} }));
        assert!(captures(rule! { when each(a) && |view| view.len() > n, adds [], then |_grow, _node, _a| {} }));
    }
}
