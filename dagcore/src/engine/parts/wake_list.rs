//! The parked nodes that have been woken, for the step driver, which polls them itself.

use crate::dag::NodeId;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::task::{Wake, Waker};

/// State shared by the driver and the wakers of its nodes.
#[derive(Default)]
pub(crate) struct Alarm {
    woken: Mutex<Woken>,
}

#[derive(Default)]
struct Woken {
    /// The pending nodes, and whether they have been woken.
    waiting: BTreeMap<NodeId, bool>,
    /// The nodes that have been woken.
    woken: Vec<NodeId>,
    driver: Option<Waker>,
}

impl Woken {
    fn wake(&mut self, node: NodeId) -> Option<&Waker> {
        let known = self.waiting.get_mut(&node)?;
        if !std::mem::replace(known, true) {
            self.woken.push(node);
        }
        self.driver.as_ref()
    }
}

impl Alarm {
    /// Sets the waker of the driver, which is woken together with any node.
    pub(crate) fn tell(&self, driver: &Waker) {
        self.woken.lock().driver = Some(driver.clone());
    }

    /// Returns how many nodes have been woken.
    pub(crate) fn woken(&self) -> usize {
        self.woken.lock().woken.len()
    }

    /// Removes and returns the `nth` woken node, which is polled next.
    pub(crate) fn take(&self, nth: usize) -> Option<NodeId> {
        let mut all = self.woken.lock();
        let node = if nth < all.woken.len() { all.woken.swap_remove(nth) } else { return None };
        // Cleared before the poll: a wake-up during the poll is not lost.
        all.waiting.insert(node, false);
        Some(node)
    }

    /// Removes a node that has ended; later wake-ups are ignored.
    pub(crate) fn forget(&self, node: NodeId) {
        let mut all = self.woken.lock();
        if all.waiting.remove(&node) == Some(true) {
            all.woken.retain(|woken| *woken != node);
        }
    }

    /// Returns the waker to poll a node's future with. The node counts as woken at once, because it has not been
    /// polled with this waker yet.
    pub(crate) fn waker(self: &Arc<Self>, node: NodeId) -> Waker {
        let mut all = self.woken.lock();
        all.waiting.insert(node, false);
        all.wake(node);
        Waker::from(Arc::new(Bell { alarm: Arc::clone(self), node }))
    }
}

/// The waker of one node.
struct Bell {
    alarm: Arc<Alarm>,
    node: NodeId,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // The lock is released before the driver's waker, which is foreign code, runs.
        let driver = self.alarm.woken.lock().wake(self.node).cloned();
        driver.iter().for_each(Waker::wake_by_ref);
    }
}
