//! What a program with `dagcore` does, seen from outside: one test for each sentence that is promised.

mod bounds;
mod failures;
mod growing;
mod growth;
mod handles;
mod hostile;
mod inputs;
mod maps;
mod rules;
mod seeded;
mod testing;
mod time;
