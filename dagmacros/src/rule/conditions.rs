//! Reads the conditions in the expression after `when`.

use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::{BinOp, Expr, ExprBinary, ExprCall, ExprClosure, ExprUnary, Path, Token, UnOp};

use super::model::{Condition, Conditions, Predicate};
use super::reader::{Reader, bare, condition_word};
use super::under;
use crate::adds::text_of;
use crate::report::{Report, suggestion};

/// The names of the conditions.
pub(super) const KNOWN: [&str; 9] =
    ["done", "settled", "failed", "each", "each_failed", "count", "count_done", "closed", "named"];

/// Reads the conditions of an item or of an expression. Returns `None` if no condition is valid.
pub(super) fn read(written: &Expr, is_item: bool, report: &mut Report) -> Option<Conditions> {
    let mut reader = Reader { is_item, report, found: Vec::new(), each: 0, predicates: 0 };
    reader.joined(written);
    let mut found = reader.found.into_iter();
    Some(Conditions { first: found.next()?, rest: found.collect() })
}

impl Condition {
    /// Describes the values that the condition passes to the body, for messages.
    pub(super) fn hands(&self) -> Vec<String> {
        let of = |what: &str, exprs: &[Expr]| exprs.iter().map(|expr| format!("{what} {}", node(expr))).collect();
        let handles = |stage: &Path| format!("the handles of the `{}` nodes", text_of(stage));
        let one = |stage: &Path| format!("the handle of the `{}` node", text_of(stage));
        match self {
            Self::Done(nodes) => of("the output of", nodes),
            Self::Settled(nodes) => of("the outcome of", nodes),
            Self::Failed(expr) => vec![format!("the error of {}", node(expr))],
            Self::Each(stage) => vec![one(stage), "its output".to_owned()],
            Self::EachFailed(stage) => vec![one(stage), "its error".to_owned()],
            Self::Count(stage, _) | Self::CountDone(stage, _) => vec![handles(stage)],
            Self::Closed(stages) => stages.iter().map(handles).collect(),
            Self::Below(_, stages, group) => {
                let below = stages.iter().map(|stage| format!("{} below it", handles(stage)));
                std::iter::once(one(group)).chain(below).collect()
            }
            Self::Named(_) => vec!["the handle of the node with that name".to_owned()],
            Self::Predicate(_) => Vec::new(),
        }
    }
}

fn node(expr: &Expr) -> String {
    match bare(expr) {
        Expr::Path(path) => format!("`{}`", text_of(&path.path)),
        _ => "the node".to_owned(),
    }
}

impl Reader<'_> {
    /// Reads conditions joined by `&&`.
    fn joined(&mut self, expr: &Expr) {
        match bare(expr) {
            Expr::Binary(ExprBinary { left, op: BinOp::And(_), right, .. }) => {
                self.joined(left);
                self.joined(right);
            }
            Expr::Binary(ExprBinary { left, op: op @ BinOp::Or(_), right, .. }) => {
                self.report.error(op, "conditions are joined by `&&` only: write two rules instead of `||`");
                self.joined(left);
                self.joined(right);
            }
            Expr::Closure(closure) => {
                let open = matches!(expr, Expr::Closure(_));
                let predicate = self.predicate(closure, open);
                self.found.extend(predicate);
            }
            alone => {
                let condition = self.one(alone);
                self.found.extend(condition);
            }
        }
    }

    fn one(&mut self, expr: &Expr) -> Option<Condition> {
        match expr {
            Expr::MethodCall(call) if under::is_under(call) => self.below(call),
            _ if self.misplaced_under(expr) => None,
            Expr::Call(call) => self.call(call, None),
            Expr::Binary(ExprBinary { left, op, right, .. }) => self.compared(left, op, right),
            Expr::Unary(ExprUnary { op: UnOp::Not(not), .. }) => {
                self.report.error(
                    not,
                    "a condition cannot be negated, because it would not stay true while the graph grows: wait for a \
                     positive condition, or write a predicate `|view| ..`",
                );
                None
            }
            other => {
                self.report.error(
                    other,
                    format!(
                        "this is not a condition: write `{}(..)`, or a predicate `|view| ..`, joined by `&&`",
                        KNOWN.join("(..)`, `"),
                    ),
                );
                None
            }
        }
    }

    /// Reads `count(stage) >= n`.
    fn compared(&mut self, left: &Expr, op: &BinOp, right: &Expr) -> Option<Condition> {
        let (Expr::Call(call), BinOp::Ge(_)) = (bare(left), op) else {
            let counted = [left, right].into_iter().any(|side| is_condition(side, &["count", "count_done"]));
            let message = match (op, counted) {
                (BinOp::BitAnd(_) | BinOp::BitOr(_), _) => "conditions are joined by `&&`",
                (_, true) => {
                    "a count only grows, so it is compared with `>=` only, with the count on the left: write \
                     `count(stage) >= n`"
                }
                (_, false) => "only `count(stage)` and `count_done(stage)` can be compared, with `>=`",
            };
            self.report.error(op, message);
            return None;
        };
        if !is_condition(left, &["count", "count_done"]) {
            self.report.error(op, "only `count(stage)` and `count_done(stage)` can be compared, with `>=`");
        }
        self.call(call, Some(right))
    }

    fn call(&mut self, call: &ExprCall, least: Option<&Expr>) -> Option<Condition> {
        let Some(word) = condition_word(&call.func) else {
            self.report.error(&call.func, format!("this is not a condition: expected one of `{}`", KNOWN.join("`, `")));
            return None;
        };
        match word.as_str() {
            "done" => self.handles(call, "done").map(Condition::Done),
            "settled" => self.handles(call, "settled").map(Condition::Settled),
            "failed" => self
                .handles(call, "failed")
                .and_then(|nodes| self.single(call, nodes, "failed(node)"))
                .map(Condition::Failed),
            "each" => self.each(call).map(Condition::Each),
            "each_failed" => self.each(call).map(Condition::EachFailed),
            "count" => self.count(call, "count", least, Condition::Count),
            "count_done" => self.count(call, "count_done", least, Condition::CountDone),
            "closed" => self.stages(call, "closed").map(Condition::Closed),
            "named" => {
                let names = call.args.iter().cloned().collect();
                self.single(call, names, "named(\"name\")").map(Condition::Named)
            }
            unknown => {
                let instead = Self::with_under(call, unknown).unwrap_or_else(|| suggestion(unknown, &KNOWN));
                self.report.error(&call.func, format!("unknown condition `{unknown}`: {instead}"));
                None
            }
        }
    }

    fn handles(&mut self, call: &ExprCall, word: &str) -> Option<Vec<Expr>> {
        if self.is_item {
            self.report.error(
                call,
                format!(
                    "a rule with a name cannot capture a handle to wait for: remove the name and write \
                     `flow.rule(rule! {{ when {word}(..), .. }})`, or wait for a stage with `each(stage)`"
                ),
            );
            return None;
        }
        self.some(call, word, "the handle of a node")?;
        Some(call.args.iter().cloned().collect())
    }

    fn each(&mut self, call: &ExprCall) -> Option<Path> {
        self.count_each(call);
        let stages = self.stages(call, &text_of_func(call))?;
        self.single(call, stages, "each(stage)")
    }

    fn count(
        &mut self,
        call: &ExprCall,
        word: &str,
        least: Option<&Expr>,
        condition: fn(Path, Expr) -> Condition,
    ) -> Option<Condition> {
        let stages = self.stages(call, word)?;
        let stage = self.single(call, stages, "count(stage) >= n")?;
        let Some(least) = least else {
            self.report.error(call, format!("a count needs a lower bound: write `{word}({}) >= n`", text_of(&stage)));
            return None;
        };
        Some(condition(stage, least.clone()))
    }

    fn predicate(&mut self, closure: &ExprClosure, open: bool) -> Option<Condition> {
        self.predicates += 1;
        if self.predicates == 2 {
            self.report.error(closure, "a rule has at most one predicate: join the two with `&&` inside one closure");
        }
        if let Some(word) = &closure.asyncness {
            self.report.error(word, "a predicate is a synchronous closure: remove `async`");
        }
        self.misplaced_under(&closure.body);
        if let Some(swallowed) = swallowed(&closure.body).filter(|_| open) {
            self.report.error(
                swallowed,
                "this is part of the predicate, because a closure extends to the end of the expression: put the \
                 predicate last, or in parentheses",
            );
        }
        let view: &Punctuated<_, Token![,]> = &closure.inputs;
        let (Some(pattern), 1) = (view.first(), view.len()) else {
            self.report.error(closure, "a predicate has one parameter, the view: write `|view| ..`");
            return None;
        };
        Some(Condition::Predicate(Predicate {
            view: pattern.clone(),
            output: closure.output.clone(),
            code: (*closure.body).clone(),
        }))
    }
}

/// Finds a condition among the operands of `&&` in a predicate.
fn swallowed(code: &Expr) -> Option<&Expr> {
    match code {
        Expr::Binary(ExprBinary { left, op: BinOp::And(_), right, .. }) => swallowed(left).or_else(|| swallowed(right)),
        Expr::Binary(ExprBinary { left, op: BinOp::Ge(_), .. }) => swallowed(left).map(|_| code),
        _ => is_condition(code, &KNOWN).then_some(code),
    }
}

fn is_condition(expr: &Expr, words: &[&str]) -> bool {
    matches!(bare(expr), Expr::Call(call)
        if condition_word(&call.func).is_some_and(|word| words.contains(&word.as_str())))
}

fn text_of_func(call: &ExprCall) -> String {
    call.func.to_token_stream().to_string()
}
