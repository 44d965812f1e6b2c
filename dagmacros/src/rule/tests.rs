//! What `rule!` makes of rules, and what it says of mistakes.

mod expansions;
mod mistakes;
