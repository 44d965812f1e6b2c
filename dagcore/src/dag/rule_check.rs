//! The laws of rule sets, checked before anything runs.
//!
//! *A rule must not wait for the closing of a stage that it may itself bring about*: every addition that it declares
//! would come too late. And *a rule must not feed itself without end*: the cycle needs a `within N` or a `by key`. A
//! rule leads to the stages that it declares; a stage leads to the rules that read it, and to the additions of its
//! running nodes. Rules that declare nothing are left out, because their additions are unknown.
//!
//! A stage that is waited for below a node is brought about only by additions below that node, so not by a rule that
//! fires once in the whole run. A node whose key is unique in the run is below no node either; but the machine's counts
//! of open stages below a node ignore keys, and so do the laws.
//!
//! The compiler checks each `rules![..]` against the same laws, with the same functions and the same messages: see
//! `const_check`.

mod arrows;
mod components;
mod const_check;
mod faults;
mod messages;
mod net;
mod shapes;

pub use const_check::{Laws, assert_lawful, laws};
pub use shapes::{Added, Entry, How, Keys, KnownRule, Listed, RuleShape, StageKey, StageShape, Wait};

use super::base::declared_additions::{Addition, Adds, Keying};
use super::base::ids::StageId;
use super::base::stage_info::StageInfo;
use super::rules::rule_spec::{Condition, Each, RuleSpec};
use super::rules::rule_table::Rules;
use arrows::{Arrow, Placed, Room};
use components::Visit;
use faults::{Came, Found};
use messages::Text;
use net::{Net, PLACES};
use std::collections::HashSet;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

/// Returns the violations in a set of rules, one sentence each; `also` lists further existing stages.
///
/// ```
/// use dagcore::dag::{Adds, Condition, Place, RuleSpec, StageId, StageInfo, unlawful};
///
/// let stage = StageId::from_index(0);
/// let rule = RuleSpec::new("itself", Adds::only([stage])).when(Condition::Closed(stage));
/// let problems = unlawful(&[rule], [], |_| StageInfo::new("item", Place::Async));
/// assert!(problems[0].starts_with("rule `itself` waits for `item` to close, and adds one itself"));
/// ```
pub fn unlawful(
    rules: &[RuleSpec],
    also: impl IntoIterator<Item = StageId>,
    info: impl Fn(StageId) -> StageInfo,
) -> Vec<String> {
    let names = Names { info };
    let looks = distinct(rules);
    let own = names.with_what_they_add(looks.iter().flat_map(|look| look.stages()).chain(also));
    let mut stages: Vec<StageShape<'_>> =
        own.iter().map(|(stage, adds)| StageShape::new(names.key(*stage), adds)).collect();
    let lists: Vec<Lists<'_>> = looks.iter().map(|look| names.lists(look)).collect();
    let rules = looks.iter().zip(&lists).map(|(look, Lists { waits, adds })| {
        let Looks { name, within, apart, .. } = **look;
        Placed { shape: RuleShape { name, waits, adds, within, apart, ..RuleShape::NONE }, outer: None }
    });
    let rules: Vec<Placed<'_>> = rules.collect();

    let by_stages: usize = own.iter().map(|(_, adds)| adds.len()).sum();
    let by_rules: usize = lists.iter().map(|lists| lists.waits.len() * lists.adds.len()).sum();
    let mut arrows = vec![Arrow::NONE; by_stages + by_rules];
    let mut first = vec![Arrow::LAST; stages.len()];
    let known = stages.len();
    let mut room = Room { stages: &mut stages, known, arrows: &mut arrows, laid: 0, first: &mut first, full: false };
    room.lay(&rules);
    let laid = room.laid;
    arrows.truncate(laid);
    problems(&rules, &stages, &mut arrows, &first)
}

fn problems(rules: &[Placed<'_>], stages: &[StageShape<'_>], arrows: &mut [Arrow], first: &[usize]) -> Vec<String> {
    let points = stages.len() * PLACES;
    let mut found = Found {
        closing: &mut vec![None; rules.len()],
        growing: &mut vec![None; rules.len()],
        inside: &mut vec![None; stages.len()],
        told: &mut vec![false; arrows.len()],
        visits: (&mut vec![Visit::NONE; points], &mut vec![Visit::NONE; points]),
        way: (&mut vec![0; points], &mut vec![Came::NOT_YET; points]),
    };
    found.find(rules, stages, arrows, first);
    let net = Net { rules, stages, arrows, first };
    let Found { closing, growing, inside, way: (path, came), .. } = found;
    let faults = closing.iter().chain(&*growing).chain(&*inside).flatten();
    faults
        .map(|fault| {
            let steps = net.way_round(*fault, path, came);
            let mut room = Vec::new();
            let say = |room: &mut [u8]| {
                let mut text = Text { room, len: 0 };
                text.fault(net, *fault, &path[..steps]);
                text.len
            };
            room.resize(say(&mut []), 0);
            say(&mut room);
            String::from_utf8_lossy(&room).into_owned()
        })
        .collect()
}

/// The distinct rules of a run, as far as the laws distinguish them, so that adding one rule at a time does not check
/// all rules each time.
#[derive(Default)]
pub(crate) struct KnownRules {
    alike: HashSet<Alike>,
    /// One rule of each kind, in the order of their first occurrence.
    rules: Vec<RuleSpec>,
    /// The number of rules of the run that have been added here.
    taken_in: usize,
}

impl KnownRules {
    /// Returns the violations that adding `new` to the rules of a run would cause: see [`unlawful`].
    pub(crate) fn unlawful_with(
        &mut self,
        registered: &Rules,
        new: &[RuleSpec],
        info: impl Fn(StageId) -> StageInfo,
    ) -> Vec<String> {
        for rule in registered.specs_from(self.taken_in) {
            self.taken_in += 1;
            if self.alike.insert(Alike(rule.clone())) {
                self.rules.push(rule.clone());
            }
        }
        let mut unlike = new.iter().filter(|rule| !self.alike.contains(&Alike((*rule).clone()))).peekable();
        if unlike.peek().is_none() {
            return Vec::new(); // the registered rules passed the check when they were added
        }
        let all: Vec<RuleSpec> = self.rules.iter().chain(unlike).cloned().collect();
        unlawful(&all, [], info)
    }
}

/// A rule that compares equal to all rules that the laws treat alike.
struct Alike(RuleSpec);

impl Hash for Alike {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Looks::of(&self.0).hash(state);
    }
}

impl PartialEq for Alike {
    fn eq(&self, other: &Self) -> bool {
        Looks::of(&self.0) == Looks::of(&other.0)
    }
}

impl Eq for Alike {}

/// The properties of a rule that the laws use.
#[derive(PartialEq, Eq, Hash)]
struct Looks<'s> {
    name: &'s str,
    waits: Vec<(How, StageId)>,
    adds: &'s [Addition],
    within: bool,
    apart: bool,
}

impl<'s> Looks<'s> {
    fn of(rule: &'s RuleSpec) -> Self {
        let apart = rule.each == Each::Once && rule.about().is_none();
        Self { name: &rule.name, waits: waits(rule), adds: rule.adds.list(), within: rule.within.is_some(), apart }
    }

    fn stages(&self) -> impl Iterator<Item = StageId> {
        self.waits.iter().map(|(_, stage)| *stage).chain(self.adds.iter().flat_map(mentioned))
    }
}

/// Returns the distinct rules that read some stage and declare an addition; other rules cannot violate a law.
fn distinct(rules: &[RuleSpec]) -> Vec<Rc<Looks<'_>>> {
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    for rule in rules {
        let look = Rc::new(Looks::of(rule));
        if look.waits.is_empty() || look.adds.is_empty() {
            continue;
        }
        if seen.insert(Rc::clone(&look)) {
            found.push(look);
        }
    }
    found
}

fn waits(rule: &RuleSpec) -> Vec<(How, StageId)> {
    let each = match rule.each {
        Each::Once => None,
        Each::Succeeded(stage) => Some((How::Each, stage)),
        Each::Failed(stage) => Some((How::EachFailed, stage)),
        Each::Under(stage) => Some((How::Group, stage)),
    };
    let conditions = rule.conditions.iter().filter_map(|condition| match condition {
        Condition::Count(stage, _) | Condition::CountDone(stage, _) => Some((How::Count, *stage)),
        Condition::Closed(stage) => Some((How::Closed, *stage)),
        _ => None,
    });
    let below = rule.under.iter().map(|(stage, below)| (How::Below(*below), *stage));
    each.into_iter().chain(conditions).chain(below).collect()
}

fn mentioned(one: &Addition) -> impl Iterator<Item = StageId> {
    let group = match one.keying {
        Keying::Under(group) => Some(group),
        Keying::None | Keying::Run => None,
    };
    group.into_iter().chain([one.stage])
}

/// The waits and the additions of a rule.
struct Lists<'a> {
    waits: Vec<Wait<'a>>,
    adds: Vec<Entry<'a>>,
}

/// The source of stage properties.
struct Names<F> {
    info: F,
}

impl<F: Fn(StageId) -> StageInfo> Names<F> {
    fn key(&self, stage: StageId) -> StageKey<'static> {
        StageKey::numbered(stage.index(), (self.info)(stage).name)
    }

    fn keys(&self, keying: Keying) -> Keys<'static> {
        match keying {
            Keying::None => Keys::No,
            Keying::Run => Keys::Run,
            Keying::Under(group) => Keys::Under(self.key(group)),
        }
    }

    fn lists(&self, look: &Looks<'_>) -> Lists<'static> {
        let bare = |stage| StageShape::new(self.key(stage), &[]);
        let waits = look.waits.iter().map(|(how, stage)| Wait::new(*how, bare(*stage)));
        let adds = look.adds.iter().map(|one| Entry::new(bare(one.stage), self.keys(one.keying)));
        Lists { waits: waits.collect(), adds: adds.collect() }
    }

    /// Returns these stages and, transitively, all that their nodes add while they run, in the order in which they are
    /// met.
    fn with_what_they_add(&self, stages: impl Iterator<Item = StageId>) -> Vec<(StageId, Vec<Added<'static>>)> {
        let mut seen = HashSet::new();
        let mut met: Vec<StageId> = stages.filter(|stage| seen.insert(*stage)).collect();
        let mut found = Vec::new();
        while let Some(stage) = met.get(found.len()).copied() {
            let adds = (self.info)(stage).adds.map_or(&[] as &[Addition], Adds::list);
            met.extend(adds.iter().flat_map(mentioned).filter(|stage| seen.insert(*stage)));
            found
                .push((stage, adds.iter().map(|one| Added::new(self.key(one.stage), self.keys(one.keying))).collect()));
        }
        found
    }
}
