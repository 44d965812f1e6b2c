//! Collects all errors of one item, so that they are reported at once.

use std::fmt::Display;

use quote::ToTokens;

/// The errors found so far.
#[derive(Default)]
pub(crate) struct Report {
    errors: Option<syn::Error>,
}

impl Report {
    /// Adds an error that points at `tokens`.
    pub(crate) fn error(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.add(syn::Error::new_spanned(tokens, message));
    }

    /// Adds an error that already has its span.
    pub(crate) fn add(&mut self, error: syn::Error) {
        match &mut self.errors {
            Some(errors) => errors.combine(error),
            None => self.errors = Some(error),
        }
    }

    /// Returns `true` if no error has been found so far.
    pub(crate) fn is_empty(&self) -> bool {
        self.errors.is_none()
    }

    /// Ends a phase: returns the checked value if there are no errors, and all errors otherwise.
    ///
    /// A check that returns `None` must have added an error. If it has not, this is reported as a bug in the macro,
    /// without a panic.
    pub(crate) fn finish<T>(self, checked: Option<T>) -> syn::Result<T> {
        match (self.errors, checked) {
            (None, Some(checked)) => Ok(checked),
            (Some(errors), _) => Err(errors),
            (None, None) => Err(syn::Error::new(
                proc_macro2::Span::call_site(),
                "`dagmacros` cannot read this input and has no error for it: please report this as a bug",
            )),
        }
    }
}

/// Returns the known word that is nearest to `word`, if one is near enough.
pub(crate) fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    let (distance, found) =
        (known.iter()).map(|known| (distance(word, known), *known)).min_by_key(|(distance, _)| *distance)?;
    (distance <= 1 + found.len() / 4).then_some(found)
}

/// Returns ``did you mean `x`?`` if a known word is near, and the list of all known words otherwise.
pub(crate) fn suggestion(word: &str, known: &[&str]) -> String {
    match nearest(word, known) {
        Some(found) => format!("did you mean `{found}`?"),
        None => format!("expected one of `{}`", known.join("`, `")),
    }
}

/// Returns the edit distance: the number of letters to insert, delete, replace, or swap with their neighbour.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    let mut last = None;
    for (at, letter) in from.chars().enumerate() {
        let mut next = vec![at + 1];
        for (column, other) in to.iter().enumerate() {
            let changed = row[column] + usize::from(letter != *other);
            let mut best = changed.min(row[column + 1] + 1).min(next[column] + 1);
            if column > 0 && last == Some(*other) && letter == to[column - 1] {
                best = best.min(before[column - 1] + 1);
            }
            next.push(best);
        }
        last = Some(letter);
        before = std::mem::replace(&mut row, next);
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_of_the_finger_finds_the_word_and_another_word_does_not() {
        let known = ["name", "version", "blocking", "inline"];
        assert_eq!(nearest("nmae", &known), Some("name"));
        assert_eq!(nearest("Version", &known), Some("version"));
        assert_eq!(nearest("bloking", &known), Some("blocking"));
        assert_eq!(nearest("retries", &known), None);
        assert_eq!(nearest("", &[]), None);
    }
}
