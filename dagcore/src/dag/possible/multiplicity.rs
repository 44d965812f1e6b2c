//! The possible numbers of nodes of a stage, and of firings of a rule.

/// The possible number of nodes of a stage in a run, or of firings of a rule.
///
/// # Of a stage
///
/// Only rules that can fire, and stages that can have nodes, count here.
///
/// * [`Never`](Self::Never): the program adds no node of it, and no rule that can fire and no stage whose nodes add
///   while they run declares it.
/// * [`Exactly`](Self::Exactly) `n`: the program adds `n`, and nothing else declares it.
/// * [`AnyNumber`](Self::AnyNumber): a rule or a stage declares it; a body may add any number of nodes, including none.
///   Also, in a run that is not [sealed](crate::Run::seal), a stage that the program may append to, which it can until
///   the stage closes.
/// * [`Recursive`](Self::Recursive): like `AnyNumber`, and the stage leads to itself: a rule that fires for each of its
///   nodes, or one of its running nodes, may add another one, directly or through others.
///
/// A rule that can fire and declares nothing may add anything: every stage then has at least `AnyNumber`. The list of a
/// `map` is not a stage; a node or rule that takes the list takes the stage of its elements.
///
/// # Of a rule
///
/// A rule *can* fire when all its conditions can come true: its `each`, `each_failed` or `under each` needs a stage
/// that can have nodes; `count(stage) >= n` needs that the program adds `n` nodes, or that some may be added later; and
/// `named(..)` needs a node of the program with that name, or any node that may be added later. Conditions on a handle,
/// predicates and `closed` can always come true; `closed` also holds for a stage without nodes, at quiescence at the
/// latest.
///
/// A rule that can fire has a number of chances: one if it fires once; `n` if it fires for each node of a stage that
/// has exactly `n`; otherwise any number. All of them *must* come if its conditions certainly come true: it waits only
/// for `closed`, `settled`, a name that a node of the program has, and counts that the program's own nodes reach; or it
/// fires below each node when others there have closed or settled. (A node may fail, and a predicate may return
/// `false`: `done`, `failed`, `each`, `each_failed`, `count_done` and predicates are not certain.)
///
/// * [`Never`](Self::Never): it cannot fire; [`Possible::warnings`](super::Possible::warnings) lists the reason.
/// * [`Exactly`](Self::Exactly) `n`: it has `n` chances, and all of them must come. It fires `n` times, or its body
///   fails, unless the run is stopped.
/// * [`AtMost`](Self::AtMost) `n`: it has `n` chances.
/// * [`AnyNumber`](Self::AnyNumber): it has any number of chances. This includes rules that bodies register, because a
///   body may register a rule any number of times.
/// * [`Recursive`](Self::Recursive): like `AnyNumber`, and its additions lead to the nodes that it fires for, or its
///   body to the registration of the same rule.
///
/// Rules with one name that wait for the same stages and declare the same additions, such as those registered in a
/// loop, are merged, and their chances are summed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Multiplicity {
    /// Zero.
    Never,
    /// Exactly this number.
    Exactly(usize),
    /// At most this number, possibly zero.
    AtMost(usize),
    /// Any number.
    AnyNumber,
    /// Any number, and each may lead to further ones.
    Recursive,
}
