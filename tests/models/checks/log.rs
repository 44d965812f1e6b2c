//! Records of the functions of a scenario's nodes, and the violations among them.

use super::model::POOL;
use crate::dag::{Cause, NodeId};
use crate::port::{Job, Needs, Sources, StageResult, Started, Starting};
use loom::sync::atomic::AtomicUsize;
use std::any::Any;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// The log is separate from the engine. The entries are behind a lock that is invisible to the model checker, so they
/// add no further orders.
#[derive(Default)]
pub(super) struct Log {
    entries: Mutex<Entries>,
    /// Written when nodes are barred, and read when a function begins, so that the checker tries both orders of the
    /// two.
    bars: AtomicUsize,
}

#[derive(Default)]
pub(super) struct Entries {
    /// The number of times that each node's function has begun.
    pub(super) begun: BTreeMap<NodeId, u32>,
    /// The pool shares and concurrency slots used by the running functions.
    in_use: [u32; 2],
    /// Nodes that must not begin any more.
    pub(super) barred: Vec<NodeId>,
    pub(super) wrong: Vec<String>,
}

impl Log {
    pub(super) fn look<R>(&self, look: impl FnOnce(&mut Entries) -> R) -> R {
        look(&mut self.entries.lock().expect("no access to the log panics"))
    }

    /// Records that these nodes must not begin any more.
    pub(super) fn bar(&self, nodes: Vec<NodeId>) {
        self.bars.store(1, Ordering::Release);
        self.look(|log| log.barred = nodes);
    }

    fn begin(&self, node: NodeId, needs: Needs) {
        self.bars.load(Ordering::Acquire);
        self.look(|log| {
            let times = log.begun.entry(node).or_default();
            *times += 1;
            if *times > 1 {
                log.wrong.push(format!("{node:?} began {times} times"));
            }
            if log.barred.contains(&node) {
                log.wrong.push(format!("{node:?} began though it was not to, and its start was not recorded"));
            }
            shares(needs).into_iter().zip(&mut log.in_use).for_each(|(share, used)| *used += share);
            if log.in_use[0] > POOL.1 || log.in_use[1] > 1 {
                log.wrong.push(format!("{:?} of the pool and of the limit are in use at once", log.in_use));
            }
        });
    }

    fn end(&self, needs: Needs) {
        self.look(|log| shares(needs).into_iter().zip(&mut log.in_use).for_each(|(share, used)| *used -= share));
    }
}

/// The required amounts of the pool and of the limit.
fn shares(needs: Needs) -> [u32; 2] {
    [needs.pools.iter().map(|(_, share)| share).sum(), needs.concurrency.unwrap_or(0)]
}

/// A call whose function only records that it runs.
pub(super) struct Call {
    pub(super) node: NodeId,
    pub(super) needs: Needs,
    pub(super) log: Arc<Log>,
    /// Whether it waits before it ends.
    pub(super) waits: bool,
    /// Whether it takes longer than the time after which other workers stop expecting its worker to return at once.
    pub(super) is_long: bool,
}

impl Job for Call {
    fn bind(&mut self, _: Sources<'_>) {}

    fn again(&mut self) -> Result<Box<dyn Job>, Box<Cause>> {
        Err(Box::new(Cause::Refused("no node of a model is tried again".into())))
    }

    fn start(self: Box<Self>, _: &Starting<'_>) -> Started {
        self.log.begin(self.node, self.needs);
        if self.is_long {
            let mut advance = pin!(tokio::time::advance(Duration::from_micros(100)));
            let _ = advance.as_mut().poll(&mut Context::from_waker(Waker::noop())); // the first poll is sufficient
        }
        if self.waits {
            return Started::Future(Box::pin(Waiting { call: *self, is_polled: false }));
        }
        self.log.bars.load(Ordering::Acquire);
        self.log.end(self.needs);
        Started::Done(Ok(Arc::new(())))
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

/// A future that is pending once.
struct Waiting {
    call: Call,
    is_polled: bool,
}

impl Future for Waiting {
    type Output = StageResult;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<StageResult> {
        if !std::mem::replace(&mut self.is_polled, true) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Ok(Arc::new(())))
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.call.log.end(self.call.needs);
    }
}
