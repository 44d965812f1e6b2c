//! Errors in the options of a stage, with their messages.

use super::check;

#[test]
fn an_unknown_option_is_told_with_its_neighbour() {
    check("bloking", "fn a() {}", &["bloking: unknown option `bloking`: did you mean `blocking`?"]);
    check(r#"nmae = "a""#, "fn a() {}", &["nmae: unknown option `nmae`: did you mean `name`?"]);
    check("retrys", "fn a() {}", &["retrys: unknown option `retrys`: did you mean `retries`?"]);
    check(
        "cache, executor = 5",
        "fn a() {}",
        &[
            "cache: the option `cache` is not supported by this version of dagcore",
            "executor: the option `executor` is not supported by this version of dagcore",
        ],
    );
    check(
        "3",
        "fn a() {}",
        &[
            "3: this is not an option of `#[stage]`: expected one of `name`, `version`, `blocking`, `inline`, `adds`, `priority`, `expected`, `retries`, `backoff`, `retry_if`, `timeout`, `deadline`, `concurrency`, `pool`, `rate`",
        ],
    );
    check(
        r#""a""#,
        "fn a() {}",
        &[
            r#""a": this is not an option of `#[stage]`: expected one of `name`, `version`, `blocking`, `inline`, `adds`, `priority`, `expected`, `retries`, `backoff`, `retry_if`, `timeout`, `deadline`, `concurrency`, `pool`, `rate`"#,
        ],
    );
}

#[test]
fn an_option_is_given_once_and_where_it_fits() {
    check("inline, blocking", "fn a() {}", &["blocking: `inline` and `blocking` are mutually exclusive: keep one"]);
    check("version = 1, version = 2", "fn a() {}", &["version: the option `version` is set twice: keep one"]);
    check(
        "blocking",
        "async fn a() {}",
        &[
            "blocking: `blocking` applies to a plain `fn`, and an `async fn` runs on the async workers: remove one of the two",
        ],
    );
    check(
        "inline",
        "async fn a() {}",
        &[
            "inline: `inline` applies to a plain `fn`, and an `async fn` runs on the async workers: remove one of the two",
        ],
    );
}

#[test]
fn an_option_has_a_fitting_value() {
    check(r#"name = """#, "fn a() {}", &[r#""": a stage's name cannot be empty"#]);
    check(r#"name = "a\nb""#, "fn a() {}", &[r#""a\nb": a stage's name is a single line without control characters"#]);
    check("name", "fn a() {}", &[r#"name: `name` is a string: write `name = ".."`"#]);
    check("name = 3", "fn a() {}", &[r#"3: `name` is a string: write `name = ".."`"#]);
    check(r#"name("a")"#, "fn a() {}", &[r#"("a"): `name` is a string: write `name = ".."`"#]);
    check("version = 0", "fn a() {}", &["0: `version` is an integer of at least 1: write `version = 2`"]);
    check("version = -1", "fn a() {}", &["-1: `version` is an integer of at least 1: write `version = 2`"]);
    check(r#"version = "2""#, "fn a() {}", &[r#""2": `version` is an integer of at least 1: write `version = 2`"#]);
    check(
        "version = 5000000000",
        "fn a() {}",
        &["5000000000: `version` is an integer of at least 1: write `version = 2`"],
    );
    check("version = 1u8", "fn a() {}", &["1u8: `version` is an integer of at least 1: write `version = 2`"]);
    check("version", "fn a() {}", &["version: `version` is an integer of at least 1: write `version = 2`"]);
    check("version =", "fn a() {}", &["=: `version` is an integer of at least 1: write `version = 2`"]);
    for wrong in ["retries = \"3\"", "retries = -1", "retries = 5000000000"] {
        let value = wrong.split(" = ").nth(1).unwrap();
        let told = format!("{value}: `retries` is the number of further attempts after a failure: write `retries = 3`");
        check(wrong, "fn a() {}", &[&told]);
    }
    for value in ["1.5", "\"high\"", "5000000000", "2u8"] {
        let told = format!(
            "{value}: `priority` is an integer, and nodes with the highest priority start first: write `priority = 5`"
        );
        check(&format!("priority = {value}"), "fn a() {}", &[&told]);
    }
    check("expected", "fn a() {}", &["expected: `expected` is a duration: write `expected = \"30s\"`"]);
    for value in ["5", "5 days", "-5s", "s", "0s", "1e9h"] {
        let told = format!(
            "\"{value}\": `timeout` is a duration with a unit of `ms`, `s`, `min` or `h`: write `timeout = \"30s\"`, or a `Duration`"
        );
        check(&format!("timeout = \"{value}\""), "fn a() {}", &[&told]);
    }
    check("deadline", "fn a() {}", &["deadline: `deadline` is a duration: write `deadline = \"5min\"`"]);
    check(
        "retry_if =",
        "fn a() {}",
        &[
            "=: `retry_if` is a function that takes the error and returns whether to retry: write `retry_if = NodeError::is_panic`",
        ],
    );
    for wrong in ["concurrency = 0", "concurrency = \"4\"", "concurrency = -1"] {
        let value = wrong.split(" = ").nth(1).unwrap();
        let told = format!(
            "{value}: `concurrency` is the maximum number of the stage's nodes that run at once, at least 1: write `concurrency = 4`"
        );
        check(wrong, "fn a() {}", &[&told]);
    }
    for value in ["10", "\"0/s\"", "\"10/day\"", "\"fast\""] {
        let told = format!(
            "{value}: `rate` is the maximum number of starts per `s`, `min` or `h`: write `rate = \"10/s\"`, or a `Rate`"
        );
        check(&format!("rate = {value}"), "fn a() {}", &[&told]);
    }
    const POOL: &str = "`pool` lists the pools that a node uses, with its share of each: write `pool(memory = 2, gpu)`";
    for (wrong, at) in [
        ("pool", "pool"),
        ("pool()", "()"),
        ("pool = \"disk\"", "\"disk\""),
        ("pool(memory = 0)", "memory = 0"),
        ("pool(\"memory\")", "\"memory\""),
        ("pool(memory 2)", "memory 2"),
    ] {
        check(wrong, "fn a() {}", &[&format!("{at}: {POOL}")]);
    }
    check("blocking = true", "fn a() {}", &["= true: `blocking` takes no value: write `#[stage(blocking)]`"]);
    check("inline(true)", "fn a() {}", &["(true): `inline` takes no value: write `#[stage(inline)]`"]);
}

const LISTED: &str = "`adds` lists stages by their names: write `adds(stage, other by key)`";
const PARENTHESES: &str = "`adds` lists stages in parentheses: write `adds(stage, other by key)`";

/// Compares the one error of a stage with `adds(..)`, reported at `at`, with `message`.
fn told(args: &str, at: &str, message: &str) {
    check(args, "fn a(cx: &StageContext<a>) {}", &[&format!("{at}: {message}")]);
}

#[test]
fn what_a_stage_adds_is_a_list_of_stages() {
    check("adds(b, c by key, d::e by key under f, a)", "fn a(cx: &StageContext<a>) {}", &[]);
    check("adds(r#try)", "async fn r#try(x: u8, cx: &dagcore::StageContext<r#try>) {}", &[]);
    told("adds", "adds", PARENTHESES);
    told("adds = b", "b", PARENTHESES);
    told("adds [b]", "[b]", PARENTHESES);
    told("adds()", "()", "`adds()` is empty: list the stages that this stage adds, or remove it");
    told("adds(3)", "3", LISTED);
    told("adds(b, b)", "b", "the stage `b` is listed twice: keep one");
    told("adds(b c)", "c", "a comma is missing before `c`");
    told("adds(b by key under each(c))", "each(c)", "write `b by key under c`");
    told("adds(b within 3)", "within", "`within` applies to rules only: remove it");
    told("adds(b), adds(c)", "adds", "the option `adds` is set twice: keep one");
}

#[test]
fn what_a_stage_adds_goes_through_a_context_with_its_name() {
    check(
        "adds(b)",
        "fn a(x: u8) {}",
        &[
            "adds: a stage with `adds(..)` adds nodes through its context: add the parameter `context: &StageContext<a>`",
        ],
    );
    check(
        "adds(b)",
        "fn a(cx: &StageContext) {}",
        &[
            "&StageContext: a stage with `adds(..)` adds nodes through a context that names the stage: write `&StageContext<a>`",
        ],
    );
    for args in ["", "adds(b)"] {
        check(
            args,
            "fn a(cx: &StageContext<x::b>) {}",
            &["x::b: the context of a stage names that stage: write `&StageContext<a>`, or `&StageContext`"],
        );
    }
    check(
        "",
        "fn a(cx: &StageContext<a>) {}",
        &[
            "&StageContext<a>: a context that names the stage is for adding nodes: list their stages with `#[stage(adds(..))]`, or write `&StageContext`",
        ],
    );
}
