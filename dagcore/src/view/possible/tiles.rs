//! The texts and the appearance of the boxes of a possible graph.

use crate::dag::{ArrowEnd, Multiplicity, NodeState, Possible, PossibleRule, PossibleStage};

/// A stage, a rule, or the placeholder for every stage.
pub(super) struct Tile {
    pub(super) end: ArrowEnd,
    pub(super) name: String,
    /// The multiplicity and, in a run, the actual count.
    pub(super) number: Option<String>,
    pub(super) look: Look,
    /// Whether its border is dashed: it can never occur, or it is a placeholder.
    pub(super) dashed: bool,
}

/// The appearance of a box.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// The appearance of a node in this state.
    State(NodeState),
    /// The appearance of a rule that may fire or has fired.
    Rule,
}

/// Returns all boxes: the stages, the rules, and the placeholder for every stage if an arrow leads to it.
pub(super) fn tiles(possible: &Possible) -> Vec<Tile> {
    let mut tiles: Vec<Tile> = possible
        .ends()
        .map(|end| match end {
            ArrowEnd::Stage(place) => stage(end, &possible.stages()[place]),
            ArrowEnd::Rule(place) => rule(end, &possible.rules()[place]),
            ArrowEnd::Anything => anything(),
        })
        .collect();
    if possible.arrows().iter().any(|arrow| arrow.to() == ArrowEnd::Anything) {
        tiles.push(anything());
    }
    tiles
}

/// Returns the box at the end of an arrow.
pub(super) fn place(possible: &Possible, end: ArrowEnd) -> usize {
    match end {
        ArrowEnd::Stage(place) => place,
        ArrowEnd::Rule(place) => possible.stages().len() + place,
        ArrowEnd::Anything => possible.stages().len() + possible.rules().len(),
    }
}

fn stage(end: ArrowEnd, stage: &PossibleStage) -> Tile {
    let look = match stage.actual() {
        None => NodeState::Waiting,
        Some(count) if count.failed > 0 => NodeState::Failed,
        Some(count) if count.unsettled > 0 => NodeState::Running,
        Some(count) if count.succeeded > 0 => NodeState::Succeeded,
        Some(count) if count.skipped > 0 => NodeState::Skipped,
        Some(_) => NodeState::Waiting,
    };
    let number = match stage.actual() {
        None => stage.multiplicity().to_string(),
        Some(count) => format!("{}: {count}", stage.multiplicity()),
    };
    let never = stage.multiplicity() == Multiplicity::Never;
    Tile { end, name: stage.name().to_owned(), number: Some(number), look: Look::State(look), dashed: never }
}

fn rule(end: ArrowEnd, rule: &PossibleRule) -> Tile {
    let never = rule.multiplicity() == Multiplicity::Never;
    let number = match rule.fired() {
        None => rule.multiplicity().to_string(),
        Some(times) => format!("{}: fired {times}", rule.multiplicity()),
    };
    let idle = never || rule.fired() == Some(0);
    let look = if idle { Look::State(NodeState::Waiting) } else { Look::Rule };
    Tile { end, name: rule.name().to_owned(), number: Some(number), look, dashed: never }
}

fn anything() -> Tile {
    let look = Look::State(NodeState::Waiting);
    Tile { end: ArrowEnd::Anything, name: "anything".to_owned(), number: None, look, dashed: true }
}
