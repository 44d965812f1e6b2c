//! Expansions of rules. The snapshots are next to this file.

use quote::quote;

use super::super::expand;
use crate::testing::{formatted, tokens};

/// Expands `rule! { input }` in item position and compares it with the snapshot of this name.
fn check_item(name: &str, input: &str) {
    hold(name, formatted(expand(tokens(input))));
}

/// Expands `rule! { input }` in expression position and compares it with the snapshot of this name.
fn check_inline(name: &str, input: &str) {
    let rule = expand(tokens(input));
    hold(name, formatted(quote!(fn here() { flow.rule(#rule); })));
}

fn hold(name: &str, code: String) {
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, code);
    });
}

#[test]
fn a_rule_with_a_name_is_an_item() {
    check_item(
        "rule_item",
        "/// Follows.
        pub follow: when each(manifest), adds [manifest by key, crate::licence],
        then |grow, node, manifest| {
            grow.add(licence::new(node));
            for dep in manifest.dependencies() { grow.add(manifest::new(dep.clone()).key(dep)); }
        }",
    );
}

#[test]
fn a_rule_item_may_add_nothing_and_bound_itself() {
    check_item(
        "rule_item_that_adds_nothing",
        "#[cfg(unix)] #[allow(unused)] quiet: when closed(a), adds [], then |_, _found| -> Result<(), E> { check()?; Ok(()) },",
    );
    check_item(
        "rule_item_within",
        "retry: when each_failed(a), adds [a] within 5, then |grow, node, error| grow.again(node)",
    );
}

#[test]
fn a_key_under_a_node_names_its_stage() {
    check_item(
        "rule_item_by_key_under",
        "follow: when each(site), adds [a::page by key under site], then |grow, node, site| visit(grow, site)",
    );
}

#[test]
fn a_rule_without_a_name_is_an_expression() {
    check_inline(
        "rule_inline",
        "when done(files, total), adds [complain],
        then |grow, files, total| if *total == 0 { grow.add(complain::new(files.len())); }",
    );
}

#[test]
fn a_rule_without_adds_may_add_anything() {
    check_inline(
        "rule_inline_without_adds",
        "when named(\"last\"), then |grow, node: AnyNode| { grow.add(a::new(node)); }",
    );
}

#[test]
fn conditions_are_joined_from_the_left() {
    check_inline(
        "rule_with_every_condition",
        "when settled(a) && failed(b) && (count(s) >= 2 && count_done(t) >= n) && closed(s, t) && each(u)
            && |view: &View<'_>| view.count::<s>() > 3 && ready,
        then move |grow, a, b, s, t, ss, tt, node, u| { grow.add(s::new(a, b)); }",
    );
}

#[test]
fn a_condition_below_a_node_gives_the_node_and_lists() {
    check_item(
        "rule_below_a_node",
        "merge: when closed(part, other) under each(sample) && count(s) >= 2, adds [whole],
        then |grow, sample, parts, others, s| { grow.add(whole::new(sample, parts)); }",
    );
    check_inline(
        "rule_inline_below_a_node",
        "when done(start) && (done(part) under each(sample)), then |grow, start, sample, parts| {}",
    );
}

#[test]
fn a_refused_rule_lets_its_uses_stand() {
    check_item("rule_item_refused", "pub follow: when ech(a), then |grow| {}");
    check_inline("rule_inline_refused", "when ech(a), then |grow| {}");
}
