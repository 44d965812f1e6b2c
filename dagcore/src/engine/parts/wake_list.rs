//! Which of the waiting nodes have been woken, for a driver that polls them itself.

use crate::dag::NodeId;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::task::{Wake, Waker};

/// Shared by the driver and the wakers of its nodes.
#[derive(Default)]
pub(crate) struct Alarm {
    woken: Mutex<Woken>,
}

#[derive(Default)]
struct Woken {
    /// The nodes that wait, and whether they have been woken.
    waiting: BTreeMap<NodeId, bool>,
    /// Those that have been.
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
    /// Wakes `driver` from now on, too.
    pub(crate) fn tell(&self, driver: &Waker) {
        self.woken.lock().driver = Some(driver.clone());
    }

    /// How many nodes have been woken.
    pub(crate) fn woken(&self) -> usize {
        self.woken.lock().woken.len()
    }

    /// Takes the `nth` of them, which is polled next.
    pub(crate) fn take(&self, nth: usize) -> Option<NodeId> {
        let mut all = self.woken.lock();
        let node = if nth < all.woken.len() { all.woken.swap_remove(nth) } else { return None };
        all.waiting.insert(node, false);
        Some(node)
    }

    /// A node is over, and is not woken any more.
    pub(crate) fn forget(&self, node: NodeId) {
        let mut all = self.woken.lock();
        if all.waiting.remove(&node) == Some(true) {
            all.woken.retain(|woken| *woken != node);
        }
    }

    /// What a node's future is polled with. The node counts as woken at once: nobody has polled it with this waker yet.
    pub(crate) fn waker(self: &Arc<Self>, node: NodeId) -> Waker {
        let mut all = self.woken.lock();
        all.waiting.insert(node, false);
        all.wake(node);
        Waker::from(Arc::new(Bell { alarm: Arc::clone(self), node }))
    }
}

struct Bell {
    alarm: Arc<Alarm>,
    node: NodeId,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let driver = self.alarm.woken.lock().wake(self.node).cloned();
        driver.iter().for_each(Waker::wake_by_ref);
    }
}
