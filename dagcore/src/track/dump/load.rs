//! How a file becomes a graph again, and why it may not.

use super::check::check;
use super::{Dump, Dumped};
use crate::dag::{Message, Name};
use std::io;
use std::path::{Path, PathBuf};

impl Dump {
    /// The finished graph that a run left in a file.
    ///
    /// What it gives can be trusted as far as it goes: nodes, edges and rules name each other rightly, no node needs
    /// itself through others, and states and times fit together. Texts are as the run had them, and have to be escaped
    /// where they are shown: see [`Plain`](crate::dag::Plain).
    ///
    /// # Errors
    ///
    /// When the file cannot be read; when it is of another [version](Self::VERSION); and when it is no dump, with what is
    /// wrong and where.
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

/// Why a dump was not loaded.
#[derive(thiserror::Error, Debug)]
#[non_exhaustive]
pub enum LoadError {
    /// The file could not be read.
    #[error("cannot read the dump `{}`: {source}", shown(path))]
    Read {
        /// The file, with its full path.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is of a version that is not known here.
    #[error("the dump `{}` is of version {found}, and this program reads version {}", shown(path), Dump::VERSION)]
    Version {
        /// The file, with its full path.
        path: PathBuf,
        /// Its version.
        found: u64,
    },
    /// The file is no JSON, or has not the fields of a dump.
    #[error("`{}` is no dump: {}", shown(path), Message(problem))]
    Malformed {
        /// The file, with its full path.
        path: PathBuf,
        /// What is wrong, with its line and column.
        problem: String,
    },
    /// What the file says cannot be.
    #[error("the dump `{}` is wrong at `{}`: {}", shown(path), Name(place), Message(problem))]
    Wrong {
        /// The file, with its full path.
        path: PathBuf,
        /// Where it is wrong: `nodes[3].parents[0]`.
        place: String,
        /// What is wrong.
        problem: String,
    },
}

fn shown(path: &Path) -> String {
    Message(&path.to_string_lossy()).to_string()
}
