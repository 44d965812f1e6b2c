//! A file that is replaced atomically, and its first write error.

use crate::dag::Message;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// A file that readers never see half-written: a temporary file in the same folder is written and then renamed.
pub(super) struct WholeFile {
    path: PathBuf,
    written: u64,
    failed: u64,
    /// The first write error.
    first: Option<io::Error>,
}

impl WholeFile {
    pub(super) fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), written: 0, failed: 0, first: None }
    }

    /// Writes the file. Errors are kept for [`Self::error`].
    pub(super) fn write(&mut self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) {
        match replace(&self.path, write) {
            Ok(()) => self.written += 1,
            Err(error) => {
                self.failed += 1;
                self.first.get_or_insert(error);
            }
        }
    }

    pub(super) fn error(&self) -> Option<String> {
        let error = self.first.as_ref()?;
        let path = std::path::absolute(&self.path).unwrap_or_else(|_| self.path.clone());
        let tries = match self.written + self.failed {
            1 => String::new(),
            all => format!(", {} of {all} times", self.failed),
        };
        Some(format!("could not write `{}`{tries}: {error}", Message(&path.to_string_lossy())))
    }
}

fn replace(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let beside = beside(path)?;
    let written = write_all(&beside, write).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        let _ = fs::remove_file(&beside); // it may not exist
    }
    written
}

fn write_all(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut out = BufWriter::new(File::create_new(path)?);
    write(&mut out)?;
    out.into_inner()?;
    Ok(())
}

/// Returns a path in the same folder that no other run writes to, in this process or another.
fn beside(path: &Path) -> io::Result<PathBuf> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let name = path.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "path has no file name"))?;
    let mut own = OsString::from(".");
    own.push(name);
    own.push(format!(".{}-{}.part", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed)));
    Ok(path.with_file_name(own))
}
