//! A data analysis: the runs of a detector are fetched, binned, summed and fitted, each as soon as its input is
//! available.
//!
//!     cargo run --example physics
//!
//! Look at the fifth run, whose file is truncated on purpose: its branch fails and the dependents are skipped, while
//! the sum uses the remaining runs (`Gathered`). The plots are SVG files in `target/physics`.

#![expect(clippy::print_stdout, reason = "it is a program for the terminal")]

use anyhow::{Context, ensure};
use dagcore::prelude::*;
use plotters::prelude::*;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/physics");
const RUNS: u64 = 8;
const EVENTS: usize = 4_000;
/// Masses from 60 to 120 GeV, in bins of 1 GeV.
const MASSES: std::ops::Range<u32> = 60..120;

/// The number of events per mass, with one bin for each of `MASSES`.
struct Histogram(Vec<u32>);

/// A peak, in GeV, above `background` events per bin.
#[derive(Clone)]
struct Peak {
    mass: f64,
    error: f64,
    width: f64,
    events: f64,
    background: f64,
}

/// Creates an empty directory for the files.
#[stage(blocking)]
fn prepare(folder: PathBuf) -> anyhow::Result<PathBuf> {
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// Simulates a download: generates the masses and truncates the fifth file.
#[stage(blocking)]
fn download(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for run in 1..=RUNS {
        let mut random = fastrand::Rng::with_seed(run);
        let mut text = format!("{EVENTS} events\n");
        for _ in 0..if run == 5 { EVENTS / 3 } else { EVENTS } {
            let normal = (0..12).map(|_| random.f64()).sum::<f64>() - 6.0;
            let mass = if random.f64() < 0.6 { 91.19 + 2.5 * normal } else { 60.0 + 60.0 * random.f64() };
            writeln!(text, "{mass:.3}")?;
        }
        files.push(folder.join(format!("run{run}.txt")));
        fs::write(&files[files.len() - 1], text)?;
    }
    Ok(files)
}

/// Reads and bins one run.
#[stage(blocking)]
fn bin(file: &Path) -> anyhow::Result<Histogram> {
    let text = fs::read_to_string(file)?;
    let (head, masses) = text.split_once('\n').context("the file is empty")?;
    let announced: usize =
        head.trim_end_matches(" events").parse().context("the first line is not a number of events")?;
    let masses = masses.lines().map(str::parse).collect::<Result<Vec<f64>, _>>()?;
    ensure!(masses.len() == announced, "expected {announced} events, found {}", masses.len());

    let mut bins = vec![0; MASSES.len()];
    for mass in masses {
        if let Some(bin) = bins.get_mut((mass - f64::from(MASSES.start)).floor() as usize) {
            *bin += 1;
        }
    }
    Ok(Histogram(bins))
}

/// Sums the runs that could be read.
#[stage]
fn sum(runs: Gathered<Histogram>) -> Histogram {
    let mut bins = vec![0; MASSES.len()];
    for Histogram(run) in runs.outputs() {
        bins.iter_mut().zip(run).for_each(|(bin, count)| *bin += count);
    }
    Histogram(bins)
}

/// Measures the peak: the background from both sides of the peak, then the moments above the background.
#[stage]
fn fit(histogram: &Histogram) -> anyhow::Result<Peak> {
    let bins = MASSES.zip(&histogram.0).map(|(mass, count)| (f64::from(mass) + 0.5, f64::from(*count)));
    let (peak, sides): (Vec<_>, Vec<_>) = bins.partition(|(mass, _)| (80.0..102.0).contains(mass));
    let background = sides.iter().map(|(_, count)| count).sum::<f64>() / sides.len() as f64;
    let moment =
        |of: &dyn Fn(f64) -> f64| peak.iter().map(|(mass, count)| of(*mass) * (count - background)).sum::<f64>();
    let events = moment(&|_| 1.0);
    ensure!(events > 100.0, "there is no peak");
    let mass = moment(&|mass| mass) / events;
    let width = (moment(&|at| (at - mass).powi(2)) / events).sqrt();
    let noise = peak.iter().map(|(at, count)| (at - mass).powi(2) * count).sum::<f64>();
    Ok(Peak { mass, error: noise.sqrt() / events, width, events, background })
}

/// Plots the spectrum and the fitted peak.
#[stage(blocking)]
fn draw_spectrum(histogram: &Histogram, peak: &Peak, path: &Path) -> anyhow::Result<PathBuf> {
    let area = SVGBackend::new(path, (800, 500)).into_drawing_area();
    let most = histogram.0.iter().max().map_or(1.0, |most| f64::from(*most) * 1.1);
    let title = format!("{:.2} ± {:.2} GeV", peak.mass, peak.error);
    let mut chart = ChartBuilder::on(&area)
        .caption(title, ("sans-serif", 22))
        .margin(15)
        .x_label_area_size(45)
        .y_label_area_size(60)
        .build_cartesian_2d(f64::from(MASSES.start)..f64::from(MASSES.end), 0.0..most)?;
    chart.configure_mesh().x_desc("mass, GeV").y_desc("events in 1 GeV").light_line_style(TRANSPARENT).draw()?;
    chart.draw_series(MASSES.zip(&histogram.0).map(|(mass, count)| {
        Rectangle::new([(f64::from(mass), 0.0), (f64::from(mass) + 1.0, f64::from(*count))], BLUE.mix(0.3).filled())
    }))?;
    let height = peak.events / (peak.width * std::f64::consts::TAU.sqrt());
    let curve = |mass: f64| peak.background + height * (-((mass - peak.mass) / peak.width).powi(2) / 2.0).exp();
    let masses = (MASSES.start * 10..=MASSES.end * 10).map(|tenth| f64::from(tenth) / 10.0);
    chart.draw_series(LineSeries::new(masses.map(|mass| (mass, curve(mass))), RED.stroke_width(2)))?;
    area.present()?;
    Ok(path.to_owned())
}

/// Plots the peak of each run, compared with the peak of the sum.
#[stage(blocking)]
fn draw_runs(runs: Gathered<Peak>, all: &Peak, path: &Path) -> anyhow::Result<PathBuf> {
    let area = SVGBackend::new(path, (800, 300)).into_drawing_area();
    let mut chart = ChartBuilder::on(&area)
        .margin(15)
        .x_label_area_size(45)
        .y_label_area_size(60)
        .build_cartesian_2d(0.5..runs.len() as f64 + 0.5, all.mass - 0.4..all.mass + 0.4)?;
    chart.configure_mesh().x_desc("run").y_desc("peak, GeV").light_line_style(TRANSPARENT).draw()?;
    let ends = [0.5, runs.len() as f64 + 0.5];
    chart.draw_series(LineSeries::new(ends.map(|x| (x, all.mass)), RED))?;
    let peaks = runs.iter().zip(1..).filter_map(|(run, number)| Some((f64::from(number), run.output()?)));
    chart.draw_series(peaks.map(|(x, Peak { mass, error, .. })| {
        ErrorBar::new_vertical(x, mass - error, *mass, mass + error, BLUE.filled(), 8)
    }))?;
    area.present()?;
    Ok(path.to_owned())
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut flow = Workflow::new("physics");
    let folder = flow.add(prepare::new(FOLDER));
    let files = flow.add(download::new(folder));
    flow.rule(rule! {
        when done(files),
        adds [bin, sum, fit, draw_spectrum, draw_runs],
        then |grow, files| {
            let (mut runs, mut peaks) = (Vec::new(), Vec::new());
            for file in files {
                let name = file.file_stem().unwrap_or_default().display();
                let run = grow.add(bin::new(file.as_path()).named(format!("bin {name}")));
                peaks.push(grow.add(fit::new(run).named(format!("fit {name}"))));
                runs.push(run);
            }
            let total = grow.add(sum::new(runs));
            let peak = grow.add(fit::new(total).named("fit all"));
            grow.keep(peak); // `main` reads it after both plots have consumed it
            grow.add(draw_spectrum::new(total, peak, Path::new(FOLDER).join("spectrum.svg")));
            grow.add(draw_runs::new(peaks, peak, Path::new(FOLDER).join("runs.svg")));
        }
    });

    // One branch fails on purpose, so the run fails. Its report still contains the successful outputs.
    let done = flow.run().await.or_else(dagcore::Error::into_report)?;
    let Peak { mass, error, width, events, .. } = done.output(done.named::<fit>("fit all")?)?;
    println!("peak     {mass:.2} ± {error:.2} GeV, {width:.2} GeV wide, {events:.0} events");
    for path in [done.only::<draw_spectrum>()?, done.only::<draw_runs>()?] {
        println!("plot     {}", path.canonicalize()?.display());
    }
    for error in done.failures() {
        println!("failed   {}: {}", error.name(), error.cause());
    }
    for (node, because) in done.skipped() {
        println!("skipped  {node}, because of {}", because.name());
    }
    Ok(())
}
