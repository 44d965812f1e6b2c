//! Validation of a dump beyond its fields.

use super::records::{Dumped, DumpedNode, DumpedRule};
use crate::dag::NodeState;

/// The path of the invalid field, and the problem.
type Fault = (String, String);

/// Rejects data that no run can have produced.
pub(super) fn check(dumped: &Dumped) -> Result<(), Fault> {
    let count = dumped.nodes.len();
    for (place, node) in dumped.nodes.iter().enumerate() {
        let wrong = check_node(node, place, count).map_err(|(field, problem)| (of_node(place, &field), problem));
        wrong?;
    }
    for (place, rule) in dumped.rules.iter().enumerate() {
        let wrong = check_rule(rule, count).map_err(|(field, problem)| (format!("rules[{place}].{field}"), problem));
        wrong?;
    }
    match in_circle(&dumped.nodes) {
        None => Ok(()),
        Some(node) => Err((of_node(node, "parents"), "the node needs itself through others".to_owned())),
    }
}

fn of_node(place: usize, field: &str) -> String {
    format!("nodes[{place}].{field}")
}

fn fault<T>(field: impl Into<String>, problem: impl Into<String>) -> Result<T, Fault> {
    Err((field.into(), problem.into()))
}

fn check_node(node: &DumpedNode, place: usize, count: usize) -> Result<(), Fault> {
    if node.id != place {
        return fault("id", format!("the node at place {place} has the number {}", node.id));
    }
    for (at, edge) in node.parents.iter().enumerate() {
        is_there(edge.node, count, || format!("parents[{at}].node"))?;
        if edge.node == place {
            return fault(format!("parents[{at}].node"), "the node needs itself");
        }
    }
    for (field, older) in [("added_by", node.added_by), ("lineage_parent", node.lineage_parent)] {
        if let Some(older) = older.filter(|older| *older >= place) {
            return fault(field, format!("the node {older} is not older than the node {place}"));
        }
    }
    if let Some(because) = node.skipped_because {
        is_there(because, count, || "skipped_because".to_owned())?;
    }
    check_state(node)?;
    for (at, attempt) in node.failed_attempts.iter().enumerate() {
        if attempt.started_ns > attempt.ended_ns {
            return fault(format!("failed_attempts[{at}].ended_ns"), "it ended before it started");
        }
    }
    Ok(())
}

fn check_state(node: &DumpedNode) -> Result<(), Fault> {
    let state = node.state;
    let must = |is: bool, should: bool, field: &str| match (is, should) {
        (true, false) => fault(field, format!("a node that is {state} has none")),
        (false, true) => fault(field, format!("a node that is {state} has one")),
        _ => Ok(()),
    };
    must(node.ended_ns.is_some(), state.is_settled(), "ended_ns")?;
    must(node.error.is_some(), matches!(state, NodeState::Failed | NodeState::Cancelled), "error")?;
    must(node.skipped_because.is_some(), state == NodeState::Skipped, "skipped_because")?;
    if state == NodeState::Succeeded {
        must(node.started_ns.is_some(), true, "started_ns")?;
    }
    match (node.started_ns, node.ended_ns) {
        (Some(started), Some(ended)) if started > ended => fault("ended_ns", "it ended before it started"),
        _ => Ok(()),
    }
}

fn check_rule(rule: &DumpedRule, count: usize) -> Result<(), Fault> {
    for (at, firing) in rule.firings.iter().enumerate() {
        if let Some(bound) = firing.bound {
            is_there(bound, count, || format!("firings[{at}].bound"))?;
        }
        for (place, node) in firing.added.iter().enumerate() {
            is_there(*node, count, || format!("firings[{at}].added[{place}]"))?;
        }
    }
    Ok(())
}

fn is_there(node: usize, count: usize, field: impl FnOnce() -> String) -> Result<(), Fault> {
    if node < count { Ok(()) } else { fault(field(), format!("there is no node {node} among {count}")) }
}

/// Returns a node that is part of a cycle, if there is one. Expects that all edges refer to existing nodes.
fn in_circle(nodes: &[DumpedNode]) -> Option<usize> {
    let mut children = vec![0_usize; nodes.len()];
    nodes.iter().flat_map(|node| &node.parents).for_each(|edge| children[edge.node] += 1);
    let mut free: Vec<usize> = (0..nodes.len()).filter(|node| children[*node] == 0).collect();
    let mut left = nodes.len();
    // Repeatedly remove the nodes without remaining dependents.
    while let Some(node) = free.pop() {
        left -= 1;
        for edge in &nodes[node].parents {
            children[edge.node] -= 1;
            if children[edge.node] == 0 {
                free.push(edge.node);
            }
        }
    }
    if left == 0 {
        return None;
    }
    // Every remaining node has a remaining dependent, so following dependents leads into a cycle.
    let mut needed_by = vec![None; nodes.len()];
    for (place, node) in nodes.iter().enumerate().filter(|(place, _)| children[*place] > 0) {
        node.parents.iter().for_each(|edge| needed_by[edge.node] = Some(place));
    }
    let mut node = children.iter().position(|count| *count > 0)?;
    let mut met = vec![false; nodes.len()];
    while !std::mem::replace(&mut met[node], true) {
        node = needed_by[node]?;
    }
    Some(node)
}
