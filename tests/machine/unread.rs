//! Outputs that the machine releases: no armed rule may receive their nodes later.

use super::driver::{Driver, ensure};
use super::model::{End, Model};
use super::program::{Every, When, name};
use super::random::Checked;

impl Driver {
    /// Takes the nodes whose outputs are released, and checks that no rule or node will read them.
    pub(crate) fn take_unread(&mut self) -> Checked {
        while let Some(node) = self.machine.next_unread() {
            let node = node.index();
            ensure!(self.unread.insert(node), "the output of node {node} is released twice");
            ensure!(self.model.nodes[node].end == Some(End::Succeeded), "node {node} has no output to release");
            let rules = 0..self.model.rules.len();
            let reader = rules.into_iter().find(|rule| self.model.will_hand_over(*rule, node));
            ensure!(reader.is_none(), "the output of node {node} is released, but rule {reader:?} will receive it");
            let mut children = self.model.unsettled().filter(|child| self.model.reads(*child, node));
            let child = children.next();
            ensure!(child.is_none(), "the output of node {node} is released, but node {child:?} needs it");
        }
        Ok(())
    }
}

impl Model {
    /// Returns `true` if a node that has not ended reads the output of another one.
    fn reads(&self, child: usize, node: usize) -> bool {
        self.parents(child).iter().any(|(from, need)| *from == node && need.reads())
    }

    /// Returns `true` if a rule that can still fire passes this node, or its output, to its body.
    fn will_hand_over(&self, rule: usize, node: usize) -> bool {
        let (this, stage) = (&self.rules[rule], self.nodes[node].stage);
        let found = self.found(rule);
        let by_each = match this.every {
            Every::Succeeded(_) | Every::Under(_) => found.contains(&Some(node)),
            Every::Once | Every::Failed(_) => false,
        };
        let is_around = |above: &usize| *above != node && self.nodes[node].line.contains(above);
        let is_below = this.below.iter().any(|(below, _)| *below == stage) && found.iter().flatten().any(is_around);
        let by_condition = |when: &When<usize>| match when {
            When::Done(one) | When::Settled(one) => *one == node,
            When::Failed(_) => false,
            When::Count(counted, _) | When::CountDone(counted, _) | When::Closed(counted) => *counted == stage,
            When::Named(level, number) => self.oldest(&name(*level, *number)) == Some(node),
        };
        self.is_armed(rule) && (by_each || is_below || this.when.iter().any(by_condition))
    }

    fn oldest(&self, name: &str) -> Option<usize> {
        self.nodes.iter().position(|node| node.name.as_deref() == Some(name))
    }
}
