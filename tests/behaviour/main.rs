//! What a program with `dagcore` does, seen from outside: one test for each sentence that is promised.

mod bounds;
mod explain;
mod failures;
mod growth;
mod handles;
mod hostile;
mod inputs;
mod maps;
mod progress;
mod rules;
mod runs;
mod time;
