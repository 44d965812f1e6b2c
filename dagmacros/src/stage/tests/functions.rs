//! Errors in the functions of stages, with their messages.

use super::check;

#[test]
fn a_stage_is_a_free_function() {
    check(
        "",
        "struct A;",
        &[
            "struct: `#[stage]` applies to a free function, and this is a struct: move the work into a `fn` and mark that",
        ],
    );
    check(
        "",
        "enum A {}",
        &["enum: `#[stage]` applies to a free function, and this is an enum: move the work into a `fn` and mark that"],
    );
    check(
        "",
        "trait A {}",
        &["trait: `#[stage]` applies to a free function, and this is a trait: move the work into a `fn` and mark that"],
    );
    check(
        "",
        "impl A {}",
        &[
            "impl: `#[stage]` applies to a free function, and this is an `impl` block: move the work into a `fn` and mark that",
        ],
    );
    check(
        "",
        "mod a {}",
        &["mod: `#[stage]` applies to a free function, and this is a module: move the work into a `fn` and mark that"],
    );
    check(
        "",
        "const A: u8 = 1;",
        &[
            "const: `#[stage]` applies to a free function, and this is a constant: move the work into a `fn` and mark that",
        ],
    );
    check(
        "",
        "type A = u8;",
        &[
            "type: `#[stage]` applies to a free function, and this is a type alias: move the work into a `fn` and mark that",
        ],
    );
    check(
        "",
        "fn a(&self) {}",
        &[
            "&self: a stage is a free function, without `self` or `Self`: move it out of the `impl` and take what it needs as inputs",
        ],
    );
    check(
        "",
        "fn a(self: Arc<Self>) -> u8 {}",
        &[
            "self: Arc<Self>: a stage is a free function, without `self` or `Self`: move it out of the `impl` and take what it needs as inputs",
        ],
    );
    check(
        "",
        "fn a(mut self) {}",
        &[
            "mut self: a stage is a free function, without `self` or `Self`: move it out of the `impl` and take what it needs as inputs",
        ],
    );
    check(
        "",
        "fn a(x: &u8) -> Vec<Self> {}",
        &[
            "Self: a stage is a free function, without `self` or `Self`: move it out of the `impl` and take what it needs as inputs",
        ],
    );
    check(
        "",
        "fn a(&self);",
        &[
            "fn: `#[stage]` applies to a free function, and this is a function without a body: move the work into a `fn` and mark that",
        ],
    );
    check(
        "",
        "fn a(x: u8);",
        &[
            "fn: `#[stage]` applies to a free function, and this is a function without a body: move the work into a `fn` and mark that",
        ],
    );
}

#[test]
fn a_body_is_read_by_rustc_alone() {
    for body in ["let x = ;", "x y z", "#![allow(unused)] let x = 1 +;", "match x { a => , }"] {
        check("", &format!("pub async fn a(x: u8) -> u8 {{ {body} }}"), &[]);
    }
}

#[test]
fn a_stage_is_not_generic() {
    check(
        "",
        "fn a<T>(x: T) {}",
        &[
            "T: a stage cannot be generic, because its name identifies one function: use a concrete type, and write one stage for each type",
        ],
    );
    check(
        "",
        "fn a<const N: usize>(x: [u8; N]) {}",
        &[
            "const N: usize: a stage cannot be generic, because its name identifies one function: use a concrete type, and write one stage for each type",
        ],
    );
    check(
        "",
        "fn a<'a>(x: &'a str) {}",
        &["'a: a stage has no lifetime parameters: take an input as `&T`, and return an owned value"],
    );
    check(
        "",
        "fn a(x: impl Clone, y: Vec<impl Clone>) {}",
        &[
            "impl Clone: an input has one concrete type: write that type instead of `impl ..`",
            "impl Clone: an input has one concrete type: write that type instead of `impl ..`",
        ],
    );
    check(
        "",
        "fn a() -> impl Clone {}",
        &["impl Clone: an output has one concrete type: write that type, or a `Box`, instead of `impl ..`"],
    );
    check(
        "",
        "fn a() -> impl std::future::Future<Output = u8> + Send {}",
        &[
            "impl std::future::Future<Output = u8> + Send: an asynchronous stage is an `async fn`: write `async fn` and the type of the output, instead of `impl Future`",
        ],
    );
    check(
        "",
        "fn a() -> Result<Vec<impl Clone>, E> {}",
        &["impl Clone: an output has one concrete type: write that type, or a `Box`, instead of `impl ..`"],
    );
}

#[test]
fn a_stage_is_an_ordinary_function() {
    check("", "const fn a() {}", &["const: a stage cannot be a `const fn`: remove `const`"]);
    check(
        "",
        "unsafe fn a() {}",
        &[
            "unsafe: a stage cannot be an `unsafe fn`, because the workflow cannot uphold its safety contract: remove `unsafe` and use an `unsafe` block inside",
        ],
    );
    check(
        "",
        r#"extern "C" fn a() {}"#,
        &[r#"extern "C": a stage is an ordinary Rust function: remove `extern`, and call the foreign function inside"#],
    );
    check(
        "",
        r#"unsafe extern "C" fn a(x: u8, ...) {}"#,
        &[
            "unsafe: a stage cannot be an `unsafe fn`, because the workflow cannot uphold its safety contract: remove `unsafe` and use an `unsafe` block inside",
            r#"extern "C": a stage is an ordinary Rust function: remove `extern`, and call the foreign function inside"#,
            "...: a stage has a fixed list of inputs: take a `Vec<T>` instead of `...`",
        ],
    );
}

#[test]
fn an_input_is_a_name_and_a_type() {
    check(
        "",
        "fn a((x, y): (u8, u8)) {}",
        &["(x, y): an input needs a name: write a name here, and destructure it in the body"],
    );
    check("", "fn a(_: u8) {}", &["_: an input needs a name: write a name here, and destructure it in the body"]);
    check("", "fn a(ref x: u8) {}", &["ref x: an input is a plain name with a type: destructure it in the body"]);
    check("", "fn a(x @ _: u8) {}", &["x @ _: an input is a plain name with a type: destructure it in the body"]);
    check("", "fn a(mut x: u8) {}", &[]);
    check(
        "",
        "fn a(#[cfg(unix)] x: u8, #[cfg_attr(unix, cfg(test))] y: u8, #[allow(unused)] z: u8, \
         #[cfg_attr(all(), allow(unused))] w: u8) {}",
        &[
            "#[cfg(unix)]: a stage has the same inputs in every build: put the `cfg` on the whole function",
            "#[cfg_attr(unix, cfg(test))]: a stage has the same inputs in every build: put the `cfg` on the whole function",
        ],
    );
    check("", "fn a(x: u8, x: u8) {}", &[]);
}

#[test]
fn an_input_owns_what_is_in_it() {
    check(
        "",
        "fn a(x: &mut Vec<u8>) {}",
        &[
            "mut: an output is shared by all nodes that read it, so a stage cannot modify it in place: take `T` by value, or `&T`",
        ],
    );
    check(
        "",
        "fn a(x: &'static str) {}",
        &["'static: an input is borrowed for the duration of the call: write the reference without a lifetime"],
    );
    check(
        "",
        "fn a(x: Vec<&str>, y: &[&str], z: Option<&u8>) {}",
        &[
            "&str: an input owns its contents, and this is a reference: write the owned type inside, as in `&[String]` for `&[&str]`",
            "&str: an input owns its contents, and this is a reference: write the owned type inside, as in `&[String]` for `&[&str]`",
            "&u8: an input owns its contents, and this is a reference: write the owned type inside, as in `&[String]` for `&[&str]`",
        ],
    );
    check(
        "",
        "fn a(x: &&u8) {}",
        &[
            "&u8: an input owns its contents, and this is a reference: write the owned type inside, as in `&[String]` for `&[&str]`",
        ],
    );
    check(
        "",
        "fn a(x: Cow<'_, str>) {}",
        &["'_: an input owns its contents, so its type has no lifetime other than `'static`"],
    );
    check(
        "",
        "fn a(x: Cow<'static, str>, y: Vec<&'static str>, z: fn(&u8) -> &u8, w: Box<dyn Fn(&u8) -> &u8 + Send>) {}",
        &[],
    );
    check(
        "",
        "fn a(x: &dyn Read) {}",
        &["dyn Read: an input must be `Sized`, and a `dyn` type is not: take `Arc<dyn Read>`"],
    );
    check(
        "",
        "fn a(x: &(dyn io::Read + Send)) {}",
        &["dyn io::Read + Send: an input must be `Sized`, and a `dyn` type is not: take `Arc<dyn io::Read>`"],
    );
    check("", "fn a(x: &'_ str) {}", &[]);
}

#[test]
fn an_output_is_kept() {
    check(
        "",
        "fn a() -> &str {}",
        &[
            "&str: the output is kept after the stage returns, so it cannot be a reference: return an owned value, as in `String` for `&str`",
        ],
    );
    check(
        "",
        "fn a() -> Vec<&u8> {}",
        &[
            "&u8: the output is kept after the stage returns, so it cannot be a reference: return an owned value, as in `String` for `&str`",
        ],
    );
    check(
        "",
        "fn a() -> Result<&u8, E> {}",
        &[
            "&u8: the output is kept after the stage returns, so it cannot be a reference: return an owned value, as in `String` for `&str`",
        ],
    );
    check("", "fn a() -> &'static str {}", &[]);
    check(
        "",
        "fn a() -> Cow<'_, str> {}",
        &["'_: the output is kept after the stage returns, so its type has no lifetime other than `'static`"],
    );
    check("", "fn a() -> ! {}", &["!: a stage must return its output: use a type other than `!`"]);
    check("", "fn a() -> fmt::Result {}", &[]);
    check("", "fn a() -> io::Result<u8> {}", &[]);
}

#[test]
fn there_is_one_context() {
    check(
        "",
        "fn a(x: &StageContext, y: &dagcore::StageContext) {}",
        &["&dagcore::StageContext: a stage has at most one context: keep one `&StageContext`"],
    );
    check(
        "",
        "fn a(x: StageContext) {}",
        &["StageContext: a stage takes its context by reference: write `&StageContext`"],
    );
    check(
        "",
        "fn a(x: &mut StageContext) {}",
        &["mut: a stage takes its context by shared reference: write `&StageContext`"],
    );
    check("", "fn a(_: &StageContext) {}", &[]);
}

#[test]
fn there_are_twelve_inputs_at_most() {
    check(
        "",
        "fn a(x1: u8, x2: u8, x3: u8, x4: u8, x5: u8, x6: u8, x7: u8, x8: u8, x9: u8, x10: u8, x11: u8, x12: u8, cx: &StageContext) {}",
        &[],
    );
    check(
        "",
        "fn a(x1: u8, x2: u8, x3: u8, x4: u8, x5: u8, x6: u8, x7: u8, x8: u8, x9: u8, x10: u8, x11: u8, x12: u8, x13: u8) {}",
        &[
            "x1: u8, x2: u8, x3: u8, x4: u8, x5: u8, x6: u8, x7: u8, x8: u8, x9: u8, x10: u8, x11: u8, x12: u8, x13: u8: a stage has at most 12 inputs, and this one has 13: group some of them in a struct",
        ],
    );
}

#[test]
fn a_function_is_marked_once() {
    check("", "#[stage] fn a() {}", &["#[stage]: this function is marked `#[stage]` twice: keep one"]);
    check(
        "",
        "#[dagcore::stage(inline)] fn a() {}",
        &["#[dagcore::stage(inline)]: this function is marked `#[stage]` twice: keep one"],
    );
}

#[test]
fn all_mistakes_of_one_stage_are_told() {
    check(
        "inline, version = 0, what",
        "async unsafe fn a<T>(x: &mut T, (y, z): (u8, u8), c: StageContext) -> &str {}",
        &[
            "0: `version` is an integer of at least 1: write `version = 2`",
            "what: unknown option `what`: expected one of `name`, `version`, `blocking`, `inline`, `adds`, `priority`, `expected`, `retries`, `backoff`, `retry_if`, `timeout`, `deadline`, `concurrency`, `pool`, `rate`",
            "inline: `inline` applies to a plain `fn`, and an `async fn` runs on the async workers: remove one of the two",
            "unsafe: a stage cannot be an `unsafe fn`, because the workflow cannot uphold its safety contract: remove `unsafe` and use an `unsafe` block inside",
            "T: a stage cannot be generic, because its name identifies one function: use a concrete type, and write one stage for each type",
            "mut: an output is shared by all nodes that read it, so a stage cannot modify it in place: take `T` by value, or `&T`",
            "(y, z): an input needs a name: write a name here, and destructure it in the body",
            "StageContext: a stage takes its context by reference: write `&StageContext`",
            "&str: the output is kept after the stage returns, so it cannot be a reference: return an owned value, as in `String` for `&str`",
        ],
    );
}
