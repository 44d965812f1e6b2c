//! How many nodes of a stage there can be, and how often a rule can fire.

/// How many nodes of a stage there can be in a run, or how often a rule can fire.
///
/// # Of a stage
///
/// Only what can happen counts: rules that can fire, and nodes of stages that can have nodes.
///
/// * [`Never`](Self::Never): the program adds no node of it, and no rule that can fire, and no stage whose nodes
///   add while they run, declares it.
/// * [`Exactly`](Self::Exactly) `n`: the program adds `n`, and nothing else declares it.
/// * [`AnyNumber`](Self::AnyNumber): a rule or a stage declares it. A body may add as many as it likes, or none. In a run that
///   is not [sealed](crate::Run::seal): or the program may append to it, which is so until it closes.
/// * [`Recursive`](Self::Recursive): and the stage leads to itself: a rule that fires for each node of it, or a node of
///   it while it runs, may add another one, directly or through others.
///
/// A rule that can fire and declares nothing may add anything: then every stage has any number of nodes, at least.
/// The list of a `map` is no stage; what takes the list takes the stage of its elements.
///
/// # Of a rule
///
/// A rule *can* fire when all that it waits for can come: its `each`, `each_failed` or `under each` needs a stage that
/// can have nodes, `count(stage) >= n` needs that so many are added by the program or that some may be added later,
/// and `named(..)` needs a node of the program with that name, or any that may be added later. What it waits for by
/// a handle, a predicate and `closed` can always come; `closed` holds, at rest at the latest, for a stage without nodes
/// too.
///
/// A rule that can fire has so many chances: one when it fires once; `n` when it fires for each node of a stage that
/// has exactly `n`; otherwise any number. All of them *must* come when its condition can only come true: it waits
/// for nothing but `closed`, `settled`, a name that a node of the program has, and counts that the program's own nodes
/// reach; or it fires below each node when others there have closed or settled. (A node may fail, and a predicate may
/// say no: `done`, `failed`, `each`, `each_failed`, `count_done` and predicates need not come.)
///
/// * [`Never`](Self::Never): it cannot fire; [`Possible::warnings`](super::Possible::warnings) says why.
/// * [`Exactly`](Self::Exactly) `n`: it has `n` chances, and all of them must come. It fires so often, or its body
///   fails, unless the run is stopped.
/// * [`AtMost`](Self::AtMost) `n`: it has `n` chances.
/// * [`AnyNumber`](Self::AnyNumber): it has any number. A rule that bodies register is one of these too: they may
///   register it as often as they like.
/// * [`Recursive`](Self::Recursive): and what it adds leads to the nodes that it fires for, or its body to the
///   registration of the same rule.
///
/// Rules of one name that wait for the same stages and declare the same are one here, as those that a loop makes: their
/// chances are added up.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Multiplicity {
    /// None, never.
    Never,
    /// Just so many.
    Exactly(usize),
    /// None, or so many at most.
    AtMost(usize),
    /// As many as there happen to be.
    AnyNumber,
    /// As many as there happen to be, and each may lead to further ones.
    Recursive,
}
