//! The program from outside: its output and its rejected arguments.

use std::process::{Command, Output};

fn benches(line: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_benches")).args(line.split_whitespace()).output().expect("the program starts")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// The keys and values of an object whose strings have no commas and no colons.
fn object(line: &str) -> Vec<(&str, &str)> {
    let inside = line.strip_prefix('{').and_then(|line| line.strip_suffix('}')).expect("a line is an object");
    inside.split(',').map(|pair| pair.split_once(':').unwrap()).collect()
}

#[test]
fn json_is_one_object_a_line_for_each_peer_that_can_do_the_workload() {
    let told = benches("side-by-side --json --peers dagcore,rayon --workloads W1,W10 --n 100 --seconds 0");
    assert!(told.status.success(), "{}", text(&told.stderr));
    let lines: Vec<_> = text(&told.stdout).lines().map(object).collect();
    let named: Vec<_> = lines.iter().map(|line| (line[0].1, line[1].1, line[2].1)).collect();
    let rules = (r#""dagcore""#, r#""W10-rules""#, "100");
    assert_eq!(named, [(r#""dagcore""#, r#""W1-chain""#, "100"), (r#""rayon""#, r#""W1-chain""#, "100"), rules]);
    for line in lines {
        let keys: Vec<_> = line.iter().map(|(key, _)| key.trim_matches('"')).collect();
        let figures = ["build_ns_per_node", "run_ns_per_node", "run_ns_median", "peak_bytes_per_node"];
        assert_eq!(keys, ["peer", "workload", "n"].into_iter().chain(figures).collect::<Vec<_>>());
        let number = |at: usize| line[at].1.parse::<f64>().unwrap();
        assert!(number(4) > 0.0 && number(4) <= number(5), "{line:?}");
        assert!(number(3) >= 0.0, "{line:?}");
        assert!(line[6].1 == "null" && !cfg!(target_os = "linux") || number(6) >= 0.0, "{line:?}");
    }
}

#[test]
fn the_table_shows_what_a_peer_cannot_do_and_what_was_left_out() {
    let told = benches("side-by-side --peers tokio,dagcore --workloads W10 --n 100 --seconds 0");
    let row = text(&told.stdout).lines().find(|line| line.starts_with("W10-rules")).unwrap();
    let cells: Vec<_> = row.split_whitespace().collect();
    assert_eq!(cells[..3], ["W10-rules", "100", "–"]);
    assert!(cells[3].contains('/') && told.stderr.is_empty(), "{row}");

    let told = benches("side-by-side --workloads W7 --n 1000000 --seconds 0");
    let row = text(&told.stdout).lines().find(|line| line.starts_with("W7-compute")).unwrap();
    let cells: Vec<_> = row.split_whitespace().collect();
    assert_eq!(cells[..4], ["W7-compute", "1000000", "..", ".."]);
    assert!(text(&told.stderr).contains("1000000 nodes by anyone: W7-compute"), "{}", text(&told.stderr));
}

#[test]
fn contention_has_a_row_for_each_workload_and_a_cell_for_each_number_of_workers() {
    let told = benches("contention --workers 1,3 --workloads W1,W5 --work 0,1.5 --n 200 --seconds 0");
    assert!(told.status.success(), "{}", text(&told.stderr));
    let rows = |start: &str| {
        let lines = text(&told.stdout).lines().filter(|line| line.starts_with(start) && line.contains('%'));
        lines.filter(|line| !line.contains(" workers ")).map(|line| line.matches('%').count()).collect::<Vec<_>>()
    };
    assert_eq!((rows("W1-chain"), rows("W5-map")), (vec![4; 4], vec![4; 4])); // a share, and how long it was idle
    assert_eq!((rows("1 in 1,000 long"), rows("the first of a layer")), (vec![2; 2], vec![2; 2]));
    assert!(text(&told.stdout).contains("ns per node"));
}

#[test]
fn a_process_of_its_own_tells_its_peak_of_memory() {
    let peak = |line: &str| text(&benches(line).stdout).trim().parse::<u64>().unwrap();
    if cfg!(target_os = "linux") {
        assert!(peak("one dagcore W2 10000") > peak("one dagcore W2 1") + 500_000);
    }
}

#[test]
fn an_unknown_name_is_refused_with_code_2() {
    for line in ["side-by-side --peers adage", "side-by-side --workloads W11", "side-by-side --n 7", "unknown"] {
        let told = benches(line);
        assert_eq!(told.status.code(), Some(2), "{line}");
        assert!(told.stdout.is_empty() && !told.stderr.is_empty(), "{line}");
    }
    let told = benches("side-by-side --peers adage");
    assert!(text(&told.stderr).contains("there are dagcore, raw-boxbatch, raw-spawn, tokio, rayon, dagx, dagrs"));
}
