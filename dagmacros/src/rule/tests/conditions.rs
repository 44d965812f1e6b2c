//! Errors in the conditions of a rule, with their messages.

use super::check;

#[test]
fn an_unknown_condition_is_told_with_its_neighbour() {
    check("when ech(a), then |grow| {}", &["ech: unknown condition `ech`: did you mean `each`?"]);
    check("when settle(a), then |grow| {}", &["settle: unknown condition `settle`: did you mean `settled`?"]);
    check(
        "when something(a), then |grow| {}",
        &[
            "something: unknown condition `something`: expected one of `done`, `settled`, `failed`, `each`, `each_failed`, `count`, `count_done`, `closed`, `named`",
        ],
    );
    check(
        "when ready, then |grow| {}",
        &[
            "ready: this is not a condition: write `done(..)`, `settled(..)`, `failed(..)`, `each(..)`, `each_failed(..)`, `count(..)`, `count_done(..)`, `closed(..)`, `named(..)`, or a predicate `|view| ..`, joined by `&&`",
        ],
    );
    check(
        "when a.b(), then |grow| {}",
        &[
            "a.b(): this is not a condition: write `done(..)`, `settled(..)`, `failed(..)`, `each(..)`, `each_failed(..)`, `count(..)`, `count_done(..)`, `closed(..)`, `named(..)`, or a predicate `|view| ..`, joined by `&&`",
        ],
    );
    check(
        "when crate::each(a), then |grow| {}",
        &[
            "crate::each: this is not a condition: expected one of `done`, `settled`, `failed`, `each`, `each_failed`, `count`, `count_done`, `closed`, `named`",
        ],
    );
    check(
        "when 3, then |grow| {}",
        &[
            "3: this is not a condition: write `done(..)`, `settled(..)`, `failed(..)`, `each(..)`, `each_failed(..)`, `count(..)`, `count_done(..)`, `closed(..)`, `named(..)`, or a predicate `|view| ..`, joined by `&&`",
        ],
    );
}

#[test]
fn conditions_are_joined_by_and() {
    check(
        "when done(a) || done(b), then |grow, a, b| {}",
        &["||: conditions are joined by `&&` only: write two rules instead of `||`"],
    );
    check(
        "when !done(a), then |grow| {}",
        &[
            "!: a condition cannot be negated, because it would not stay true while the graph grows: wait for a positive condition, or write a predicate `|view| ..`",
        ],
    );
    check("when done(a) & done(b), then |grow| {}", &["&: conditions are joined by `&&`"]);
    check(
        "when done(a), done(b), then |grow, a, b| {}",
        &["done: conditions are joined by `&&`: write `when .. && done(..)`"],
    );
}

#[test]
fn a_rule_has_one_each() {
    check(
        "when each(a) && each(b), then |grow, n, a, m, b| {}",
        &[
            "each(b): a rule has at most one `each`, `each_failed` or `under each`, because it fires once for each node of one stage: write two rules",
        ],
    );
    check(
        "when each(a) && each_failed(a), then |grow, n, a, m, b| {}",
        &[
            "each_failed(a): a rule has at most one `each`, `each_failed` or `under each`, because it fires once for each node of one stage: write two rules",
        ],
    );
}

#[test]
fn a_count_is_compared_by_at_least() {
    check("when count(a), then |grow, a| {}", &["count(a): a count needs a lower bound: write `count(a) >= n`"]);
    check(
        "when count(a) < 3, then |grow, a| {}",
        &[
            "<: a count only grows, so it is compared with `>=` only, with the count on the left: write `count(stage) >= n`",
        ],
    );
    check(
        "when count(a) == 3, then |grow, a| {}",
        &[
            "==: a count only grows, so it is compared with `>=` only, with the count on the left: write `count(stage) >= n`",
        ],
    );
    check(
        "when count_done(a) > 3, then |grow, a| {}",
        &[
            ">: a count only grows, so it is compared with `>=` only, with the count on the left: write `count(stage) >= n`",
        ],
    );
    check(
        "when 3 <= count(a), then |grow, a| {}",
        &[
            "<=: a count only grows, so it is compared with `>=` only, with the count on the left: write `count(stage) >= n`",
        ],
    );
    check(
        "when each(a) >= 3, then |grow, n, a| {}",
        &[">=: only `count(stage)` and `count_done(stage)` can be compared, with `>=`"],
    );
    check(
        "when a >= 3, then |grow, a| {}",
        &[">=: only `count(stage)` and `count_done(stage)` can be compared, with `>=`"],
    );
    check("when (count(a) >= n + 1) && done(b), then |grow, a, b| {}", &[]);
}

#[test]
fn a_predicate_stands_last() {
    check(
        "when |view| view.is_big() && each(a), then |grow, n, a| {}",
        &[
            "each(a): this is part of the predicate, because a closure extends to the end of the expression: put the predicate last, or in parentheses",
        ],
    );
    check(
        "when |view| view.is_big() && count(a) >= 3, then |grow, n| {}",
        &[
            "count(a) >= 3: this is part of the predicate, because a closure extends to the end of the expression: put the predicate last, or in parentheses",
        ],
    );
    check("when (|view| view.is_big()) && each(a), then |grow, n, a| {}", &[]);
    check("when each(a) && |view| view.is_big() && view.is_old(), then |grow, n, a| {}", &[]);
    check(
        "when (|view| true) && |view| false, then |grow| {}",
        &["|view| false: a rule has at most one predicate: join the two with `&&` inside one closure"],
    );
    check("when || true, then |grow| {}", &["|| true: a predicate has one parameter, the view: write `|view| ..`"]);
    check(
        "when |view, other| true, then |grow| {}",
        &["|view, other| true: a predicate has one parameter, the view: write `|view| ..`"],
    );
    check("when async |view| true, then |grow| {}", &["async: a predicate is a synchronous closure: remove `async`"]);
}

#[test]
fn a_rule_with_a_name_has_no_handles() {
    check(
        "r: when done(a), adds [], then |grow, a| {}",
        &[
            "done(a): a rule with a name cannot capture a handle to wait for: remove the name and write `flow.rule(rule! { when done(..), .. })`, or wait for a stage with `each(stage)`",
        ],
    );
    check(
        "r: when settled(a) && failed(b), adds [], then |grow, a, b| {}",
        &[
            "settled(a): a rule with a name cannot capture a handle to wait for: remove the name and write `flow.rule(rule! { when settled(..), .. })`, or wait for a stage with `each(stage)`",
            "failed(b): a rule with a name cannot capture a handle to wait for: remove the name and write `flow.rule(rule! { when failed(..), .. })`, or wait for a stage with `each(stage)`",
        ],
    );
}
