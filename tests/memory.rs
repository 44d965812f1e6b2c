//! The peak memory of a run, measured in a separate process, so that nothing else is counted.

use dagcore::prelude::*;

const CHUNKS: u32 = 10_000;
const BYTES: usize = 100_000;

#[stage]
fn numbers() -> Vec<u32> {
    (0..CHUNKS).collect()
}

#[stage]
fn load(number: u32) -> Vec<u8> {
    vec![(number % 251) as u8; BYTES]
}

#[stage]
fn measure(chunk: &[u8]) -> u64 {
    chunk.iter().map(|byte| u64::from(*byte)).sum()
}

#[stage]
fn total(sums: &[u64]) -> u64 {
    sums.iter().sum()
}

rule! {
    split: when each(numbers), adds [load, measure],
    then |grow, _node, numbers| for number in numbers {
        let chunk = grow.add(load::new(*number));
        grow.add(measure::new(chunk));
    }
}

rule! {
    merge: when closed(measure), adds [total],
    then |grow, sums| { grow.add(total::new(sums)); }
}

/// One gigabyte is processed in total, but is never in memory at once.
#[test]
fn a_map_reduce_over_ten_thousand_times_100_kb_peaks_far_below_a_gigabyte() {
    let mut flow = Workflow::new("map-reduce").rules(rules![split, merge]);
    flow.add(numbers::new());
    let report = flow.run_blocking().unwrap();
    let expected: u64 = (0..u64::from(CHUNKS)).map(|number| number % 251 * BYTES as u64).sum();
    assert_eq!(*report.only::<total>().unwrap(), expected);
    let Some(peak) = peak() else { return };
    assert!(peak < 300_000_000, "the peak is {peak} bytes");
}

/// The peak memory of this process in bytes, as reported by Linux.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()? * 1_000)
}
