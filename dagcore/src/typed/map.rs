//! Fan-outs over a list that a node returns at run time.
//!
//! `map` adds two things: an open node for the list of results, and a rule that fires when the input list is available
//! and assigns the nodes that it adds to the open node. From then on the open node is an ordinary node; it holds no
//! slot while it waits. Elements can depend only on nodes that are older than the open node, so there can be no cycle.

use super::batch::{Adder, Batch, foreign};
use super::call::StageCall;
use super::condition::done;
use super::draft::RuleDraft;
use super::node::Node;
use super::rule::{Body, rule};
use super::stage::Stage;
use crate::dag::{Adds, Cause, Key, Label, Name, NodeId, Place, Prints, RuleSpec, Value};
use crate::port::{Job, Sources, StageSpec, Started, Starting};
use crate::registry;
use std::any::Any;
use std::sync::Arc;

static GATHER: StageSpec = StageSpec::new("gather", 1, Place::Inline, module_path!());

impl Batch {
    /// Adds a map of `item` over `list`.
    pub(crate) fn map<T, C, F>(&mut self, list: Node<Vec<T>>, mut item: F) -> Node<Vec<<C::Stage as Stage>::Output>>
    where
        T: Clone + Send + Sync + 'static,
        C: StageCall,
        <C::Stage as Stage>::Output: Clone,
        F: FnMut(T) -> C + Send + 'static,
    {
        let spec = C::Stage::spec();
        let name = format!("map of {}", spec.name());
        let open = NodeId::from_index(self.len());
        let known = list.untyped().tag == self.tag();
        let job = Gather::<<C::Stage as Stage>::Output> { open, outputs: Vec::new(), whole: false };
        let label = Label { name: Some(name.clone()), ..Label::default() };
        self.add_open(registry::id(&GATHER), known.then(|| list.into()), label, Box::new(job));
        if !known {
            self.problems.push(foreign(&format!("a {}", Name(&name)), self.tag(), list.untyped().tag));
            return Node::new(open, self.tag());
        }
        let spec = RuleSpec::new(name, Adds::only([registry::id(spec)])).feeding(open);
        let draft = RuleDraft { spec, handles: Vec::new(), inner: Vec::new() };
        let body: Body<(Arc<Vec<T>>,)> = Box::new(move |batch, host, _, (list,)| {
            let keyed = |key: Key<'_>, prints: &Prints| host.keyed(key, prints);
            let adder = Adder { who: &"a map", keyed: &keyed, under: None };
            for (position, element) in list.iter().enumerate() {
                let before = batch.len();
                batch.add(item(element.clone()).into_call(), &adder);
                if batch.len() == before {
                    batch.problems.push(format!(
                        "element {position} of a map has the key of a node that exists, and a map adds a node of its \
                         own for each element: give it no key"
                    ));
                }
            }
            Ok(())
        });
        self.rule(rule(draft, size_of::<F>() > 0, done((list,)), body));
        Node::new(open, self.tag())
    }
}

/// Collects the outputs of a map's nodes into a list.
struct Gather<T> {
    open: NodeId,
    outputs: Vec<Arc<T>>,
    whole: bool,
}

impl<T: Clone + Send + Sync + 'static> Job for Gather<T> {
    fn bind(&mut self, sources: Sources<'_>) {
        let nodes = sources.graph.gathered(self.open).into_iter().flatten();
        let outputs: Option<Vec<_>> = nodes.map(|node| sources.outputs.share(node)).collect();
        self.whole = outputs.is_some();
        self.outputs = outputs.unwrap_or_default();
    }

    fn again(&mut self) -> Result<Box<dyn Job>, Box<Cause>> {
        Ok(Box::new(Self { open: self.open, outputs: self.outputs.clone(), whole: self.whole }))
    }

    fn start(self: Box<Self>, _: &Starting<'_>) -> Started {
        if !self.whole {
            let why = Cause::Refused("an element of the list has no output".into());
            return Started::Done(Err(Box::new(why)));
        }
        let list: Vec<T> = self.outputs.into_iter().map(Arc::unwrap_or_clone).collect();
        Started::Done(Ok(Arc::new(list) as Value))
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}
