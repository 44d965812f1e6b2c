//! A context for a stage function that a test calls directly.

use crate::dag::{Key, KeyedNode, Machine, NodeId, Outputs, Prints, StageId};
use crate::port::{Listener, Signal, Starting};
use crate::registry;
use crate::typed::{self, Batch, Grows, Host, Inside, Stage, StageContext, Tag, View};
use parking_lot::Mutex;
use std::any::Any;
use std::any::TypeId;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::thread::ThreadId;

/// Creates a context for calling a stage function directly: pass a reference to it for the parameter `&StageContext`.
///
/// ```
/// # use dagcore::prelude::*;
/// # use dagcore::testing;
/// #[stage]
/// fn whoami(greeting: &str, context: &StageContext) -> String {
///     format!("{greeting} from {} of {}", context.node(), context.workflow())
/// }
///
/// assert_eq!(whoami("hello", &testing::context()), "hello from node of test");
/// ```
pub fn context<M>() -> TestContext<M> {
    let collected = Arc::new(Collected {
        tag: Tag::new(Arc::from("test")),
        batch: Mutex::default(),
        grower: Mutex::default(),
        problems: Mutex::default(),
        cancelled: Signal::default(),
    });
    let inside: Arc<dyn Any + Send + Sync> = Arc::new(Inside(Box::new(Arc::clone(&collected))));
    let starting = Starting {
        workflow: collected.tag.name(),
        attempt: 1,
        names: &|| ("node".to_owned(), "stage"),
        inside: &|| Arc::clone(&inside),
        mock: None,
    };
    TestContext { context: typed::context(&starting), collected }
}

/// A [`StageContext`] outside of any run, which collects the nodes that the function adds. Returned by [`context`].
///
/// The function of a stage that adds nodes takes a context with the stage's name, so the type is `TestContext<name>`
/// there.
pub struct TestContext<M> {
    context: StageContext<M>,
    collected: Arc<Collected>,
}

impl<M> TestContext<M> {
    /// Returns the number of nodes of the stage `S` that were added.
    pub fn added<S: Stage>(&self) -> usize {
        let stage = registry::id(S::spec());
        let batch = self.collected.batch.lock();
        batch.iter().flat_map(|batch| &batch.additions.nodes).filter(|node| node.stage == stage).count()
    }

    /// Returns the problems with the additions, one sentence each. In a run, any of them fails the node.
    pub fn problems(&self) -> Vec<String> {
        let own = self.collected.problems.lock().clone();
        let batch = self.collected.batch.lock();
        own.into_iter().chain(batch.iter().flat_map(|batch| batch.problems.clone())).collect()
    }
}

impl<M> Deref for TestContext<M> {
    type Target = StageContext<M>;

    fn deref(&self) -> &StageContext<M> {
        &self.context
    }
}

impl<M> fmt::Debug for TestContext<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.context.fmt(f)
    }
}

/// The additions through one context.
struct Collected {
    tag: Tag,
    batch: Mutex<Option<Batch>>,
    /// The thread that is adding at the moment, to detect nested calls of `grow`.
    grower: Mutex<Option<ThreadId>>,
    /// Problems that the batch does not know of.
    problems: Mutex<Vec<String>>,
    /// Never notified.
    cancelled: Signal,
}

impl Grows for Arc<Collected> {
    fn grow(&self, body: &mut dyn FnMut(&mut Batch, &dyn Host)) {
        let here = Some(std::thread::current().id());
        if *self.grower.lock() == here {
            let why = "`grow` was called inside of `grow`: add everything through the one growth";
            self.problems.lock().push(why.to_owned());
            return body(&mut Batch::new(self.tag.id()), &**self);
        }
        let mut batch = self.batch.lock();
        *self.grower.lock() = here;
        body(batch.get_or_insert_with(|| Batch::new(self.tag.id())), &**self);
        *self.grower.lock() = None;
    }

    fn is_wanted(&self) -> bool {
        true
    }

    fn cancelled(&self) -> Listener<'_> {
        self.cancelled.listen()
    }
}

impl Host for Collected {
    /// Returns `None`: there are no nodes outside of the batch.
    fn keyed(&self, _: Key<'_>, _: &Prints) -> Option<KeyedNode> {
        None
    }

    /// Returns a node for every stage: the function is assumed to run below any stage that it names.
    fn has_rule(&self, _: TypeId) -> bool {
        false // a stage registers no rules
    }

    fn above(&self, _: Option<NodeId>, _: StageId) -> Option<NodeId> {
        Some(NodeId::from_index(0))
    }

    fn view(&self, look: &mut dyn FnMut(&View<'_>)) {
        let (machine, outputs) = (Machine::new(registry::describe), Outputs::default());
        look(&View::new(machine.graph(), &outputs, self.tag.id()));
    }
}
