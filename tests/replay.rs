//! The example `replay`: the files that it reads and rejects, and the agreement of its results with a simple loop over
//! events.

#[path = "../examples/replay/instance.rs"]
mod instance;
#[path = "../examples/replay/play.rs"]
mod play;

use dagcore::StartOrder;
use instance::{Instance, read};
use play::{Figures, play};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Pseudo-random numbers.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// Tasks with their times in microseconds and their parents, as a file of this version.
fn file(tasks: &[(u64, Vec<usize>)]) -> Value {
    let id = |index: usize| format!("task_{index}");
    let children = |index: usize| -> Vec<String> {
        (0..tasks.len()).filter(|child| tasks[*child].1.contains(&index)).map(id).collect()
    };
    let specified: Vec<Value> = (tasks.iter().enumerate())
        .map(|(index, (_, parents))| {
            let parents: Vec<String> = parents.iter().copied().map(id).collect();
            json!({ "name": "task", "id": id(index), "parents": parents, "children": children(index) })
        })
        .rev() // a file may list a child first
        .collect();
    let executed: Vec<Value> = (tasks.iter().enumerate())
        .map(|(index, (micros, _))| json!({ "id": id(index), "runtimeInSeconds": *micros as f64 / 1e6 }))
        .collect();
    json!({
        "name": "random", "schemaVersion": "1.5",
        "workflow": { "specification": { "tasks": specified }, "execution": { "tasks": executed } },
    })
}

fn instance(file: &Value) -> Instance {
    read(file.to_string().as_bytes()).unwrap()
}

/// Up to forty tasks with up to three parents each, from a microsecond to hours long.
fn random(chance: &mut Chance) -> Instance {
    let longest = [1_000, 1_000_000, 10_000_000_000][chance.below(3) as usize];
    let many = 1 + chance.below(40) as usize;
    let tasks: Vec<(u64, Vec<usize>)> = (0..many)
        .map(|index| {
            let parents: BTreeSet<usize> = (0..chance.below(4))
                .filter(|_| index > 0)
                .map(|_| chance.below(index.max(1) as u64) as usize)
                .collect();
            (1 + chance.below(longest), parents.into_iter().collect())
        })
        .collect();
    instance(&file(&tasks))
}

fn own() -> Instance {
    read(include_bytes!("../examples/data/sequencing.json")).unwrap()
}

fn played(instance: &Instance, workers: usize, order: StartOrder) -> Figures {
    play(instance, workers, order).unwrap()
}

const ORDERS: [StartOrder; 3] = [StartOrder::DepthFirst, StartOrder::BreadthFirst, StartOrder::CriticalPath];

/// The makespan of greedy list scheduling: whenever a worker is free, it starts the task with the longest remaining
/// path among those whose parents have ended.
fn list_scheduling(instance: &Instance, workers: usize) -> u64 {
    let tasks = &instance.tasks;
    let mut remaining: Vec<u64> = tasks.iter().map(|task| task.micros).collect();
    for (index, task) in tasks.iter().enumerate().rev() {
        for parent in &task.parents {
            remaining[*parent] = remaining[*parent].max(tasks[*parent].micros + remaining[index]);
        }
    }
    let mut running: Vec<(u64, usize)> = Vec::new();
    let mut ended = vec![false; tasks.len()];
    let mut waiting: Vec<usize> = (0..tasks.len()).collect();
    let mut now = 0;
    while !waiting.is_empty() || !running.is_empty() {
        while running.len() < workers {
            let could = waiting.iter().copied().filter(|task| tasks[*task].parents.iter().all(|parent| ended[*parent]));
            let Some(next) = could.max_by_key(|task| remaining[*task]) else { break };
            waiting.retain(|task| *task != next);
            running.push((now + tasks[next].micros, next));
        }
        now = running.iter().map(|(end, _)| *end).min().unwrap();
        running.iter().filter(|(end, _)| *end == now).for_each(|(_, task)| ended[*task] = true);
        running.retain(|(end, _)| *end > now);
    }
    now
}

#[test]
fn by_the_critical_path_it_takes_as_long_as_greedy_list_scheduling() {
    let mut chance = Chance(3);
    let instances = (0..300).map(|_| random(&mut chance)).chain([own()]);
    let mut exact = 0;
    for (index, instance) in instances.enumerate() {
        for workers in [1, 2, 3, 5, 8] {
            let by_loop = list_scheduling(&instance, workers) as f64;
            let figures = played(&instance, workers, StartOrder::CriticalPath);
            let off = (figures.makespan.as_secs_f64() * 1e6 - by_loop).abs() / by_loop;
            assert!(off <= 0.01, "instance {index}, {workers} workers: off by {off}");
            exact += usize::from(figures.makespan.as_micros() == by_loop as u128);
        }
    }
    assert!(exact > 1_490, "only {exact} of 1505 were the same to the microsecond");
}

#[test]
fn no_order_takes_longer_than_grahams_bound_or_less_than_work_and_path_ask_for() {
    let mut chance = Chance(4);
    for instance in (0..150).map(|_| random(&mut chance)).chain([own()]) {
        for (workers, order) in [1, 2, 3, 7].into_iter().flat_map(|workers| ORDERS.map(|order| (workers, order))) {
            let Figures { work, critical_path, makespan, utilisation, bound, tasks } =
                played(&instance, workers, order);
            assert_eq!(
                (tasks, work.as_micros()),
                (instance.tasks.len(), instance.tasks.iter().map(|t| u128::from(t.micros)).sum())
            );
            assert!(makespan <= bound && makespan >= critical_path && makespan * workers as u32 >= work);
            let share = work.as_secs_f64() / makespan.as_secs_f64() / workers as f64;
            assert!((utilisation - share).abs() < 1e-9 && utilisation <= 1.0 + 1e-9);
        }
    }
}

#[test]
fn one_worker_takes_all_the_work_and_enough_workers_take_the_critical_path() {
    let mut chance = Chance(5);
    for instance in (0..60).map(|_| random(&mut chance)).chain([own()]) {
        for order in ORDERS {
            let one = played(&instance, 1, order.clone());
            assert_eq!((one.makespan, one.utilisation), (one.work, 1.0));
            let many = played(&instance, instance.tasks.len(), order);
            assert_eq!(many.makespan, many.critical_path);
        }
    }
}

#[test]
fn neither_tiny_nor_huge_times_are_distorted() {
    let chain = |micros: u64, many: usize| -> Vec<(u64, Vec<usize>)> {
        (0..many).map(|index| (micros, index.checked_sub(1).into_iter().collect())).collect()
    };
    let tiny = played(&instance(&file(&chain(1, 300))), 2, StartOrder::DepthFirst);
    assert_eq!((tiny.makespan.as_micros(), tiny.work.as_micros()), (300, 300));
    let nothing = played(&instance(&file(&chain(0, 20))), 2, StartOrder::CriticalPath);
    assert_eq!((nothing.makespan.as_micros(), nothing.utilisation), (0, 0.0));
    let century = 100 * 365 * 86_400 * 1_000_000;
    let huge = played(&instance(&file(&chain(century, 30))), 2, StartOrder::BreadthFirst);
    assert_eq!(huge.makespan.as_micros(), 30 * u128::from(century));
    let days = played(&instance(&file(&chain(40 * 86_400 * 1_000_000, 4))), 2, StartOrder::BreadthFirst);
    assert_eq!(days.makespan.as_secs(), 160 * 86_400);
    let none = played(&instance(&file(&[])), 2, StartOrder::CriticalPath);
    assert_eq!((none.tasks, none.makespan.as_micros(), none.utilisation), (0, 0, 0.0));
}

/// Three tasks, one after another.
fn three() -> Value {
    let mut three = file(&[(1_000_000, vec![]), (2_000_000, vec![0]), (3_000_000, vec![1])]);
    three["workflow"]["specification"]["tasks"].as_array_mut().unwrap().reverse();
    three
}

#[track_caller]
fn refused(change: impl FnOnce(&mut Value), told: &str) {
    let mut file = three();
    change(&mut file["workflow"]);
    assert_eq!(read(file.to_string().as_bytes()).unwrap_err().to_string(), told);
}

fn remove(from: &mut Value, field: &str) {
    from.as_object_mut().unwrap().remove(field);
}

#[test]
fn a_malformed_file_is_refused_with_its_location() {
    let tasks = "workflow.specification.tasks";
    let executed = "workflow.execution.tasks";
    refused(|w| remove(w, "specification"), r#"workflow: the field "specification" is missing"#);
    refused(|w| remove(w, "execution"), r#"workflow: the field "execution" is missing"#);
    let field =
        |index: usize, name: &'static str| move |w: &mut Value| remove(&mut w["specification"]["tasks"][index], name);
    refused(field(1, "id"), &format!(r#"{tasks}[1]: the field "id" is missing"#));
    refused(field(2, "parents"), &format!(r#"{tasks}[2]: the field "parents" is missing"#));
    refused(field(0, "children"), &format!(r#"{tasks}[0]: the field "children" is missing"#));
    let set = |index: usize, name: &'static str, value: Value| {
        move |w: &mut Value| w["specification"]["tasks"][index][name] = value
    };
    refused(
        set(1, "parents", json!(["gone\u{1b}"])),
        &format!(r#"{tasks}[1].parents[0]: there is no task "gone\u{{1b}}""#),
    );
    refused(set(1, "children", json!(["x"])), &format!(r#"{tasks}[1].children[0]: there is no task "x""#));
    refused(set(1, "parents", json!("task_0")), &format!("{tasks}[1].parents: expected an array, found a string"));
    refused(set(1, "parents", json!([0])), &format!("{tasks}[1].parents[0]: expected a string, found a number"));
    refused(set(1, "id", json!(7)), &format!("{tasks}[1].id: expected a string, found a number"));
    refused(set(2, "id", json!("task_0")), &format!(r#"{tasks}[2].id: "task_0" is already the id of {tasks}[0]"#));
    refused(
        set(0, "parents", json!(["task_2"])),
        &format!(
            r#"{tasks}[0]: the task depends on itself: "task_0" depends on "task_2" depends on "task_1" depends on "task_0""#
        ),
    );
    refused(
        set(1, "parents", json!(["task_1"])),
        &format!(r#"{tasks}[1]: the task depends on itself: "task_1" depends on "task_1""#),
    );
    let time = |value: Value| move |w: &mut Value| w["execution"]["tasks"][1]["runtimeInSeconds"] = value;
    let from = "expected 0 to 3153600000 seconds";
    refused(time(json!(-0.5)), &format!("{executed}[1].runtimeInSeconds: -0.5 is not a valid time: {from}"));
    refused(time(json!(1e300)), &format!("{executed}[1].runtimeInSeconds: {} is not a valid time: {from}", 1e300));
    for (value, is) in [(json!("NaN"), "a string"), (json!(null), "null"), (json!(true), "a boolean")] {
        let told = format!("{executed}[1].runtimeInSeconds: expected a number of seconds, found {is}");
        refused(time(value), &told);
    }
    refused(
        |w| remove(&mut w["execution"]["tasks"][1], "runtimeInSeconds"),
        &format!(r#"{executed}[1]: the field "runtimeInSeconds" is missing"#),
    );
    refused(
        |w| drop(w["execution"]["tasks"].as_array_mut().unwrap().remove(1)),
        &format!(r#"{tasks}[1]: "task_1" has no recorded time in workflow.execution.tasks"#),
    );
    refused(
        |w| w["execution"]["tasks"][1]["id"] = json!("task_0"),
        &format!(r#"{executed}[1].id: "task_0" already has a recorded time"#),
    );
    refused(|w| w["execution"]["tasks"] = json!({}), &format!("{executed}: expected an array, found an object"));
    refused(|w| *w = json!([]), "workflow: expected an object, found an array");
}

#[test]
fn what_is_not_json_is_refused_with_its_line() {
    let told = |text: &[u8]| read(text).unwrap_err().to_string();
    assert!(told(b"").starts_with("line 1, column 0: invalid JSON: "), "{}", told(b""));
    assert!(
        told(b"{\n \"workflow\": NaN }").starts_with("line 2, column 14: "),
        "{}",
        told(b"{\n \"workflow\": NaN }")
    );
    assert!(told(b"{\n\n \"a\": 1e999 }").starts_with("line 3, column 11: "), "{}", told(b"{\n\n \"a\": 1e999 }"));
    assert!(told(b"\xff{}").starts_with("line 1, "));
    assert!(told("[".repeat(100_000).as_bytes()).contains("recursion"));
    assert_eq!(told(b"[]"), "the whole file: expected an object, found an array");
    assert_eq!(told(b"{}"), "the whole file: the field \"workflow\" is missing");
    let whole = three().to_string();
    (0..whole.len()).for_each(|end| assert!(read(&whole.as_bytes()[..end]).is_err(), "{end} bytes were accepted"));
}

#[test]
fn older_files_keep_all_in_one_list_and_mean_tasks_by_name() {
    let old = json!({ "schemaVersion": "1.3", "workflow": { "tasks": [
        { "name": "last", "parents": ["one_1", "id_2"], "runtime": 0.25 },
        { "name": "one_1", "id": "id_1", "parents": [], "children": ["two"], "runtimeInSeconds": 1 },
        { "name": "two", "id": "id_2", "parents": ["one_1"], "children": ["last"], "runtime": 2.5 },
    ] } });
    let instance = instance(&old);
    let tasks: Vec<(&str, u64, &[usize])> =
        instance.tasks.iter().map(|task| (&*task.id, task.micros, &*task.parents)).collect();
    assert_eq!(tasks, [("id_1", 1_000_000, &[][..]), ("id_2", 2_500_000, &[0]), ("last", 250_000, &[0, 1])]);
}

#[test]
fn an_edge_that_only_the_parent_knows_of_counts() {
    let mut file = three();
    file["workflow"]["specification"]["tasks"][2]["parents"] = json!([]);
    assert_eq!(instance(&file).tasks[2].parents, [1]);
}
