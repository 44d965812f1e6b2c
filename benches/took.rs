//! What many samples come to.

/// The best of many samples, and the median.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Took {
    /// The shortest.
    pub best: f64,
    /// The one in the middle.
    pub median: f64,
}

impl Took {
    /// Sums samples up, of which there must be one.
    pub fn of(mut samples: Vec<f64>) -> Self {
        samples.sort_by(f64::total_cmp);
        Self { best: samples[0], median: samples[samples.len() / 2] }
    }

    /// How many times as long this took as the other.
    pub fn over(self, other: Self) -> Self {
        Self { best: self.best / other.best, median: self.median / other.median }
    }

    /// The best and the median, with so many digits.
    pub fn show(self, digits: usize) -> String {
        format!("{:.digits$}/{:.digits$}", self.best, self.median)
    }
}
