//! A valid list of rules. Everything here has been checked, so `tokens` needs no further checks.

use syn::Path;

/// The names of the rules, without duplicates.
pub(super) struct Rules {
    pub(super) names: Vec<Path>,
}

/// The errors in a list, and the rules to emit in its place.
pub(super) struct Refusal {
    pub(super) error: syn::Error,
    /// The valid entries. They are emitted, so that rustc does not report these rules as never used.
    pub(super) names: Vec<Path>,
}
