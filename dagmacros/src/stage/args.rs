//! The options in `#[stage(..)]`.

use proc_macro2::{Delimiter, Group, Ident, TokenStream};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{LitStr, Token};

use super::model::Place;
use super::needs;
use super::policy::{self, Asked};
use crate::adds::{self, Added, By};
use crate::{list, number, report::Report, report::suggestion};

/// The parsed options.
#[derive(Default)]
pub(super) struct Options {
    pub(super) name: Option<LitStr>,
    pub(super) version: Option<TokenStream>,
    /// `blocking` or `inline`, with its token.
    pub(super) place: Option<(Place, Ident)>,
    /// `adds(..)`, with its token.
    pub(super) adds: Option<(Vec<Added>, Ident)>,
    /// The options that decide the start order of its nodes: `priority` and `expected`.
    pub(super) ranked: Vec<Asked>,
    /// The options of the attempt policy: retries, backoff, timeouts.
    pub(super) asked: Vec<Asked>,
    /// The limits and resources that its nodes need to start: concurrency, pools, rate.
    pub(super) needed: Vec<Asked>,
}

const SUPPORTED: [&str; 15] = [
    "name",
    "version",
    "blocking",
    "inline",
    "adds",
    "priority",
    "expected",
    "retries",
    "backoff",
    "retry_if",
    "timeout",
    "deadline",
    "concurrency",
    "pool",
    "rate",
];
const PLANNED: [&str; 2] = ["cache", "executor"];

/// Reads the options. Reports every invalid option and omits it.
pub(super) fn read(args: TokenStream, report: &mut Report) -> Options {
    let mut options = Options::default();
    let mut seen: Vec<Ident> = Vec::new();
    for part in list::parts(args) {
        let Ok(option) = Written::parse.parse2(part.clone()) else {
            let known = SUPPORTED.join("`, `");
            report.error(part, format!("this is not an option of `#[stage]`: expected one of `{known}`"));
            continue;
        };
        if seen.contains(&option.word) {
            report.error(&option.word, format!("the option `{}` is set twice: keep one", option.word));
            continue;
        }
        seen.push(option.word.clone());
        options.take(option, report);
    }
    options
}

impl Options {
    fn take(&mut self, option: Written, report: &mut Report) {
        let word = option.word.to_string();
        match word.as_str() {
            "name" => self.name = option.name(report),
            "version" => self.version = option.version(report),
            "blocking" => self.place(option, Place::Blocking, report),
            "inline" => self.place(option, Place::Inline, report),
            "adds" => self.adds = Some((option.adds(report), option.word)),
            asked if policy::OPTIONS.contains(&asked) => {
                self.asked.extend(policy::read(&option.word, &option.value, option.wrong(), report));
            }
            needed if needs::OPTIONS.contains(&needed) => {
                let Written { word, value, rest } = &option;
                self.needed.extend(needs::read(word, value, rest, option.wrong(), report));
            }
            said if policy::RANKS.contains(&said) => {
                self.ranked.extend(policy::read(&option.word, &option.value, option.wrong(), report));
            }
            planned if PLANNED.contains(&planned) => report
                .error(&option.word, format!("the option `{planned}` is not supported by this version of dagcore")),
            unknown => {
                let instead = suggestion(unknown, &SUPPORTED);
                report.error(&option.word, format!("unknown option `{unknown}`: {instead}"));
            }
        }
    }

    fn place(&mut self, option: Written, place: Place, report: &mut Report) {
        let word = &option.word;
        if !option.rest.is_empty() {
            report.error(&option.rest, format!("`{word}` takes no value: write `#[stage({word})]`"));
        }
        match &self.place {
            Some((_, other)) => {
                report.error(word, format!("`{other}` and `{word}` are mutually exclusive: keep one"));
            }
            None => self.place = Some((place, option.word)),
        }
    }
}

/// One option, unparsed.
struct Written {
    word: Ident,
    /// The tokens after the word, including the `=`.
    rest: TokenStream,
    /// The tokens after the `=`.
    value: TokenStream,
}

impl Written {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let word = input.call(Ident::parse_any)?;
        let ahead = input.fork();
        let value = match ahead.parse::<Token![=]>() {
            Ok(_) => ahead.parse()?,
            Err(_) => TokenStream::new(),
        };
        Ok(Self { word, rest: input.parse()?, value })
    }

    /// Returns the tokens for an error to point at: the value, or the tokens in its place, or the word alone.
    fn wrong(&self) -> &dyn ToTokens {
        match (self.value.is_empty(), self.rest.is_empty()) {
            (false, _) => &self.value,
            (true, false) => &self.rest,
            (true, true) => &self.word,
        }
    }

    fn name(&self, report: &mut Report) -> Option<LitStr> {
        let Ok(name) = syn::parse2::<LitStr>(self.value.clone()) else {
            report.error(self.wrong(), "`name` is a string: write `name = \"..\"`");
            return None;
        };
        let text = name.value();
        if text.trim().is_empty() {
            report.error(&name, "a stage's name cannot be empty");
        } else if text.chars().any(char::is_control) {
            report.error(&name, "a stage's name is a single line without control characters");
        }
        Some(name)
    }

    fn adds(&self, report: &mut Report) -> Vec<Added> {
        let list = match syn::parse2::<Group>(self.rest.clone()) {
            Ok(list) if list.delimiter() == Delimiter::Parenthesis => list,
            _ => {
                report.error(self.wrong(), "`adds` lists stages in parentheses: write `adds(stage, other by key)`");
                return Vec::new();
            }
        };
        if list.stream().is_empty() {
            report.error(&self.rest, "`adds()` is empty: list the stages that this stage adds, or remove it");
        }
        adds::read(list.stream(), By::Stage, report)
    }

    fn version(&self, report: &mut Report) -> Option<TokenStream> {
        let version = number::at_least_one(&self.value);
        if version.is_none() {
            report.error(self.wrong(), "`version` is an integer of at least 1: write `version = 2`");
        }
        version
    }
}
