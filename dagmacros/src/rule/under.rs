//! `closed(part) under each(sample)`: conditions on the nodes below a node.
//!
//! This is not Rust syntax, but conditions are parsed as one expression. Therefore `a under b` is first rewritten to a
//! call of a reserved method, `a.__dag_under(b)`, where the user's tokens keep their spans.

use proc_macro2::{Delimiter, Group, Ident, Punct, Spacing, TokenStream, TokenTree};
use quote::ToTokens;
use syn::visit::Visit;
use syn::{Expr, ExprCall, ExprMethodCall, Path};

use super::model::{Below, Condition};
use super::reader::{Reader, bare, condition_word};
use crate::adds::text_of;

const MARK: &str = "__dag_under";

const FOLLOWS: &str = "`under` follows `closed(..)`, `settled(..)` or `done(..)`, which wait for the nodes below a \
                       node: write for instance `closed(part) under each(sample)`";

const FOLLOWED: &str = "`under` is followed by `each(stage)`: write for instance `closed(part) under each(sample)`";

/// Returns the rule's tokens, with every `under` in its conditions rewritten to a call.
pub(super) fn marked(rule: TokenStream) -> TokenStream {
    mark(rule, false)
}

fn mark(tokens: TokenStream, mut in_conditions: bool) -> TokenStream {
    let mut marked: Vec<TokenTree> = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(tree) = tokens.next() {
        let last = marked.last();
        match tree {
            TokenTree::Ident(word) if !is_mark(last, '.') && (word == "when" || is_later_clause(&word)) => {
                in_conditions = word == "when";
                marked.push(word.into());
            }
            TokenTree::Ident(word) if in_conditions && word == "under" && is_keyword(last, tokens.peek()) => {
                let mut given = TokenStream::new();
                while let Some(next) = tokens.next_if(|next| !ends_operand(next)) {
                    given.extend([next]);
                }
                if last.is_some_and(ends_value) {
                    marked.push(Punct::new('.', Spacing::Alone).into());
                }
                let end = given.clone().into_iter().last().map_or(word.span(), |last| last.span());
                let mut given = Group::new(Delimiter::Parenthesis, given);
                given.set_span(end);
                marked.extend([Ident::new(MARK, word.span()).into(), given.into()]);
            }
            // Parentheses around conditions, not those of a call.
            TokenTree::Group(group) if in_conditions && is_plain(&group) && !last.is_some_and(ends_value) => {
                let mut inner = Group::new(group.delimiter(), mark(group.stream(), true));
                inner.set_span(group.span());
                marked.push(inner.into());
            }
            other => marked.push(other),
        }
    }
    marked.into_iter().collect()
}

/// Returns `true` if `under` is a keyword here, and not the name of another item.
fn is_keyword(last: Option<&TokenTree>, next: Option<&TokenTree>) -> bool {
    let stands_elsewhere = ['.', ':', ','].iter().any(|mark| is_mark(last, *mark));
    last.is_some_and(ends_value) || (!stands_elsewhere && matches!(next, Some(TokenTree::Ident(_))))
}

/// Returns `true` if a value ends with this token. A keyword before a value does not end one.
fn ends_value(last: &TokenTree) -> bool {
    match last {
        TokenTree::Punct(_) => false,
        TokenTree::Ident(word) => word != "when" && syn::parse2::<Ident>(word.to_token_stream()).is_ok(),
        TokenTree::Group(_) | TokenTree::Literal(_) => true,
    }
}

/// Returns `true` if the operand of `under` ends before this token.
fn ends_operand(next: &TokenTree) -> bool {
    match next {
        TokenTree::Punct(mark) => matches!(mark.as_char(), '&' | '|' | ',' | ';'),
        TokenTree::Ident(word) => word == "under" || word == "when" || is_later_clause(word),
        _ => false,
    }
}

fn is_later_clause(word: &Ident) -> bool {
    word == "adds" || word == "then"
}

fn is_mark(tree: Option<&TokenTree>, mark: char) -> bool {
    matches!(tree, Some(TokenTree::Punct(punct)) if punct.as_char() == mark)
}

fn is_plain(group: &Group) -> bool {
    group.delimiter() == Delimiter::Parenthesis
}

/// Returns `true` if this call is a rewritten `under`, or a method call of that name.
pub(super) fn is_under(call: &ExprMethodCall) -> bool {
    call.method == MARK || call.method == "under"
}

/// Returns the condition before `under`.
fn below(call: &ExprCall) -> Option<Below> {
    match condition_word(&call.func)?.as_str() {
        "closed" => Some(Below::Closed),
        "settled" => Some(Below::Settled),
        "done" => Some(Below::Done),
        _ => None,
    }
}

impl Reader<'_> {
    /// Reads `closed(part, ..) under each(sample)`.
    pub(super) fn below(&mut self, call: &ExprMethodCall) -> Option<Condition> {
        let Expr::Call(waited) = bare(&call.receiver) else {
            return self.refuse(call, FOLLOWS);
        };
        let Some(below) = below(waited) else {
            return self.refuse(call, FOLLOWS);
        };
        if call.method != MARK {
            return self.refuse(
                call,
                "`under` is written as a word of its own: write for instance \
                 `closed(part) under each(sample)`",
            );
        }
        self.count_each(call);
        let group = self.group(call);
        let stages = self.stages(waited, below.word())?;
        let group = group?;
        if let Some(same) = stages.iter().find(|stage| text_of(stage) == text_of(&group)) {
            let text = text_of(same);
            self.report.error(
                same,
                format!(
                    "`under each({text})` waits for nodes below a `{text}`, and cannot wait for `{text}` itself: \
                     remove it from `{}(..)`; nodes of other stages are found at any depth, and the body receives \
                     each `{text}`",
                    below.word()
                ),
            );
            return None;
        }
        Some(Condition::Below(below, stages, group))
    }

    fn refuse(&mut self, call: &ExprMethodCall, message: &str) -> Option<Condition> {
        self.report.error(&call.method, message);
        None
    }

    /// Reads the stage in `under each(stage)`.
    fn group(&mut self, call: &ExprMethodCall) -> Option<Path> {
        let given = call.args.first().filter(|_| call.args.len() == 1).map(bare);
        match given {
            Some(Expr::Call(each)) => match condition_word(&each.func).as_deref() {
                Some("each") => {
                    let stages = self.stages(each, "each")?;
                    return self.single(each, stages, "each(stage)");
                }
                Some("each_failed") => {
                    let stage = match each.args.first() {
                        Some(Expr::Path(path)) => text_of(&path.path),
                        _ => "stage".to_owned(),
                    };
                    self.report.error(
                        each,
                        format!(
                            "`under each(..)` fires once for each node of the stage, whatever its outcome: write \
                             `under each({stage})`"
                        ),
                    );
                }
                _ => self.report.error(each, FOLLOWED),
            },
            Some(Expr::Path(path)) => {
                let stage = text_of(&path.path);
                self.report.error(path, format!("`under` is followed by `each(stage)`: write `under each({stage})`"));
            }
            Some(other) => self.report.error(other, FOLLOWED),
            None => self.report.error(&call.method, FOLLOWED),
        }
        None
    }

    /// Reports an `under` inside another expression. Returns `true` if there is one.
    pub(super) fn misplaced_under(&mut self, expr: &Expr) -> bool {
        let mut find = Find(None);
        find.visit_expr(expr);
        if let Some(word) = &find.0 {
            self.report.error(word, FOLLOWS);
        }
        find.0.is_some()
    }

    /// Returns the correction of `done_under(part, sample)`, which is the form of other libraries.
    pub(super) fn with_under(call: &ExprCall, unknown: &str) -> Option<String> {
        let word = unknown.strip_suffix("_under").filter(|word| ["closed", "settled", "done"].contains(word))?;
        let mut stages: Vec<_> = call.args.iter().map(|stage| stage.to_token_stream().to_string()).collect();
        let group = if stages.len() > 1 { stages.pop() } else { None }.unwrap_or_else(|| "sample".to_owned());
        if stages.is_empty() {
            stages.push("part".to_owned());
        }
        Some(format!("write `{word}({}) under each({group})`", stages.join(", ")))
    }
}

/// A visitor that finds the first `under`.
struct Find(Option<Ident>);

impl<'ast> Visit<'ast> for Find {
    fn visit_ident(&mut self, word: &'ast Ident) {
        if word == MARK && self.0.is_none() {
            self.0 = Some(word.clone());
        }
    }
}
