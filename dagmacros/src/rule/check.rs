//! Checks the clauses: returns a rule, or all errors.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{Expr, ExprAsync, ExprAwait, ExprClosure, Visibility};

use super::conditions;
use super::model::{Adds, Body, Conditions, Kind, Refusal, Rule};
use super::reader::bare;
use super::syntax::{Clause, Listed, Written};
use crate::shell::{Shell, is_of};
use crate::{
    adds::{self, Added, By},
    number,
    report::Report,
};

/// Checks the clauses and reports all errors in them, after the errors found while they were read.
pub(super) fn rule(written: Written, mut report: Report) -> Result<Rule, Refusal> {
    let Written { attrs, vis, name, when, adds, then } = written;
    let shell = name.map(|name| Shell {
        kind: "rule",
        attrs: attrs.clone(),
        vis: vis.clone().unwrap_or(Visibility::Inherited),
        name,
    });
    outside(&attrs, &vis, shell.is_some(), &mut report);
    let name = shell.as_ref().map(|shell| &shell.name);
    let when = self::when(&when, name, &mut report);
    // The parameters of the body are known only if every condition is valid.
    let sound = when.as_ref().filter(|_| report.is_empty());
    let adds = self::adds(adds, name, &mut report);
    let body = body(&then, sound, name, &mut report);
    let checked = match (when, body) {
        (Some(when), Some(body)) => Some((when, body)),
        _ => None,
    };
    match (report.finish(checked), shell, adds) {
        (Ok((when, body)), Some(shell), Some(adds)) => Ok(Rule { kind: Kind::Item(shell, adds), when, body }),
        (Ok((when, body)), None, adds) => Ok(Rule { kind: Kind::Inline(adds), when, body }),
        (Err(error), shell, _) => Err(Refusal { error, shell }),
        (Ok(_), Some(shell), None) => {
            let error = syn::Error::new_spanned(&shell.name, NO_ADDS);
            Err(Refusal { error, shell: Some(shell) })
        }
    }
}

const NO_ADDS: &str =
    "a rule with a name lists the stages that it adds: write `adds [..]`, or `adds []` if it adds nothing";

/// Checks the attributes and the visibility before the clauses.
fn outside(attrs: &[syn::Attribute], vis: &Option<Visibility>, is_item: bool, report: &mut Report) {
    let fits = ["doc", "cfg", "deprecated", "allow", "warn", "deny", "forbid"];
    for attr in attrs {
        if !is_item {
            report.error(attr, "a rule without a name takes no attributes: add a name, or remove the attribute");
        } else if !is_of(attr, &fits) {
            report.error(
                attr,
                format!("this attribute is not supported on a rule: expected one of `{}`", fits.join("`, `")),
            );
        }
    }
    if let (Some(vis), false) = (vis, is_item) {
        report.error(
            vis,
            "a rule without a name is an expression and has no visibility: add a name, or remove the visibility",
        );
    }
}

fn when(clause: &Clause<Expr>, item: Option<&Ident>, report: &mut Report) -> Option<Conditions> {
    if clause.word.is_none() {
        report.error(item, "a rule starts with its condition: write `when ..`");
    }
    let condition = clause.content.as_ref()?;
    no_waiting(condition, "a condition", report);
    conditions::read(condition, item.is_some(), report)
}

fn adds(clause: Clause<Listed>, item: Option<&Ident>, report: &mut Report) -> Option<Adds> {
    if let (None, Some(name)) = (&clause.word, item) {
        report.error(name, NO_ADDS);
    }
    let Listed { stages, within } = clause.content?;
    let stages = adds::read(stages, By::Rule, report);
    let within = within.and_then(|(word, bound)| {
        if stages.iter().any(Added::has_key) {
            report.error(
                &word,
                "`by key` and `within` cannot be combined, because the nodes added would depend on timing: keep one",
            );
        }
        self::within(&word, bound, report)
    });
    Some(Adds { stages, within })
}

fn within(word: &Ident, bound: TokenStream, report: &mut Report) -> Option<TokenStream> {
    let within = number::at_least_one(&bound);
    if within.is_none() {
        let message = "`within` is followed by an integer of at least 1: write `adds [..] within 5`";
        match bound.is_empty() {
            true => report.error(word, message),
            false => report.error(bound, message),
        }
    }
    within
}

fn body(clause: &Clause<Expr>, when: Option<&Conditions>, item: Option<&Ident>, report: &mut Report) -> Option<Body> {
    if clause.word.is_none() {
        report.error(item, "a rule ends with its body: write `then |grow, ..| { .. }`");
    }
    let written = clause.content.as_ref()?;
    let Expr::Closure(closure) = bare(written) else {
        report.error(written, "the body is a closure: write `then |grow, ..| { .. }`");
        return None;
    };
    let ExprClosure { lifetimes, constness, asyncness, inputs, output, body, .. } = closure;
    if let Some(word) = asyncness {
        report.error(word, "a body is a synchronous closure: remove `async`, and wait in a stage");
    }
    if let Some(words) = lifetimes {
        report.error(words, "a body is a plain closure: remove this");
    }
    if let Some(word) = constness {
        report.error(word, "a body is a plain closure: remove `const`");
    }
    no_waiting(body, "a body", report);
    let head = written_head(closure);
    let mut patterns = inputs.iter().cloned();
    let grow = patterns.next();
    let given: Vec<_> = patterns.collect();
    if let Some(when) = when {
        let hands: Vec<_> = when.iter().flat_map(|condition| condition.hands()).collect();
        if grow.is_none() || given.len() != hands.len() {
            report.error(&head, count_message(inputs.len(), &hands));
        }
    }
    Some(Body { written: head, grow: grow?, given, output: output.clone(), code: (**body).clone() })
}

/// Returns the closure's parameters with their bars.
fn written_head(closure: &ExprClosure) -> TokenStream {
    let ExprClosure { inputs_begin, inputs, inputs_end, .. } = closure;
    let mut head = inputs_begin.to_token_stream();
    inputs.to_tokens(&mut head);
    inputs_end.to_tokens(&mut head);
    head
}

fn count_message(taken: usize, hands: &[String]) -> String {
    let given: Vec<_> = std::iter::once("the growth").chain(hands.iter().map(String::as_str)).collect();
    let given_text = match given.as_slice() {
        [alone] => (*alone).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
        [] => String::new(),
    };
    let parameters = if taken == 1 { "parameter" } else { "parameters" };
    format!("this body has {taken} {parameters}, but its condition passes {}: {given_text}", given.len())
}

/// Rejects `.await`, except in asynchronous blocks and closures that a body may create and pass on.
fn no_waiting(code: &Expr, place: &'static str, report: &mut Report) {
    Waiting { place, report }.visit_expr(code);
}

struct Waiting<'r> {
    place: &'static str,
    report: &'r mut Report,
}

impl<'ast> Visit<'ast> for Waiting<'_> {
    fn visit_expr_await(&mut self, wait: &'ast ExprAwait) {
        let message = format!("{} is synchronous and cannot wait: wait in a stage", self.place);
        self.report.error(wait.await_token, message);
        visit::visit_expr_await(self, wait);
    }

    fn visit_expr_closure(&mut self, closure: &'ast ExprClosure) {
        if closure.asyncness.is_none() {
            visit::visit_expr_closure(self, closure);
        }
    }

    fn visit_expr_async(&mut self, _: &'ast ExprAsync) {}

    fn visit_item(&mut self, _: &'ast syn::Item) {}
}
