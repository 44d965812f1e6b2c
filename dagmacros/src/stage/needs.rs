//! The options for limits and resources that a stage's nodes need to start: `concurrency = 4`, `pool(memory = 2)`,
//! `rate = "10/s"`.

use super::policy::Asked;
use crate::report::Report;
use crate::runtime::{RATE, place_of};
use crate::{list, number};
use proc_macro2::{Delimiter, Group, Ident, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Expr, Lit, Token};

/// The names of the options.
pub(super) const OPTIONS: [&str; 3] = ["concurrency", "pool", "rate"];

/// Reads one option. `value` are the tokens after the `=`, and `rest` those after the word. Errors point at `wrong`.
pub(super) fn read(
    word: &Ident,
    value: &TokenStream,
    rest: &TokenStream,
    wrong: &dyn ToTokens,
    report: &mut Report,
) -> Option<Asked> {
    let (method, argument) = match word.to_string().as_str() {
        "concurrency" => ("concurrency", concurrency(value, wrong, report)),
        "rate" => ("rate", rate(value, wrong, report)),
        _ => ("pools", pools(rest, wrong, report)),
    };
    Some(Asked { method: Ident::new(method, word.span()), argument: argument? })
}

fn concurrency(value: &TokenStream, wrong: &dyn ToTokens, report: &mut Report) -> Option<TokenStream> {
    let most = number::at_least_one(value);
    if most.is_none() {
        report.error(
            wrong,
            "`concurrency` is the maximum number of the stage's nodes that run at once, at least 1: write \
             `concurrency = 4`",
        );
    }
    most
}

/// Reads a string like `"10/s"`, or any constant expression for a `Rate`.
fn rate(value: &TokenStream, wrong: &dyn ToTokens, report: &mut Report) -> Option<TokenStream> {
    let literal = syn::parse2::<Lit>(value.clone()).ok();
    let written = match &literal {
        Some(Lit::Str(text)) => per(&text.value()),
        Some(_) => None,
        None if syn::parse2::<Expr>(value.clone()).is_ok() => return Some(value.clone()),
        None => None,
    };
    let Some((times, seconds)) = written else {
        report.error(
            wrong,
            "`rate` is the maximum number of starts per `s`, `min` or `h`: write `rate = \"10/s\"`, \
            or a `Rate`",
        );
        return None;
    };
    Some(quote_spanned!(place_of(value)=> #RATE::new(#times, ::core::time::Duration::from_secs(#seconds))))
}

/// Parses `"10/s"`: returns the number of starts, and the period in seconds.
fn per(text: &str) -> Option<(u32, u64)> {
    let (times, unit) = text.split_once('/')?;
    let seconds = match unit.trim() {
        "s" => 1,
        "min" => 60,
        "h" => 3_600,
        _ => return None,
    };
    let times = times.trim().parse().ok().filter(|times| *times >= 1)?;
    Some((times, seconds))
}

/// Reads `pool(memory = 2, gpu)`.
fn pools(rest: &TokenStream, wrong: &dyn ToTokens, report: &mut Report) -> Option<TokenStream> {
    const HOW: &str = "`pool` lists the pools that a node uses, with its share of each: write `pool(memory = 2, gpu)`";
    let list = syn::parse2::<Group>(rest.clone()).ok().filter(|list| list.delimiter() == Delimiter::Parenthesis);
    let Some(list) = list.filter(|list| !list.stream().is_empty()) else {
        report.error(wrong, HOW);
        return None;
    };
    let (mut shares, mut seen) = (Vec::new(), Vec::new());
    for part in list::parts(list.stream()) {
        match share.parse2(part.clone()) {
            Ok((pool, _)) if seen.contains(&pool) => {
                report.error(part, format!("the pool `{pool}` is listed twice: keep one"));
            }
            Ok((pool, share)) => {
                shares.push(quote!((#pool, #share)));
                seen.push(pool);
            }
            Err(_) => report.error(part, HOW),
        }
    }
    Some(quote!(&[#(#shares),*]))
}

/// Reads a pool's name, and the share of it.
fn share(input: ParseStream<'_>) -> syn::Result<(String, TokenStream)> {
    let pool = input.call(Ident::parse_any)?.unraw().to_string();
    if input.is_empty() {
        return Ok((pool, quote!(1)));
    }
    input.parse::<Token![=]>()?;
    let share = number::at_least_one(&input.parse()?).ok_or_else(|| input.error("no share"))?;
    Ok((pool, share))
}
