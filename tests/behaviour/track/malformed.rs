//! Malformed dump files are rejected with a reason and a location.

use super::{Folder, everything, read, run};
use dagcore::track::{Dump, LoadError};
use serde_json::{Value, json};

/// A dump of a run with all features, and its load error after a change.
struct Changed {
    folder: Folder,
    dump: Value,
}

impl Changed {
    fn new() -> Self {
        let folder = Folder::new();
        let path = folder.file("dump.json");
        run(everything().track(Dump::to(&path)), 0);
        let dump = serde_json::from_str(&read(&path)).unwrap();
        Self { folder, dump }
    }

    fn loaded(&self, text: &str) -> LoadError {
        let path = self.folder.file("changed.json");
        std::fs::write(&path, text).unwrap();
        let error = Dump::load(&path).expect_err(text);
        assert!(error.to_string().contains(&format!("`{}`", path.display())), "{error}");
        error
    }

    /// The number of the node with this name.
    fn node(&self, name: &str) -> usize {
        self.dump["nodes"].as_array().unwrap().iter().position(|node| node["name"] == name).unwrap()
    }

    /// Returns the error message after one value of the dump has been replaced.
    fn said(&self, place: &str, value: Value) -> String {
        let mut dump = self.dump.clone();
        *dump.pointer_mut(place).unwrap_or_else(|| panic!("{place} exists in the dump")) = value;
        self.loaded(&dump.to_string()).to_string()
    }

    fn refused(&self, place: &str, value: Value, problem: &str) {
        let said = self.said(place, value);
        assert!(said.contains(problem), "{place}: {said}");
    }
}

#[test]
fn invalid_json_or_an_unknown_field_is_refused_with_line_and_column() {
    let changed = Changed::new();
    for text in ["", "{", "[1, 2]", "not json", "{\"version\": 1}", "\u{feff}{}", "[[[[[[[["] {
        let error = changed.loaded(text);
        assert!(matches!(error, LoadError::Malformed { .. }), "{error:?}");
        assert!(
            error.to_string().contains("is no dump: ") && error.to_string().contains(" at line 1 column "),
            "{error}"
        );
    }
    let deep = "[".repeat(1_000_000);
    assert!(changed.loaded(&deep).to_string().contains("invalid type: sequence"));
    assert!(
        changed.loaded(&format!("{{\"version\":1,\"nodes\":{deep}")).to_string().contains("invalid type: sequence")
    );
    let whole = changed.dump.to_string();
    for end in (1..whole.len()).step_by(997).filter(|end| whole.is_char_boundary(*end)) {
        assert!(matches!(changed.loaded(&whole[..end]), LoadError::Malformed { .. }));
    }
    changed.refused("/nodes/0/state", json!("asleep\u{1b}"), r"`asleep\u{1b}` is no state of a node at line 1 column");
    changed.refused("/nodes/1/parents/0/need", json!("love"), "`love` is not what a node can need of another");
    changed.refused("/nodes/0/id", json!(-1), "invalid value: integer `-1`");
    changed.refused("/nodes/0/id", json!(0.5), "invalid type: floating point `0.5`");
    changed.refused("/nodes/0/name", Value::Null, "invalid type: null, expected a string");
    changed.refused("/nodes/0/ended_ns", json!("now"), "invalid type: string \"now\", expected u64");
    let twice = whole.replacen("\"version\":1", "\"version\":1,\"version\":1", 1);
    assert!(changed.loaded(&twice).to_string().contains("duplicate field `version`"));
    let more = whole.replacen("\"version\":1", "\"version\":1,\"colour\":1", 1);
    assert!(changed.loaded(&more).to_string().contains("unknown field `colour`"));
}

#[test]
fn a_file_of_another_version_is_refused_with_both_versions() {
    let changed = Changed::new();
    let said = changed.said("/version", json!(2));
    assert!(said.ends_with("is of version 2, and this program reads version 1"), "{said}");
    // The version is reported first, regardless of other changes.
    let error = changed.loaded(r#"{"version": 7, "vertices": {}}"#);
    assert!(matches!(error, LoadError::Version { found: 7, .. }), "{error}");
}

#[test]
fn an_impossible_value_is_refused_with_its_location() {
    let changed = Changed::new();
    let count = changed.dump["nodes"].as_array().unwrap().len();
    let (again, broken) = (changed.node("again"), changed.node("broken#4"));
    let skipped = changed.dump["nodes"].as_array().unwrap().iter().position(|node| node["state"] == "skipped").unwrap();
    let at = |node: usize, field: &str| format!("/nodes/{node}/{field}");
    let told = |place: &str, value: Value, shown: &str, problem: &str| {
        changed.refused(place, value, &format!("is wrong at `{shown}`: {problem}"));
    };
    told("/nodes/3/id", json!(4), "nodes[3].id", "the node at place 3 has the number 4");
    told("/nodes/1/parents/0/node", json!(count), "nodes[1].parents[0].node", "there is no node");
    told("/nodes/1/parents/0/node", json!(1), "nodes[1].parents[0].node", "the node needs itself");
    told("/nodes/0/added_by", json!(0), "nodes[0].added_by", "the node 0 is not older than the node 0");
    told("/nodes/0/lineage_parent", json!(7), "nodes[0].lineage_parent", "the node 7 is not older");
    told(
        &at(skipped, "skipped_because"),
        json!(count),
        &format!("nodes[{skipped}].skipped_because"),
        "there is no node",
    );
    let gone = format!("nodes[{skipped}].skipped_because");
    told(&at(skipped, "skipped_because"), Value::Null, &gone, "a node that is skipped has one");
    told(&at(broken, "error"), Value::Null, &format!("nodes[{broken}].error"), "a node that is failed has one");
    told("/nodes/0/error", json!("no"), "nodes[0].error", "a node that is succeeded has none");
    told("/nodes/0/ended_ns", Value::Null, "nodes[0].ended_ns", "a node that is succeeded has one");
    told("/nodes/0/started_ns", Value::Null, "nodes[0].started_ns", "a node that is succeeded has one");
    told("/nodes/0/started_ns", json!(u64::MAX), "nodes[0].ended_ns", "it ended before it started");
    told("/nodes/0/state", json!("running"), "nodes[0].ended_ns", "a node that is running has none");
    let attempt = format!("nodes[{again}].failed_attempts[0].ended_ns");
    told(&at(again, "failed_attempts/0/started_ns"), json!(u64::MAX), &attempt, "it ended before it started");
    told("/rules/0/firings/0/bound", json!(count), "rules[0].firings[0].bound", "there is no node");
    told("/rules/0/firings/0/added", json!([0, count]), "rules[0].firings[0].added[1]", "there is no node");
}

#[test]
fn cyclic_dependencies_are_refused_however_long_the_cycle_is() {
    let changed = Changed::new();
    let need = |node: usize| json!([{ "node": node, "need": "order" }]);
    let mut dump = changed.dump.clone();
    let count = dump["nodes"].as_array().unwrap().len();
    dump["nodes"][0]["parents"] = need(1); // its dependent
    let error = changed.loaded(&dump.to_string()).to_string();
    assert!(["nodes[0]", "nodes[1]"].iter().any(|node| error.contains(&format!("`{node}.parents`"))), "{error}");
    assert!(error.ends_with("the node needs itself through others"), "{error}");

    let node = dump["nodes"][0].clone();
    let long: Vec<Value> = (0..20_000_usize)
        .map(|id| {
            let mut node = node.clone();
            (node["id"], node["parents"]) = (json!(id), need((id + 1) % 20_000));
            node
        })
        .collect();
    dump["nodes"] = json!(long);
    assert!(count < 20_000 && changed.loaded(&dump.to_string()).to_string().contains("needs itself through others"));
}

#[test]
fn a_missing_file_is_reported_with_its_full_path() {
    let folder = Folder::new();
    let path = folder.file("missing.json");
    let error = Dump::load(&path).unwrap_err();
    assert!(matches!(error, LoadError::Read { .. }), "{error:?}");
    assert!(error.to_string().starts_with(&format!("cannot read the dump `{}`: No such file", path.display())));
}
