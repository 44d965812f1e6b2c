//! What a program with `dagcore` does, seen from outside: one test for each sentence that is promised.

mod bounds;
mod failures;
mod growth;
mod handles;
mod hostile;
mod inputs;
mod laws;
mod maps;
mod rules;
mod time;
