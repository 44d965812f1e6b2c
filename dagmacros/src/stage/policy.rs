//! The options of a stage's attempt policy, `retries = 3, backoff = .., timeout = "2s"`, and those for the start order
//! of its nodes, `priority = 5, expected = "2s"`.

use crate::number;
use crate::report::Report;
use crate::runtime::place_of;
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Expr, Lit, LitInt};

/// The options of the attempt policy. Each has the name of a method of the runtime's `AttemptPolicy`.
pub(super) const OPTIONS: [&str; 5] = ["retries", "backoff", "retry_if", "timeout", "deadline"];

/// The options of the start order. Each has the name of a method of the runtime's `Rank`.
pub(super) const RANKS: [&str; 2] = ["priority", "expected"];

/// One option, as a method of the runtime and its argument.
pub(super) struct Asked {
    pub(super) method: Ident,
    pub(super) argument: TokenStream,
}

/// Reads the value of one option. Errors point at `wrong`.
pub(super) fn read(word: &Ident, value: &TokenStream, wrong: &dyn ToTokens, report: &mut Report) -> Option<Asked> {
    let argument = match word.to_string().as_str() {
        "retries" => retries(value, wrong, report),
        "priority" => priority(value, wrong, report),
        "timeout" | "deadline" | "expected" => time(word, value, wrong, report),
        _ => expression(word, value, wrong, report),
    };
    Some(Asked { method: word.clone(), argument: argument? })
}

fn retries(value: &TokenStream, wrong: &dyn ToTokens, report: &mut Report) -> Option<TokenStream> {
    let number = number::any(value);
    if number.is_none() {
        report.error(wrong, "`retries` is the number of further attempts after a failure: write `retries = 3`");
    }
    number
}

fn priority(value: &TokenStream, wrong: &dyn ToTokens, report: &mut Report) -> Option<TokenStream> {
    if number::is_constant(value) {
        return Some(value.clone());
    }
    let number = syn::parse2::<LitInt>(value.clone()).ok();
    let number = number.filter(|number| matches!(number.suffix(), "" | "i32") && number.base10_parse::<i32>().is_ok());
    if number.is_none() {
        report.error(
            wrong,
            "`priority` is an integer, and nodes with the highest priority start first: write \
             `priority = 5`",
        );
    }
    number.map(ToTokens::into_token_stream)
}

/// Reads a string like `"1.5s"`, or any constant expression for a `Duration`.
fn time(word: &Ident, value: &TokenStream, wrong: &dyn ToTokens, report: &mut Report) -> Option<TokenStream> {
    let Ok(literal) = syn::parse2::<Lit>(value.clone()) else {
        return expression(word, value, wrong, report);
    };
    let nanos = match &literal {
        Lit::Str(text) => nanos(&text.value()),
        _ => None,
    };
    let Some(nanos) = nanos else {
        report.error(
            &literal,
            format!(
                "`{word}` is a duration with a unit of `ms`, `s`, `min` or `h`: write `{word} = \"30s\"`, or a \
                 `Duration`"
            ),
        );
        return None;
    };
    Some(quote_spanned!(place_of(&literal)=> ::core::time::Duration::from_nanos(#nanos)))
}

/// Reads an expression other than a literal: a `Duration`, a `Backoff`, or a function.
fn expression(word: &Ident, value: &TokenStream, wrong: &dyn ToTokens, report: &mut Report) -> Option<TokenStream> {
    if syn::parse2::<Expr>(value.clone()).is_ok_and(|value| !matches!(value, Expr::Lit(_))) {
        return Some(value.clone());
    }
    let (what, example) = match word.to_string().as_str() {
        "backoff" => ("a `Backoff`", "backoff = dagcore::Backoff::fixed(std::time::Duration::from_secs(1))"),
        "retry_if" => {
            ("a function that takes the error and returns whether to retry", "retry_if = NodeError::is_panic")
        }
        "timeout" => ("a duration", "timeout = \"30s\""),
        "expected" => ("a duration", "expected = \"30s\""),
        _ => ("a duration", "deadline = \"5min\""),
    };
    report.error(wrong, format!("`{word}` is {what}: write `{example}`"));
    None
}

/// Parses a duration like `250ms` or `1.5 h` and returns its nanoseconds, or `None` if it is invalid or out of range.
fn nanos(text: &str) -> Option<u64> {
    let text = text.trim();
    let unit = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, unit) = text.split_at(unit);
    let seconds = match unit.trim() {
        "ms" => 1e-3,
        "s" => 1.0,
        "min" => 60.0,
        "h" => 3_600.0,
        _ => return None,
    };
    let nanos = number.parse::<f64>().ok()? * seconds * 1e9;
    (1.0..1e18).contains(&nanos).then_some(nanos as u64)
}

/// Emits the options as calls of the runtime's methods.
pub(super) fn tokens(asked: &[Asked]) -> TokenStream {
    let calls = asked.iter().map(|Asked { method, argument }| quote!(.#method(#argument)));
    quote!(#(#calls)*)
}
