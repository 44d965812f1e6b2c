//! Errors in the clauses of a rule, with their messages.

use super::check;

#[test]
fn a_rule_has_its_clauses_in_order() {
    check("r: adds [a], then |grow| {}", &["r: a rule starts with its condition: write `when ..`"]);
    check("r: when each(a), adds [b]", &["r: a rule ends with its body: write `then |grow, ..| { .. }`"]);
    check("when each(a)", &[": a rule ends with its body: write `then |grow, ..| { .. }`"]);
    check(
        "",
        &[
            ": a rule starts with its condition: write `when ..`",
            ": a rule ends with its body: write `then |grow, ..| { .. }`",
        ],
    );
    check(
        "r: when each(a), then |grow, n, a| {}",
        &["r: a rule with a name lists the stages that it adds: write `adds [..]`, or `adds []` if it adds nothing"],
    );
    check(
        "r: when each(a), then |grow, n, a| {}, adds [b]",
        &["adds: `adds` is out of order: the order is `when .., adds [..], then |grow, ..| ..`"],
    );
    check(
        "adds [b], when each(a), then |grow, n, a| {}",
        &["when: `when` is out of order: the order is `when .., adds [..], then |grow, ..| ..`"],
    );
    check(
        r#"when each(a), when named("x"), then |grow, n, a| {}"#,
        &["when: the clause `when` is written twice: join the conditions with `&&`"],
    );
    check(
        r#"when named("x"), adds [a], adds [b], then |grow, n| {}"#,
        &["adds: the clause `adds` is written twice: list all the stages in one"],
    );
    check(
        r#"when named("x"), then |grow, n| {}, then |grow, n| {}"#,
        &["then: the clause `then` is written twice: a rule has one body"],
    );
}

#[test]
fn a_slip_between_clauses_is_told() {
    check(
        "when each(a) adds [b] then |grow, n, a| {}",
        &["adds: a comma is missing before `adds`", "then: a comma is missing before `then`"],
    );
    check(
        "when each(a), adds [b], then |grow, n, a| {} please",
        &["please: `please` follows the body: a rule ends with its body"],
    );
    check(
        "when each(a), adds [b], then |grow, n, a| {}, please more",
        &["please: `please` follows the body: a rule ends with its body"],
    );
    check("wen each(a), adds [b], then |grow, n, a| {}", &["wen: unknown clause `wen`: did you mean `when`?"]);
    check(
        "if each(a), adds [b], then |grow, n, a| {}",
        &["if: a condition starts with `when`: write `when` instead of `if`"],
    );
    check("when each(a), add [b], then |grow, n, a| {}", &["add: unknown clause `add`: did you mean `adds`?"]);
    check("when each(a); then |grow, n, a| {}", &[";: clauses are separated by commas: write `,` instead"]);
    check(
        "when each(a), adds [b], then |grow, n, a| part(grow);",
        &[";: write the body in braces: `then |grow, ..| { ..; }`"],
    );
    check("when, adds [b], then |grow| {}", &["when: `when` needs a condition: write for instance `when each(stage)`"]);
    check("when each(a), then", &["then: `then` needs a body: write `then |grow, ..| { .. }`"]);
    check(
        "when each(a), hello [b], then |grow, n, a| {}",
        &["hello: unknown clause `hello`: the order is `when .., adds [..], then |grow, ..| ..`"],
    );
    check(
        "r when each(a), adds [b], then |grow, n, a| {}",
        &["r: a colon is missing after the name: write `r: when ..`"],
    );
}

#[test]
fn what_stands_before_a_rule_fits() {
    check(
        "pub when each(a), then |grow, n, a| {}",
        &["pub: a rule without a name is an expression and has no visibility: add a name, or remove the visibility"],
    );
    check(
        "/// Docs.\nwhen each(a), then |grow, n, a| {}",
        &["/// Docs.: a rule without a name takes no attributes: add a name, or remove the attribute"],
    );
    check(
        "#[derive(Debug)] r: when each(a), adds [], then |grow, n, a| {}",
        &[
            "#[derive(Debug)]: this attribute is not supported on a rule: expected one of `doc`, `cfg`, `deprecated`, `allow`, `warn`, `deny`, `forbid`",
        ],
    );
    check(r#"#[cfg_attr(unix, doc = "x")] pub r: when each(a), adds [], then |grow, n, a| {}"#, &[]);
}

#[test]
fn a_condition_has_what_it_waits_for() {
    check(
        "when done(), then |grow| {}",
        &["done(): `done()` is empty: put the handle of a node between the parentheses"],
    );
    check("when each(), then |grow| {}", &["each(): `each()` is empty: put a stage between the parentheses"]);
    check("when each(a, b), then |grow| {}", &["each(a, b): this takes exactly one argument: write `each(stage)`"]);
    check(
        "when each(3), then |grow| {}",
        &["3: expected a stage, by the name of its function: write for instance `each(manifest)`"],
    );
    check("when closed(), then |grow| {}", &["closed(): `closed()` is empty: put a stage between the parentheses"]);
    check(
        r#"when closed(a, "b"), then |grow| {}"#,
        &[r#""b": expected a stage, by the name of its function: write for instance `each(manifest)`"#],
    );
    check(
        "when failed(a, b), then |grow| {}",
        &["failed(a, b): this takes exactly one argument: write `failed(node)`"],
    );
    check(
        "when failed(), then |grow| {}",
        &["failed(): `failed()` is empty: put the handle of a node between the parentheses"],
    );
    check("when named(), then |grow| {}", &[r#"named(): this takes exactly one argument: write `named("name")`"#]);
    check("when count(), then |grow| {}", &["count(): `count()` is empty: put a stage between the parentheses"]);
    check(
        "when done(a, b, c, d, e, f, g, h, i), then |grow| {}",
        &["done(a, b, c, d, e, f, g, h, i): `done` takes at most 8 arguments: join two of them with `&&`"],
    );
}

#[test]
fn adds_lists_stages() {
    check(
        r#"when named("x"), adds a, then |grow, n| {}"#,
        &["adds: `adds` is followed by a list in brackets: write `adds [stage, other by key]`"],
    );
    check(
        r#"when named("x"), adds (a, b), then |grow, n| {}"#,
        &["adds: `adds` is followed by a list in brackets: write `adds [stage, other by key]`"],
    );
    check(r#"when named("x"), adds [a b], then |grow, n| {}"#, &["b: a comma is missing before `b`"]);
    check(
        r#"when named("x"), adds [a by], then |grow, n| {}"#,
        &["by: a stage in `adds` is followed by `by key` or `by key under other`, where `other` is a stage"],
    );
    check(
        r#"when named("x"), adds [a by kee], then |grow, n| {}"#,
        &["by: a stage in `adds` is followed by `by key` or `by key under other`, where `other` is a stage"],
    );
    check(
        r#"when named("x"), adds [3, "a", a::b by key,], then |grow, n| {}"#,
        &[
            "3: `adds` lists stages by their names: write `adds [stage, other by key]`",
            r#""a": `adds` lists stages by their names: write `adds [stage, other by key]`"#,
        ],
    );
    check(r#"when named("x"), adds [a, a by key], then |grow, n| {}"#, &["a: the stage `a` is listed twice: keep one"]);
    check(
        r#"when named("x"), adds [a within 3], then |grow, n| {}"#,
        &["within: `within` follows the list: write `adds [..] within 5`"],
    );
    check(
        r#"when named("x"), adds [a; b], then |grow, n| {}"#,
        &["; b: `adds` lists stages by their names: write `adds [stage, other by key]`"],
    );
}

#[test]
fn a_key_may_be_unique_under_a_node() {
    check(r#"when named("x"), adds [a by key under b, c by key under d::e], then |grow, n| {}"#, &[]);
    check(r#"when named("x"), adds [a by key under under], then |grow, n| {}"#, &[]);
    for (entry, at, message) in [
        ("a by key under", "under", "`under` is followed by a stage: write `a by key under other`"),
        ("a by key under 3", "3", "`under` is followed by a stage: write `a by key under other`"),
        ("a by key under b c", "b c", "`under` is followed by a stage: write `a by key under other`"),
        ("a by key under each(b)", "each(b)", "write `a by key under b`"),
        (
            "x::a by key under x::a",
            "x::a",
            "a key of `x::a` cannot be unique under `x::a` itself: write `x::a by key`, or name another stage",
        ),
        (
            "a under b",
            "under",
            "`under` needs `by key` before it: write `a by key under other`, where `other` is a stage",
        ),
        (
            "a by under b",
            "by",
            "a stage in `adds` is followed by `by key` or `by key under other`, where `other` is a stage",
        ),
        (
            "a by key once",
            "by",
            "a stage in `adds` is followed by `by key` or `by key under other`, where `other` is a stage",
        ),
    ] {
        let told = format!("{at}: {message}");
        check(&format!("when named(\"x\"), adds [{entry}], then |grow, n| {{}}"), &[&told]);
    }
    check(
        r#"when named("x"), adds [a by key under b] within 3, then |grow, n| {}"#,
        &["within: `by key` and `within` cannot be combined, because the nodes added would depend on timing: keep one"],
    );
}

#[test]
fn a_condition_without_when_is_told_once() {
    for condition in ["each(a)", "closed(a) && count(b) >= 2", "named(\"x\")"] {
        let word = condition.split('(').next().unwrap();
        let params = if condition.starts_with("each") || condition.contains("&&") { "n, m" } else { "n" };
        check(
            &format!("{condition}, adds [b], then |grow, {params}| {{}}"),
            &[&format!("{word}: a rule starts with `when`: write `when {word}(..)`")],
        );
    }
    check("a: each(a), adds [b], then |grow, n, m| {}", &["each: a rule starts with `when`: write `when each(..)`"]);
}

#[test]
fn conditions_joined_by_a_word_are_told_once() {
    check(
        "when each(a) and closed(b), adds [b], then |grow, n, m, l| {}",
        &["and: conditions are joined by `&&`: write `&&` instead of `and`"],
    );
    check(
        "a: when each(a) or closed(b), adds [b], then |grow, n, m| {}",
        &["or: conditions are joined by `&&` only: write two rules instead of `or`"],
    );
}

#[test]
fn clause_words_are_names_too() {
    for name in ["when", "adds", "then", "within", "under", "by", "key", "each", "done"] {
        check(
            &format!(
                "{name}: when each({name}) && closed({name}) && count(then) >= 1, adds [x::{name}, y::when, y::then by key, y::adds, z::key by key under under], \
                 then |grow, {name}, adds, when, then| {{ then({name}) }}"
            ),
            &[],
        );
        check(
            &format!("{name}: when closed({name}) under each(x::adds), adds [{name}] within 2, then |grow, n, m| {{}}"),
            &[],
        );
        check(&format!("when done({name}), adds [{name}::{name}], then |grow, n| n.{name}()"), &[]);
    }
}

#[test]
fn within_is_a_number() {
    check(
        r#"when named("x"), adds [a] within 0, then |grow, n| {}"#,
        &["0: `within` is followed by an integer of at least 1: write `adds [..] within 5`"],
    );
    check(r#"when named("x"), adds [a] within DEPTH, then |grow, n| {}"#, &[]);
    check(r#"when named("x"), adds [a] within limits::DEPTH * 2, then |grow, n| {}"#, &[]);
    check(
        r#"when named("x"), adds [a] within -1, then |grow, n| {}"#,
        &["-1: `within` is followed by an integer of at least 1: write `adds [..] within 5`"],
    );
    check(
        r#"when named("x"), adds [a] within, then |grow, n| {}"#,
        &["within: `within` is followed by an integer of at least 1: write `adds [..] within 5`"],
    );
    check(
        r#"when named("x"), adds [a], within 3, then |grow, n| {}"#,
        &[",: `within` belongs to `adds`: write `adds [..] within 5`, without a comma"],
    );
    check(
        r#"when named("x"), adds [a by key] within 3, then |grow, n| {}"#,
        &["within: `by key` and `within` cannot be combined, because the nodes added would depend on timing: keep one"],
    );
}

#[test]
fn a_body_is_a_closure_that_takes_what_was_found() {
    check("when each(a), then { work() }", &["{ work() }: the body is a closure: write `then |grow, ..| { .. }`"]);
    check("when each(a), then work", &["work: the body is a closure: write `then |grow, ..| { .. }`"]);
    check(
        "when each(a), then || {}",
        &[
            "||: this body has 0 parameters, but its condition passes 3: the growth, the handle of the `a` node and its output",
        ],
    );
    check(
        "when each(a), then |grow| {}",
        &[
            "|grow|: this body has 1 parameter, but its condition passes 3: the growth, the handle of the `a` node and its output",
        ],
    );
    check(
        "when each(a), then |grow, n, a, b| {}",
        &[
            "|grow, n, a, b|: this body has 4 parameters, but its condition passes 3: the growth, the handle of the `a` node and its output",
        ],
    );
    check(
        "when done(a, b.c) && |view| true, then |grow, a| {}",
        &[
            "|grow, a|: this body has 2 parameters, but its condition passes 3: the growth, the output of `a` and the output of the node",
        ],
    );
    check("when |view| true, then || {}", &["||: this body has 0 parameters, but its condition passes 1: the growth"]);
    check(
        r#"when closed(a, b::c) && named("x") && count(d) >= 2, then |grow| {}"#,
        &[
            "|grow|: this body has 1 parameter, but its condition passes 5: the growth, the handles of the `a` nodes, the handles of the `b::c` nodes, the handle of the node with that name and the handles of the `d` nodes",
        ],
    );
    check(
        "when settled(a) && failed(b), then |grow| {}",
        &[
            "|grow|: this body has 1 parameter, but its condition passes 3: the growth, the outcome of `a` and the error of `b`",
        ],
    );
    check(
        "when each_failed(a), then |grow| {}",
        &[
            "|grow|: this body has 1 parameter, but its condition passes 3: the growth, the handle of the `a` node and its error",
        ],
    );
    check(
        "when each(a), then async |grow, n, a| {}",
        &["async: a body is a synchronous closure: remove `async`, and wait in a stage"],
    );
    check("when each(a), then for<'a> |grow, n, a| {}", &["for<'a>: a body is a plain closure: remove this"]);
    check("when each(a), then static |grow, n, a| {}", &["static: expected `|`"]);
}

#[test]
fn nothing_waits_in_a_rule() {
    check(
        "when each(a), then |grow, n, a| { let x = a.get().await; }",
        &["await: a body is synchronous and cannot wait: wait in a stage"],
    );
    check(
        "when done(a.await) && |view| view.get().await, then |grow, a| {}",
        &[
            "await: a condition is synchronous and cannot wait: wait in a stage",
            "await: a condition is synchronous and cannot wait: wait in a stage",
        ],
    );
    check(
        "when each(a), then |grow, n, a| { let f = async { a.await }; let g = async || a.await; async fn h() { a.await } }",
        &[],
    );
    check(
        "when each(a), then |grow, n, a| a.iter().map(|x| x.await)",
        &["await: a body is synchronous and cannot wait: wait in a stage"],
    );
}

#[test]
fn a_syntax_error_is_told_where_it_is() {
    check("when each(a) &&, then |grow, n, a| {}", &[",: expected an expression"]);
    check(
        "when each(a), then |grow, n, a| { let = 3; }",
        &[
            "=: expected one of: identifier, `::`, `<`, `_`, literal, `const`, `ref`, `mut`, `&`, parentheses, square brackets, `..`, `const`",
        ],
    );
}

#[test]
fn all_mistakes_of_one_rule_are_told() {
    check(
        "#[inline] r: when done(a) || ech(b) && count(c) < 3, adds [a by kee, a] within 0, then async |grow| x.await, done",
        &[
            "done: `done` follows the body: a rule ends with its body",
            "#[inline]: this attribute is not supported on a rule: expected one of `doc`, `cfg`, `deprecated`, `allow`, `warn`, `deny`, `forbid`",
            "||: conditions are joined by `&&` only: write two rules instead of `||`",
            "done(a): a rule with a name cannot capture a handle to wait for: remove the name and write `flow.rule(rule! { when done(..), .. })`, or wait for a stage with `each(stage)`",
            "ech: unknown condition `ech`: did you mean `each`?",
            "<: a count only grows, so it is compared with `>=` only, with the count on the left: write `count(stage) >= n`",
            "by: a stage in `adds` is followed by `by key` or `by key under other`, where `other` is a stage",
            "a: the stage `a` is listed twice: keep one",
            "0: `within` is followed by an integer of at least 1: write `adds [..] within 5`",
            "async: a body is a synchronous closure: remove `async`, and wait in a stage",
            "await: a body is synchronous and cannot wait: wait in a stage",
        ],
    );
}
