//! Conditions below a node, and the errors in them with their messages.

use super::check;

const FOLLOWS: &str = "`under` follows `closed(..)`, `settled(..)` or `done(..)`, which wait for the nodes below a node: write for instance `closed(part) under each(sample)`";
const FOLLOWED: &str = "`under` is followed by `each(stage)`: write for instance `closed(part) under each(sample)`";

/// Compares the one error, reported at `at`, with `message`.
fn told(input: &str, at: &str, message: &str) {
    check(input, &[&format!("{at}: {message}")]);
}

#[test]
fn under_follows_a_condition_and_is_joined_like_one() {
    check("when closed(a) under each(b), then |grow, b, a| {}", &[]);
    check("when settled(a::x, y) under each(b::z), then |grow, z, x, y| {}", &[]);
    check("when done(a) under each(b) && count(c) >= 2 && |view| true, then |grow, b, a, c| {}", &[]);
    check("when count(c) >= 2 && done(a) under each(b), then |grow, c, b, a| {}", &[]);
    check("when count(c) >= 2 && (done(a) under each(b)), then |grow, c, b, a| {}", &[]);
    check("when ((closed(a) under each(b)) && count(c) >= 2), then |grow, b, a, c| {}", &[]);
    check("r: when done(a) under each(b), adds [c], then |grow, b, a| {}", &[]);
}

#[test]
fn under_may_be_the_name_of_a_stage_or_a_value() {
    check("when closed(under) under each(b), then |grow, b, a| {}", &[]);
    check("when closed(a) under each(under), then |grow, b, a| {}", &[]);
    check("when closed(a) under each(under::b), then |grow, b, a| {}", &[]);
    check("when count(c) >= under && each(under), then |grow, c, n, u| {}", &[]);
    check("when count(c) >= x.under() && count(d) >= (under), then |grow, c, d| {}", &[]);
    check("when each(a) && |under| under.len() > 2, then |grow, n, a| under(n)", &[]);
    check("when each(a) && |view| if under { view.is_empty() } else { under }, then |grow, n, a| {}", &[]);
}

#[test]
fn a_body_is_given_the_node_and_the_handles_below_it() {
    check(
        "when closed(a, b) under each(c), then |grow| {}",
        &[
            "|grow|: this body has 1 parameter, but its condition passes 4: the growth, the handle of the `c` node, the handles of the `a` nodes below it and the handles of the `b` nodes below it",
        ],
    );
}

#[test]
fn under_is_followed_by_each() {
    told("when closed(a) under, then |grow, b, a| {}", "under", FOLLOWED);
    told("when closed(a) under && done(b), then |grow, b, a| {}", "under", FOLLOWED);
    told("when closed(a) under 3, then |grow, b, a| {}", "3", FOLLOWED);
    told("when closed(a) under sample(b), then |grow, b, a| {}", "sample(b)", FOLLOWED);
    told("when closed(a) under (b, c), then |grow, b, a| {}", "(b, c)", FOLLOWED);
    told(
        "when closed(a) under b, then |grow, b, a| {}",
        "b",
        "`under` is followed by `each(stage)`: write `under each(b)`",
    );
    told(
        "when closed(a) under each_failed(b), then |grow, b, a| {}",
        "each_failed(b)",
        "`under each(..)` fires once for each node of the stage, whatever its outcome: write `under each(b)`",
    );
    told(
        "when closed(a) under each(b, c), then |grow, b, a| {}",
        "each(b, c)",
        "this takes exactly one argument: write `each(stage)`",
    );
    told(
        "when closed(a) under each(), then |grow, b, a| {}",
        "each()",
        "`each()` is empty: put a stage between the parentheses",
    );
}

#[test]
fn under_follows_what_is_waited_for_below_a_node() {
    for condition in [
        "each(a) under each(b)",
        "failed(a) under each(b)",
        "count(a) >= 2 under each(b)",
        "count(a) under each(b) >= 2",
        r#"named("a") under each(b)"#,
        "|view| view.len() > 2 under each(b)",
        "(|view| view.is_empty()) under each(b)",
        "under each(b)",
        "done(x) && under each(b)",
        "a under each(b)",
        "closed(a) under each(b) under each(c)",
        "each(a).under(each(b))",
    ] {
        told(&format!("when {condition}, then |grow, n, a| {{}}"), "under", FOLLOWS);
    }
    told(
        "when closed(a).under(each(b)), then |grow, b, a| {}",
        "under",
        "`under` is written as a word of its own: write for instance `closed(part) under each(sample)`",
    );
    told(
        "when closed(a), under each(b), then |grow, b, a| {}",
        "under",
        "`under` belongs to the condition before it: write `closed(part) under each(sample)`, without a comma",
    );
}

#[test]
fn stages_and_no_handles_are_waited_for_below_a_node() {
    told(
        "when done(files[0]) under each(b), then |grow, b, a| {}",
        "files[0]",
        "expected a stage, by the name of its function: write for instance `each(manifest)`",
    );
    told(
        "when closed(a, b) under each(b), then |grow, b, a, c| {}",
        "b",
        "`under each(b)` waits for nodes below a `b`, and cannot wait for `b` itself: remove it from `closed(..)`; nodes of other stages are found at any depth, and the body receives each `b`",
    );
}

#[test]
fn a_rule_fires_for_the_nodes_of_one_stage() {
    let two = "a rule has at most one `each`, `each_failed` or `under each`, because it fires once for each node of one stage: write two rules";
    told("when each(a) && closed(b) under each(c), then |grow, n, a, c, b| {}", "closed(b) under each(c)", two);
    told(
        "when done(a) under each(c) && closed(b) under each(c), then |grow, c, a, d, b| {}",
        "closed(b) under each(c)",
        two,
    );
}

#[test]
fn the_words_of_others_are_known() {
    for (word, instead) in [
        ("done_under(part, sample)", "done(part) under each(sample)"),
        ("closed_under(a, b, c)", "closed(a, b) under each(c)"),
        ("settled_under(part)", "settled(part) under each(sample)"),
        ("closed_under()", "closed(part) under each(sample)"),
    ] {
        let name = word.split('(').next().unwrap();
        told(
            &format!("when {word}, then |grow, b, a| {{}}"),
            name,
            &format!("unknown condition `{name}`: write `{instead}`"),
        );
    }
}
