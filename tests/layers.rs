//! The rules of the repository, checked on every file: imports point down, facades hold nothing, files are short.

#[path = "layers/imports.rs"]
mod imports;

use imports::{Imports, Module};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use tests::repository::{self, root};

/// The layers of `dagcore`, the lowest first. What stands in one line must not import each other, except within
/// one name.
const LAYERS: &[&[&str]] = &[
    &["dag"],
    &["port", "view"],
    &["track"],
    &["registry"],
    &["typed"],
    &["report"],
    &["error"],
    &["engine"],
    &["run"],
    &["workflow"],
    &["testing", "signals"],
];

/// A file that is longer needs a reason here.
const LONGEST: usize = 400;
const LONG_WITH_REASON: &[(&str, &str)] = &[];

/// The folders of `dag`, the lowest first.
const DAG: &[&str] =
    &["base", "rules", "graph", "closing", "rule_check", "admission", "explain", "event", "machine", "possible"];

/// The folders of `engine`, the lowest first.
const ENGINE: &[&str] = &["parts", "state", "drivers"];

#[test]
fn arrows_point_down_only() {
    let imports = imports();
    let layer = |name: &str| LAYERS.iter().position(|layer| layer.contains(&name));
    check_order(imports.between_units(&[]), layer);
    for (house, folders) in [("dag", DAG), ("engine", ENGINE)] {
        let place = |name: &str| folders.iter().position(|folder| *folder == name);
        check_order(imports.between_units(&[house.to_owned()]), place);
    }
}

fn check_order(edges: BTreeSet<(String, String)>, place: impl Fn(&str) -> Option<usize>) {
    let down = |from: &str, to: &str| Some(place(to)? < place(from)?);
    let wrong: Vec<_> = edges.iter().filter(|(from, to)| down(from, to) != Some(true)).collect();
    assert!(wrong.is_empty(), "these imports do not point down, or to what has no layer: {wrong:#?}");
}

#[test]
fn the_files_and_folders_of_a_folder_do_not_import_each_other_in_a_circle() {
    let imports = imports();
    for folder in imports.folders().into_iter().filter(|folder| !folder.is_empty()) {
        let circle = imports::circle(imports.between_units(&folder));
        assert!(circle.is_empty(), "`{}` has a circle among {circle:#?}", folder.join("::"));
    }
}

/// A facade imports what it exports; inside of a folder, files import each other and not the facade.
#[test]
fn no_file_imports_what_its_own_folder_exports() {
    let imports = imports();
    let own = |from: &Module, to: &Module| from.len() > to.len() && from.starts_with(to) && is_facade(to);
    for (from, to) in &imports.0 {
        let wrong: Vec<_> = to.iter().filter(|to| own(from, to)).collect();
        assert!(wrong.is_empty(), "`{}` imports the facade {wrong:?}", from.join("::"));
    }
}

fn is_facade(module: &Module) -> bool {
    root().join("dagcore/src").join(module.join("/")).join("mod.rs").exists()
}

fn imports() -> Imports {
    Imports::of(&root().join("dagcore/src"), &files("dagcore/src"))
}

#[test]
fn the_trackers_of_the_library_do_not_import_each_other() {
    let edges = imports().between_units(&["track".to_owned()]);
    let shared = ["file", "json"];
    let wrong: Vec<_> = edges.iter().filter(|(_, to)| !shared.contains(&to.as_str())).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn features_are_asked_for_in_facades_only() {
    let facades = ["mod.rs", "lib.rs"];
    for file in files("dagcore/src").into_iter().filter(|file| facades.iter().all(|facade| !file.ends_with(facade))) {
        let text = fs::read_to_string(&file).unwrap();
        assert!(!text.contains("feature ="), "{} asks for a feature", file.display());
    }
}

/// A clock that can be set back makes durations negative and causes retry storms.
#[test]
fn no_file_reads_the_wall_clock() {
    for file in files("dagcore/src") {
        let text = fs::read_to_string(&file).unwrap();
        assert!(!text.contains("SystemTime"), "{} reads the wall clock", file.display());
    }
}

#[test]
fn a_facade_holds_modules_and_uses_and_nothing_else() {
    for file in files("dagcore/src").into_iter().filter(|file| file.ends_with("mod.rs")) {
        for item in parse(&file).items {
            assert!(matches!(item, syn::Item::Mod(_) | syn::Item::Use(_)), "{} holds an item", file.display());
        }
    }
}

#[test]
fn a_file_has_one_subject_and_says_what_it_is() {
    for file in ["dagcore/src", "dagmacros/src", "examples", "benches", "tests"].into_iter().flat_map(files) {
        if file.components().any(|part| part.as_os_str() == "ui") {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        let said = text.lines().take(5).any(|line| line.starts_with("//!") || line.starts_with("#![doc"));
        assert!(said, "{} does not say what it is", file.display());
        let excused = LONG_WITH_REASON.iter().any(|(name, reason)| file.ends_with(name) && !reason.is_empty());
        let lines = text.lines().count();
        assert!(lines <= LONGEST || excused, "{} has {lines} lines", file.display());
    }
}

#[test]
fn the_core_knows_no_runtime_no_clock_and_no_input_or_output() {
    for file in files("dagcore/src/dag") {
        let text = fs::read_to_string(&file).unwrap();
        for word in
            ["tokio", "std::time::Instant", "SystemTime", "std::fs", "std::io", "std::net", "std::thread", "rayon"]
        {
            assert!(
                !text.contains(&format!("{word}::")) && !text.contains(&format!("use {word}")),
                "{}: {word}",
                file.display()
            );
        }
    }
}

#[test]
fn the_macros_know_the_library_only_by_its_private_path() {
    for file in files("dagmacros/src").into_iter().filter(|file| !file.ends_with("runtime.rs")) {
        let text = fs::read_to_string(&file).unwrap();
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let tests = file.components().any(|part| part.as_os_str() == "tests");
        assert!(tests || code.into_iter().all(|line| !line.contains("::dagcore::")), "{}", file.display());
    }
}

fn files(under: &str) -> Vec<PathBuf> {
    repository::files(under, &["rs"])
}

fn parse(file: &Path) -> syn::File {
    syn::parse_file(&fs::read_to_string(file).unwrap()).unwrap()
}
