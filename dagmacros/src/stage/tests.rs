//! What `#[stage]` makes of functions, and what it says of mistakes.

mod expansions;
mod mistakes;
