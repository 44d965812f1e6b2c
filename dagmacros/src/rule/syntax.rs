//! Parses the clauses of `rule!`.
//!
//! The parser recovers from errors: it reports an invalid clause, omits it, and goes on with the next one.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::token::{Bracket, Paren};
use syn::{Attribute, Expr, Token, Visibility, bracketed};

use super::conditions::KNOWN as CONDITIONS;
use super::under;
use crate::report::{Report, nearest};

/// The parts of a rule that were found.
#[derive(Default)]
pub(super) struct Written {
    pub(super) attrs: Vec<Attribute>,
    pub(super) vis: Option<Visibility>,
    pub(super) name: Option<Ident>,
    pub(super) when: Clause<Expr>,
    pub(super) adds: Clause<Listed>,
    pub(super) then: Clause<Expr>,
}

/// The contents of `adds [..] within N`.
pub(super) struct Listed {
    pub(super) stages: TokenStream,
    pub(super) within: Option<(Ident, TokenStream)>,
}

/// A clause, which may be missing, or present but invalid.
pub(super) struct Clause<T> {
    pub(super) word: Option<Ident>,
    pub(super) content: Option<T>,
}

impl<T> Default for Clause<T> {
    fn default() -> Self {
        Self { word: None, content: None }
    }
}

const CLAUSES: [&str; 3] = ["when", "adds", "then"];
const ORDER: &str = "the order is `when .., adds [..], then |grow, ..| ..`";

/// Reads the clauses. Errors in them are added to the report.
pub(super) fn read(input: TokenStream, report: &mut Report) -> Written {
    let mut written = Written::default();
    let parsed =
        (|input: ParseStream<'_>| Reader { input, written: &mut written, report }.rule()).parse2(under::marked(input));
    // After an invalid clause, syn also reports the tokens that were left unread. That error is redundant.
    if let Some(error) = parsed.err().filter(|_| report.is_empty()) {
        report.add(error);
    }
    written
}

struct Reader<'r> {
    input: ParseStream<'r>,
    written: &'r mut Written,
    report: &'r mut Report,
}

impl Reader<'_> {
    fn rule(&mut self) -> syn::Result<()> {
        self.head()?;
        let mut latest = 0;
        let mut comma = true;
        while !self.input.is_empty() {
            if self.without_when() {
                comma = self.input.parse::<Option<Token![,]>>()?.is_some();
                continue;
            }
            let Ok(word) = self.input.call(Ident::parse_any) else {
                self.stray()?;
                comma = true;
                continue;
            };
            let place = CLAUSES.iter().position(|clause| word == clause);
            let Some(place) = place.or_else(|| self.unknown(&word)) else {
                self.skip()?;
                comma = self.input.parse::<Option<Token![,]>>()?.is_some() || self.peek("when");
                continue;
            };
            if !comma {
                self.report.error(&word, format!("a comma is missing before `{word}`"));
            }
            if place < latest {
                self.report.error(&word, format!("`{word}` is out of order: {ORDER}"));
            }
            latest = latest.max(place);
            let read = match place {
                0 => self.when(word),
                1 => self.adds(word),
                _ => self.then(word),
            };
            if let Err(error) = read {
                self.report.add(error);
                self.skip()?;
            }
            comma = self.input.parse::<Option<Token![,]>>()?.is_some();
        }
        Ok(())
    }

    /// Reads the attributes, the visibility and the name of an item.
    fn head(&mut self) -> syn::Result<()> {
        self.written.attrs = self.input.call(Attribute::parse_outer)?;
        let vis = self.input.parse()?;
        self.written.vis = (!matches!(vis, Visibility::Inherited)).then_some(vis);
        if self.input.peek(Ident::peek_any) && self.input.peek2(Token![:]) && !self.input.peek2(Token![::]) {
            self.written.name = Some(self.input.parse()?);
            self.input.parse::<Token![:]>()?;
        }
        Ok(())
    }

    /// Reads a condition without a `when` before it, and reports that. Returns `true` if there is one.
    fn without_when(&mut self) -> bool {
        if self.written.when.word.is_some() || !self.input.peek2(Paren) {
            return false;
        }
        let Ok(word) = self.input.fork().call(Ident::parse_any) else { return false };
        if !CONDITIONS.contains(&word.to_string().as_str()) {
            return false;
        }
        self.report.error(&word, format!("a rule starts with `when`: write `when {word}(..)`"));
        self.written.when.content = self.input.parse().ok();
        self.written.when.word = Some(word);
        true
    }

    fn when(&mut self, word: Ident) -> syn::Result<()> {
        if self.again(&word, self.written.when.word.is_some(), "join the conditions with `&&`") {
            self.input.parse::<Expr>()?;
            return Ok(());
        }
        self.written.when.word = Some(word.clone());
        if self.at_end() {
            self.report.error(&word, "`when` needs a condition: write for instance `when each(stage)`");
            return Ok(());
        }
        self.written.when.content = Some(self.input.parse()?);
        Ok(())
    }

    fn adds(&mut self, word: Ident) -> syn::Result<()> {
        let again = self.again(&word, self.written.adds.word.is_some(), "list all the stages in one");
        if !self.input.peek(Bracket) {
            self.report.error(&word, "`adds` is followed by a list in brackets: write `adds [stage, other by key]`");
            self.written.adds.word = Some(word);
            return self.skip();
        }
        let content;
        bracketed!(content in self.input);
        let stages = content.parse()?;
        // A comma before `within` is reported as such, and not as an unknown clause.
        if self.input.peek(Token![,]) && self.input.peek2(Ident::peek_any) {
            let ahead = self.input.fork();
            ahead.parse::<Token![,]>()?;
            if ahead.call(Ident::parse_any)? == "within" {
                let comma: Token![,] = self.input.parse()?;
                self.report.error(comma, "`within` belongs to `adds`: write `adds [..] within 5`, without a comma");
            }
        }
        let within = match self.peek("within") {
            true => Some((self.input.call(Ident::parse_any)?, self.until_clause()?)),
            false => None,
        };
        if !again {
            self.written.adds = Clause { word: Some(word), content: Some(Listed { stages, within }) };
        }
        Ok(())
    }

    fn then(&mut self, word: Ident) -> syn::Result<()> {
        let again = self.again(&word, self.written.then.word.is_some(), "a rule has one body");
        if self.at_end() {
            self.report.error(&word, "`then` needs a body: write `then |grow, ..| { .. }`");
            self.written.then.word = Some(word);
            return Ok(());
        }
        if !again {
            self.written.then.word = Some(word);
        }
        let body = self.input.parse()?;
        if !again {
            self.written.then.content = Some(body);
        }
        Ok(())
    }

    /// Reports a duplicate clause. Returns `again`.
    fn again(&mut self, word: &Ident, again: bool, instead: &str) -> bool {
        if again {
            self.report.error(word, format!("the clause `{word}` is written twice: {instead}"));
        }
        again
    }

    /// Reports a word that starts no clause. Returns the clause that was probably meant, if there is one.
    fn unknown(&mut self, word: &Ident) -> Option<usize> {
        let text = word.to_string();
        let at_start = self.written.when.word.is_none() && self.written.name.is_none();
        let (message, meant) = match nearest(&text, &CLAUSES) {
            _ if self.written.then.word.is_some() => {
                (format!("`{text}` follows the body: a rule ends with its body"), None)
            }
            _ if at_start && self.peek("when") => {
                self.written.name = Some(word.clone());
                (format!("a colon is missing after the name: write `{text}: when ..`"), None)
            }
            _ if text == "and" => ("conditions are joined by `&&`: write `&&` instead of `and`".to_owned(), None),
            _ if text == "or" => {
                ("conditions are joined by `&&` only: write two rules instead of `or`".to_owned(), None)
            }
            _ if CONDITIONS.contains(&text.as_str()) => {
                (format!("conditions are joined by `&&`: write `when .. && {text}(..)`"), None)
            }
            _ if text == "under" => (
                "`under` belongs to the condition before it: write `closed(part) under each(sample)`, without a comma"
                    .to_owned(),
                None,
            ),
            _ if text == "if" => {
                ("a condition starts with `when`: write `when` instead of `if`".to_owned(), Some("when"))
            }
            Some(clause) => (format!("unknown clause `{text}`: did you mean `{clause}`?"), Some(clause)),
            None => (format!("unknown clause `{text}`: {ORDER}"), None),
        };
        self.report.error(word, message);
        CLAUSES.iter().position(|clause| meant == Some(*clause))
    }

    fn stray(&mut self) -> syn::Result<()> {
        let tree: TokenTree = self.input.parse()?;
        let message = match &tree {
            TokenTree::Punct(mark) if mark.as_char() == ';' => match self.written.then.word {
                Some(_) => "write the body in braces: `then |grow, ..| { ..; }`".to_owned(),
                None => "clauses are separated by commas: write `,` instead".to_owned(),
            },
            _ => format!("a rule consists of clauses: {ORDER}"),
        };
        self.report.error(tree, message);
        self.skip()?;
        self.input.parse::<Option<Token![,]>>()?;
        Ok(())
    }

    /// Skips to the start of the next clause.
    fn skip(&mut self) -> syn::Result<()> {
        self.until_clause().map(drop)
    }

    /// Returns the tokens before the next clause, without the comma that ends them.
    fn until_clause(&mut self) -> syn::Result<TokenStream> {
        let mut found = TokenStream::new();
        while !self.at_end() {
            found.extend([self.input.parse::<TokenTree>()?]);
        }
        Ok(found)
    }

    /// Returns `true` if a clause ends here.
    fn at_end(&self) -> bool {
        if self.input.is_empty() || CLAUSES.iter().any(|clause| self.peek(clause)) {
            return true;
        }
        let ahead = self.input.fork();
        ahead.parse::<Token![,]>().is_ok()
            && (ahead.is_empty()
                || ahead.call(Ident::parse_any).is_ok_and(|word| CLAUSES.iter().any(|clause| word == clause)))
    }

    fn peek(&self, word: &str) -> bool {
        self.input.fork().call(Ident::parse_any).is_ok_and(|found| found == word)
    }
}
