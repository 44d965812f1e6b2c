//! A crawl of ten thousand nodes with a progress view in the terminal.
//!
//!     cargo run --example progress
//!     cargo run --example progress -- 40000
//!
//! The program reads the pages of a simulated library, each page once. A page leads to other pages, to its words and
//! sometimes to a drawing, which takes longer. Some pages are lost. When no page can lead to another page, all pages
//! are bound into volumes.
//!
//! Look at the totals: `3 of 17 so far`, with an open-ended bar, is a stage to which a page may still add nodes. When
//! the last page has been read, the stage has a total. The volumes have a total from the start. Look at the names of
//! the lost pages: the view escapes control characters, so they do not affect the terminal. Try `2>file` too: a file
//! receives one line per second.

#![expect(clippy::print_stdout, reason = "it is a program for the terminal")]

use dagcore::prelude::*;
use dagcore::track::ProgressBars;
use std::time::Duration;

/// The number of a page and the number of pages.
#[derive(Clone, Hash)]
struct Page {
    number: u64,
    of: u64,
}

impl Page {
    /// Returns the name of the page. Some names are malicious.
    fn name(&self) -> String {
        let harm = ["\u{1b}[2J\u{1b}]0;mine\u{7}", "\0", "\u{7}", "\nerror: all is lost\n", "\u{202e}fdp.exe"];
        match self.number % 101 {
            100 => format!("{}{}", self.number, harm[self.number as usize / 101 % harm.len()]),
            _ => self.number.to_string(),
        }
    }

    fn links(&self) -> impl Iterator<Item = Self> {
        let (number, of) = (self.number, self.of);
        let below = (1..=3).map(move |turn| 3 * number + turn);
        below.chain([(7 * number + 5) % of]).filter(move |number| *number < of).map(move |number| Self { number, of })
    }
}

#[stage]
async fn page(page: Page) -> Result<Page, String> {
    tokio::time::sleep(Duration::from_millis(2 + page.number % 9)).await;
    if page.number % 101 == 100 { Err(format!("page {} is lost", page.name())) } else { Ok(page) }
}

#[stage]
fn words(page: &Page) -> Vec<String> {
    (0..page.number % 5).map(|word| format!("word {word}")).collect()
}

#[stage(name = "drawing \u{202e}gnp")]
async fn drawing(page: &Page) -> u64 {
    tokio::time::sleep(Duration::from_millis(20 + page.number % 30)).await;
    page.number
}

#[stage]
async fn volume(pages: Gathered<Page>) -> usize {
    tokio::time::sleep(Duration::from_millis(60)).await;
    pages.outputs().count()
}

#[stage]
fn index(all: Vec<Vec<String>>) -> usize {
    all.iter().map(Vec::len).sum()
}

#[stage]
fn sheet(drawings: &[u64]) -> String {
    format!("a sheet of {} drawings", drawings.len())
}

#[stage]
fn shelf(volumes: &[usize]) -> String {
    format!("{} volumes with {} pages", volumes.len(), volumes.iter().sum::<usize>())
}

rule! {
    follow: when each(page), adds [page by key, words, drawing],
    then |grow, node, found| {
        for next in found.links() {
            let name = next.name();
            grow.add(page::new(next).key(name));
        }
        grow.add(words::new(node));
        if found.number % 4 == 0 { grow.add(drawing::new(node)); }
    }
}

rule! { sort: when closed(words), adds [index], then |grow, all| { grow.add(index::new(all)); } }

rule! { collect: when closed(drawing), adds [sheet], then |grow, all| { grow.add(sheet::new(all)); } }

rule! {
    bind: when closed(page), adds [volume],
    then |grow, pages| for some in pages.chunks(20) { grow.add(volume::new(some.to_vec())); }
}

rule! { stack: when closed(volume), adds [shelf], then |grow, all| { grow.add(shelf::new(all)); } }

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let of = std::env::args().nth(1).map_or(Ok(4_500), |pages| pages.parse())?;
    let rules = rules![follow, sort, collect, bind, stack];
    let mut flow = Workflow::new("library").rules(rules).concurrency(40).track(ProgressBars::new());
    let first = Page { number: 0, of };
    let name = first.name();
    flow.add(page::new(first).key(name));

    // Lost pages make the run fail. The error contains the report.
    let report = flow.run().await.or_else(dagcore::Error::into_report)?;
    report.check_order()?;
    println!("{report}");
    let (words, drawings, volumes) = (report.only::<index>()?, report.only::<sheet>()?, report.only::<shelf>()?);
    println!("{words} words, {drawings}, {volumes}");
    Ok(())
}
