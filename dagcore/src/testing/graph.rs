//! The graph of a finished run as a text that is equal for equal graphs.

use crate::dag::{Need, Plain};
use crate::report::Report;
use std::fmt::Write;

/// Returns the graph of a run as a text without ids and times: two runs have the same text if they have the same graph.
///
/// Each node has a line, in lineage order: its path (see [`Paths`](crate::dag::Paths)), its stage and state, its name
/// if it has one, and the paths of the nodes that it needs.
///
/// ```
/// # use dagcore::prelude::*;
/// # use dagcore::testing;
/// #[stage]
/// fn number(n: u32) -> u32 {
///     n
/// }
///
/// #[stage]
/// fn sum(numbers: &[u32]) -> u32 {
///     numbers.iter().sum()
/// }
///
/// rule! {
///     total: when closed(number), adds [sum],
///     then |grow, numbers| { grow.add(sum::new(numbers).named("total")); }
/// }
///
/// let mut flow = Workflow::new("sum").rules(rules![total]);
/// flow.add(number::new(1_u32));
/// flow.add(number::new(2_u32).key("two"));
/// assert_eq!(
///     testing::graph_of(&testing::seeded(flow, 0)?),
///     r#"0: number, succeeded
/// total.0: sum, succeeded, named "total", needs 0, number["two"]
/// number["two"]: number, succeeded
/// "#
/// );
/// # Ok::<(), dagcore::Error>(())
/// ```
pub fn graph_of(report: &Report) -> String {
    let (graph, paths) = (report.graph(), report.machine.paths());
    let mut text = String::new();
    for node in report.machine.all_in_lineage_order() {
        let stage = graph.stage_name(node);
        let state = graph.state(node).map(|state| state.to_string()).unwrap_or_default();
        let _ = write!(text, "{}: {}, {state}", paths.text(node), Plain(stage));
        if let Some(name) = graph.given_name(node) {
            let _ = write!(text, ", named {name:?}");
        }
        let needs = graph.parents(node).map(|edge| need(paths.text(edge.from), edge.need));
        for (index, need) in needs.enumerate() {
            let _ = write!(text, "{} {need}", if index == 0 { ", needs" } else { "," });
        }
        text.push('\n');
    }
    text
}

fn need(path: &str, need: Need) -> String {
    match need {
        Need::Success => path.to_owned(),
        Need::End => format!("the end of {path}"),
        Need::Order => format!("to follow {path}"),
    }
}
