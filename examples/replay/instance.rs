//! Reads recorded executions of workflows in the format of the WfCommons project, WfFormat.
//!
//! Versions 1.5 and 1.6, which store tasks and recorded times separately, and the older layout, in which
//! `workflow.tasks` contains both, the time is named `runtimeInSeconds` or `runtime`, and tasks may be referenced by
//! name, are supported.
//! All other fields of a file are ignored.

use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use std::fmt;

/// A recorded execution. Each task comes after its parents.
#[derive(Debug)]
pub(crate) struct Instance {
    pub(crate) tasks: Vec<Task>,
}

#[derive(Debug)]
pub(crate) struct Task {
    pub(crate) id: String,
    /// The recorded time, in microseconds.
    pub(crate) micros: u64,
    /// The parents, as indices into the instance.
    pub(crate) parents: Vec<usize>,
}

/// An error in a file, with its location.
#[derive(Debug)]
pub(crate) struct Malformed {
    place: String,
    what: String,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

impl std::error::Error for Malformed {}

/// A value and its path in the file.
#[derive(Clone)]
struct At<'a> {
    value: &'a Value,
    place: String,
}

/// Maximum recorded time: a hundred years.
const LONGEST: f64 = 100.0 * 365.0 * 86_400.0;

/// Reads an instance.
pub(crate) fn read(bytes: &[u8]) -> Result<Instance, Malformed> {
    let root: Value = serde_json::from_slice(bytes).map_err(|error| Malformed {
        place: format!("line {}, column {}", error.line(), error.column()),
        what: format!("invalid JSON: {error}"),
    })?;
    let workflow = At { value: &root, place: String::new() }.field("workflow")?;
    let old = workflow.has("tasks") && !workflow.has("specification");
    let specified = if old { workflow.field("tasks")? } else { workflow.field("specification")?.field("tasks")? };
    let specified = specified.list()?;
    let names = Names::of(&specified, old)?;
    let parents = parents(&specified, &names, old)?;
    let times = if old { own_times(&specified)? } else { times(&workflow, &specified, &names)? };
    let order = in_order(&parents, &specified, &names)?;
    let mut places = vec![0; order.len()];
    order.iter().enumerate().for_each(|(place, task)| places[*task] = place);
    let task = |task: &usize| Task {
        id: names.ids[*task].clone(),
        micros: times[*task],
        parents: parents[*task].iter().map(|parent| places[*parent]).collect(),
    };
    Ok(Instance { tasks: order.iter().map(task).collect() })
}

/// Maps ids and names to tasks.
struct Names {
    ids: Vec<String>,
    by_id: HashMap<String, usize>,
    /// Older layout only. A name shared by several tasks is ambiguous and maps to `None`.
    by_name: HashMap<String, Option<usize>>,
}

impl Names {
    fn of(tasks: &[At<'_>], old: bool) -> Result<Self, Malformed> {
        let mut names = Self { ids: Vec::new(), by_id: HashMap::new(), by_name: HashMap::new() };
        for (index, task) in tasks.iter().enumerate() {
            let field = task.field(if old && !task.has("id") { "name" } else { "id" })?;
            let id = field.text()?;
            if let Some(other) = names.by_id.insert(id.to_owned(), index) {
                return Err(field.wrong(format!("{id:?} is already the id of {}", tasks[other].place)));
            }
            names.ids.push(id.to_owned());
            if old && task.has("name") {
                let name = task.field("name")?.text()?.to_owned();
                names.by_name.entry(name).and_modify(|known| *known = None).or_insert(Some(index));
            }
        }
        Ok(names)
    }

    fn find(&self, field: &At<'_>) -> Result<usize, Malformed> {
        let text = field.text()?;
        let found = self.by_id.get(text).copied().or_else(|| self.by_name.get(text).copied().flatten());
        found.ok_or_else(|| field.wrong(format!("there is no task {text:?}")))
    }
}

/// Returns the parents of each task: those it lists, and the tasks that list it as a child.
fn parents(tasks: &[At<'_>], names: &Names, old: bool) -> Result<Vec<BTreeSet<usize>>, Malformed> {
    let mut parents = vec![BTreeSet::new(); tasks.len()];
    for (index, task) in tasks.iter().enumerate() {
        for parent in task.field("parents")?.list()? {
            parents[index].insert(names.find(&parent)?);
        }
        if !old || task.has("children") {
            for child in task.field("children")?.list()? {
                parents[names.find(&child)?].insert(index);
            }
        }
    }
    Ok(parents)
}

/// Reads the times that are stored separately from the tasks.
fn times(workflow: &At<'_>, specified: &[At<'_>], names: &Names) -> Result<Vec<u64>, Malformed> {
    let mut times = vec![None; specified.len()];
    for task in workflow.field("execution")?.field("tasks")?.list()? {
        let id = task.field("id")?;
        let index = names.find(&id)?;
        let time = task.field("runtimeInSeconds")?.micros()?;
        if times[index].replace(time).is_some() {
            return Err(id.wrong(format!("{:?} already has a recorded time", names.ids[index])));
        }
    }
    let known = |(index, time): (usize, Option<u64>)| {
        let missing = || format!("{:?} has no recorded time in workflow.execution.tasks", names.ids[index]);
        time.ok_or_else(|| specified[index].wrong(missing()))
    };
    times.into_iter().enumerate().map(known).collect()
}

/// Reads the times that are stored with the tasks.
fn own_times(tasks: &[At<'_>]) -> Result<Vec<u64>, Malformed> {
    let name = |task: &At<'_>| if task.has("runtime") { "runtime" } else { "runtimeInSeconds" };
    tasks.iter().map(|task| task.field(name(task))?.micros()).collect()
}

/// Sorts the tasks topologically; ties keep the order of the file.
fn in_order(parents: &[BTreeSet<usize>], tasks: &[At<'_>], names: &Names) -> Result<Vec<usize>, Malformed> {
    let mut children = vec![Vec::new(); parents.len()];
    let mut missing: Vec<usize> = parents.iter().map(BTreeSet::len).collect();
    for (child, parents) in parents.iter().enumerate() {
        parents.iter().for_each(|parent| children[*parent].push(child));
    }
    let mut ready: BTreeSet<usize> = (0..parents.len()).filter(|task| missing[*task] == 0).collect();
    let mut order = Vec::new();
    while let Some(task) = ready.pop_first() {
        order.push(task);
        for child in &children[task] {
            missing[*child] -= 1;
            if missing[*child] == 0 {
                ready.insert(*child);
            }
        }
    }
    let Some(stuck) = missing.iter().position(|missing| *missing > 0) else { return Ok(order) };
    // Every stuck task has a stuck parent, so following stuck parents reaches a cycle.
    let above = |task: usize| parents[task].iter().copied().find(|parent| missing[*parent] > 0).unwrap_or(task);
    let on_cycle = (0..parents.len()).fold(stuck, |task, _| above(task));
    let mut cycle = vec![on_cycle];
    while cycle.len() == 1 || cycle[cycle.len() - 1] != on_cycle {
        cycle.push(above(cycle[cycle.len() - 1]));
    }
    const LISTED: usize = 6;
    let mut listed: Vec<String> = cycle.iter().take(LISTED).map(|task| format!("{:?}", names.ids[*task])).collect();
    if cycle.len() > LISTED {
        listed.push(format!("and so on, {} tasks", cycle.len() - 1));
    }
    Err(tasks[on_cycle].wrong(format!("the task depends on itself: {}", listed.join(" depends on "))))
}

impl<'a> At<'a> {
    fn has(&self, name: &str) -> bool {
        self.value.get(name).is_some()
    }

    fn field(&self, name: &str) -> Result<At<'a>, Malformed> {
        let Some(object) = self.value.as_object() else { return Err(self.other("an object")) };
        let place = if self.place.is_empty() { name.to_owned() } else { format!("{}.{name}", self.place) };
        match object.get(name) {
            Some(value) => Ok(At { value, place }),
            None => Err(self.wrong(format!("the field {name:?} is missing"))),
        }
    }

    fn list(&self) -> Result<Vec<At<'a>>, Malformed> {
        let Some(list) = self.value.as_array() else { return Err(self.other("an array")) };
        let at = |(index, value)| At { value, place: format!("{}[{index}]", self.place) };
        Ok(list.iter().enumerate().map(at).collect())
    }

    fn text(&self) -> Result<&'a str, Malformed> {
        self.value.as_str().ok_or_else(|| self.other("a string"))
    }

    fn micros(&self) -> Result<u64, Malformed> {
        let Some(seconds) = self.value.as_f64() else { return Err(self.other("a number of seconds")) };
        if !(0.0..=LONGEST).contains(&seconds) {
            return Err(self.wrong(format!("{seconds} is not a valid time: expected 0 to {LONGEST} seconds")));
        }
        Ok((seconds * 1e6).round() as u64)
    }

    fn other(&self, wanted: &str) -> Malformed {
        let found = match self.value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "an array",
            Value::Object(_) => "an object",
        };
        self.wrong(format!("expected {wanted}, found {found}"))
    }

    fn wrong(&self, what: String) -> Malformed {
        let place = if self.place.is_empty() { "the whole file".to_owned() } else { self.place.clone() };
        Malformed { place, what }
    }
}
