//! Failures of many seeds, grouped by kind.

use std::collections::BTreeMap;

/// For each kind of failure, the number of occurrences and the first of them. Failures are of one kind if they begin
/// with the same words, apart from numbers.
pub fn by_kind(failures: &[String]) -> String {
    let mut kinds: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for failure in failures {
        let kind = failure.chars().filter(|letter| !letter.is_ascii_digit()).take(60).collect();
        kinds.entry(kind).or_default().push(failure);
    }
    let shown: Vec<String> = kinds.values().map(|of_kind| format!("{} times: {}", of_kind.len(), of_kind[0])).collect();
    shown.join("\n")
}
