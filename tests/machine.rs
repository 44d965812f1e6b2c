//! The pure state machine, compared with a small reference model on random programs.
//!
//! `DAGCORE_PROGRAMS=10000 cargo test --release -p tests --test machine` is the long run.

#[path = "machine/asked.rs"]
mod asked;
#[path = "machine/big.rs"]
mod big;
#[path = "machine/build.rs"]
mod build;
#[path = "machine/compare.rs"]
mod compare;
#[path = "machine/driver.rs"]
mod driver;
#[path = "machine/end.rs"]
mod end;
#[path = "machine/found.rs"]
mod found;
#[path = "machine/lawful.rs"]
mod lawful;
#[path = "machine/laws.rs"]
mod laws;
#[path = "machine/laws_at_work.rs"]
mod laws_at_work;
#[path = "machine/lies.rs"]
mod lies;
#[path = "machine/lies_below.rs"]
mod lies_below;
#[path = "machine/lineage.rs"]
mod lineage;
#[path = "machine/model.rs"]
mod model;
#[path = "machine/order.rs"]
mod order;
#[path = "machine/possible.rs"]
mod possible;
#[path = "machine/program.rs"]
mod program;
#[path = "machine/random.rs"]
mod random;
#[path = "machine/replay.rs"]
mod replay;
#[path = "machine/sources.rs"]
mod sources;
#[path = "machine/starts.rs"]
mod starts;
#[path = "machine/told.rs"]
mod told;
#[path = "machine/truth.rs"]
mod truth;
#[path = "machine/unread.rs"]
mod unread;
#[path = "machine/waits.rs"]
mod waits;

use driver::{Driver, ensure, run};
use random::{check, programs};
use std::collections::{HashMap, HashSet};

/// After every event, the states, due rules, closed stages, ready nodes and causes equal those of the model; at the end
/// every node is settled, and every rule has fired or has a reason.
#[test]
fn the_machine_does_what_the_model_does() {
    check(programs(), |program, order| run(&program, order).map(drop));
}

#[test]
fn appended_nodes_are_accepted_during_the_run() {
    check(programs() / 3, |program, order| Driver::new(&program, order).with_outside().run(&program).map(drop));
}

/// A node has one hash in every order, and no two nodes share one; hashes that are folded at insertion are those of the end.
#[test]
fn the_hash_of_a_path_identifies_a_node_across_runs() {
    check(programs() / 10, |program, order| {
        let program = program.timeless();
        let mut known = HashMap::new();
        for turn in 0..3 {
            let driver = Driver::new(&program, order.wrapping_add(turn)).hashing();
            let Some(driver) = driver.run(&program)? else { return Ok(()) };
            let (machine, paths) = (&driver.machine, driver.machine.paths());
            for node in machine.graph().nodes() {
                let (path, hash) = (driver.model.nodes[node.index()].path.clone(), machine.path_hash(node));
                ensure!(hash.is_some() && hash == paths.hash(node), "node {node} has another hash at the end");
                let first = known.entry(path.clone()).or_insert(hash);
                ensure!(*first == hash, "`{path}` has another hash in another order");
            }
            let all: HashSet<_> = machine.graph().nodes().map(|node| machine.path_hash(node)).collect();
            ensure!(all.len() == machine.graph().len(), "two nodes share a hash");
        }
        Ok(())
    });
}

/// In addition, nothing is added to a closed stage.
#[test]
fn what_a_run_adds_does_not_depend_on_the_order_in_which_nodes_end() {
    check(programs() / 2, |program, order| {
        let program = program.timeless();
        let mut outcomes = Vec::new();
        for turn in 0..5 {
            let driver = run(&program, order.wrapping_add(turn))?;
            let Some(driver) = driver else { return Ok(()) };
            outcomes.push(driver.outcome());
        }
        end::all_the_same(&outcomes)
    });
}
