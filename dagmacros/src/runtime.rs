//! Every item of the runtime that expansions refer to, by its absolute path.
//!
//! This is the complete interface between the two crates: `dagcore::__private` exports these items for expansions only.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::spanned::Spanned;

/// One item of `::dagcore::__private`.
#[derive(Clone, Copy)]
pub(crate) struct Item(&'static str);

impl Item {
    /// Returns the path with a span in the user's code, so that rustc reports errors about it there.
    pub(crate) fn at(self, span: Span) -> TokenStream {
        let name = Ident::new(self.0, span);
        quote_spanned!(span=> ::dagcore::__private::#name)
    }
}

impl ToTokens for Item {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.at(Span::mixed_site()));
    }
}

/// Returns the span of the user's tokens, for generated code: errors point there, and lints treat the code as
/// generated.
pub(crate) fn place_of(tokens: &impl Spanned) -> Span {
    tokens.span().resolved_at(Span::mixed_site())
}

/// Returns the spans of the first and the last token of `tokens`, for generated code.
pub(crate) fn ends_of(tokens: &impl ToTokens) -> (Span, Span) {
    let tokens = tokens.to_token_stream();
    let start = tokens.span();
    let end = match tokens.into_iter().last() {
        Some(TokenTree::Group(group)) => group.span_close(),
        Some(tree) => tree.span(),
        None => start,
    };
    (start.resolved_at(Span::mixed_site()), end.resolved_at(Span::mixed_site()))
}

/// Emits a type that rustc infers. A mismatch is reported at the whole of these tokens.
pub(crate) fn inferred_at(tokens: &impl ToTokens) -> TokenStream {
    let (start, end) = ends_of(tokens);
    let (same, close) = (SAME.at(start), quote_spanned!(end=> >));
    quote_spanned!(start=> #same<_ #close)
}

// Numbers.
pub(crate) const AT_LEAST_ONE: Item = Item("at_least_one");

// Stages.
pub(crate) const ASSERT_NO_CONTEXT: Item = Item("assert_no_context");
pub(crate) const BY_VALUE: Item = Item("by_value");
pub(crate) const CALL: Item = Item("Call");
pub(crate) const CONTEXT: Item = Item("context");
pub(crate) const EITHER: Item = Item("Either");
pub(crate) const FALLIBLE: Item = Item("fallible");
pub(crate) const INFALLIBLE: Item = Item("infallible");
pub(crate) const INPUT: Item = Item("Input");
pub(crate) const INTO_INPUT: Item = Item("IntoInput");
pub(crate) const LEND: Item = Item("lend");
pub(crate) const MAKE_CALL: Item = Item("call");
pub(crate) const NEEDS: Item = Item("Needs");
pub(crate) const OWNED: Item = Item("Owned");
pub(crate) const PLAIN: Item = Item("Plain");
pub(crate) const PLACE: Item = Item("Place");
pub(crate) const ATTEMPT_POLICY: Item = Item("AttemptPolicy");
pub(crate) const PRINTER: Item = Item("Printer");
pub(crate) const PRINTS: Item = Item("Prints");
pub(crate) const PROBE: Item = Item("Probe");
pub(crate) const RATE: Item = Item("Rate");
pub(crate) const RETURNS: Item = Item("Returns");
pub(crate) const STAGE: Item = Item("Stage");
pub(crate) const STAGE_ID: Item = Item("stage_id");
pub(crate) const STAGE_SPEC: Item = Item("StageSpec");
pub(crate) const STARTED: Item = Item("Started");
pub(crate) const STARTING: Item = Item("Starting");
pub(crate) const RANK: Item = Item("Rank");
pub(crate) const SAME: Item = Item("Same");
pub(crate) const START_ASYNC: Item = Item("start_async");
pub(crate) const START_NOW: Item = Item("start_now");
pub(crate) const UNPRINTED: Item = Item("Unprinted");

// Rules.
pub(crate) const ADDING: Item = Item("Adding");
pub(crate) const ALLOWS: Item = Item("Allows");
pub(crate) const AND: Item = Item("and");
pub(crate) const ANYTHING: Item = Item("Anything");
pub(crate) const EACH_RULE: Item = Item("each_rule");
pub(crate) const GROWTH: Item = Item("Growth");
pub(crate) const KEYED: Item = Item("Keyed");
pub(crate) const MARK: Item = Item("Mark");
pub(crate) const OF_RULE: Item = Item("OfRule");
pub(crate) const ONCE_RULE: Item = Item("once_rule");
pub(crate) const RULE: Item = Item("Rule");
pub(crate) const RULE_HEAD: Item = Item("RuleHead");
pub(crate) const RULES: Item = Item("Rules");
pub(crate) const RULE_ITEM: Item = Item("RuleItem");
pub(crate) const VIEW: Item = Item("View");

// Stages and rules as constants, for the check of the laws.
pub(crate) const ASSERT_LAWFUL: Item = Item("assert_lawful");
pub(crate) const ENTRY: Item = Item("Entry");
pub(crate) const HOW: Item = Item("How");
pub(crate) const KEYS: Item = Item("Keys");
pub(crate) const KNOWN_RULE: Item = Item("KnownRule");
pub(crate) const LAWS: Item = Item("Laws");
pub(crate) const ADDED: Item = Item("Added");
pub(crate) const BELOW: Item = Item("Below");
pub(crate) const LISTED: Item = Item("Listed");
pub(crate) const LOOK_AT: Item = Item("laws");
pub(crate) const NOT_RULE: Item = Item("NotRule");
pub(crate) const NOT_STAGE: Item = Item("NotStage");
pub(crate) const RULE_PROBE: Item = Item("RuleProbe");
pub(crate) const RULE_SHAPE: Item = Item("RuleShape");
pub(crate) const STAGE_KEY: Item = Item("StageKey");
pub(crate) const STAGE_PROBE: Item = Item("StageProbe");
pub(crate) const WAIT: Item = Item("Wait");

// Conditions.
pub(crate) const CLOSED: Item = Item("closed");
pub(crate) const CLOSED_UNDER: Item = Item("closed_under");
pub(crate) const COUNT: Item = Item("count");
pub(crate) const COUNT_DONE: Item = Item("count_done");
pub(crate) const DONE: Item = Item("done");
pub(crate) const DONE_UNDER: Item = Item("done_under");
pub(crate) const EACH: Item = Item("each");
pub(crate) const EACH_FAILED: Item = Item("each_failed");
pub(crate) const FAILED: Item = Item("failed");
pub(crate) const HANDLE: Item = Item("handle");
pub(crate) const KIND: Item = Item("kind");
pub(crate) const NAMED: Item = Item("named");
pub(crate) const PREDICATE: Item = Item("predicate");
pub(crate) const SETTLED: Item = Item("settled");
pub(crate) const SETTLED_UNDER: Item = Item("settled_under");
