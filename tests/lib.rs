//! Shared by the tests: a watchdog for runs that may hang; rules of another crate, for programs that list them beside
//! their own; stages and rules under strict lints; and the files of the repository.

#![allow(missing_docs, reason = "the crate is for tests only")]

pub mod dice;
pub mod failures;
pub mod repository;
pub mod strict;
pub mod usage;
pub mod watchdog;

pub mod laws {
    //! Rules that are lawful on their own.

    use dagcore::prelude::*;

    #[stage]
    pub fn page(n: u64) -> u64 {
        n
    }

    #[stage]
    pub fn text(page: &u64) -> String {
        page.to_string()
    }

    pub mod rules {
        //! A rule in a separate module.

        use super::{page, text};
        use dagcore::prelude::*;

        rule! {
            /// Each page has its text.
            pub read: when each(page), adds [text], then |grow, node, _page| { grow.add(text::new(node)); }
        }
    }
}
