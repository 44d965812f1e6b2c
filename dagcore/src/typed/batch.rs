//! Batches of additions by a body or a program, which are inserted all at once or not at all, and the bodies of rules
//! as the engine calls them.

use super::call::{Call, CallOptions};
use super::condition::Found;
use super::draft::RuleDraft;
use super::inputs::Inputs;
use super::job::StageJob;
use super::node::{AnyNode, Node, TagId};
use super::stage::Stage;
use super::view::View;
use crate::dag::{Additions, Cause, Edge, Key, KeyedNode, Label, Name, Need, NodeId, Prints, StageId, quietly};
use crate::port::{AttemptPolicy, Job, StageSpec};
use crate::registry;
use std::any::TypeId;
use std::fmt::Display;

/// A rule: a condition, and a body that adds nodes. Created by `rule!`, and can be returned by a function:
///
/// ```
/// # use dagcore::prelude::*;
/// #[stage]
/// fn echo(n: u32) -> u32 {
///     n
/// }
///
/// /// Adds `times` further echoes of a node.
/// fn again(node: Node<u32>, times: u32) -> Rule {
///     rule! {
///         when done(node), adds [echo],
///         then |grow, _n| for _ in 0..times {
///             grow.add(echo::new(node));
///         }
///     }
/// }
///
/// let mut flow = Workflow::new("echoes");
/// let first = flow.add(echo::new(7));
/// flow.rule(again(first, 2));
/// assert_eq!(flow.run_blocking()?.outputs::<echo>()?.count(), 3);
/// # Ok::<(), dagcore::Error>(())
/// ```
#[must_use = "a rule does nothing until it is registered"]
pub struct Rule {
    pub(crate) draft: RuleDraft,
    pub(crate) body: Box<dyn RuleBody>,
}

/// The functions of a rule, as the engine calls them.
pub trait RuleBody: Send {
    /// Evaluates the predicate.
    fn ask(&mut self, view: &View<'_>) -> bool;

    /// Binds the values that the condition found. Called while the run is paused.
    ///
    /// # Errors
    ///
    /// If an output does not have the type of its handle.
    fn prepare(&mut self, found: &Found<'_>) -> Result<(), Cause>;

    /// Runs the body with the values that [`prepare`](Self::prepare) bound.
    ///
    /// # Errors
    ///
    /// The error of the body.
    fn fire(&mut self, batch: &mut Batch, host: &dyn Host) -> Result<(), Cause>;
}

/// Queries of a batch to the run that it will be added to.
pub trait Host: Sync {
    /// Returns the run's node with this key, if there is one, and whether its inputs differ from those of the call.
    fn keyed(&self, key: Key<'_>, prints: &Prints) -> Option<KeyedNode>;

    /// Returns `true` if a rule with a name has been registered in this run.
    fn has_rule(&self, item: TypeId) -> bool;

    /// Returns the innermost node of `stage` that is `node` or above it in the lineage.
    fn above(&self, node: Option<NodeId>, stage: StageId) -> Option<NodeId>;

    /// Calls `look` with a view of the current state of the run.
    fn view(&self, look: &mut dyn FnMut(&View<'_>));
}

/// The origin of an addition, and the lookup of existing nodes.
pub(crate) struct Adder<'a> {
    pub(crate) who: &'a dyn Display,
    /// Looks up existing nodes by key.
    pub(crate) keyed: &'a dyn Fn(Key<'_>, &Prints) -> Option<KeyedNode>,
    /// The node below which a key is unique.
    pub(crate) under: Option<NodeId>,
}

/// Nodes and rules to be added together, with their jobs and bodies.
pub struct Batch {
    tag: TagId,
    first: usize,
    /// The lineage parent of the additions.
    pub(crate) parent: Option<NodeId>,
    /// The running node that adds; all additions without a key depend on it.
    inside: Option<NodeId>,
    pub(crate) additions: Additions,
    pub(crate) jobs: Vec<Option<Box<dyn Job>>>,
    pub(crate) bodies: Vec<Option<Box<dyn RuleBody>>>,
    /// The attempt policies of calls.
    pub(crate) policies: Vec<(NodeId, AttemptPolicy)>,
    /// The units that calls take from pools.
    pub(crate) pools: Vec<(NodeId, Vec<(String, u32)>)>,
    /// The rules with names that fire for each node of a stage.
    pub(crate) items: Vec<TypeId>,
    /// The problems with the batch, as sentences. A batch with problems is not added.
    pub(crate) problems: Vec<String>,
}

impl Batch {
    /// Creates an empty batch for the workflow `tag`, starting at its first node.
    pub(crate) fn new(tag: TagId) -> Self {
        Self {
            tag,
            first: 0,
            parent: None,
            inside: None,
            additions: Additions::default(),
            jobs: Vec::new(),
            bodies: Vec::new(),
            policies: Vec::new(),
            pools: Vec::new(),
            items: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// Returns `true` if all jobs and bodies have been moved out.
    pub(crate) fn is_taken_in(&self) -> bool {
        self.jobs.is_empty() && self.bodies.is_empty()
    }

    /// Drops the jobs and bodies of a batch that is not inserted, and contains panics of their destructors.
    pub(crate) fn discard(&mut self) {
        self.jobs.drain(..).for_each(quietly);
        self.bodies.drain(..).for_each(quietly);
    }

    /// Clears the batch and keeps its memory, for additions that start at the `first`-th node, below `parent`.
    pub(crate) fn reset(&mut self, first: usize, parent: Option<NodeId>) {
        self.first = first;
        self.parent = parent;
        self.inside = None;
        self.additions.clear();
        if !self.is_taken_in() {
            self.discard();
        }
        self.policies.clear();
        self.pools.clear();
        self.items.clear();
        self.problems.clear();
    }

    /// Makes all additions without a key depend on this node. A node with a key does not, because it must be the same
    /// regardless of which node adds it.
    pub(crate) fn all_need(&mut self, node: NodeId) {
        self.inside = Some(node);
    }

    pub(crate) fn tag(&self) -> TagId {
        self.tag
    }

    /// Returns the number of nodes, including those of the run.
    pub(crate) fn len(&self) -> usize {
        self.first + self.additions.nodes.len()
    }

    /// Takes the nodes, without the rules. Return the buffer with [`nodes_taken_in`](Self::nodes_taken_in) after they
    /// have been inserted.
    pub(crate) fn take_nodes(&mut self) -> Option<Additions> {
        let rules = std::mem::take(&mut self.additions.rules);
        let nodes = (!self.additions.is_empty() || !self.additions.kept.is_empty())
            .then(|| std::mem::take(&mut self.additions));
        self.additions.rules = rules;
        nodes
    }

    /// Continues after nodes that have been inserted, and reuses their memory.
    pub(crate) fn nodes_taken_in(&mut self, mut nodes: Additions) {
        self.first += nodes.len();
        nodes.clear();
        nodes.rules = std::mem::take(&mut self.additions.rules);
        self.additions = nodes;
    }

    pub(crate) fn add<S: Stage>(&mut self, call: Call<S>, adder: &Adder<'_>) -> Node<S::Output> {
        let Call { inputs, options } = call;
        let (node, is_new) = self.place(S::spec(), &inputs, options, adder);
        if is_new {
            self.jobs.push(Some(Box::new(StageJob::<S> { inputs })));
        }
        Node::new(node, self.tag)
    }

    /// Adds a node, whose job the caller pushes, or finds the existing node with its key. Not generic, so that it is
    /// compiled once for all stages.
    fn place(
        &mut self,
        spec: &'static StageSpec,
        inputs: &dyn Inputs,
        options: Option<Box<CallOptions>>,
        adder: &Adder<'_>,
    ) -> (NodeId, bool) {
        let stage = registry::id(spec);
        let id = NodeId::from_index(self.len());
        let mut hash = None;
        if let Some((text, prints)) = options.as_deref().and_then(CallOptions::key) {
            let key = Key::new(stage, adder.under, text);
            if let Some(known) = self.keyed(key, prints, adder) {
                if let Some((input, by)) = known.other {
                    let node = format!("{}[{text}]", spec.name());
                    self.problems.push(other_inputs(&node, input, adder.who, &by));
                }
                return (known.node, false);
            }
            hash = Some(key.hash());
        }
        let before = self.additions.edges.len();
        let (tag, problems, list) = (self.tag, &mut self.problems, &mut self.additions.edges);
        let mut need = |node: AnyNode, need| {
            if node.tag == tag {
                list.push(Edge { from: node.id, need });
            } else {
                problems.push(foreign(&format!("a call of `{}`", Name(spec.name())), tag, node.tag));
            }
        };
        inputs.edges(&mut need);
        if let Some(inside) = self.inside.filter(|_| options.as_ref().is_none_or(|options| options.key.is_none())) {
            need(AnyNode { id: inside, tag }, Need::Order);
        }
        let mut said = None;
        let label = options.and_then(|options| {
            let CallOptions { name, key, prints, after, attempt_policy, pools, rank } = *options;
            said = rank;
            self.policies.extend(attempt_policy.map(|policy| (id, *policy)));
            self.pools.extend((!pools.is_empty()).then_some((id, pools)));
            after.into_iter().for_each(|node| need(node, Need::Order));
            (name.is_some() || key.is_some()).then_some(Label { name, key, under: adder.under, prints })
        });
        self.additions.close_node(stage, before, label, hash, false);
        if let Some(rank) = said {
            self.additions.rank(*rank);
        }
        (id, true)
    }

    /// Returns the node with a key, from this batch or from the run.
    fn keyed(&self, key: Key<'_>, prints: &Prints, adder: &Adder<'_>) -> Option<KeyedNode> {
        let Some((place, label)) = self.additions.keyed(key) else { return (adder.keyed)(key, prints) };
        let other = prints.differ(&label.prints).map(|input| (input, adder.who.to_string()));
        Some(KeyedNode { node: NodeId::from_index(self.first + place), other })
    }

    /// Adds a node that will receive the nodes of one later firing.
    pub(crate) fn add_open(&mut self, stage: StageId, needs: Option<AnyNode>, label: Label, job: Box<dyn Job>) {
        let needs = needs.map(|node| Edge { from: node.id, need: Need::Success });
        self.additions.open_node(stage, needs, Some(label));
        self.jobs.push(Some(job));
    }

    pub(crate) fn keep(&mut self, node: AnyNode, who: &dyn Display) {
        if node.tag == self.tag {
            self.additions.keep(node.id);
        } else {
            self.problems.push(foreign(&format!("`keep` in {who}"), self.tag, node.tag));
        }
    }

    /// Records a rule with a name. Returns `true` if it is the first registration in the run.
    pub(crate) fn first_of(&mut self, item: TypeId, host: &dyn Host) -> bool {
        let known = self.items.contains(&item) || host.has_rule(item);
        self.items.push(item);
        !known
    }

    pub(crate) fn rule(&mut self, rule: Rule) {
        let Rule { draft, body } = rule;
        for handle in &draft.handles {
            if handle.tag != self.tag {
                let who = format!("the condition of rule `{}`", Name(&draft.spec.name));
                self.problems.push(foreign(&who, self.tag, handle.tag));
                return;
            }
        }
        self.additions.rules.push(draft.whole());
        self.bodies.push(Some(body));
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        self.discard();
    }
}

/// Returns the message about a handle of another workflow.
pub(crate) fn foreign(who: &str, here: TagId, there: TagId) -> String {
    format!(
        "{who} in {} uses a handle of {}: a handle is valid only in the workflow whose `add` returned it",
        here.describe(),
        there.describe()
    )
}

/// Returns the message about two calls with the same key and different inputs.
fn other_inputs(node: &str, input: usize, who: &dyn Display, by: &str) -> String {
    let node = Name(node);
    format!(
        "{who} adds `{node}`, which {by} has added with another input {}: a key decides the inputs, so it must contain \
         everything that differs",
        input + 1
    )
}
