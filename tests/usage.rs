//! Tracks the usage of a resource, for stage functions that check that no limit is exceeded.

use std::sync::atomic::{AtomicI64, Ordering::SeqCst};

/// A counter with a limit.
#[derive(Debug)]
pub struct Usage {
    what: String,
    now: AtomicI64,
    most: i64,
}

impl Usage {
    /// Creates a counter with a limit of `most`, or without a limit.
    pub fn new(what: impl Into<String>, most: Option<i64>) -> Self {
        Self { what: what.into(), now: AtomicI64::new(0), most: most.unwrap_or(i64::MAX) }
    }

    /// Adds a share to the usage.
    ///
    /// # Errors
    ///
    /// If the usage then exceeds the limit: a message that names the limit.
    pub fn enter(&self, share: i64) -> Result<(), String> {
        let now = self.now.fetch_add(share, SeqCst) + share;
        if now <= self.most { Ok(()) } else { Err(format!("{} is {}, and {now} are in use", self.what, self.most)) }
    }

    /// Removes a share from the usage.
    pub fn leave(&self, share: i64) {
        self.now.fetch_sub(share, SeqCst);
    }
}
