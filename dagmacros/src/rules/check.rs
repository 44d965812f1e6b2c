//! Checks the tokens: returns a list of names, or all errors.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Path, Token, token};

use super::model::{Refusal, Rules};
use crate::{list, report::Report};

const LISTED: &str = "`rules![..]` lists rules by their names, separated by commas: write `rules![follow, summarise]`";

const OUTSIDE: &str = "`rules![..]` lists rules by their names: declare the rule outside, with \
                       `rule! { name: when .. }`, \
                       and list its name; a rule without a name is registered with `flow.rule(rule! { .. })`";

/// Checks the list and reports all errors in it.
pub(super) fn rules(written: TokenStream) -> Result<Rules, Refusal> {
    let mut report = Report::default();
    let mut names: Vec<Path> = Vec::new();
    if has_condition(written.clone()) {
        report.error(&written, OUTSIDE);
    }
    let written = if report.is_empty() { written } else { TokenStream::new() };
    for part in list::parts(written) {
        let Ok(name) = (|input: ParseStream<'_>| name(input, &mut report)).parse2(part.clone()) else {
            report.error(part, LISTED);
            continue;
        };
        let Some(name) = name else { continue };
        if names.iter().any(|other| text_of(other) == text_of(&name)) {
            let text = text_of(&name);
            report
                .error(name, format!("rule `{text}` is listed twice, and would fire twice for all it finds: keep one"));
            continue;
        }
        names.push(name);
    }
    match report.finish(Some(())) {
        Ok(()) => Ok(Rules { names }),
        Err(error) => Err(Refusal { error, names }),
    }
}

/// Returns `true` if the list contains a whole rule: a `when` that is followed by a condition and is not a rule's name.
fn has_condition(written: TokenStream) -> bool {
    let mut trees = written.into_iter().peekable();
    while let Some(tree) = trees.next() {
        let starts = match trees.peek() {
            Some(TokenTree::Ident(_) | TokenTree::Group(_)) => true,
            Some(TokenTree::Punct(mark)) => mark.as_char() == '|',
            _ => false,
        };
        if starts && matches!(tree, TokenTree::Ident(word) if word == "when") {
            return true;
        }
    }
    false
}

/// Reads a rule's name. Reports any other tokens that follow.
fn name(input: ParseStream<'_>, report: &mut Report) -> syn::Result<Option<Path>> {
    let name: Path = input.parse()?;
    if input.is_empty() {
        return Ok(Some(name));
    }
    let text = text_of(&name);
    if input.peek(Token![!]) {
        let rest: TokenStream = input.parse()?;
        report.error([name.to_token_stream(), rest].into_iter().collect::<TokenStream>(), OUTSIDE);
        return Ok(None);
    }
    if input.peek(token::Paren) || input.peek(token::Brace) {
        let rest: TokenTree = input.parse()?;
        report.error(&rest, format!("a rule is listed by its name alone: write `{text}`"));
    } else if input.peek(Ident::peek_any) {
        let next: Ident = input.call(Ident::parse_any)?;
        report.error(&next, format!("a comma is missing before `{next}`"));
    } else {
        return Err(input.error(LISTED));
    }
    input.parse::<TokenStream>()?;
    Ok(Some(name))
}

/// Formats a path as it is usually written.
fn text_of(path: &Path) -> String {
    path.to_token_stream().to_string().replace(' ', "")
}
