//! Recorded executions of workflows, as the WfCommons project writes them down: WfFormat.
//!
//! Read are the versions 1.5 and 1.6, which keep the tasks and their recorded times apart; and the older layout, in which
//! `workflow.tasks` has both, the time is called `runtimeInSeconds` or `runtime`, and a task may be meant by its name.
//! Of all else in a file nothing is looked at.

use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use std::fmt;

/// What was executed. Each task stands behind those that it needs.
#[derive(Debug)]
pub(crate) struct Instance {
    pub(crate) tasks: Vec<Task>,
}

#[derive(Debug)]
pub(crate) struct Task {
    pub(crate) id: String,
    /// How long it took, in microseconds.
    pub(crate) micros: u64,
    /// What it needs, by their places in the instance.
    pub(crate) parents: Vec<usize>,
}

/// What is wrong with a file, and where.
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

/// A value and where in the file it stands.
#[derive(Clone)]
struct At<'a> {
    value: &'a Value,
    place: String,
}

/// No recorded time is longer: a hundred years.
const LONGEST: f64 = 100.0 * 365.0 * 86_400.0;

/// Reads an instance.
pub(crate) fn read(bytes: &[u8]) -> Result<Instance, Malformed> {
    let root: Value = serde_json::from_slice(bytes).map_err(|error| Malformed {
        place: format!("line {}, column {}", error.line(), error.column()),
        what: format!("this is not JSON: {error}"),
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

/// By which texts a task is meant.
struct Names {
    ids: Vec<String>,
    by_id: HashMap<String, usize>,
    /// In the older layout: a name that several have means none of them.
    by_name: HashMap<String, Option<usize>>,
}

impl Names {
    fn of(tasks: &[At<'_>], old: bool) -> Result<Self, Malformed> {
        let mut names = Self { ids: Vec::new(), by_id: HashMap::new(), by_name: HashMap::new() };
        for (index, task) in tasks.iter().enumerate() {
            let field = task.field(if old && !task.has("id") { "name" } else { "id" })?;
            let id = field.text()?;
            if let Some(other) = names.by_id.insert(id.to_owned(), index) {
                return Err(field.wrong(format!("{id:?} is the id of {} already", tasks[other].place)));
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

/// What each task needs: its parents, and whoever counts it among its children.
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

/// The times that were recorded apart from the tasks.
fn times(workflow: &At<'_>, specified: &[At<'_>], names: &Names) -> Result<Vec<u64>, Malformed> {
    let mut times = vec![None; specified.len()];
    for task in workflow.field("execution")?.field("tasks")?.list()? {
        let id = task.field("id")?;
        let index = names.find(&id)?;
        let time = task.field("runtimeInSeconds")?.micros()?;
        if times[index].replace(time).is_some() {
            return Err(id.wrong(format!("{:?} has a recorded time already", names.ids[index])));
        }
    }
    let known = |(index, time): (usize, Option<u64>)| {
        let missing = || format!("{:?} has no recorded time in workflow.execution.tasks", names.ids[index]);
        time.ok_or_else(|| specified[index].wrong(missing()))
    };
    times.into_iter().enumerate().map(known).collect()
}

/// The times that stand with the tasks.
fn own_times(tasks: &[At<'_>]) -> Result<Vec<u64>, Malformed> {
    let name = |task: &At<'_>| if task.has("runtime") { "runtime" } else { "runtimeInSeconds" };
    tasks.iter().map(|task| task.field(name(task))?.micros()).collect()
}

/// The tasks so that each stands behind its parents, and otherwise in the order of the file.
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
    // Whoever goes from one that is stuck to a parent that is stuck comes round some day.
    let above = |task: usize| parents[task].iter().copied().find(|parent| missing[*parent] > 0).unwrap_or(task);
    let on_cycle = (0..parents.len()).fold(stuck, |task, _| above(task));
    let mut cycle = vec![on_cycle];
    while cycle.len() == 1 || cycle[cycle.len() - 1] != on_cycle {
        cycle.push(above(cycle[cycle.len() - 1]));
    }
    const TOLD: usize = 6;
    let mut told: Vec<String> = cycle.iter().take(TOLD).map(|task| format!("{:?}", names.ids[*task])).collect();
    if cycle.len() > TOLD {
        told.push(format!("and so on, {} tasks", cycle.len() - 1));
    }
    Err(tasks[on_cycle].wrong(format!("the task waits for itself: {}", told.join(" needs "))))
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
        let Some(list) = self.value.as_array() else { return Err(self.other("a list")) };
        let at = |(index, value)| At { value, place: format!("{}[{index}]", self.place) };
        Ok(list.iter().enumerate().map(at).collect())
    }

    fn text(&self) -> Result<&'a str, Malformed> {
        self.value.as_str().ok_or_else(|| self.other("a text"))
    }

    fn micros(&self) -> Result<u64, Malformed> {
        let Some(seconds) = self.value.as_f64() else { return Err(self.other("a number of seconds")) };
        if !(0.0..=LONGEST).contains(&seconds) {
            return Err(self.wrong(format!("{seconds} is not a time: from 0 to {LONGEST} seconds can be replayed")));
        }
        Ok((seconds * 1e6).round() as u64)
    }

    fn other(&self, wanted: &str) -> Malformed {
        let found = match self.value {
            Value::Null => "null",
            Value::Bool(_) => "a truth value",
            Value::Number(_) => "a number",
            Value::String(_) => "a text",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        };
        self.wrong(format!("{wanted} belongs here, and this is {found}"))
    }

    fn wrong(&self, what: String) -> Malformed {
        let place = if self.place.is_empty() { "the whole file".to_owned() } else { self.place.clone() };
        Malformed { place, what }
    }
}
