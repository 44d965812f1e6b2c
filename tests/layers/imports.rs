//! Which file of the library imports which, by their module paths.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use syn::visit::Visit;

/// A module's path below `src`: `["dag", "machine", "queues"]`. The root is empty.
pub(crate) type Module = Vec<String>;

/// The imports of every file: paths in `use` items and in code, outside of tests.
pub(crate) struct Imports(pub(crate) BTreeMap<Module, BTreeSet<Module>>);

impl Imports {
    /// Reads the files below `src`.
    pub(crate) fn of(src: &Path, files: &[std::path::PathBuf]) -> Self {
        let modules: BTreeSet<Module> = files.iter().map(|file| module_of(src, file)).collect();
        let imports = files.iter().map(|file| {
            let here = module_of(src, file);
            let mut paths = Paths { here: &here, modules: &modules, found: BTreeSet::new() };
            paths.visit_file(&super::parse(file));
            paths.found.remove(&here);
            let found = paths.found;
            (here, found)
        });
        Self(imports.collect())
    }

    /// The modules in which others stand.
    pub(crate) fn folders(&self) -> BTreeSet<Module> {
        self.0.keys().filter_map(|module| Some(module.split_last()?.1.to_vec())).collect()
    }

    /// Between the units of a folder, which are files and folders side by side: which imports which. A file and the folder of
    /// the same name are one unit.
    pub(crate) fn between_units(&self, folder: &[String]) -> BTreeSet<(String, String)> {
        let unit = |module: &Module| module.strip_prefix(folder)?.first().cloned();
        let edges = self.0.iter().flat_map(|(from, imports)| imports.iter().map(move |to| (from, to)));
        let units = edges.filter_map(|(from, to)| Some((unit(from)?, unit(to)?)));
        units.filter(|(from, to)| from != to).collect()
    }
}

/// What is left of edges when every unit that imports nothing is taken away, again and again: empty if there is no circle.
pub(crate) fn circle(mut edges: BTreeSet<(String, String)>) -> BTreeSet<(String, String)> {
    loop {
        let importing: BTreeSet<String> = edges.iter().map(|(from, _)| from.clone()).collect();
        let before = edges.len();
        edges.retain(|(_, to)| importing.contains(to));
        if edges.len() == before {
            return edges;
        }
    }
}

fn module_of(src: &Path, file: &Path) -> Module {
    let inside = file.strip_prefix(src).unwrap().with_extension("");
    let mut module: Module = inside.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    module.pop_if(|last| last == "mod" || last == "lib");
    module
}

struct Paths<'a> {
    here: &'a Module,
    modules: &'a BTreeSet<Module>,
    found: BTreeSet<Module>,
}

impl Paths<'_> {
    fn found(&mut self, path: &[String]) {
        let Some(absolute) = self.absolute(path) else { return };
        let prefixes = (0..=absolute.len()).rev().map(|length| &absolute[..length]);
        let module = prefixes.into_iter().find(|prefix| self.modules.contains(*prefix));
        self.found.extend(module.map(<[String]>::to_vec));
    }

    fn absolute(&self, path: &[String]) -> Option<Module> {
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" => Some(rest.to_vec()),
            "self" => Some([self.here.as_slice(), rest].concat()),
            "super" => {
                let ups = path.iter().take_while(|part| *part == "super").count();
                let above = &self.here[..self.here.len().checked_sub(ups)?];
                Some([above, &path[ups..]].concat())
            }
            _ => {
                let child = [self.here.as_slice(), &path[..1]].concat();
                self.modules.contains(&child).then(|| [self.here.as_slice(), path].concat())
            }
        }
    }

    fn tree(&mut self, tree: &syn::UseTree, before: &mut Vec<String>) {
        match tree {
            syn::UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.tree(&path.tree, before);
                before.pop();
            }
            syn::UseTree::Name(syn::UseName { ident }) | syn::UseTree::Rename(syn::UseRename { ident, .. }) => {
                before.push(ident.to_string());
                self.found(before);
                before.pop();
            }
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.tree(tree, before)),
            syn::UseTree::Glob(_) => self.found(before),
        }
    }
}

impl<'ast> Visit<'ast> for Paths<'_> {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        let path_of: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if path_of.len() > 1 {
            self.found(&path_of);
        }
        syn::visit::visit_path(self, path);
    }

    fn visit_vis_restricted(&mut self, _: &'ast syn::VisRestricted) {} // `pub(in ..)` imports nothing

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.tree(&item.tree, &mut Vec::new());
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        let is_test = module.attrs.iter().any(|attribute| attribute.path().is_ident("cfg"));
        if !is_test {
            syn::visit::visit_item_mod(self, module);
        }
    }
}
