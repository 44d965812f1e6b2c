//! Lists the licences of a crate and of all its transitive dependencies.
//!
//! The program starts from one crate name. Each manifest that it reads names further crates, so the graph grows while
//! the workflow runs. The report is created when no manifest can add another crate. The program reads the sources that
//! cargo has downloaded, and nothing else.
//!
//!     cargo run --example deps
//!     cargo run --example deps -- serde --concurrency 1
//!
//! Look at the two rules: `follow` adds each crate once, by its key; `summarise` waits until the stages `manifest` and
//! `licence` are closed. The report is the same in every run, however many nodes run at once.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it is a program for the terminal")]

use anyhow::Context;
use clap::Parser;
use dagcore::prelude::*;
use semver::{Version, VersionReq};
use serde::de::{Deserialize, Deserializer, Error};
use serde_untagged::UntaggedEnumVisitor;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::{env, fmt, fs};

/// Reads the manifest of a crate and looks up its dependencies in the registry.
#[stage(blocking)]
fn manifest(krate: &Crate) -> anyhow::Result<Manifest> {
    let path = krate.folder.join("Cargo.toml");
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let file: ManifestFile = toml::from_str(&text).map_err(|fault| anyhow::anyhow!(described(&fault, &path, &text)))?;

    let (mut dependencies, mut missing) = (BTreeMap::new(), BTreeSet::new());
    for (name, Dependency { version, .. }) in file.dependencies() {
        match krate.registry.newest(name, |found| version.matches(found)) {
            Some(found) => _ = dependencies.insert(found.to_string(), found),
            None => _ = missing.insert(format!("{name} {version}")),
        }
    }
    Ok(Manifest { licence: file.package.licence(), dependencies: dependencies.into_values().collect(), missing })
}

/// Normalises a licence expression: `MIT/Apache-2.0` becomes `Apache-2.0 OR MIT`.
#[stage]
fn licence(manifest: &Manifest) -> String {
    let written = manifest.licence.replace('/', " OR ");
    if written.contains(['(', ')']) || written.contains(" AND ") {
        return written;
    }
    let mut choices: Vec<_> = written.split(" OR ").map(str::trim).collect();
    choices.sort_unstable();
    choices.join(" OR ")
}

/// Counts the licences and lists missing dependencies and unreadable manifests.
#[stage]
fn report(manifests: Gathered<Manifest>, licences: &[String]) -> String {
    let mut counts = BTreeMap::<_, usize>::new();
    for licence in licences {
        *counts.entry(licence).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, crates)| std::cmp::Reverse(*crates));
    let counts = counts.into_iter().map(|(licence, crates)| format!("{crates:4}  {licence}"));
    let missing: BTreeSet<_> = manifests.outputs().flat_map(|manifest| &manifest.missing).collect();

    [
        section("crates found", licences.len(), counts),
        section("dependencies not downloaded", missing.len(), missing),
        section("problems", manifests.errors().count(), manifests.errors().map(NodeError::cause)),
    ]
    .concat()
}

rule! {
    /// Each manifest adds its licence and the manifests of its dependencies, each crate once.
    follow: when each(manifest), adds [manifest by key, licence],
    then |grow, node, manifest| {
        grow.add(licence::new(node));
        for krate in &manifest.dependencies {
            grow.add(manifest::new(krate.clone()).key(krate));
        }
    }
}

rule! {
    /// Fires when no rule can add another manifest or licence.
    summarise: when closed(manifest, licence), adds [report],
    then |grow, manifests, licences| { grow.add(report::new(manifests, licences)); }
}

/// Lists the licences of a crate and of all its dependencies.
#[derive(Parser)]
struct Args {
    /// The crate to start from
    #[arg(value_name = "CRATE", default_value = "tokio")]
    root: String,
    /// Maximum number of concurrent nodes [default: unlimited]
    #[arg(long, value_name = "N")]
    concurrency: Option<usize>,
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let args = Args::parse();
    let registry = Arc::new(Registry::open()?);
    let root = registry.newest(&args.root, |_| true).with_context(|| registry.unknown(&args.root))?;

    let mut flow = Workflow::new("deps").rules(rules![follow, summarise]);
    if let Some(most) = args.concurrency {
        flow = flow.concurrency(most);
    }
    flow.add(manifest::new(root.clone()).key(root));
    let done = flow.run().await.or_else(dagcore::Error::into_report)?;

    print!("{}", done.only::<report>()?);
    eprintln!("{} nodes in {:.1?}", done.len(), done.duration());
    Ok(if done.is_success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A downloaded crate.
#[derive(Clone)]
struct Crate {
    name: String,
    version: Version,
    folder: PathBuf,
    registry: Arc<Registry>,
}

impl fmt::Display for Crate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.version)
    }
}

/// The fields of a manifest that the workflow uses.
struct Manifest {
    licence: String,
    dependencies: Vec<Crate>,
    missing: BTreeSet<String>,
}

/// The directories of the crates that cargo has downloaded, by name and version.
struct Registry {
    place: PathBuf,
    crates: BTreeMap<String, BTreeMap<Version, PathBuf>>,
}

impl Registry {
    fn open() -> anyhow::Result<Self> {
        let home = env::var_os("CARGO_HOME").map(PathBuf::from);
        let home = home
            .or_else(|| Some(env::home_dir()?.join(".cargo")))
            .context("there is no home folder: set CARGO_HOME")?;
        let place = home.join("registry/src");
        let mut crates = BTreeMap::<String, BTreeMap<_, _>>::new();
        let nothing = || format!("no downloaded crates in {}: run `cargo fetch` in a project first", place.display());
        for source in subfolders(&place).with_context(nothing)? {
            for folder in subfolders(&source)? {
                if let Some((name, version)) = split(&folder) {
                    crates.entry(name).or_default().insert(version, folder);
                }
            }
        }
        anyhow::ensure!(!crates.is_empty(), nothing());
        Ok(Self { place, crates })
    }

    /// Returns the newest matching version of a crate.
    fn newest(self: &Arc<Self>, name: &str, fits: impl Fn(&Version) -> bool) -> Option<Crate> {
        let (version, folder) = self.crates.get(name)?.iter().rfind(|(version, _)| fits(version))?;
        let (name, version, folder) = (name.to_owned(), version.clone(), folder.clone());
        Some(Crate { name, version, folder, registry: Arc::clone(self) })
    }

    fn unknown(&self, name: &str) -> String {
        let alike = |known: &&String| known.contains(name) || strsim::jaro_winkler(known, name) > 0.85;
        let alike: Vec<_> = self.crates.keys().filter(alike).take(10).map(String::as_str).collect();
        let place = self.place.display();
        match alike.as_slice() {
            [] => format!("no crate `{name}` is among the {} in {place}", self.crates.len()),
            alike => format!("no crate `{name}` is in {place}; similar names are there: {}", alike.join(", ")),
        }
    }
}

fn subfolders(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut folders = entries.map(|entry| Ok(entry?.path())).collect::<anyhow::Result<Vec<_>>>()?;
    folders.retain(|path| path.is_dir());
    folders.sort();
    Ok(folders)
}

/// Splits a directory name such as `tokio-1.54.0` into name and version.
fn split(folder: &Path) -> Option<(String, Version)> {
    let text = folder.file_name()?.to_str()?;
    text.match_indices('-').find_map(|(at, _)| Some((text[..at].to_owned(), text[at + 1..].parse().ok()?)))
}

/// The parts of a `Cargo.toml` that are used here.
#[derive(serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
struct ManifestFile {
    package: Package,
    #[serde(default)]
    dependencies: BTreeMap<String, Dependency>,
    #[serde(default)]
    build_dependencies: BTreeMap<String, Dependency>,
    #[serde(default)]
    target: BTreeMap<String, Target>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Target {
    #[serde(default)]
    dependencies: BTreeMap<String, Dependency>,
    #[serde(default)]
    build_dependencies: BTreeMap<String, Dependency>,
}

/// Either field may be a table, `{ workspace = true }`, in an unpublished manifest.
#[derive(serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Package {
    license: Option<toml::Value>,
    license_file: Option<toml::Value>,
}

/// `name = "1.2"`, or a table.
struct Dependency {
    version: VersionReq,
    package: Option<String>,
}

#[derive(serde::Deserialize)]
struct DependencyTable {
    #[serde(default)]
    version: VersionReq,
    package: Option<String>,
}

impl<'de> Deserialize<'de> for Dependency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        UntaggedEnumVisitor::new()
            .expecting("a version or a table")
            .string(|version| Ok(Self { version: version.parse().map_err(Error::custom)?, package: None }))
            .map(|table| table.deserialize().map(|DependencyTable { version, package }| Self { version, package }))
            .deserialize(deserializer)
    }
}

impl ManifestFile {
    /// Returns all dependencies except dev-dependencies, by their real names.
    fn dependencies(&self) -> impl Iterator<Item = (&str, &Dependency)> {
        let own = [&self.dependencies, &self.build_dependencies];
        let of_targets = self.target.values().flat_map(|target| [&target.dependencies, &target.build_dependencies]);
        let all = own.into_iter().chain(of_targets).flatten();
        all.map(|(name, dependency)| (dependency.package.as_ref().unwrap_or(name).as_str(), dependency))
    }
}

impl Package {
    fn licence(&self) -> String {
        let text = |value: &Option<toml::Value>| value.as_ref()?.as_str().map(str::to_owned);
        let file = || text(&self.license_file).map(|file| format!("(see {file})"));
        text(&self.license).or_else(file).unwrap_or_else(|| "(none stated)".to_owned())
    }
}

/// Describes an error in a manifest, with its location.
fn described(fault: &toml::de::Error, path: &Path, text: &str) -> String {
    let before = fault.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|char| *char != '\n').count() + 1;
    let message = fault.message().lines().next().unwrap_or_default();
    format!("{}:{line}:{column}: {message}", path.display())
}

/// Formats a title with a count, followed by lines. Control characters from manifests are escaped.
fn section(title: &str, count: usize, lines: impl IntoIterator<Item: ToString>) -> String {
    let mut text = format!("{title}: {count}\n");
    for line in lines {
        text += "  ";
        text.extend(line.to_string().chars().filter(|char| !char.is_control()));
        text += "\n";
    }
    text
}
