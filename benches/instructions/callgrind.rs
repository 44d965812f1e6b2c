//! Runs this program under callgrind to count the instructions of a part of it.

use crate::counted;
use crate::stored::{Count, Figures};
use crate::{Shape, shapes};
use std::path::Path;
use std::process::{Command, Output};
use std::{env, fs, io};

/// The argument with which this program is started under callgrind.
pub const ONCE: &str = "--once";

/// Counts all shapes. The output files of callgrind remain in the folder, for `callgrind_annotate`.
///
/// # Errors
///
/// If valgrind is missing, or the program under it fails.
pub fn count_all(n: usize, folder: &Path) -> io::Result<Figures> {
    let said = |program, args: &[&str]| Ok::<_, io::Error>(text(run(Command::new(program).args(args))?.stdout));
    let tools = format!(
        "{}, {}, {}, {}",
        said("rustc", &["--version"])?,
        said("valgrind", &["--version"])?,
        said("getconf", &["GNU_LIBC_VERSION"]).unwrap_or_else(|_| "another C library".to_owned()),
        env::consts::ARCH
    );
    let counts = shapes().map(|shape| Ok((shape, count(shape, n, folder)?)));
    Ok(Figures { tools, counts: counts.collect::<io::Result<_>>()? })
}

fn count(shape: Shape, n: usize, folder: &Path) -> io::Result<Count> {
    let per_node = |part, functions| {
        let file = folder.join(format!("{}.{part}", shape.name()));
        Ok::<_, io::Error>((instructions(shape, n, functions, &file)? + n as u64 / 2) / n as u64)
    };
    Ok(Count { build: per_node("build", counted::BUILD)?, run: per_node("run", counted::RUN)? })
}

fn instructions(shape: Shape, n: usize, functions: &[&str], file: &Path) -> io::Result<u64> {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--quiet", "--tool=callgrind", "--collect-atstart=no"]);
    valgrind.args(functions.iter().map(|function| format!("--toggle-collect={function}")));
    valgrind.arg(format!("--callgrind-out-file={}", file.display()));
    run(valgrind.arg(env::current_exe()?).args([ONCE, shape.name(), &n.to_string()]))?;
    match fs::read_to_string(file)?.lines().find_map(|line| line.strip_prefix("totals:")?.trim().parse().ok()) {
        Some(0) | None => {
            Err(io::Error::other(format!("callgrind counted nothing in {functions:?}: has one another name now?")))
        }
        Some(total) => Ok(total),
    }
}

fn run(command: &mut Command) -> io::Result<Output> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| {
        let advice = if program == "valgrind" { ": install it (`apt-get install valgrind`)" } else { "" };
        io::Error::other(format!("`{program}` does not run ({error}){advice}"))
    })?;
    if !output.status.success() {
        return Err(io::Error::other(format!("`{program}` failed: {}", text(output.stderr))));
    }
    Ok(output)
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8_lossy(&bytes).trim().to_owned()
}
