//! A correct list of rules. What is here has been checked; `tokens` asks nothing more.

use syn::Path;

/// Rules by their names, each once.
pub(super) struct Rules {
    pub(super) names: Vec<Path>,
}

/// Why there is no list, and what is emitted in its stead.
pub(super) struct Refusal {
    pub(super) error: syn::Error,
    /// Those that were right, so that nobody is told that they are never registered.
    pub(super) names: Vec<Path>,
}
