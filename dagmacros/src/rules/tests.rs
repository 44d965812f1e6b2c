//! Lists of rules: their errors and their expansions.

use super::check;
use super::expand;
use crate::testing::{formatted, same, tokens};
use quote::quote;

/// Compares the errors of `rules![input]`, each formatted as ``tokens: message``, with the expected ones.
fn told(input: &str, expect: &[&str]) {
    same(input, check::rules(tokens(input)).err().map(|refusal| refusal.error), expect);
}

/// Expands `rules![input]` and compares it with the snapshot of this name.
fn becomes(name: &str, input: &str) {
    let rules = expand(tokens(input));
    let code = formatted(quote!(fn here() { flow.rules(#rules); }));
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, code);
    });
}

const LISTED: &str = "`rules![..]` lists rules by their names, separated by commas: write `rules![follow, summarise]`";
const OUTSIDE: &str = "`rules![..]` lists rules by their names: declare the rule outside, with `rule! { name: when .. }`, \
                       and list its name; a rule without a name is registered with `flow.rule(rule! { .. })`";

#[test]
fn names_and_paths_are_listed() {
    for right in ["", "a", "a,", "a, b::c, ::d::e, self::f, r#try", "when, a::when, when::then, then, adds"] {
        told(right, &[]);
    }
}

#[test]
fn what_is_no_name_is_told_and_the_next_one_is_read() {
    told("3, a, \"b\"", &[&format!("3: {LISTED}"), &format!("\"b\": {LISTED}")]);
    told("a b, c; d", &["b: a comma is missing before `b`", &format!("c; d: {LISTED}")]);
    told(
        "a(), b {}",
        &["(): a rule is listed by its name alone: write `a`", "{}: a rule is listed by its name alone: write `b`"],
    );
}

#[test]
fn a_rule_that_is_written_in_the_list_is_told_once() {
    told(
        "a, rule! { when each(b), adds [], then |_, _, _| {} }",
        &[&format!("rule! {{ when each(b), adds [], then |_, _, _| {{}} }}: {OUTSIDE}")],
    );
    let written = "c: when each(b), adds [], then |_, _, _| {}";
    told(written, &[&format!("{written}: {OUTSIDE}")]);
    for written in ["when |view| true, then |_| {}", "when: when (each(b)), adds [], then |_, _, _| {}"] {
        told(written, &[&format!("{written}: {OUTSIDE}")]);
    }
}

#[test]
fn a_rule_is_listed_once() {
    let twice = "is listed twice, and would fire twice for all it finds: keep one";
    told("a, b::a, a, b :: a", &[&format!("a: rule `a` {twice}"), &format!("b :: a: rule `b::a` {twice}")]);
}

#[test]
fn each_rule_has_a_constant_that_fails_if_it_is_at_fault() {
    becomes("rules", "follow, others::summarise");
}

#[test]
fn a_refused_list_registers_what_is_right() {
    becomes("rules_refused", "follow, 3, others::summarise");
}
