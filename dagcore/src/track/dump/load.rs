//! Loading of a dump, and its errors.

use super::check::check;
use super::{Dump, Dumped};
use crate::dag::{Message, Name};
use std::io;
use std::path::{Path, PathBuf};

impl Dump {
    /// Loads the finished graph of a run from a file.
    ///
    /// The result is validated: references between nodes, edges and rules are valid, the dependencies have no cycle,
    /// and states and times are consistent. Strings are as they were in the run and must be escaped before they are
    /// displayed: see [`Plain`](crate::dag::Plain).
    ///
    /// # Errors
    ///
    /// Returns an error if the file cannot be read, if it has another [version](Self::VERSION), or if it is not a valid
    /// dump. In the last case the error contains the position and the problem.
    pub fn load(path: impl AsRef<Path>) -> Result<Dumped, LoadError> {
        let path = path.as_ref();
        let full = || std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let text = std::fs::read_to_string(path).map_err(|source| LoadError::Read { path: full(), source })?;
        if let Ok(Header { version: found }) = serde_json::from_str(&text) {
            if found != u64::from(Self::VERSION) {
                return Err(LoadError::Version { path: full(), found });
            }
        }
        let dumped: Dumped = serde_json::from_str(&text)
            .map_err(|error| LoadError::Malformed { path: full(), problem: error.to_string() })?;
        match check(&dumped) {
            Ok(()) => Ok(dumped),
            Err((place, problem)) => Err(LoadError::Wrong { path: full(), place, problem }),
        }
    }
}

#[derive(serde::Deserialize)]
struct Header {
    version: u64,
}

/// An error of loading a dump.
#[derive(thiserror::Error, Debug)]
#[non_exhaustive]
pub enum LoadError {
    /// The file could not be read.
    #[error("cannot read the dump `{}`: {source}", shown(path))]
    Read {
        /// The file, with its full path.
        path: PathBuf,
        /// The I/O error.
        source: io::Error,
    },
    /// The version of the file is not supported.
    #[error("the dump `{}` is of version {found}, and this program reads version {}", shown(path), Dump::VERSION)]
    Version {
        /// The file, with its full path.
        path: PathBuf,
        /// The version of the file.
        found: u64,
    },
    /// The file is not valid JSON, or does not have the fields of a dump.
    #[error("`{}` is no dump: {}", shown(path), Message(problem))]
    Malformed {
        /// The file, with its full path.
        path: PathBuf,
        /// The problem, with its line and column.
        problem: String,
    },
    /// The contents of the file are inconsistent.
    #[error("the dump `{}` is wrong at `{}`: {}", shown(path), Name(place), Message(problem))]
    Wrong {
        /// The file, with its full path.
        path: PathBuf,
        /// The path of the invalid field, such as `nodes[3].parents[0]`.
        place: String,
        /// The problem.
        problem: String,
    },
}

fn shown(path: &Path) -> String {
    Message(&path.to_string_lossy()).to_string()
}
