//! A merge that runs last, although the number of its inputs is unknown at the start.
//!
//! The output is a yearbook of storms: one cover and one page for each storm. The number of storms that a weather
//! station has recorded is found at run time, and each station has its own response time. Every page is a separate PDF
//! file. When no more pages can be added, all pages are merged into one file.
//!
//!     cargo run --example late_merge
//!
//! Look at `closed(page)`: there are no counters, and no stage blocks to wait for pages. The pages are in the order of
//! the stations, not in the order of completion, so the order is the same in every run.

#![expect(clippy::print_stdout, reason = "it is a program for the terminal")]

use dagcore::prelude::*;
use lopdf::content::{Content, Operation};
use lopdf::{Document, Object, ObjectId, Stream, dictionary};
use std::path::{Path, PathBuf};
use std::time::Duration;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/late_merge");

/// Queries a station for its storms. Their number is known only to the station.
#[stage]
async fn storms(station: String) -> Vec<String> {
    let mut random = fastrand::Rng::with_seed(station.bytes().map(u64::from).sum());
    tokio::time::sleep(Duration::from_millis(random.u64(10..200))).await;
    let mut days: Vec<u32> = (0..random.usize(1..6)).map(|_| random.u32(1..366)).collect();
    days.sort_unstable();
    days.iter().map(|day| format!("{station}: a storm on day {day}")).collect()
}

/// Writes a PDF file with one page.
#[stage(blocking)]
fn page(title: String) -> anyhow::Result<PathBuf> {
    let mut pdf = Document::with_version("1.5");
    let text = [
        Operation::new("BT", vec![]),
        Operation::new("Tf", vec!["F1".into(), 24.into()]),
        Operation::new("Td", vec![60.into(), 700.into()]),
        Operation::new("Tj", vec![Object::string_literal(title.as_str())]),
        Operation::new("ET", vec![]),
    ];
    let font = pdf.add_object(dictionary! { "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica" });
    let content = pdf.add_object(Stream::new(dictionary! {}, Content { operations: text }.encode()?));
    let pages = pdf.new_object_id();
    let page = pdf.add_object(dictionary! {
        "Type" => "Page",
        "Parent" => pages,
        "MediaBox" => [0, 0, 595, 842].map(Object::from).to_vec(),
        "Resources" => dictionary! { "Font" => dictionary! { "F1" => font } },
        "Contents" => content,
    });
    finish(&mut pdf, pages, vec![page.into()]);

    let path = Path::new(FOLDER).join(format!("{}.pdf", title.replace([' ', ':'], "_")));
    pdf.save(&path)?;
    Ok(path)
}

/// Merges PDF files into one.
#[stage(blocking)]
fn merge(files: &[PathBuf]) -> anyhow::Result<PathBuf> {
    let mut book = Document::with_version("1.5");
    let pages = book.new_object_id();
    let mut kids = Vec::new();
    for file in files {
        let mut pdf = Document::load(file)?;
        pdf.renumber_objects_with(book.max_id + 1);
        for page in pdf.get_pages().into_values() {
            pdf.get_dictionary_mut(page)?.set("Parent", pages);
            kids.push(page.into());
        }
        book.max_id = pdf.max_id;
        book.objects.extend(pdf.objects);
    }
    finish(&mut book, pages, kids);
    book.prune_objects();

    let path = Path::new(FOLDER).join("yearbook.pdf");
    book.save(&path)?;
    Ok(path)
}

rule! {
    /// Each station that responded adds a page for each of its storms.
    illustrate: when each(storms), adds [page],
    then |grow, _station, storms| for storm in storms { grow.add(page::new(storm.as_str())); }
}

rule! {
    /// Fires when no rule can add another page.
    bind: when closed(page), adds [merge],
    then |grow, pages| { grow.add(merge::new(pages)); }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    std::fs::create_dir_all(FOLDER)?;
    let mut flow = Workflow::new("yearbook").rules(rules![illustrate, bind]);
    flow.add(page::new("The storms of the year"));
    for station in ["Sonnblick", "Zugspitze", "Jungfraujoch", "Pic du Midi"] {
        flow.add(storms::new(station));
    }
    let done = flow.run().await?;

    let path = done.only::<merge>()?.canonicalize()?;
    let book = Document::load(&path)?;
    let numbers: Vec<u32> = book.get_pages().into_keys().collect();
    for number in &numbers {
        println!("{number:3}  {}", book.extract_text(&[*number])?.trim());
    }
    println!("merged {} files into {} pages: {}", done.nodes::<page>().count(), numbers.len(), path.display());
    Ok(())
}

/// Adds the page list and the root to a document.
fn finish(pdf: &mut Document, pages: ObjectId, kids: Vec<Object>) {
    let count = kids.len() as i64;
    pdf.objects.insert(pages, dictionary! { "Type" => "Pages", "Kids" => kids, "Count" => count }.into());
    let catalog = pdf.add_object(dictionary! { "Type" => "Catalog", "Pages" => pages });
    pdf.trailer.set("Root", catalog);
}
