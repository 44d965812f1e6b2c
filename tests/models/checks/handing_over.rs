//! Shares of pools and places of limits are handed over while what they are handed to is cancelled.

use super::explore::explore;
use super::model::{Model, Of, node};
use crate::dag::{NodeId, Unwanted};

#[test]
fn no_share_is_lost_when_a_stage_is_cancelled_while_it_is_handed_over() {
    explore("cancel a stage, pool", 3, || {
        let nodes = [node(Of::Work), node(Of::Work), node(Of::Other)];
        Model::new(&nodes, 2).run(2, |model| model.cancel(Unwanted::WholeStage(Of::Work.id()), |node| node < 2));
    });
}
