//! Counts the instructions of each shape and compares them with the stored figures: `cargo bench -p instructions`.
//!
//! `cargo bench -p instructions -- --store` stores the counts as the new figures. The program runs itself under
//! callgrind.

#![expect(clippy::print_stdout, reason = "the program prints the counts")]

use instructions::stored::Figures;
use instructions::{callgrind, counted, shapes};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, io};

/// The number of nodes.
const NODES: usize = 1_000;

fn main() -> ExitCode {
    let wrong = done().unwrap_or_else(|error| vec![error.to_string()]);
    wrong.iter().for_each(|wrong| eprintln!("{wrong}"));
    if wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Performs the requested command, and returns the problems with the counts.
fn done() -> io::Result<Vec<String>> {
    let args: Vec<String> = env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args.as_slice() {
        [callgrind::ONCE, name, n] => once(name, n)?,
        // `cargo bench` passes this argument.
        ["--bench"] => {
            let counted = count()?;
            print!("{counted}");
            return Ok(counted.complaints(&Figures::read(&file())?));
        }
        ["--store", "--bench"] => {
            let counted = count()?;
            counted.write(&file())?;
            print!("{counted}");
        }
        [unknown, .., "--bench"] => return Err(io::Error::other(format!("there is no `{unknown}`, only `--store`"))),
        // Any other caller, such as `cargo test`, runs a smoke test of an unoptimised build.
        _ => shapes().for_each(|shape| counted::once(shape, 200)),
    }
    Ok(Vec::new())
}

fn count() -> io::Result<Figures> {
    callgrind::count_all(NODES, Path::new(env!("CARGO_TARGET_TMPDIR")))
}

fn once(name: &str, n: &str) -> io::Result<()> {
    let shape = shapes().find(|shape| shape.name() == name);
    let shape = shape.ok_or_else(|| io::Error::other(format!("there is no shape `{name}`")))?;
    counted::once(shape, n.parse().map_err(io::Error::other)?);
    Ok(())
}

fn file() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "figures.txt"].iter().collect()
}
