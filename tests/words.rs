//! Words that make a text read as translated, or as if components were people, do not come back.

use std::fs;
use std::path::Path;
use tests::repository::files;

/// See the rules of language in the style guide: components are things, and a sentence uses the terms of the field.
const WORDS: &[&str] =
    &["somebody", "nobody", "anybody", "whoever", "told", "hear", "hears", "in the hand", "the house"];

#[test]
fn comments_and_documents_do_not_use_words_that_were_replaced() {
    let mut wrong = Vec::new();
    let places = ["README.md", "CHANGELOG.md", "dagcore", "dagmacros", "examples", "benches", "tests"];
    let all = places.into_iter().flat_map(|place| files(place, &["rs", "md"]));
    for file in all.filter(|file| !file.ends_with("words.rs")) {
        let text = fs::read_to_string(&file).unwrap();
        let found: Vec<String> = sentences(&file, &text)
            .flat_map(|(line, text)| {
                let used = WORDS.iter().filter(move |word| contains(text, word));
                used.map(move |word| format!("line {line}: `{word}`"))
            })
            .collect();
        let name = file.to_str().unwrap();
        if !found.is_empty() {
            wrong.push(format!("{name}: {}", found.join(", ")));
        }
    }
    assert!(wrong.is_empty(), "say it with a term of the field:\n{}", wrong.join("\n"));
}

/// The lines of a document, and the comments of a source, with their numbers.
fn sentences<'a>(file: &Path, text: &'a str) -> impl Iterator<Item = (usize, &'a str)> + use<'a> {
    let is_source = file.extension().is_some_and(|extension| extension == "rs");
    let lines = text.lines().enumerate().map(|(index, line)| (index + 1, line));
    lines.filter_map(move |(number, line)| {
        let comment = line.find("//").map(|from| &line[from..]);
        Some((number, if is_source { comment? } else { line }))
    })
}

/// Whether a text contains a word, or words, and not only as a part of a longer one.
fn contains(text: &str, word: &str) -> bool {
    let text = text.to_lowercase();
    let ends = |end: Option<char>| !end.is_some_and(|end| end.is_alphanumeric() || end == '_');
    text.match_indices(word).any(|(from, _)| {
        let (before, after) = (&text[..from], &text[from + word.len()..]);
        ends(before.chars().next_back()) && ends(after.chars().next())
    })
}

#[test]
fn a_word_is_found_at_any_place_and_not_inside_of_another() {
    assert!(contains("Nobody does", "nobody") && contains("is told.", "told") && contains("told", "told"));
    assert!(!contains("the toldness", "told") && !contains("`told_to`", "told") && !contains("untold", "told"));
}
