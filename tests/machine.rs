//! The pure state machine, held against a small reference model on random programs.
//!
//! `DAGCORE_PROGRAMS=10000 cargo test --release -p tests --test machine` is the long run.

#[path = "machine/build.rs"]
mod build;
#[path = "machine/driver.rs"]
mod driver;
#[path = "machine/end.rs"]
mod end;
#[path = "machine/model.rs"]
mod model;
#[path = "machine/program.rs"]
mod program;
#[path = "machine/random.rs"]
mod random;

use driver::{Driver, run};
use random::{check, programs};

/// Whatever happens, states, due rules, closed stages, ready nodes and causes are those of the model; at the end
/// every node is settled and every rule has fired or has a reason.
#[test]
fn the_machine_does_what_the_model_does() {
    check(programs(), |program, order| run(&program, order).map(drop));
}

#[test]
fn nodes_from_outside_are_taken_in_while_the_run_goes_on() {
    check(programs() / 2, |program, order| Driver::new(&program, order).with_outside().run(&program).map(drop));
}

/// And nothing is added to a stage that has closed.
#[test]
fn what_a_run_adds_does_not_depend_on_the_order_in_which_nodes_end() {
    check(programs() / 2, |program, order| {
        let program = program.timeless();
        let mut outcomes = Vec::new();
        for turn in 0..5 {
            let Some(driver) = run(&program, order.wrapping_add(turn))? else { return Ok(()) };
            outcomes.push(driver.outcome());
        }
        end::all_the_same(&outcomes)
    });
}

#[test]
fn zz_stats() {
    use std::cell::RefCell;
    let s = RefCell::new([0usize; 10]);
    check(programs(), |program, order| {
        let mut s = s.borrow_mut();
        s[0] += 1;
        let Some(d) = run(&program, order)? else {
            s[1] += 1;
            return Ok(());
        };
        s[2] += d.model.nodes.len();
        s[3] += d.model.rules.len();
        s[4] += d.model.rules.iter().map(|r| r.fired.len()).sum::<usize>();
        s[5] += d.model.rules.iter().map(|r| r.failed.len()).sum::<usize>();
        s[6] += d.model.closed.iter().filter(|c| **c).count();
        s[7] += d.model.rules.iter().filter(|r| r.scope.is_some()).count();
        s[8] += d.model.nodes.iter().filter(|n| matches!(n.end, Some(model::End::Skipped(_)))).count();
        s[9] += d.model.rules.iter().filter(|r| r.fired.is_empty()).count();
        Ok(())
    });
    eprintln!("programs, toobig, nodes, rules, fired, failed, closed, nested, skipped, unfired {:?}", s.borrow());
}
