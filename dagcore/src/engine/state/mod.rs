//! The state that the workers of one run share, behind one lock.
//!
//! [`run_state`] owns the machine, the outputs and the functions to be run; [`lock`] is the only access to it; every
//! worker and handle holds a reference to [`shared`]. The other files are operations performed under the lock.

pub(super) mod admission;
pub(super) mod commit;
pub(super) mod insert_additions;
pub(super) mod lock;
pub(super) mod node_needs;
pub(super) mod observers;
pub(super) mod recall;
pub(super) mod retries;
pub(super) mod run_state;
pub(super) mod settings;
pub(super) mod shared;
pub(super) mod stop_handle;
pub(super) mod take_ready;
pub(super) mod tracker_notes;
pub(super) mod worker_demand;
pub(super) mod worker_local;
