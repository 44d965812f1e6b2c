//! Mistakes in the options of a stage, and what is told of each.

use super::check;

#[test]
fn an_unknown_option_is_told_with_its_neighbour() {
    check("bloking", "fn a() {}", &["bloking: unknown option `bloking`: did you mean `blocking`?"]);
    check(r#"nmae = "a""#, "fn a() {}", &["nmae: unknown option `nmae`: did you mean `name`?"]);
    check("retry", "fn a() {}", &["retry: unknown option `retry`: there are `name`, `version`, `blocking`, `inline`"]);
    check(
        "retries = 3, timeout = 5",
        "fn a() {}",
        &[
            "retries: the option `retries` is not supported by this version of dagcore",
            "timeout: the option `timeout` is not supported by this version of dagcore",
        ],
    );
    check("3", "fn a() {}", &["3: this is no option of a stage: there are `name`, `version`, `blocking`, `inline`"]);
    check(
        r#""a""#,
        "fn a() {}",
        &[r#""a": this is no option of a stage: there are `name`, `version`, `blocking`, `inline`"#],
    );
}

#[test]
fn an_option_is_given_once_and_where_it_fits() {
    check("inline, blocking", "fn a() {}", &["blocking: `inline` and `blocking` exclude each other: keep one"]);
    check("version = 1, version = 2", "fn a() {}", &["version: the option `version` is given twice: keep one"]);
    check(
        "blocking",
        "async fn a() {}",
        &[
            "blocking: `blocking` is for a plain `fn`, and an `async fn` runs on the async workers: remove one of the two",
        ],
    );
    check(
        "inline",
        "async fn a() {}",
        &["inline: `inline` is for a plain `fn`, and an `async fn` runs on the async workers: remove one of the two"],
    );
}

#[test]
fn an_option_has_a_fitting_value() {
    check(r#"name = """#, "fn a() {}", &[r#""": a stage's name cannot be empty"#]);
    check(
        r#"name = "a\nb""#,
        "fn a() {}",
        &[r#""a\nb": a stage's name is one line of text, without control characters"#],
    );
    check("name", "fn a() {}", &[r#"name: `name` is a text: write `name = ".."`"#]);
    check("name = 3", "fn a() {}", &[r#"3: `name` is a text: write `name = ".."`"#]);
    check(r#"name("a")"#, "fn a() {}", &[r#"("a"): `name` is a text: write `name = ".."`"#]);
    check("version = 0", "fn a() {}", &["0: `version` is a number from 1 on: write `version = 2`"]);
    check("version = -1", "fn a() {}", &["-1: `version` is a number from 1 on: write `version = 2`"]);
    check(r#"version = "2""#, "fn a() {}", &[r#""2": `version` is a number from 1 on: write `version = 2`"#]);
    check("version = 5000000000", "fn a() {}", &["5000000000: `version` is a number from 1 on: write `version = 2`"]);
    check("version = 1u8", "fn a() {}", &["1u8: `version` is a number from 1 on: write `version = 2`"]);
    check("version", "fn a() {}", &["version: `version` is a number from 1 on: write `version = 2`"]);
    check("version =", "fn a() {}", &["=: `version` is a number from 1 on: write `version = 2`"]);
    check("blocking = true", "fn a() {}", &["= true: `blocking` takes no value: write `#[stage(blocking)]`"]);
    check("inline(true)", "fn a() {}", &["(true): `inline` takes no value: write `#[stage(inline)]`"]);
}
