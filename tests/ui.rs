//! Compiler messages for common mistakes, and unusual programs that are correct.
//!
//! One file for each mistake, named by it. `TRYBUILD=overwrite cargo test -p tests --test ui` updates the expected
//! messages; read the changes as the author of the mistake would.

#[test]
fn mistakes_are_told_in_words_that_help() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("ui/stage/*.rs");
    cases.compile_fail("ui/rule/*.rs");
    cases.compile_fail("ui/laws/*.rs");
    cases.compile_fail("ui/workflow/*.rs");
}

#[test]
fn odd_programs_that_are_right_compile_and_run() {
    trybuild::TestCases::new().pass("ui/pass/*.rs");
}
