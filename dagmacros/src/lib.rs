//! The macros of `dagcore`: `#[stage]`, `rule!` and `rules!`. Depend on `dagcore`, which re-exports them; this crate
//! knows it by path only (`::dagcore::__private`) and the two are pinned to the same version.
//!
//! Each macro is a short compiler in three rooms. *Check* reads the user's tokens and gives either a model or
//! every reason why there is none, all at once. The *model* of a stage or a rule cannot be wrong. *Tokens* turns
//! a model into code, and that code is calls of the runtime: what can be a function in `dagcore` is not
//! generated.
//!
//! What the user wrote is never lost: a stage's function is emitted again whatever else is said about it, and
//! each parsed fact keeps its tokens, so that an error of ours, or one of rustc's in the expansion, points at
//! what was written.
//!
//! To see an expansion, set `DAGMACROS_PRINT` to the name of a stage or a rule (`rule` for those without a name,
//! `*` for all) and build the crate afresh; it is printed to the standard error.

#![expect(
    clippy::large_enum_variant,
    clippy::result_large_err,
    reason = "there is one model at a time, for as long as one expansion takes"
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

/// Makes a function a stage: one *kind* of node.
///
/// The function stays what it is and is called under its own name. Beside it stands a struct of the same name:
/// `manifest::new(..)` is a call that can be added to a workflow, and `each(manifest)` or `adds [manifest]` name
/// the kind in a rule.
///
/// ```text
/// /// Reads one crate's manifest.
/// #[stage(name = "read manifest", version = 2)]
/// async fn manifest(krate: CrateId) -> Result<Manifest, ManifestError> { .. }
/// ```
///
/// # Where it runs
///
/// An `async fn` runs on the async workers and a plain `fn` on threads that compute. `#[stage(blocking)]` moves a
/// plain `fn` that waits for I/O to threads of its own; `#[stage(inline)]` runs one that takes a few
/// microseconds on the worker at hand.
///
/// # What it takes
///
/// Each parameter is an input, given to `new` as a value or as the handle of a node with that output.
///
/// | parameter | the function gets |
/// |---|---|
/// | `&T`, `&[T]`, `&str`, `&Path`, `&OsStr`, `&CStr` | the parent's output, lent |
/// | `T` | the output itself, moved when nobody else can read it and cloned otherwise |
/// | `Arc<T>` | the output, shared |
/// | `Gathered<T>`, `Outcome<T>` | how the parents ended, even if they did not succeed |
/// | `&StageContext` | what is known about this attempt; it is not an input |
/// | `&StageContext<name_of_the_stage>` | the same, and a way to add what `adds(..)` lists |
///
/// # What it gives
///
/// A `T`, or a `Result<T, E>` under any name, with any `E` that turns into a boxed error. An error fails the node.
///
/// # Options
///
/// | option | meaning | without it |
/// |---|---|---|
/// | `name = ".."` | the stage's name in reports, journals and pictures | the function's name |
/// | `version = N` | raised when the stage's results are no longer what they were | 1 |
/// | `blocking`, `inline` | where a plain `fn` runs | on threads that compute |
/// | `adds(stage, other by key, ..)` | what a node may add while it runs | nothing |
/// | `retries = N`, `backoff = B`, `retry_if = F` | how often, after which delays and after which failures a node is tried again | never |
/// | `timeout = "30s"`, `deadline = "5min"` | how long an attempt, and all attempts together, may take: `ms`, `s`, `min` or `h`, or a `Duration` | any time |
/// | `concurrency = N` | how many of its nodes run at once | any number |
/// | `pool(memory = 2, gpu)` | how much a node takes of the workflow's pools | nothing |
/// | `rate = "10/s"` | how often its nodes start: `/s`, `/min` or `/h`, or a `Rate` | at any time |
/// | `priority = N` | those with the highest start first | 0 |
/// | `expected = "2s"` | how long a node is expected to take, for the critical path | 1 ns |
///
/// A number may be a constant.
///
/// A stage that adds takes the context with its own name, and adds through it. What it adds starts when the node has
/// succeeded, and nothing that was not listed compiles:
///
/// ```text
/// #[stage(adds(leaf, tree by key))]
/// fn tree(height: u32, context: &StageContext<tree>) -> u32 {
///     context.grow(|grow| { grow.add(leaf::new(height)); });
///     height
/// }
/// ```
///
/// A stage is a free function without generics, lifetimes or `impl Trait`: a name has to find one function.
#[proc_macro_attribute]
pub fn stage(args: TokenStream, item: TokenStream) -> TokenStream {
    stage::expand(args.into(), item.into()).into()
}

/// Declares a rule: a condition, the stages and rules that it may add, and a body that adds them.
///
/// With a name in front it is an item, like a function. It captures nothing and has to say what it adds:
///
/// ```text
/// rule! {
///     /// Each manifest that was read adds its licence and the manifests it names, each crate once.
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
/// Without a name it is an expression. It captures handles, by value, and may leave out what it adds:
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
/// Conditions are joined by `&&`. The body takes the growth, and then what each condition hands over, in order.
///
/// | condition | holds when | the body gets |
/// |---|---|---|
/// | `done(a, b, ..)` | these nodes succeeded | `&A, &B, ..` |
/// | `settled(a, ..)` | these nodes ended, however | `&Outcome<A>, ..` |
/// | `failed(a)` | this node failed | `&NodeError` |
/// | `each(stage)` | once for every node of the stage that succeeds | its handle, `&T` |
/// | `each_failed(stage)` | once for every one that fails | its handle, `&NodeError` |
/// | `count(stage) >= n` | so many nodes of the stage exist | their handles |
/// | `count_done(stage) >= n` | so many of them succeeded | their handles |
/// | `closed(stage, ..)` | no further node of these stages can appear | the handles of each |
/// | `closed(stage, ..) under each(other)` | once for every node of `other`, when no further node of these stages can appear below it | its handle, the handles of each below it |
/// | `settled(stage, ..) under each(other)` | and all of them have ended | the same |
/// | `done(stage, ..) under each(other)` | and all of them have succeeded | the same |
/// | `named("x")` | a node of this name exists | its untyped handle |
/// | `\|view\| bool` | the predicate says so | nothing |
///
/// One `each`, `each_failed` or `under each` and one predicate at most; a predicate stands last, or in parentheses,
/// because what follows it would be part of it. `done`, `settled` and `failed` need a handle, so they are for rules
/// without a name, unless `under each` follows them: then they take stages.
///
/// *Below* a node is what was added for it, for that, and so on: by rules that fired for it, and by the node itself
/// while it ran. `under each(other)` is met for every node of `other`, however it ended, also when there is nothing
/// below it. It waits for nodes of other stages, at any depth: `closed(size) under each(folder)` finds the sizes of a
/// folder's folders too.
///
/// # What it adds
///
/// `adds [a, b by key]` lists every stage that the body may add; one that is not listed does not compile.
///
/// | written | means |
/// |---|---|
/// | `a` | nodes of the stage `a`, without keys |
/// | `a by key` | each with a key; what has one key is one node in the whole run |
/// | `a by key under b` | each with a key; what has one key is one node below each node of the stage `b` |
/// | `r` | the body may register the rule `r`, with `grow.rules(rules![r])`; what `r` adds need not be listed |
/// | `Rule` | the body may register rules without a name, with `grow.rule(..)`, that add no more than is listed |
///
/// `adds [..] within 5` lets the rule fire at most five times along any line of the lineage. What it finds after that is
/// left as it is, which is no failure.
#[proc_macro]
pub fn rule(input: TokenStream) -> TokenStream {
    rule::expand(input.into()).into()
}

/// `rules![follow, others::summarise]` names rules that were declared as items, and the compiler holds them to the laws.
///
/// # The laws
///
/// A list that breaks one does not compile, and the error is at the name of the rule:
///
/// * A rule must not wait for a stage to close, in the whole run or below each node of another stage, which it can
///   itself still add to: directly, through other rules of the list, or through stages that add while they run.
/// * Rules must not feed themselves without end: where nodes of a stage bring about more nodes of it, there is a
///   `by key` or a `within N` on the way round.
/// * A rule is listed once.
///
/// What the body of a rule registers is looked at as well, if the rule names it in its `adds [..]`. Rules without a
/// name, rules of several lists, and lists with more than 128 rules or stages are held to the same laws, in the same
/// words, when the workflow is run and before anything starts. A rule that does not say what it adds is held to none.
#[proc_macro]
pub fn rules(input: TokenStream) -> TokenStream {
    rules::expand(input.into()).into()
}
