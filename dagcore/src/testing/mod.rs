//! A testing kit: mocked stages, real rules, virtual time, and an order of events that a seed decides.
//!
//! Requires the feature `testing`, which belongs in `[dev-dependencies]`:
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
//! [`Mocks::mock`] names a stage by its type. [`returns`](Mocking::returns) takes a closure that returns the output,
//! and [`returns_result`](Mocking::returns_result) takes one that returns a `Result`. Both closures take the stage's
//! inputs by reference, in order, and their parameters need no type annotations. The closure runs in place of the
//! function, on the same threads; a mock of an async stage is a plain closure too. A mock that panics fails its node,
//! like the function. A mock adds nothing to the graph while it runs: for a stage with `adds(..)`, only the output is
//! mocked. [`Workflow::mocked`](crate::Workflow::mocked) takes the mocks, and every kind of run uses them, including an
//! ordinary [`run`](crate::Workflow::run).
//!
//! # Seeded runs
//!
//! In an ordinary run, much is nondeterministic: which ready node starts first, which node ends first, and what is
//! observed in between. In [`seeded`], a seed decides all of it: which ready node starts next, which ended nodes are
//! applied next and which of them together, which waiting node is polled next, and which rule's body runs next. The
//! same program and the same seed produce the same run.
//!
//! A seeded run has one thread. Plain stages run in place, one after another. Time is virtual: it stands still while
//! there is work to do, and then advances to the next timer. So a stage that sleeps for an hour costs nothing, and of
//! two timers that were set at the same time the earlier one fires first under every seed. A run in which nothing is
//! left to wait for is stopped, and its report lists the waiting nodes.
//!
//! Some sources of nondeterminism are out of reach: `tokio::select!` without `biased`, the order of a `HashMap`, random
//! numbers, other threads, the network. Mock the stages that use them. A stage that blocks on the runtime's handle
//! cannot run in place either, and must be mocked.
//!
//! # Schedules
//!
//! [`seeds`] runs a program under many seeds, compares a value of your choice, and panics at the first difference. The
//! message has the seed, the difference and a [`Schedule`]: all choices of that run, as a text. [`replay`] makes the
//! same choices again. A seed produces the same choices only as long as neither the program nor this library changes. A
//! schedule stays valid until the program has other choices to make; then the replay returns an error with the first
//! step that differs.
//!
//! The compared value should not depend on ids, which are assigned in order of time: neither on names like `page#3` nor
//! on messages with such names. [`graph_of`] does not depend on them, and the order of
//! [`Report::outputs`](crate::Report::outputs) does not either.
//!
//! # Functions of stages
//!
//! A stage function can be called directly. For a parameter `&StageContext`, [`context`] creates a context.

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
