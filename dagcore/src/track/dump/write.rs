//! Writes a graph to a file, one node at a time, so that the whole file is never held in memory.

use super::super::json;
use super::records::{DumpedAttempt, DumpedEdge, DumpedFiring, DumpedNode, DumpedRule};
use super::{Dump, Firing};
use crate::dag::{Attempt, Graph, Machine, NodeId, NodeState, RuleId, Time};
use serde::ser::{Serialize, Serializer};
use std::io::{self, Write};

/// Data that only the tracker has collected, and that the machine does not store.
pub(super) struct Heard<'a> {
    pub(super) added: &'a [Time],
    pub(super) firings: &'a [Firing],
    pub(super) missed: u64,
}

/// The fields of a [`Dumped`](super::Dumped).
#[derive(serde::Serialize)]
struct Written<'a> {
    version: u32,
    workflow: &'a str,
    duration_ns: u64,
    stopped: Option<&'a str>,
    missed: u64,
    nodes: Nodes<'a>,
    rules: Vec<DumpedRule>,
}

pub(super) fn write(out: &mut dyn Write, machine: &Machine, workflow: &str, heard: Heard<'_>) -> io::Result<()> {
    let Heard { added, firings, missed } = heard;
    let written = Written {
        version: Dump::VERSION,
        workflow,
        duration_ns: nanos(machine.ended().unwrap_or_default()),
        stopped: machine.stopped(),
        missed,
        nodes: Nodes { graph: machine.graph(), added },
        rules: rules(machine, firings),
    };
    json::write(out, &written)?;
    out.write_all(b"\n")
}

struct Nodes<'a> {
    graph: &'a Graph,
    added: &'a [Time],
}

impl Serialize for Nodes<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.graph.nodes().map(|node| self.node(node)))
    }
}

impl Nodes<'_> {
    fn node(&self, node: NodeId) -> DumpedNode {
        let graph = self.graph;
        let added = self.added.get(node.index()).copied().filter(|at| *at != Time::NEVER);
        DumpedNode {
            id: node.index(),
            name: graph.name(node),
            given_name: graph.given_name(node).map(str::to_owned),
            key: graph.key(node).map(str::to_owned),
            stage: graph.stage_name(node).to_owned(),
            state: graph.state(node).unwrap_or(NodeState::Waiting),
            parents: graph.parents(node).map(|e| DumpedEdge { node: e.from.index(), need: e.need }).collect(),
            added_by: graph.added_by(node).map(NodeId::index),
            lineage_parent: graph.lineage_parent(node).map(NodeId::index),
            added_ns: added.map(nanos),
            started_ns: graph.started(node).map(nanos),
            ended_ns: graph.ended(node).map(nanos),
            failed_attempts: graph.failed_attempts(node).iter().map(attempt).collect(),
            error: graph.error(node).map(|error| error.cause().to_string()),
            skipped_because: graph.skipped_because(node).map(NodeId::index),
        }
    }
}

fn attempt(attempt: &Attempt) -> DumpedAttempt {
    DumpedAttempt {
        started_ns: nanos(attempt.started),
        ended_ns: nanos(attempt.ended),
        until_ns: nanos(attempt.until),
        error: attempt.error.cause().to_string(),
    }
}

fn rules(machine: &Machine, firings: &[Firing]) -> Vec<DumpedRule> {
    let ids = (0..machine.rules()).map(RuleId::from_index);
    let rule =
        |rule| DumpedRule { name: machine.rule_name(rule).to_owned(), fired: machine.fired(rule), firings: Vec::new() };
    let mut rules: Vec<DumpedRule> = ids.map(rule).collect();
    for Firing { rule, bound, at, done } in firings {
        let Some(rule) = rules.get_mut(rule.index()) else { continue };
        let (at_ns, bound) = (nanos(*at), bound.map(NodeId::index));
        rule.firings.push(match done {
            Ok(added) => DumpedFiring { at_ns, bound, added: added.iter().map(NodeId::index).collect(), error: None },
            Err(error) => DumpedFiring { at_ns, bound, added: Vec::new(), error: Some(error.clone()) },
        });
    }
    rules
}

fn nanos(at: Time) -> u64 {
    at.nanos_since(Time::START)
}
