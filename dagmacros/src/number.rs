//! Numbers in options and clauses: literals are checked here, constants are evaluated by the compiler.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote_spanned};
use syn::{Expr, ExprUnary, LitInt, UnOp};

use crate::runtime::{AT_LEAST_ONE, place_of};

/// Returns `value` as an expression for a `u32` of at least 1, or `None` if it cannot be one.
pub(crate) fn at_least_one(value: &TokenStream) -> Option<TokenStream> {
    if is_constant(value) {
        let check = AT_LEAST_ONE.at(place_of(value));
        return Some(quote_spanned!(place_of(value)=> #check(#value)));
    }
    literal(value, 1)
}

/// Returns `value` as an expression for a `u32`, or `None` if it cannot be one.
pub(crate) fn any(value: &TokenStream) -> Option<TokenStream> {
    if is_constant(value) { Some(value.clone()) } else { literal(value, 0) }
}

fn literal(value: &TokenStream, least: u32) -> Option<TokenStream> {
    let literal = syn::parse2::<LitInt>(value.clone()).ok().filter(|number| matches!(number.suffix(), "" | "u32"))?;
    let number: u32 = literal.base10_parse().ok()?;
    (number >= least).then(|| literal.into_token_stream())
}

/// Returns `true` if this is an expression other than a literal.
pub(crate) fn is_constant(value: &TokenStream) -> bool {
    match syn::parse2::<Expr>(value.clone()) {
        Ok(Expr::Lit(_)) | Err(_) => false,
        Ok(Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. })) => !matches!(*expr, Expr::Lit(_)),
        Ok(_) => true,
    }
}
