//! Testing a workflow: its stages mocked, its rules real, time virtual, and the order of events by dice.
//!
//! For the feature `testing`, which belongs to `[dev-dependencies]`:
//!
//! ```toml
//! [dev-dependencies]
//! dagcore = { version = "0.1", features = ["testing"] }
//! ```
//!
//! A complete test of a program:
//!
//! ```
//! use dagcore::prelude::*;
//! use dagcore::testing::{self, Mocks};
//!
//! /// The pages that a page links to, from the network.
//! #[stage]
//! async fn page(name: String) -> Result<Vec<String>, std::io::Error> {
//!     Err(std::io::Error::other(format!("no network, and so no {name}")))
//! }
//!
//! #[stage]
//! fn summary(pages: Gathered<Vec<String>>) -> String {
//!     format!("{} of {} pages", pages.outputs().count(), pages.len())
//! }
//!
//! rule! {
//!     follow: when each(page), adds [page by key],
//!     then |grow, _node, links| for link in links {
//!         grow.add(page::new(link.clone()).key(link));
//!     }
//! }
//!
//! rule! {
//!     summarise: when closed(page), adds [summary],
//!     then |grow, pages| { grow.add(summary::new(pages)); }
//! }
//!
//! /// What the program runs.
//! fn crawl() -> Workflow {
//!     let mut flow = Workflow::new("crawl").rules(rules![follow, summarise]);
//!     flow.add(page::new("home").key("home"));
//!     flow
//! }
//!
//! /// A network of four pages, one of which cannot be had.
//! fn network() -> Mocks {
//!     Mocks::new().mock::<page>().returns_result(|name| match name.as_str() {
//!         "home" => Ok(vec!["news".to_owned(), "gone".to_owned()]),
//!         "news" => Ok(vec!["home".to_owned(), "archive".to_owned()]),
//!         "archive" => Ok(vec![]),
//!         _ => Err("404"),
//!     })
//! }
//!
//! // One run: stages that are not mocked run as they are.
//! let report = testing::seeded(crawl().mocked(network()), 0).or_else(dagcore::Error::into_report)?;
//! assert_eq!(report.only::<summary>()?, "3 of 4 pages");
//!
//! // A dry run: nothing that is not mocked runs, and nothing starts before that is certain.
//! let refused = testing::dry_run(crawl().mocked(network())).unwrap_err();
//! assert!(refused.to_string().contains("stage `summary` is not mocked"));
//! let all = network().mock::<summary>().returns(|pages| format!("{} pages", pages.len()));
//! let report = testing::dry_run(crawl().mocked(all)).or_else(dagcore::Error::into_report)?;
//! assert_eq!(report.only::<summary>()?, "4 pages");
//!
//! // Whatever ends first, it is the same graph.
//! testing::seeds(0..100, || crawl().mocked(network()), testing::graph_of);
//! # Ok::<(), dagcore::Error>(())
//! ```
//!
//! # Mocks
//!
//! [`Mocks::mock`] names a stage by its type; [`returns`](Mocking::returns) takes a closure that gives the output, and
//! [`returns_result`](Mocking::returns_result) one that gives a `Result`. Either takes the stage's inputs by reference,
//! in order, and what they are needs no annotation. It runs in place of the function, wherever that would have run; a
//! mock of an async stage is a plain closure too. A mock that panics fails its node, like the function. A mock adds
//! nothing to the graph while it runs: of a stage with `adds(..)` only the output is mocked.
//! [`Workflow::mocked`](crate::Workflow::mocked) takes the mocks, and every kind of run heeds them, an ordinary
//! [`run`](crate::Workflow::run) included.
//!
//! # Seeded runs
//!
//! An ordinary run leaves much to chance: which ready node starts first, which node ends first, what is seen in
//! between. In [`seeded`] a seed decides on all of it: which ready node starts next, which of those that ended is
//! handed in next and which together, which waiting node goes on next, and the body of which rule runs next. The same
//! program and the same seed give the same run.
//!
//! A seeded run has one thread. Plain stages run in place, one after another. Time is virtual: it stands still while
//! anything can be done, and then jumps to the next timer; so a stage that sleeps for an hour costs nothing, and of two
//! timers that were set at one time the earlier one fires first under every seed. A run in which nothing is left to
//! wait for is stopped, and its report says which nodes wait.
//!
//! Some chance stays out of reach: `tokio::select!` without `biased`, the order of a `HashMap`, random numbers, other
//! threads, the network. Mock the stages that use them. A stage that blocks on the runtime's handle cannot run in
//! place either, and is to be mocked.
//!
//! # Schedules
//!
//! [`seeds`] runs a program under many seeds, compares what you say, and panics at the first difference with the
//! seed, the difference and a [`Schedule`]: all choices of that run, as a text. [`replay`] makes the same choices
//! again. A seed means the same choices only as long as neither the program nor this library changes; a schedule means
//! the same until the program has other choices to make, and then it is an error that says from which step on.
//!
//! What [`seeds`] compares should not depend on ids, which are given in the order of time: not on names like `page#3`,
//! nor on messages with such names. [`graph_of`] does not, and outputs by [`Report::outputs`](crate::Report::outputs)
//! come in an order that does not.
//!
//! # Functions of stages
//!
//! A stage's function can be called by itself. Where it takes a `&StageContext`, [`context`] makes one.

mod compare;
mod context;
mod dice;
mod dry;
mod graph;
mod mocks;
mod run;
mod schedule;

pub use compare::seeds;
pub use context::{TestContext, context};
pub use dry::dry_run;
pub use graph::graph_of;
pub use mocks::{Mocking, Mocks};
pub use run::{recorded, replay, seeded};
pub use schedule::Schedule;
