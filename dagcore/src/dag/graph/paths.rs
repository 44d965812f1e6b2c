//! A node's path, which is its name across runs: its parent's path in the lineage, and the step from there to the node.
//!
//! The step is the node's stage and key, where it has a key. Otherwise it is who added it (a rule, by its name; nobody,
//! for the program and for what a node adds while it runs) and the position among what was added so. A rule that a body
//! registered is known by that firing too; of several rules of one name in one place, the second is `name~2`. Nodes
//! with keys do not count for positions: whether a body adds them depends on who comes first. No id and no time is in a
//! path, so nodes of two runs are the same if their paths are.

use super::Graph;
use super::path_hashes::{PathHashes, text_hash};
use crate::dag::base::ids::{FiringId, NodeId, RuleId};
use crate::dag::rules::rule_table::Rules;
use std::collections::BTreeMap;

/// The paths of all nodes of a run.
///
/// ```
/// # use dagcore::dag::{Additions, Event, Machine, NodeId, Place, StageId, StageInfo, Time};
/// let mut machine = Machine::new(|_| StageInfo::new("step", Place::Async));
/// let mut additions = Additions::default();
/// additions.node(StageId::from_index(0), [], None);
/// additions.node(StageId::from_index(0), [], None);
/// machine.apply(&Event::Added { additions, at: Time::START })?;
/// assert_eq!(machine.paths().text(NodeId::from_index(1)), "1");
/// # Ok::<(), dagcore::dag::Refused>(())
/// ```
pub struct Paths {
    texts: Vec<String>,
    hashes: PathHashes,
}

impl Paths {
    pub(crate) fn of(graph: &Graph, rules: &Rules) -> Self {
        let mut places = Places::new(rules);
        let mut positions: BTreeMap<Author, usize> = BTreeMap::new();
        let mut hashes = PathHashes::default();
        hashes.extend(graph, rules);
        let mut paths = Self { texts: Vec::with_capacity(graph.len()), hashes };
        for node in graph.nodes() {
            let parent = graph.lineage_parent(node);
            let step = match graph.key(node) {
                Some(key) => {
                    let stage = graph.stage_name(node);
                    format!("{}[{key:?}]", plain(stage))
                }
                None => {
                    let firing = graph.nodes[node.index()].firing;
                    let rule = graph.lineage.get(firing).map_or(RuleId::NONE, |firing| firing.rule);
                    let (author, who) = match parent {
                        _ if rule.is_some() => {
                            let rule = places.name(rule, parent, &paths, graph, rules);
                            (Author::Firing(firing), format!("{rule}."))
                        }
                        None => (Author::Program, String::new()),
                        Some(inside) => (Author::Inside(inside), String::new()),
                    };
                    let position = positions.entry(author).or_default();
                    *position += 1;
                    format!("{who}{}", *position - 1)
                }
            };
            paths.push(parent, &step);
        }
        paths
    }

    /// The path of `node`; empty when there is no such node. Of a long one it shows the end, and a hash of the rest.
    pub fn text(&self, node: NodeId) -> &str {
        self.texts.get(node.index()).map_or("", String::as_str)
    }

    /// A hash of the path of `node`.
    pub fn hash(&self, node: NodeId) -> Option<u128> {
        self.hashes.of(node)
    }

    fn push(&mut self, parent: Option<NodeId>, step: &str) {
        let text = match parent {
            None => step.to_owned(),
            Some(parent) => format!("{}/{step}", self.short(parent)),
        };
        self.texts.push(text);
    }

    /// The same, and never long.
    fn short(&self, node: NodeId) -> String {
        match self.hash(node) {
            Some(hash) if self.text(node).len() > LONGEST => hashed(hash),
            _ => self.text(node).to_owned(),
        }
    }
}

/// Who adds nodes one after another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Author {
    Firing(FiringId),
    Program,
    Inside(NodeId),
}

/// What rules are called, and where they were registered.
struct Places {
    /// Their names, each another one in the place where it was registered.
    names: Vec<String>,
    /// The same with the place, for as many rules as were asked for.
    whole: Vec<String>,
}

impl Places {
    fn new(rules: &Rules) -> Self {
        let mut known: BTreeMap<(FiringId, &str), usize> = BTreeMap::new();
        let names = rules.records.iter().enumerate().map(|(index, record)| {
            let count = known.entry((rules.scope(RuleId::from_index(index)), &record.spec.name)).or_default();
            *count += 1;
            let name = plain(&record.spec.name);
            if *count > 1 { format!("{name}~{count}") } else { name }
        });
        Self { names: names.collect(), whole: Vec::new() }
    }

    /// A rule whose firing has this parent in the lineage, which is not said once more.
    fn name(&mut self, rule: RuleId, parent: Option<NodeId>, paths: &Paths, graph: &Graph, rules: &Rules) -> String {
        // A rule is younger than the one whose body registered it, and than the node that firing was bound to.
        while self.whole.len() < rule.index() {
            let whole = self.below(RuleId::from_index(self.whole.len()), None, paths, graph, rules);
            self.whole.push(if whole.len() > LONGEST { hashed(text_hash(&whole)) } else { whole });
        }
        self.below(rule, parent, paths, graph, rules)
    }

    fn below(&self, rule: RuleId, parent: Option<NodeId>, paths: &Paths, graph: &Graph, rules: &Rules) -> String {
        let name = self.names.get(rule.index()).map_or("", String::as_str);
        let Some(firing) = graph.lineage.get(rules.scope(rule)) else { return name.to_owned() };
        let outer = self.whole.get(firing.rule.index()).map_or("", String::as_str);
        match Some(firing.bound).filter(|bound| bound.is_some() && Some(*bound) != parent) {
            Some(bound) => format!("{outer}({})>{name}", paths.short(bound)),
            None => format!("{outer}>{name}"),
        }
    }
}

/// A longer text is shown by its hash.
const LONGEST: usize = 200;

fn hashed(hash: u128) -> String {
    format!("..{hash:032x}")
}

/// A name that cannot be taken for anything else: in quotes, unless it is a plain word.
fn plain(name: &str) -> String {
    let word = name.chars().all(|c| c.is_alphanumeric() || c == '_');
    let first = name.chars().next().is_some_and(|c| !c.is_numeric());
    if word && first { name.to_owned() } else { format!("{name:?}") }
}
