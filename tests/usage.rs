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
    /// A limit of `most`, or none.
    pub fn new(what: impl Into<String>, most: Option<i64>) -> Self {
        Self { what: what.into(), now: AtomicI64::new(0), most: most.unwrap_or(i64::MAX) }
    }

    /// A share is in use from now on.
    ///
    /// # Errors
    ///
    /// If more than the limit is in use with it: a message that names the limit.
    pub fn enter(&self, share: i64) -> Result<(), String> {
        let now = self.now.fetch_add(share, SeqCst) + share;
        if now <= self.most { Ok(()) } else { Err(format!("{} is {}, and {now} are in use", self.what, self.most)) }
    }

    /// A share is no longer in use.
    pub fn leave(&self, share: i64) {
        self.now.fetch_sub(share, SeqCst);
    }
}
