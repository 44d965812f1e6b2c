//! The laws, checked by the compiler for the rules of one list.
//!
//! `rules![..]` expands to a constant with the violations and, for each rule, one more constant that fails to compile
//! if the rule has one, so that the error points at the rule in the list. A list that exceeds the limits is left to the
//! program, which checks everything again when the workflow is built.

use super::arrows::{Arrow, Placed, Room};
use super::components::Visit;
use super::faults::{Came, Fault, Found};
use super::messages::Text;
use super::net::{Net, PLACES};
use super::shapes::{Listed, RuleShape, StageShape};

/// Maximum number of rules, and of stages, that are checked.
const MOST: usize = 128;
const MOST_ARROWS: usize = 1024;
const POINTS: usize = MOST * PLACES;
/// Maximum length of a message in bytes; a longer one is cut.
const LONGEST: usize = 8192;

/// The rules of a list with the rules that they register, and their violations.
pub struct Laws<'a> {
    rules: [Placed<'a>; MOST],
    count: usize,
    stages: [StageShape<'a>; MOST],
    known: usize,
    arrows: [Arrow; MOST_ARROWS],
    laid: usize,
    first: [usize; MOST],
    told: [Told<'a>; MOST],
}

/// The violation to report at a rule.
#[derive(Clone, Copy)]
enum Told<'a> {
    Nothing,
    Twice(&'a str),
    Fault(Fault),
}

/// Checks the rules of a list.
pub const fn laws<'a>(list: &[Listed<'a>]) -> Laws<'a> {
    let mut laws = Laws {
        rules: [Placed::NONE; MOST],
        count: 0,
        stages: [StageShape::UNKNOWN; MOST],
        known: 0,
        arrows: [Arrow::NONE; MOST_ARROWS],
        laid: 0,
        first: [Arrow::LAST; MOST],
        told: [Told::Nothing; MOST],
    };
    if laws.take_in(list) && laws.lay() {
        laws.find();
    }
    laws.find_twice(list);
    laws
}

/// Fails to compile if this rule of the list has a violation.
///
/// # Panics
///
/// Panics if there is a violation, during compilation only.
#[track_caller]
pub const fn assert_lawful(laws: &Laws<'_>, rule: usize) {
    let told = if rule < MOST { laws.told[rule] } else { Told::Nothing };
    let mut room = [0; LONGEST];
    let mut text = Text { room: &mut room, len: 0 };
    match told {
        Told::Nothing => return,
        Told::Twice(name) => text.twice(name),
        Told::Fault(fault) => {
            let (mut path, mut came) = ([0; POINTS], [Came::NOT_YET; POINTS]);
            let steps = laws.net().way_round(fault, &mut path, &mut came);
            text.fault(laws.net(), fault, path.split_at(steps).0);
        }
    }
    let len = if text.len < LONGEST { text.len } else { LONGEST };
    panic!("{}", whole(room.split_at(len).0));
}

impl<'a> Laws<'a> {
    /// Adds the rules. Returns `false` if there is no room for all of them.
    const fn take_in(&mut self, list: &[Listed<'a>]) -> bool {
        if list.len() > MOST {
            return false;
        }
        self.count = list.len();
        let mut at = 0;
        while at < list.len() {
            let Listed { rule, inner } = list[at];
            if let Some(rule) = rule {
                self.rules[at].shape = *rule;
            }
            let mut next = 0;
            while next < inner.len() {
                if let Some(rule) = inner[next] {
                    if self.count == MOST {
                        return false;
                    }
                    self.rules[self.count] = Placed { shape: *rule, outer: Some(at) };
                    self.count += 1;
                }
                next += 1;
            }
            at += 1;
        }
        true
    }

    /// Adds the arrows. Returns `false` if there is no room for all of them, or for the stages.
    const fn lay(&mut self) -> bool {
        let mut room = Room {
            stages: &mut self.stages,
            known: 0,
            arrows: &mut self.arrows,
            laid: 0,
            first: &mut self.first,
            full: false,
        };
        room.lay(self.rules.split_at(self.count).0);
        let Room { known, laid, full, .. } = room;
        (self.known, self.laid) = (known, laid);
        !full
    }

    const fn find(&mut self) {
        let mut found = Found {
            closing: &mut [None; MOST],
            growing: &mut [None; MOST],
            inside: &mut [None; MOST],
            told: &mut [false; MOST_ARROWS],
            visits: (&mut [Visit::NONE; POINTS], &mut [Visit::NONE; POINTS]),
            way: (&mut [0; POINTS], &mut [Came::NOT_YET; POINTS]),
        };
        found.find(
            self.rules.split_at(self.count).0,
            self.stages.split_at(self.known).0,
            self.arrows.split_at_mut(self.laid).0,
            &self.first,
        );
        let mut rule = 0;
        while rule < self.count {
            let at = match self.rules[rule].outer {
                Some(outer) => outer,
                None => rule,
            };
            if let (Told::Nothing, Some(fault)) = (self.told[at], found.at(rule)) {
                self.told[at] = Told::Fault(fault);
            }
            rule += 1;
        }
    }

    const fn find_twice(&mut self, list: &[Listed<'a>]) {
        let mut at = 0;
        while at < list.len() && at < MOST {
            if let Some(rule) = list[at].rule {
                if is_among(rule, list.split_at(at).0) {
                    self.told[at] = Told::Twice(rule.name);
                }
            }
            at += 1;
        }
    }

    const fn net(&self) -> Net<'_, 'a> {
        Net {
            rules: self.rules.split_at(self.count).0,
            stages: self.stages.split_at(self.known).0,
            arrows: self.arrows.split_at(self.laid).0,
            first: &self.first,
        }
    }
}

/// Returns the text without a trailing character that was cut in two.
const fn whole(bytes: &[u8]) -> &str {
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(cut) => match std::str::from_utf8(bytes.split_at(cut.valid_up_to()).0) {
            Ok(text) => text,
            Err(_) => "",
        },
    }
}

const fn is_among(rule: &RuleShape<'_>, list: &[Listed<'_>]) -> bool {
    let mut at = 0;
    while at < list.len() {
        if let Some(other) = list[at].rule {
            if other.id == rule.id {
                return true;
            }
        }
        at += 1;
    }
    false
}
