//! The number of dependencies matches the README.

use std::collections::BTreeSet;
use std::process::Command;
use std::{env, fs};
use tests::repository::root;

/// The crates that `dagcore` is built with, excluding itself: those of its default features, for Linux.
fn crates() -> BTreeSet<String> {
    let tree = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["tree", "--locked", "--offline", "--package", "dagcore", "--edges", "normal,build"])
        .args(["--target", "x86_64-unknown-linux-gnu", "--prefix", "none", "--format", "{p}"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    // A line is `name v1.2.3`, followed by a path or a marker.
    let name_and_version = |line: &str| line.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    let all = String::from_utf8(tree.stdout).unwrap().lines().map(name_and_version).collect::<BTreeSet<_>>();
    all.into_iter().filter(|name| !name.is_empty() && !name.starts_with("dagcore ")).collect()
}

#[test]
fn the_readme_has_the_number_of_dependencies() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let (before, _) =
        readme.split_once(" crates besides itself").expect("the README contains `N crates besides itself`");
    let said: usize = before.split_whitespace().last().unwrap().parse().unwrap();
    let crates = crates();
    assert_eq!(said, crates.len(), "the README states {said} crates, but there are {crates:#?}");
}

#[test]
fn no_dependency_needs_a_c_compiler() {
    let builders = ["bindgen ", "cc ", "cmake ", "pkg-config "];
    let found: Vec<_> =
        crates().into_iter().filter(|name| builders.iter().any(|with| name.starts_with(with))).collect();
    assert_eq!(found, Vec::<String>::new());
}
