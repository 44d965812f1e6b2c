//! The reader of a rule's conditions, with the parts that all conditions share.

use quote::ToTokens;
use syn::{Expr, ExprCall, Path};

use super::model::Condition;
use crate::report::Report;

/// Maximum number of arguments of one condition in the runtime.
const MOST: usize = 8;

/// Returns the expression without parentheses and without the invisible groups of `macro_rules!`.
pub(super) fn bare(expr: &Expr) -> &Expr {
    match expr {
        Expr::Paren(paren) => bare(&paren.expr),
        Expr::Group(group) => bare(&group.expr),
        _ => expr,
    }
}

pub(super) fn condition_word(func: &Expr) -> Option<String> {
    match bare(func) {
        Expr::Path(path) => path.path.get_ident().map(ToString::to_string),
        _ => None,
    }
}

pub(super) struct Reader<'r> {
    pub(super) is_item: bool,
    pub(super) report: &'r mut Report,
    pub(super) found: Vec<Condition>,
    pub(super) each: usize,
    pub(super) predicates: usize,
}

impl Reader<'_> {
    pub(super) fn stages(&mut self, call: &ExprCall, word: &str) -> Option<Vec<Path>> {
        self.some(call, word, "a stage")?;
        let stages: Vec<_> = call.args.iter().filter_map(|argument| self.stage(argument)).collect();
        (stages.len() == call.args.len()).then_some(stages)
    }

    fn stage(&mut self, argument: &Expr) -> Option<Path> {
        match bare(argument) {
            Expr::Path(path) if path.qself.is_none() => Some(path.path.clone()),
            _ => {
                self.report.error(
                    argument,
                    "expected a stage, by the name of its function: write for instance `each(manifest)`",
                );
                None
            }
        }
    }

    /// Counts the conditions that hold once for each node of a stage, and reports the second one.
    pub(super) fn count_each(&mut self, written: &impl ToTokens) {
        self.each += 1;
        if self.each == 2 {
            self.report.error(
                written,
                "a rule has at most one `each`, `each_failed` or `under each`, because it fires once for each node of \
                 one stage: write two rules",
            );
        }
    }

    pub(super) fn some(&mut self, call: &ExprCall, word: &str, what: &str) -> Option<()> {
        if call.args.is_empty() {
            self.report.error(call, format!("`{word}()` is empty: put {what} between the parentheses"));
            return None;
        }
        if call.args.len() > MOST {
            self.report.error(call, format!("`{word}` takes at most {MOST} arguments: join two of them with `&&`"));
            return None;
        }
        Some(())
    }

    pub(super) fn single<T>(&mut self, call: &ExprCall, given: Vec<T>, form: &str) -> Option<T> {
        let mut given = given.into_iter();
        match (given.next(), given.next()) {
            (Some(one), None) => Some(one),
            _ => {
                self.report.error(call, format!("this takes exactly one argument: write `{form}`"));
                None
            }
        }
    }
}
