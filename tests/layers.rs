//! The rules of the house, held against every file of it: arrows point down, facades hold nothing, files are short.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use syn::visit::Visit;

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

#[test]
fn arrows_point_down_only() {
    let mut wrong = Vec::new();
    for file in files("dagcore/src") {
        let Some(here) = layer_of(&file) else {
            if room(&file) != "lib" {
                wrong.push(format!("{} has no layer", file.display()));
            }
            continue;
        };
        for used in crate_paths(&file) {
            match position(&used) {
                Some(there) if there < here || used == room(&file) => {}
                Some(_) => wrong.push(format!("{} imports `{used}`, which is not below it", file.display())),
                None => wrong.push(format!("{} imports `{used}`, which has no layer", file.display())),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_files_of_a_room_do_not_import_each_other_in_a_circle() {
    for room in ["dag", "port", "typed", "engine", "view", "track", "testing"].map(|room| format!("dagcore/src/{room}"))
    {
        let mut left: Vec<(String, BTreeSet<String>)> =
            files(&room).into_iter().map(|file| (stem(&file), super_paths(&file))).collect();
        left.retain(|(name, _)| name != "mod");
        let names: BTreeSet<String> = left.iter().map(|(name, _)| name.clone()).collect();
        left.iter_mut().for_each(|(name, uses)| uses.retain(|used| names.contains(used) && used != name));
        // Take away, again and again, what imports nothing that is left.
        while let Some(at) = left.iter().position(|(_, uses)| uses.is_empty()) {
            let (gone, _) = left.remove(at);
            left.iter_mut().for_each(|(_, uses)| {
                uses.remove(&gone);
            });
        }
        assert!(left.is_empty(), "{room} has a circle among {left:#?}");
    }
}

#[test]
fn no_tracker_of_the_house_knows_another() {
    for file in files("dagcore/src/track").into_iter().filter(|file| !file.ends_with("track/mod.rs")) {
        // Below a tracker's own folder, `super` is that tracker.
        let own = file.parent().is_some_and(|folder| !folder.ends_with("track"));
        let used = super_paths(&file);
        let shared = ["file", "json"];
        assert!(own || used.iter().all(|used| shared.contains(&&**used)), "{} imports {used:?}", file.display());
    }
}

#[test]
fn features_are_asked_for_in_facades_only() {
    let facades = ["mod.rs", "lib.rs"];
    for file in files("dagcore/src").into_iter().filter(|file| facades.iter().all(|facade| !file.ends_with(facade))) {
        let text = fs::read_to_string(&file).unwrap();
        assert!(!text.contains("feature ="), "{} asks for a feature", file.display());
    }
}

/// A clock that somebody can set back makes durations negative, and retries storm.
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
fn the_pure_house_knows_no_runtime_no_clock_and_no_input_or_output() {
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

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn files(under: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut todo = vec![root().join(under)];
    while let Some(path) = todo.pop() {
        if path.is_dir() {
            todo.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    assert!(!found.is_empty(), "no files under {under}");
    found
}

fn stem(file: &Path) -> String {
    file.file_stem().unwrap().to_string_lossy().into_owned()
}

/// The folder or file right under `src`.
fn room(file: &Path) -> String {
    let inside = file.strip_prefix(root().join("dagcore/src")).unwrap();
    let first = Path::new(inside.components().next().unwrap().as_os_str());
    stem(first)
}

fn position(name: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&name))
}

fn layer_of(file: &Path) -> Option<usize> {
    position(&room(file))
}

fn parse(file: &Path) -> syn::File {
    syn::parse_file(&fs::read_to_string(file).unwrap()).unwrap()
}

/// The first segments after `crate::` in every path and import of a file.
fn crate_paths(file: &Path) -> BTreeSet<String> {
    after(file, "crate")
}

/// The first segments after `super::`.
fn super_paths(file: &Path) -> BTreeSet<String> {
    after(file, "super")
}

fn after(file: &Path, start: &'static str) -> BTreeSet<String> {
    let mut paths = Paths { start, found: BTreeSet::new() };
    paths.visit_file(&parse(file));
    paths.found
}

struct Paths {
    start: &'static str,
    found: BTreeSet<String>,
}

impl<'ast> Visit<'ast> for Paths {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        let mut segments = path.segments.iter().map(|segment| segment.ident.to_string());
        if segments.next().as_deref() == Some(self.start) {
            self.found.extend(segments.next());
        }
        syn::visit::visit_path(self, path);
    }

    fn visit_use_path(&mut self, path: &'ast syn::UsePath) {
        if path.ident == self.start {
            self.tree(&path.tree);
        }
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        let test = module.attrs.iter().any(|attr| attr.path().is_ident("cfg"));
        if !test {
            syn::visit::visit_item_mod(self, module);
        }
    }
}

impl Paths {
    fn tree(&mut self, tree: &syn::UseTree) {
        match tree {
            syn::UseTree::Path(path) => drop(self.found.insert(path.ident.to_string())),
            syn::UseTree::Name(name) => drop(self.found.insert(name.ident.to_string())),
            syn::UseTree::Rename(name) => drop(self.found.insert(name.ident.to_string())),
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.tree(tree)),
            syn::UseTree::Glob(_) => {}
        }
    }
}
