//! Parsers for options that several commands share.

use crate::workload::STEP;

/// Maximum number of nodes of a run with default growth limits.
const MOST: usize = 10_000_000;

/// Reads a number of nodes.
///
/// # Errors
///
/// If it is not a valid number for all workloads.
pub fn size(text: &str) -> Result<usize, String> {
    let n: usize = text.replace('_', "").parse().map_err(|_| format!("`{text}` is not a number of nodes"))?;
    if n == 0 || !n.is_multiple_of(STEP) {
        return Err(format!("layers and groups have {STEP} nodes, so N is a multiple of {STEP}, which {n} is not"));
    }
    if n > MOST {
        return Err(format!("a run has at most {MOST} nodes unless its growth limits are raised, and {n} are more"));
    }
    Ok(n)
}

/// Reads a time in seconds.
///
/// # Errors
///
/// If it is not a time, or longer than a day.
pub fn seconds(text: &str) -> Result<f64, String> {
    let time = text.parse::<f64>().ok().filter(|time| (0.0..=86_400.0).contains(time));
    time.ok_or_else(|| format!("`{text}` is not a time in seconds, of at most a day"))
}
