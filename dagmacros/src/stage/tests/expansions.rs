//! Expansions of stages. The snapshots are next to this file.

use super::super::expand;
use crate::testing::{formatted, tokens};

/// Expands `#[stage(args)] item` and compares it with the snapshot of this name.
fn check_expansion(name: &str, args: &str, item: &str) {
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, formatted(expand(tokens(args), tokens(item))));
    });
}

#[test]
fn each_kind_of_parameter_is_passed_in_its_way() {
    check_expansion(
        "stage_with_every_parameter",
        "",
        "/// Reads.
        pub async fn every(
            value: CrateId, mut owned: Vec<&'static str>, text: &str, all: &[u64], file: &std::path::Path,
            lent: &Big, shared: Arc<Big>, name: Arc<str>, found: Gathered<u8>, end: &Outcome<u8>,
            cx: &dagcore::StageContext,
        ) -> Result<Manifest, ManifestError> { read(value).await }",
    );
}

#[test]
fn a_plain_function_runs_on_the_compute_pool() {
    check_expansion("stage_of_plain_function", "", "fn licence(manifest: &Manifest) -> Licence { manifest.licence() }");
}

#[test]
fn a_function_of_nothing_is_a_stage_of_nothing() {
    check_expansion("stage_of_nothing", "inline", "pub(crate) fn r#try() {}");
}

#[test]
fn options_go_into_the_spec() {
    check_expansion(
        "stage_with_options",
        r#"blocking, name = "read a file", version = 3"#,
        "fn file(path: PathBuf) -> io::Result<String> { todo!() }",
    );
}

#[test]
fn what_is_said_of_its_nodes_goes_into_the_spec() {
    check_expansion(
        "stage_with_a_rank",
        r#"priority = -2, expected = "1.5min", timeout = LONG"#,
        "async fn page(url: &str) -> String { todo!() }",
    );
}

#[test]
fn a_stage_that_grows_says_what_it_adds() {
    check_expansion(
        "stage_that_adds",
        "adds(leaf, tree by key under wood)",
        "#[cfg(unix)] async fn tree(n: u32, context: &StageContext<tree>) -> u32 { grow(context) }",
    );
}

#[test]
fn a_result_by_its_aliases_is_fallible() {
    check_expansion("stage_of_anyhow_result", "", "async fn a() -> anyhow::Result<Vec<u8>> { Ok(vec![]) }");
    check_expansion(
        "stage_of_result_of_nothing",
        "",
        "fn a(cx: &StageContext) -> Result<(), Box<dyn Error + Send + Sync>> { Ok(()) }",
    );
}

#[test]
fn attributes_go_where_they_belong() {
    check_expansion(
        "stage_with_attributes",
        "",
        r#"/// Docs.
        #[cfg(unix)] #[cfg_attr(doc, doc = "More.")] #[cfg_attr(test, inline)] #[deprecated] #[allow(deprecated)] #[inline]
        fn a(x: Old) {}"#,
    );
}

#[test]
fn a_refused_stage_keeps_its_function_and_its_struct() {
    check_expansion("stage_refused", "inline", "/// Docs.\npub async fn a((x, y): (u8, u8), z: &mut u8) {}");
    check_expansion("stage_refused_for_its_kind", "", "struct A { a: u8 }");
    check_expansion("stage_refused_as_a_method", "", "fn a(x: Self) {}");
}
