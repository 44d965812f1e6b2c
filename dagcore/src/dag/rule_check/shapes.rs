//! Stages and rules as the laws see them: plain data that a constant can hold, so that the compiler can look at it as
//! well as a program.

use crate::dag::rules::rule_spec::Below;

/// What tells a stage from every other, and its name.
#[derive(Clone, Copy, Debug)]
pub struct StageKey<'a> {
    pub(super) id: u64,
    pub(super) name: &'a str,
}

impl<'a> StageKey<'a> {
    /// What nothing is known of. The laws leave it out.
    pub const UNKNOWN: Self = Self { id: 0, name: "" };

    /// The stage that is declared at this place.
    pub const fn new(name: &'a str, module: &str, line: u32, column: u32) -> Self {
        Self { id: fingerprint(name, module, line, column), name }
    }

    /// The stage of this number.
    pub(super) const fn numbered(number: usize, name: &'a str) -> Self {
        Self { id: number as u64 + 1, name }
    }
}

/// A stage, and what its nodes add while they run.
#[derive(Clone, Copy, Debug)]
pub struct StageShape<'a> {
    pub(super) key: StageKey<'a>,
    pub(super) adds: &'a [Added<'a>],
}

impl<'a> StageShape<'a> {
    /// What nothing is known of.
    pub const UNKNOWN: Self = Self::new(StageKey::UNKNOWN, &[]);

    /// A stage.
    pub const fn new(key: StageKey<'a>, adds: &'a [Added<'a>]) -> Self {
        Self { key, adds }
    }
}

/// What a stage adds. Without what that adds itself: stages may add each other in a circle, and constants may not.
#[derive(Clone, Copy, Debug)]
pub struct Added<'a> {
    pub(super) stage: StageKey<'a>,
    pub(super) keys: Keys<'a>,
}

impl<'a> Added<'a> {
    /// Nodes of a stage.
    pub const fn new(stage: StageKey<'a>, keys: Keys<'a>) -> Self {
        Self { stage, keys }
    }
}

/// Whether what is added has keys, and where they are unique.
#[derive(Clone, Copy, Debug)]
pub enum Keys<'a> {
    /// Without keys.
    No,
    /// `by key`.
    Run,
    /// `by key under` this stage.
    Under(StageKey<'a>),
}

/// How a rule looks at a stage.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum How {
    /// `each(..)`.
    Each,
    /// `each_failed(..)`.
    EachFailed,
    /// `under each(..)`.
    Group,
    /// What it waits for below each of those.
    Below(Below),
    /// `count(..)` or `count_done(..)`.
    Count,
    /// `closed(..)`.
    Closed,
}

impl How {
    /// Whether both are the same.
    pub(super) const fn is(self, other: Self) -> bool {
        match (self, other) {
            (Self::Each, Self::Each)
            | (Self::EachFailed, Self::EachFailed)
            | (Self::Group, Self::Group)
            | (Self::Count, Self::Count)
            | (Self::Closed, Self::Closed) => true,
            (Self::Below(one), Self::Below(other)) => one as u8 == other as u8,
            _ => false,
        }
    }

    /// Whether the rule fires once for each node of the stage.
    pub(super) const fn is_each(self) -> bool {
        matches!(self, Self::Each | Self::EachFailed | Self::Group)
    }
}

/// What a rule waits for.
#[derive(Clone, Copy, Debug)]
pub struct Wait<'a> {
    pub(super) how: How,
    pub(super) stage: StageShape<'a>,
}

impl<'a> Wait<'a> {
    /// Looks at a stage.
    pub const fn new(how: How, stage: StageShape<'a>) -> Self {
        Self { how, stage }
    }
}

/// An entry of a rule's `adds [..]`.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    pub(super) stage: StageShape<'a>,
    pub(super) keys: Keys<'a>,
}

impl<'a> Entry<'a> {
    /// Nodes of a stage.
    pub const fn new(stage: StageShape<'a>, keys: Keys<'a>) -> Self {
        Self { stage, keys }
    }
}

/// A rule, without what it registers.
#[derive(Clone, Copy, Debug)]
pub struct RuleShape<'a> {
    pub(super) name: &'a str,
    pub(super) module: &'a str,
    pub(super) id: u64,
    pub(super) waits: &'a [Wait<'a>],
    pub(super) adds: &'a [Entry<'a>],
    pub(super) within: bool,
    /// Whether it fires once in the whole run, so that what it adds is below no node.
    pub(super) apart: bool,
}

impl<'a> RuleShape<'a> {
    pub(super) const NONE: Self =
        Self { name: "", module: "", id: 0, waits: &[], adds: &[], within: false, apart: true };

    /// The rule that is declared at this place. It mentions no node by a handle.
    pub const fn new(name: &'a str, module: &'a str, line: u32, column: u32) -> Self {
        Self { name, module, id: fingerprint(name, module, line, column), ..Self::NONE }
    }

    /// The stages that it looks at.
    pub const fn waits(mut self, waits: &'a [Wait<'a>]) -> Self {
        self.waits = waits;
        let mut at = 0;
        while at < waits.len() {
            self.apart = self.apart && !waits[at].how.is_each();
            at += 1;
        }
        self
    }

    /// What it adds itself.
    pub const fn adds(mut self, adds: &'a [Entry<'a>]) -> Self {
        self.adds = adds;
        self
    }

    /// It has a `within N`.
    pub const fn within(mut self) -> Self {
        self.within = true;
        self
    }

    /// Its name.
    pub const fn name(&self) -> &'a str {
        self.name
    }

    /// The path of the module that it is declared in.
    pub const fn module(&self) -> &'a str {
        self.module
    }
}

/// A rule while compiling; `None` when nothing is known of it.
pub type KnownRule = Option<&'static RuleShape<'static>>;

/// A rule, and the rules that its body registers.
#[derive(Clone, Copy, Debug)]
pub struct Listed<'a> {
    /// The rule; `None` when nothing is known of it.
    pub(super) rule: Option<&'a RuleShape<'a>>,
    pub(super) inner: &'a [Option<&'a RuleShape<'a>>],
}

impl<'a> Listed<'a> {
    /// A rule as a list names it.
    pub const fn new(rule: Option<&'a RuleShape<'a>>, inner: &'a [Option<&'a RuleShape<'a>>]) -> Self {
        Self { rule, inner }
    }
}

/// The 64-bit FNV-1a of a place in a program. No two places of one program are likely to share it.
const fn fingerprint(name: &str, module: &str, line: u32, column: u32) -> u64 {
    let hash = hashed(0xcbf2_9ce4_8422_2325, module.as_bytes());
    let hash = hashed(hash, &[0]);
    let hash = hashed(hash, name.as_bytes());
    let hash = hashed(hash, &line.to_le_bytes());
    let hash = hashed(hash, &column.to_le_bytes());
    if hash == 0 { 1 } else { hash }
}

const fn hashed(mut hash: u64, bytes: &[u8]) -> u64 {
    let mut at = 0;
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u64).wrapping_mul(0x0000_0100_0000_01b3);
        at += 1;
    }
    hash
}
