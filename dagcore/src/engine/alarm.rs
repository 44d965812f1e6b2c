//! Which of the waiting nodes have been woken, for a driver that polls them itself.

use crate::dag::NodeId;
use parking_lot::Mutex;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::task::{Wake, Waker};

/// Shared by the driver and the wakers of its nodes.
#[derive(Default)]
pub(super) struct Alarm {
    woken: Mutex<Woken>,
}

#[derive(Default)]
struct Woken {
    nodes: BTreeSet<NodeId>,
    driver: Option<Waker>,
}

impl Alarm {
    /// Wakes `driver` from now on, too.
    pub(super) fn tell(&self, driver: &Waker) {
        self.woken.lock().driver = Some(driver.clone());
    }

    /// How many nodes are woken, of those that still wait.
    pub(super) fn woken(&self, waits: impl Fn(NodeId) -> bool) -> usize {
        let nodes = &mut self.woken.lock().nodes;
        nodes.retain(|node| waits(*node));
        nodes.len()
    }

    /// Takes the `nth` of them.
    pub(super) fn take(&self, nth: usize) -> Option<NodeId> {
        let nodes = &mut self.woken.lock().nodes;
        let node = nodes.iter().nth(nth).copied()?;
        nodes.remove(&node);
        Some(node)
    }

    /// What a node's future is polled with. The node counts as woken at once: nobody has polled it with this waker yet.
    pub(super) fn waker(self: &Arc<Self>, node: NodeId) -> Waker {
        self.woken.lock().nodes.insert(node);
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
        let mut woken = self.alarm.woken.lock();
        woken.nodes.insert(self.node);
        let driver = woken.driver.clone();
        drop(woken);
        driver.iter().for_each(Waker::wake_by_ref);
    }
}
