//! Paths identify nodes across runs. A path is the path of the parent in the lineage, followed by the step from there
//! to the node.
//!
//! The step of a node with a key is its stage and key. The step of any other node is its origin (the name of the rule;
//! empty for the program and for additions of a running node) and its position among the nodes of that origin. A rule
//! that a body registered is identified by that firing as well; of several rules with the same name in one place, the
//! second is `name~2`. Nodes with keys do not count for positions, because whether a body adds them depends on which of
//! several bodies runs first. A path contains no id and no time, so nodes of two runs are the same if their paths are
//! equal.

use super::Graph;
use super::path_hashes::{Counts, Origin, PathHashes, text_hash};
use crate::dag::base::ids::{NodeId, RuleId};
use crate::dag::rules::rule_table::Rules;

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
        let mut counts = Counts::default();
        let mut places = Places::new(rules, &mut counts);
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
                    let origin = graph.origin(node);
                    let position = counts.position(origin);
                    match origin {
                        Origin::Firing(_, rule) => {
                            format!("{}.{position}", places.name(rule, parent, &paths, graph, rules))
                        }
                        Origin::Program | Origin::Node(_) => position.to_string(),
                    }
                }
            };
            paths.push(parent, &step);
        }
        paths
    }

    /// Returns the path of `node`; empty if there is no such node. A long path is shortened to its end and a hash of
    /// the rest.
    pub fn text(&self, node: NodeId) -> &str {
        self.texts.get(node.index()).map_or("", String::as_str)
    }

    /// Returns a hash of the path of `node`.
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

    /// Returns the path of `node`, or its hash if the path is long.
    fn short(&self, node: NodeId) -> String {
        match self.hash(node) {
            Some(hash) if self.text(node).len() > LONGEST => hashed(hash),
            _ => self.text(node).to_owned(),
        }
    }
}

/// The names of rules, and the places where they were registered.
struct Places {
    /// Names, unique within the place where a rule was registered.
    names: Vec<String>,
    /// The same names with the place, filled in as far as they were needed.
    whole: Vec<String>,
}

impl Places {
    fn new(rules: &Rules, counts: &mut Counts) -> Self {
        let names = rules.records.iter().enumerate().map(|(index, record)| {
            let count = counts.namesakes(RuleId::from_index(index), rules);
            let name = plain(&record.spec.name);
            if count > 1 { format!("{name}~{count}") } else { name }
        });
        Self { names: names.collect(), whole: Vec::new() }
    }

    /// Returns the name of a rule, for a firing whose lineage parent is `parent`; the name does not repeat that parent.
    fn name(&mut self, rule: RuleId, parent: Option<NodeId>, paths: &Paths, graph: &Graph, rules: &Rules) -> String {
        // A rule is younger than the rule whose body registered it, and than the node that firing was bound to, so
        // filling `whole` in the order of ids is enough.
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

/// Maximum length of a text in a path; a longer one is replaced by its hash.
const LONGEST: usize = 200;

fn hashed(hash: u128) -> String {
    format!("..{hash:032x}")
}

/// Quotes a name unless it is a plain word, so that it cannot be confused with other parts of a path.
fn plain(name: &str) -> String {
    let word = name.chars().all(|c| c.is_alphanumeric() || c == '_');
    let first = name.chars().next().is_some_and(|c| !c.is_numeric());
    if word && first { name.to_owned() } else { format!("{name:?}") }
}
