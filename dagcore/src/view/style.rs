//! The colours of a picture, on a light ground and on a dark one.

use crate::dag::NodeState;
use std::fmt::Write;

/// Colours for one kind of ground.
pub(super) struct Palette {
    pub(super) ground: &'static str,
    pub(super) ink: &'static str,
    /// For what is written small.
    pub(super) faint: &'static str,
    pub(super) edge: &'static str,
    /// Of the arrows that show lineage.
    pub(super) lineage: &'static str,
    states: [Paint; 5],
}

/// How the nodes of a state look.
pub(super) struct Paint {
    pub(super) fill: &'static str,
    pub(super) stroke: &'static str,
}

/// What stands in the picture as attributes, and so needs no style sheet.
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

/// What replaces it where the reader prefers dark.
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

/// How rules look, and the arrows to what they add; on a light ground and on a dark one.
pub(super) const RULE: Paint = Paint { fill: "#f6efff", stroke: "#8250df" };
const DARK_RULE: Paint = Paint { fill: "#251a3d", stroke: "#a371f7" };

/// The looks that states have, in the order of a legend: an example of each, and its class.
pub(super) const LOOKS: [(NodeState, &str); 5] = [
    (NodeState::Succeeded, "succeeded"),
    (NodeState::Failed, "failed"),
    (NodeState::Skipped, "skipped"),
    (NodeState::Running, "running"),
    (NodeState::Waiting, "waiting"),
];

impl Palette {
    /// How nodes of this state look. One that has not begun looks the same whether it could run or not.
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

/// A small mark that tells states apart without colours: a path from the upper left of a square of eight.
pub(super) fn mark(state: NodeState) -> &'static str {
    match state {
        NodeState::Waiting | NodeState::Ready | NodeState::AwaitingRetry => "",
        NodeState::Running => "m1 0l6 4-6 4z",
        NodeState::Succeeded => "m0 4.5l3 3 5-6",
        NodeState::Failed => "m0.5 0.5l7 7m0-7l-7 7",
        NodeState::Skipped | NodeState::Cancelled => "m0 0.5l3.5 3.5-3.5 3.5m4.5-7l3.5 3.5-3.5 3.5",
    }
}

/// The style sheet. All it does is to change the colours in the dark.
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

/// The style sheet of a picture with rules.
pub(super) fn sheet_with_rules() -> String {
    let Paint { fill, stroke } = DARK_RULE;
    let rule = format!(".rule rect{{fill:{fill};stroke:{stroke}}}.adds{{stroke:{stroke}}}.adds-head{{fill:{stroke}}}");
    let mut sheet = sheet();
    sheet.insert_str(sheet.len() - 1, &rule);
    sheet
}
