//! The colours of a picture, on a light and on a dark background.

use crate::dag::NodeState;
use std::fmt::Write;

/// The colours for one kind of background.
pub(super) struct Palette {
    pub(super) ground: &'static str,
    pub(super) ink: &'static str,
    /// For small text.
    pub(super) faint: &'static str,
    pub(super) edge: &'static str,
    /// For the arrows that show lineage.
    pub(super) lineage: &'static str,
    states: [Paint; 5],
}

/// The colours of the nodes in a state.
pub(super) struct Paint {
    pub(super) fill: &'static str,
    pub(super) stroke: &'static str,
}

/// The colours that are written as attributes, and so need no style sheet.
pub(super) const LIGHT: Palette = Palette {
    ground: "#ffffff",
    ink: "#1f2328",
    faint: "#59636e",
    edge: "#6e7781",
    lineage: "#a0a8b2",
    states: [
        Paint { fill: "#f3f5f8", stroke: "#8c959f" },
        Paint { fill: "#ddf4ff", stroke: "#0969da" },
        Paint { fill: "#dcf7e3", stroke: "#1a7f37" },
        Paint { fill: "#ffe5e3", stroke: "#cf222e" },
        Paint { fill: "#fff6dd", stroke: "#9a6700" },
    ],
};

/// The colours that replace them if the reader prefers a dark theme.
const DARK: Palette = Palette {
    ground: "#0d1117",
    ink: "#e6edf3",
    faint: "#9ba3ad",
    edge: "#8b949e",
    lineage: "#5b636d",
    states: [
        Paint { fill: "#1c222b", stroke: "#6e7681" },
        Paint { fill: "#0c2747", stroke: "#4493f8" },
        Paint { fill: "#10301c", stroke: "#3fb950" },
        Paint { fill: "#41171a", stroke: "#f85149" },
        Paint { fill: "#332708", stroke: "#d29922" },
    ],
};

/// The colours of rules and of the arrows to the nodes that they add, on a light and on a dark background.
pub(super) const RULE: Paint = Paint { fill: "#f6efff", stroke: "#8250df" };
const DARK_RULE: Paint = Paint { fill: "#251a3d", stroke: "#a371f7" };

/// The distinct appearances of states, in the order of the legend: a representative state, and its class.
pub(super) const LOOKS: [(NodeState, &str); 5] = [
    (NodeState::Succeeded, "succeeded"),
    (NodeState::Failed, "failed"),
    (NodeState::Skipped, "skipped"),
    (NodeState::Running, "running"),
    (NodeState::Waiting, "waiting"),
];

impl Palette {
    /// Returns the colours of nodes in this state. Nodes that have not started look the same whether they are ready or
    /// not.
    pub(super) fn paint(&self, state: NodeState) -> &Paint {
        &self.states[match state {
            NodeState::Waiting | NodeState::Ready | NodeState::AwaitingRetry => 0,
            NodeState::Running => 1,
            NodeState::Succeeded => 2,
            NodeState::Failed => 3,
            NodeState::Skipped | NodeState::Cancelled => 4,
        }]
    }
}

/// Returns a small mark that distinguishes states without colours: a path relative to the upper left corner of a square
/// of 8 pixels.
pub(super) fn mark(state: NodeState) -> &'static str {
    match state {
        NodeState::Waiting | NodeState::Ready | NodeState::AwaitingRetry => "",
        NodeState::Running => "m1 0l6 4-6 4z",
        NodeState::Succeeded => "m0 4.5l3 3 5-6",
        NodeState::Failed => "m0.5 0.5l7 7m0-7l-7 7",
        NodeState::Skipped | NodeState::Cancelled => "m0 0.5l3.5 3.5-3.5 3.5m4.5-7l3.5 3.5-3.5 3.5",
    }
}

/// Returns the style sheet. It only replaces the colours in a dark theme.
pub(super) fn sheet() -> String {
    let dark = &DARK;
    let mut sheet = format!(
        "@media(prefers-color-scheme:dark){{.ground{{fill:{}}}.node{{fill:{}}}.faint{{fill:{}}}\
         .edge{{stroke:{edge}}}.head{{fill:{edge}}}.lineage{{stroke:{lineage}}}.lineage-head{{fill:{lineage}}}",
        dark.ground,
        dark.ink,
        dark.faint,
        edge = dark.edge,
        lineage = dark.lineage,
    );
    for (state, class) in LOOKS {
        let Paint { fill, stroke } = dark.paint(state);
        let _ = write!(sheet, ".{class} rect{{fill:{fill};stroke:{stroke}}}.{class} .mark{{stroke:{stroke}}}");
    }
    sheet + "}"
}

/// Returns the style sheet of a picture with rules.
pub(super) fn sheet_with_rules() -> String {
    let Paint { fill, stroke } = DARK_RULE;
    let rule = format!(".rule rect{{fill:{fill};stroke:{stroke}}}.adds{{stroke:{stroke}}}.adds-head{{fill:{stroke}}}");
    let mut sheet = sheet();
    sheet.insert_str(sheet.len() - 1, &rule);
    sheet
}
