//! Summaries of samples.

/// The best of many samples, and the median.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Took {
    /// The shortest.
    pub best: f64,
    /// The one in the middle.
    pub median: f64,
}

impl Took {
    /// Summarizes samples, of which there must be at least one.
    pub fn of(mut samples: Vec<f64>) -> Self {
        samples.sort_by(f64::total_cmp);
        Self { best: samples[0], median: samples[samples.len() / 2] }
    }

    /// Returns the ratio to another duration.
    pub fn over(self, other: Self) -> Self {
        Self { best: self.best / other.best, median: self.median / other.median }
    }

    /// Formats the best and the median, with a number of digits.
    pub fn show(self, digits: usize) -> String {
        format!("{:.digits$}/{:.digits$}", self.best, self.median)
    }
}
