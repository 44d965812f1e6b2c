//! Stages and rules as the laws see them: plain data that a constant can hold, so that both the compiler and a program
//! can check it.

use crate::dag::rules::rule_spec::Below;

/// The identity of a stage, and its name.
#[derive(Clone, Copy, Debug)]
pub struct StageKey<'a> {
    pub(super) id: u64,
    pub(super) name: &'a str,
}

impl<'a> StageKey<'a> {
    /// An unknown stage. The laws leave it out.
    pub const UNKNOWN: Self = Self { id: 0, name: "" };

    /// Creates the key of the stage that is declared at this place in the source.
    pub const fn new(name: &'a str, module: &str, line: u32, column: u32) -> Self {
        Self { id: fingerprint(name, module, line, column), name }
    }

    /// Creates the key of the stage with this number.
    pub(super) const fn numbered(number: usize, name: &'a str) -> Self {
        Self { id: number as u64 + 1, name }
    }
}

/// A stage, and the additions of its running nodes.
#[derive(Clone, Copy, Debug)]
pub struct StageShape<'a> {
    pub(super) key: StageKey<'a>,
    pub(super) adds: &'a [Added<'a>],
}

impl<'a> StageShape<'a> {
    /// An unknown stage.
    pub const UNKNOWN: Self = Self::new(StageKey::UNKNOWN, &[]);

    /// Creates a stage.
    pub const fn new(key: StageKey<'a>, adds: &'a [Added<'a>]) -> Self {
        Self { key, adds }
    }
}

/// An addition of a stage. It does not include the additions of the added stage: stages may add each other in a cycle,
/// and constants cannot refer to each other in one.
#[derive(Clone, Copy, Debug)]
pub struct Added<'a> {
    pub(super) stage: StageKey<'a>,
    pub(super) keys: Keys<'a>,
}

impl<'a> Added<'a> {
    /// Creates an entry for nodes of a stage.
    pub const fn new(stage: StageKey<'a>, keys: Keys<'a>) -> Self {
        Self { stage, keys }
    }
}

/// Whether added nodes have keys, and the scope in which a key is unique.
#[derive(Clone, Copy, Debug)]
pub enum Keys<'a> {
    /// No keys.
    No,
    /// `by key`.
    Run,
    /// `by key under` this stage.
    Under(StageKey<'a>),
}

/// The way in which a rule reads a stage.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum How {
    /// `each(..)`.
    Each,
    /// `each_failed(..)`.
    EachFailed,
    /// `under each(..)`.
    Group,
    /// A condition below each of those nodes.
    Below(Below),
    /// `count(..)` or `count_done(..)`.
    Count,
    /// `closed(..)`.
    Closed,
}

impl How {
    /// Returns `true` if both are equal. `PartialEq` cannot be used in a `const fn`.
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

    /// Returns `true` if the rule fires once for each node of the stage.
    pub(super) const fn is_each(self) -> bool {
        matches!(self, Self::Each | Self::EachFailed | Self::Group)
    }
}

/// A stage that a rule waits for.
#[derive(Clone, Copy, Debug)]
pub struct Wait<'a> {
    pub(super) how: How,
    pub(super) stage: StageShape<'a>,
}

impl<'a> Wait<'a> {
    /// Creates a wait for a stage.
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
    /// Creates an entry for nodes of a stage.
    pub const fn new(stage: StageShape<'a>, keys: Keys<'a>) -> Self {
        Self { stage, keys }
    }
}

/// A rule, without the rules that it registers.
#[derive(Clone, Copy, Debug)]
pub struct RuleShape<'a> {
    pub(super) name: &'a str,
    pub(super) module: &'a str,
    pub(super) id: u64,
    pub(super) waits: &'a [Wait<'a>],
    pub(super) adds: &'a [Entry<'a>],
    pub(super) within: bool,
    /// `true` if it fires once in the whole run, so that its additions are below no node.
    pub(super) apart: bool,
}

impl<'a> RuleShape<'a> {
    pub(super) const NONE: Self =
        Self { name: "", module: "", id: 0, waits: &[], adds: &[], within: false, apart: true };

    /// Creates the rule that is declared at this place in the source. It refers to no node by a handle.
    pub const fn new(name: &'a str, module: &'a str, line: u32, column: u32) -> Self {
        Self { name, module, id: fingerprint(name, module, line, column), ..Self::NONE }
    }

    /// Sets the stages that it reads.
    pub const fn waits(mut self, waits: &'a [Wait<'a>]) -> Self {
        self.waits = waits;
        let mut at = 0;
        while at < waits.len() {
            self.apart = self.apart && !waits[at].how.is_each();
            at += 1;
        }
        self
    }

    /// Sets its own additions.
    pub const fn adds(mut self, adds: &'a [Entry<'a>]) -> Self {
        self.adds = adds;
        self
    }

    /// Declares that it has a `within N`.
    pub const fn within(mut self) -> Self {
        self.within = true;
        self
    }

    /// Returns its name.
    pub const fn name(&self) -> &'a str {
        self.name
    }

    /// Returns the path of the module in which it is declared.
    pub const fn module(&self) -> &'a str {
        self.module
    }
}

/// A rule during compilation; `None` if it is unknown.
pub type KnownRule = Option<&'static RuleShape<'static>>;

/// A rule, and the rules that its body registers.
#[derive(Clone, Copy, Debug)]
pub struct Listed<'a> {
    /// The rule; `None` if it is unknown.
    pub(super) rule: Option<&'a RuleShape<'a>>,
    pub(super) inner: &'a [Option<&'a RuleShape<'a>>],
}

impl<'a> Listed<'a> {
    /// Creates an entry for a rule as a list names it.
    pub const fn new(rule: Option<&'a RuleShape<'a>>, inner: &'a [Option<&'a RuleShape<'a>>]) -> Self {
        Self { rule, inner }
    }
}

/// Returns the 64-bit FNV-1a hash of a place in a program. Collisions within one program are unlikely.
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
