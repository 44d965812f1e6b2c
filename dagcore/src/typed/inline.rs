//! [`InlineRule`]: the argument of `rule(..)`, which excludes rules with names.

use super::batch::Rule;

/// A rule without a name, registered where it is created.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a rule without a name",
    label = "this is a `{Self}`",
    note = "a rule that was declared with a name is registered by its name: write `rules(rules![{Self}])`; one without a name is what `rule! {{ when .., then .. }}` makes"
)]
pub trait InlineRule {
    /// Returns the rule.
    fn into_rule(self) -> Rule;
}

impl InlineRule for Rule {
    fn into_rule(self) -> Rule {
        self
    }
}
