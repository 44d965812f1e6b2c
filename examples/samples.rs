//! Samples on a sequencing machine: each sample is merged as soon as it is complete, while others are still running.
//!
//!     cargo run --example samples
//!
//! A sample occupies several lanes, a lane returns its reads when it is finished, and the reads are counted in parts of
//! a hundred. The number of parts of a sample is unknown at the start, and no code in the program computes it:
//! `closed(part) under each(sample)` fires for a sample when none of its descendants can add another part. Look at the
//! timeline: each merge starts right after the last part of its own sample, regardless of the other samples.

#![expect(clippy::print_stdout, reason = "it is a program for the terminal")]

use dagcore::prelude::*;
use std::fmt::Write;
use std::time::Duration;
use tokio::time::sleep;

/// The samples on the machine, with the GC content of each genome.
const SAMPLES: [(&str, f64); 4] =
    [("S. cerevisiae", 0.383), ("E. coli", 0.508), ("P. falciparum", 0.193), ("S. coelicolor", 0.721)];
/// Number of reads per part.
const PART: usize = 100;

struct Sample {
    name: String,
    lanes: Vec<Lane>,
}

#[derive(Clone)]
struct Lane {
    seed: u64,
    gc: f64,
}

/// Statistics of the reads of one part.
#[derive(Clone)]
struct Counts {
    gc: usize,
    lengths: Vec<usize>,
}

#[derive(Clone)]
struct Summary {
    name: String,
    lanes: usize,
    parts: usize,
    reads: usize,
    median: usize,
    gc: f64,
}

/// Looks up the lanes of a sample.
#[stage]
async fn sample(name: String, gc: f64) -> Sample {
    let mut random = fastrand::Rng::with_seed(name.bytes().map(u64::from).sum());
    let lanes = (0..random.usize(1..5)).map(|_| Lane { seed: random.u64(..), gc }).collect();
    Sample { name, lanes }
}

/// Simulates the machine: generates reads, two per millisecond.
#[stage]
async fn lane(lane: Lane) -> Vec<String> {
    let (mut random, gc) = (fastrand::Rng::with_seed(lane.seed), lane.gc);
    let (reads, longest) = (random.u64(100..1_200), random.usize(100..200));
    sleep(Duration::from_millis(reads / 2)).await;
    let limits = [(gc / 2.0, 'G'), (gc, 'C'), ((1.0 + gc) / 2.0, 'A'), (1.0, 'T')];
    let base = |at: f64| limits.iter().find(|(limit, _)| at < *limit).map(|(_, base)| *base);
    (0..reads).map(|_| (0..random.usize(20..longest)).filter_map(|_| base(random.f64())).collect()).collect()
}

/// Counts one part of the reads of a lane.
#[stage]
fn part(reads: &[String], from: usize) -> Counts {
    let reads = &reads[from..reads.len().min(from + PART)];
    let gc = reads.iter().map(|read| read.bytes().filter(|base| b"GC".contains(base)).count()).sum();
    Counts { gc, lengths: reads.iter().map(String::len).collect() }
}

/// Merges the parts of one sample.
#[stage]
fn merge(sample: &Sample, parts: &[Counts]) -> Summary {
    let mut lengths: Vec<usize> = parts.iter().flat_map(|part| &part.lengths).copied().collect();
    lengths.sort_unstable();
    let gc = parts.iter().map(|part| part.gc).sum::<usize>() as f64 / lengths.iter().sum::<usize>() as f64;
    let (name, lanes, reads) = (sample.name.clone(), sample.lanes.len(), lengths.len());
    Summary { name, lanes, parts: parts.len(), reads, median: lengths[reads / 2], gc }
}

#[stage]
fn report(samples: &[Summary]) -> String {
    let mut text = "sample         lanes  parts  reads  median  G or C\n".to_owned();
    for Summary { name, lanes, parts, reads, median, gc } in samples {
        writeln!(text, "{name:14} {lanes:5}  {parts:5}  {reads:5}  {median:6}  {:4.1} %", 100.0 * gc)
            .expect("writing to a `String` cannot fail");
    }
    text
}

rule! {
    find: when each(sample), adds [lane],
    then |grow, _node, sample| for each in &sample.lanes { grow.add(lane::new(each.clone())); }
}

rule! {
    /// Each finished lane adds a part for every hundred reads.
    split: when each(lane), adds [part],
    then |grow, lane, reads| for from in (0..reads.len()).step_by(PART) { grow.add(part::new(lane, from)); }
}

rule! {
    /// Fires once per sample, when none of its lanes can add another part.
    merge_each: when closed(part) under each(sample), adds [merge],
    then |grow, sample, parts| { grow.add(merge::new(sample, parts)); }
}

rule! {
    /// Fires once, when no sample can add another merge.
    conclude: when closed(merge), adds [report],
    then |grow, merges| { grow.add(report::new(merges)); }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut flow = Workflow::new("samples").rules(rules![find, split, merge_each, conclude]).keep::<merge>();
    for (name, gc) in SAMPLES {
        flow.add(sample::new(name, gc));
    }
    let done = flow.run().await?;
    println!("{}", done.only::<report>()?);

    // All lists are in lineage order: the parts of the first sample, then the parts of the second, and so on.
    let (mut parts, mut ends) = (done.nodes::<part>(), Vec::new());
    for (merge, Summary { name, parts: count, .. }) in done.nodes::<merge>().zip(done.outputs::<merge>()?) {
        let parts: Vec<_> = parts.by_ref().take(*count).filter_map(|part| done.started(part)).collect();
        let merged = done.started(merge).unwrap_or_default();
        println!("{name:14} {}", picture(&parts, merged));
        ends.push((merged, parts.into_iter().max().unwrap_or_default(), name));
    }
    println!("{:14} one character is 20 ms; `=`: a part started, `M`: the merge started\n", "");

    let (first, last) = (ends.iter().min(), ends.iter().max_by_key(|(_, part, _)| part));
    if let (Some((merge, _, name)), Some((_, part, other))) = (first, last) {
        let [merge, part] = [merge, part].map(Duration::as_millis);
        println!("{name} was merged at {merge} ms; the last part of {other} started at {part} ms.");
    }
    Ok(())
}

fn picture(parts: &[Duration], merged: Duration) -> String {
    let place = |time: &Duration| time.as_millis() / 20;
    let sign = |at| if parts.iter().any(|part| place(part) == at) { '=' } else { '.' };
    (0..=place(&merged)).map(sign).chain(['M']).collect()
}
