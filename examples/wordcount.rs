//! The most frequent words of a directory: one node counts each file, and pairs of counts are merged until one is left.
//!
//!     cargo run --example wordcount            # the *.md and *.rs files of this workspace
//!     cargo run --example wordcount -- DIR     # the text files of another directory
//!
//! Look at the rule: it fires when the list of files is available, and adds the whole tree. A merge runs as soon as its
//! own two counts are available, so the depth of the tree is logarithmic in the number of files. The result does not
//! depend on the order in which the files are counted.

#![expect(clippy::print_stdout, reason = "it is a program for the terminal")]

use anyhow::Context;
use dagcore::prelude::*;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

type Counts = BTreeMap<String, usize>;

/// Lists the text files of a directory, recursively.
#[stage(blocking)]
fn list(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let (mut folders, mut files) = (vec![folder.to_owned()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
            let entry = entry?;
            let (path, kind) = (entry.path(), entry.file_type()?);
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            match name.rsplit_once('.') {
                _ if kind.is_dir() && !name.starts_with('.') && name != "target" => folders.push(path),
                Some((_, "md" | "rs" | "txt")) if kind.is_file() => files.push(path),
                _ => {}
            }
        }
    }
    files.sort();
    Ok(files)
}

#[stage(blocking)]
fn count(file: &Path) -> anyhow::Result<Counts> {
    let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let text = String::from_utf8_lossy(&bytes).to_lowercase();
    let mut counts = Counts::new();
    for word in text.split(|char: char| !char.is_alphanumeric()).filter(|word| word.starts_with(char::is_alphabetic)) {
        *counts.entry(word.to_owned()).or_default() += 1;
    }
    Ok(counts)
}

#[stage]
fn merge(mut left: Counts, right: &Counts) -> Counts {
    for (word, count) in right {
        *left.entry(word.clone()).or_default() += count;
    }
    left
}

/// Returns the ten most frequent words; ties are broken alphabetically.
#[stage]
fn top(counts: &Counts) -> Vec<(String, usize)> {
    let mut words: Vec<_> = counts.iter().map(|(word, count)| (word.clone(), *count)).collect();
    words.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    words.truncate(10);
    words
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let folder =
        std::env::args_os().nth(1).map_or_else(|| concat!(env!("CARGO_MANIFEST_DIR"), "/..").into(), PathBuf::from);

    let mut flow = Workflow::new("wordcount");
    let files = flow.add(list::new(folder));
    flow.rule(rule! {
        when done(files),
        adds [count, merge, top],
        then |grow, files| {
            let mut counts: Vec<_> = files.iter().map(|file| grow.add(count::new(file.as_path()))).collect();
            while counts.len() > 1 {
                let pairs = counts.chunks(2).map(|pair| match *pair {
                    [left, right] => grow.add(merge::new(left, right)),
                    ref alone => alone[0],
                });
                counts = pairs.collect();
            }
            if let [total] = counts[..] {
                grow.add(top::new(total));
            }
        }
    });
    let done = flow.run().await?;

    for (word, count) in done.outputs::<top>()?.flatten() {
        println!("{count:6}  {word}");
    }
    println!("{} files, {} merges", done.nodes::<count>().count(), done.nodes::<merge>().count());
    Ok(())
}
