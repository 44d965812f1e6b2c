//! A stage that sleeps, for tests in virtual time.

use dagcore::prelude::*;
use std::time::Duration;

pub(crate) const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[stage]
pub(crate) async fn wait(seconds: u64) -> u64 {
    tokio::time::sleep(s(seconds)).await;
    seconds
}
