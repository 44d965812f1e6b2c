//! The documented style under strict lints, which `tests/strict.rs` compiles with.

use tests::strict;

#[test]
fn what_passes_strict_lints_runs() {
    let (flow, every) = strict::workflow();
    let report = flow.run_blocking().unwrap();
    assert_eq!(*report.output(every).unwrap(), 11);
}
