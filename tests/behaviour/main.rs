//! What a program with `dagcore` does, seen from outside: one test for each sentence that is promised.

mod bounds;
mod explain;
mod failures;
mod growing;
mod growth;
mod handles;
mod hostile;
mod inputs;
mod inside;
mod keys;
mod laws;
mod maps;
mod nested;
mod possible;
mod progress;
mod results;
mod rules;
mod runs;
mod seeded;
mod testing;
mod time;
mod tracking;
mod under;
mod waiting_for_workers;
mod warnings;
