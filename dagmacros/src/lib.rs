//! The macros of `dagcore`: `#[stage]`, `rule!` and `rules!`. Depend on `dagcore`, which re-exports them; this crate
//! refers to `dagcore` by path only (`::dagcore::__private`), and both crates are pinned to the same version.
//!
//! Each macro is a short compiler with three modules. *Check* reads the user's tokens and returns either a model or
//! all errors at once. The *model* of a stage or a rule is valid by construction. *Tokens* turns a model into code
//! that calls the runtime: a piece of code that can be a function in `dagcore` is not generated.
//!
//! The user's code is never lost: the function of a stage is always emitted again, also when the stage has errors.
//! Each parsed fact keeps its tokens, so that an error, from these macros or from rustc in the expansion, points at
//! the user's code.
//!
//! To print an expansion to standard error, set the environment variable `DAGMACROS_PRINT` to the name of a stage or
//! a rule (`rule` for rules without a name, `*` for all) and rebuild the crate that contains it.

#![expect(
    clippy::large_enum_variant,
    clippy::result_large_err,
    reason = "one model exists at a time, for the duration of one expansion"
)]

mod adds;
mod list;
mod number;
mod print;
mod report;
mod rule;
mod rules;
mod runtime;
mod shell;
mod stage;
#[cfg(test)]
mod testing;

use proc_macro::TokenStream;

/// Turns a function into a stage: one *kind* of node.
///
/// The function is left unchanged and can be called as before. The macro adds a struct of the same name:
/// `manifest::new(..)` creates a call that can be added to a workflow, and `each(manifest)` or `adds [manifest]` refer
/// to the stage in a rule.
///
/// ```text
/// /// Reads one crate's manifest.
/// #[stage(name = "read manifest", version = 2)]
/// async fn manifest(krate: CrateId) -> Result<Manifest, ManifestError> { .. }
/// ```
///
/// # Threads
///
/// | function | runs on |
/// |---|---|
/// | `#[stage] async fn` | the async workers |
/// | `#[stage] fn` | compute threads, at most one function per processor at once |
/// | `#[stage(blocking)] fn` | threads for blocking I/O, at most 256 functions at once |
/// | `#[stage(inline)] fn` | the current worker: for functions that take a few microseconds |
///
/// # Parameters
///
/// Each parameter is an input. It is passed to `new` as a value, or as the handle of a node with that output.
///
/// | parameter | the function receives |
/// |---|---|
/// | `&T`, `&[T]`, `&str`, `&Path`, `&OsStr`, `&CStr` | a reference to the upstream output |
/// | `T` | the output itself: moved if no other node can read it, cloned otherwise |
/// | `Arc<T>` | the output, shared |
/// | `Gathered<T>`, `Outcome<T>` | the outcomes of the upstream nodes, also if they did not succeed |
/// | `&StageContext` | information about this attempt; the context is not an input |
/// | `&StageContext<name_of_the_stage>` | the same, and the means to add the nodes listed in `adds(..)` |
///
/// # Output
///
/// The output is a `T`, or a `Result<T, E>` under any name, where `E` converts into a boxed error. An error fails the
/// node.
///
/// # Options
///
/// | option | value | meaning | default |
/// |---|---|---|---|
/// | `name = ".."` | one line of text | name of the stage in reports, journals and diagrams | the function's name |
/// | `version = N` | integer, at least 1 | version of the stage's results; increase it when they change | 1 |
/// | `blocking` | | runs a plain `fn` on the threads for blocking I/O | compute threads |
/// | `inline` | | runs a plain `fn` on the current worker | compute threads |
/// | `adds(a, b by key, ..)` | stages | stages whose nodes a node may add while it runs | none |
/// | `retries = N` | integer | number of further attempts after a failure | 0 |
/// | `backoff = B` | `Backoff` | delays before further attempts | 100 ms, doubled up to 30 s, with 20 % jitter |
/// | `retry_if = F` | `fn(&NodeError) -> bool` | predicate for the failures to retry | all: errors, panics, timeouts |
/// | `timeout = "30s"` | duration | maximum duration of one attempt | unlimited |
/// | `deadline = "5min"` | duration | maximum duration of all attempts together, with the delays | unlimited |
/// | `concurrency = N` | integer, at least 1 | maximum number of the stage's nodes that run at once | unlimited |
/// | `pool(memory = 2, gpu)` | integers, at least 1 | shares of the workflow's pools that a running node holds; a pool without a number means 1 | none |
/// | `rate = "10/s"` | starts per `s`, `min` or `h`, or a `Rate` | maximum number of starts per period | unlimited |
/// | `priority = N` | `i32` | start order: ready nodes with the highest priority start first | 0 |
/// | `expected = "2s"` | duration | expected duration of a node, for the critical path | 1 ns |
///
/// A duration is a number with the unit `ms`, `s`, `min` or `h` in a string, or a constant of type `Duration`. A number
/// may be a constant. `backoff` and `retry_if` have an effect only if there are further attempts.
///
/// A setting on a call overrides the option of its stage, which overrides the setting of the workflow. For
/// `concurrency` and `rate`, the setting of the workflow overrides the option.
///
/// # Stages that add nodes
///
/// A stage with `adds(..)` takes the context with its own name, and adds nodes through it. The added nodes start after
/// the node has succeeded. Adding a node of a stage that is not listed is a compile error.
///
/// ```text
/// #[stage(adds(leaf, tree by key))]
/// fn tree(height: u32, context: &StageContext<tree>) -> u32 {
///     context.grow(|grow| { grow.add(leaf::new(height)); });
///     height
/// }
/// ```
///
/// # Restrictions
///
/// A stage is a free function without generics, lifetimes or `impl Trait`, because its name identifies one function.
/// It has at most 12 inputs.
#[proc_macro_attribute]
pub fn stage(args: TokenStream, item: TokenStream) -> TokenStream {
    stage::expand(args.into(), item.into()).into()
}

/// Declares a rule: a condition, the stages and rules that it may add, and a body that adds them.
///
/// A rule with a name is an item, like a function. It captures nothing and must list the stages that it adds:
///
/// ```text
/// rule! {
///     /// For each manifest read, adds its licence and the manifests it names, each crate once.
///     pub follow: when each(manifest), adds [manifest by key, licence],
///     then |grow, node, manifest| {
///         grow.add(licence::new(node));
///         for dep in manifest.dependencies() {
///             grow.add(manifest::new(dep.clone()).key(dep));
///         }
///     }
/// }
/// ```
///
/// A rule without a name is an expression. It captures handles, by value, and may omit the list:
///
/// ```text
/// flow.rule(rule! {
///     when done(files, total),
///     then |grow, files, total| if *total == 0 { grow.add(complain::new(files.len())); }
/// });
/// ```
///
/// # Conditions
///
/// Conditions are joined by `&&`. The parameters of the body are the growth, followed by the values of each condition,
/// in order.
///
/// | condition | holds when | the body receives |
/// |---|---|---|
/// | `done(a, b, ..)` | these nodes succeeded | `&A, &B, ..` |
/// | `settled(a, ..)` | these nodes ended, whatever their outcome | `&Outcome<A>, ..` |
/// | `failed(a)` | this node failed | `&NodeError` |
/// | `each(stage)` | once for every node of the stage that succeeds | its handle, `&T` |
/// | `each_failed(stage)` | once for every node of the stage that fails | its handle, `&NodeError` |
/// | `count(stage) >= n` | at least `n` nodes of the stage exist | their handles |
/// | `count_done(stage) >= n` | at least `n` nodes of the stage succeeded | their handles |
/// | `closed(stage, ..)` | no further node of these stages can be added | the handles of each |
/// | `closed(stage, ..) under each(other)` | once for every node of `other`, when no further node of these stages can be added below it | its handle, the handles of each below it |
/// | `settled(stage, ..) under each(other)` | the same, and all these nodes have ended | the same |
/// | `done(stage, ..) under each(other)` | the same, and all these nodes have succeeded | the same |
/// | `named("x")` | a node of this name exists | its untyped handle |
/// | `\|view\| bool` | the predicate returns `true` | nothing |
///
/// A rule has at most one `each`, `each_failed` or `under each`, and at most one predicate. The predicate comes last, or
/// in parentheses, because a closure extends to the end of the expression. `done`, `settled` and `failed` take handles,
/// so they are for rules without a name. With `under each`, `done` and `settled` take stages, in any rule.
///
/// The nodes *below* a node are those added for it, the nodes added for those, and so on: by rules that fired for it,
/// and by the node itself while it ran. `under each(other)` holds for every node of `other`, whatever its outcome, also
/// when there are no nodes below it. It covers nodes of other stages at any depth: `closed(size) under each(folder)`
/// also finds the sizes of a folder's subfolders.
///
/// # Added stages and rules
///
/// `adds [a, b by key]` lists every stage that the body may add. Adding any other stage is a compile error.
///
/// | entry | meaning |
/// |---|---|
/// | `a` | nodes of the stage `a`, without keys |
/// | `a by key` | nodes with keys, unique in the whole run: calls with the same key are one node |
/// | `a by key under b` | nodes with keys, unique below each node of the stage `b` |
/// | `r` | the body may register the rule `r`, with `grow.rules(rules![r])`; the stages that `r` adds need not be listed |
/// | `Rule` | the body may register rules without a name, with `grow.rule(..)`, that add only stages in this list |
///
/// `adds [..] within 5` limits the rule to five firings along any line of the lineage. Further matches are ignored,
/// which is not a failure.
#[proc_macro]
pub fn rule(input: TokenStream) -> TokenStream {
    rule::expand(input.into()).into()
}

/// Lists rules that were declared as items, as in `rules![follow, others::summarise]`, and checks the laws.
///
/// # The laws
///
/// A list that violates a law is a compile error at the name of the rule:
///
/// * A rule must not wait for a stage to close, in the whole run or below each node of another stage, if the rule
///   itself can still add nodes of that stage: directly, through other rules of the list, or through stages that add
///   nodes while they run.
/// * Rules must not feed themselves without end: every cycle in which nodes of a stage lead to more nodes of that stage
///   contains a `by key` or a `within N`.
/// * A rule is listed once.
///
/// The check includes the rules that a body registers, if the rule names them in its `adds [..]`. Rules without a name,
/// rules of several lists, and lists with more than 128 rules or stages are checked against the same laws, with the
/// same messages, when the workflow is run, before any node starts. A rule without an `adds [..]` list is not checked.
#[proc_macro]
pub fn rules(input: TokenStream) -> TokenStream {
    rules::expand(input.into()).into()
}
