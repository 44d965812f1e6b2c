//! The laws, held by the compiler for the rules of one list.
//!
//! `rules![..]` writes a constant with what is at fault and, for each rule, one more that fails to compile if the rule is:
//! so that the error points at the rule in the list. A list that is too long is left to the program, which looks at
//! everything again when the workflow is built.

use super::arrows::{Arrow, Placed, Room};
use super::faults::{Came, Fault, Found, Net, PLACES};
use super::reach::words;
use super::shape::{Listed, StageShape};
use super::words::Text;

/// The most rules, and the most stages, that are looked at.
const MOST: usize = 128;
const MOST_ARROWS: usize = 1024;
const POINTS: usize = MOST * PLACES;
/// What is longer is cut off.
const LONGEST: usize = 8192;

/// What is at fault with the rules of a list, in their order.
#[derive(Clone, Copy, Debug)]
pub struct Faults<const N: usize>([Option<Told>; N]);

#[derive(Clone, Copy, Debug)]
enum Told {
    Twice,
    Fault(Fault),
}

/// Looks at the rules of a list.
pub const fn faults<const N: usize>(list: &[Listed<'_>; N]) -> Faults<N> {
    let mut told = [None; N];
    let mut at = 0;
    while at < N {
        if is_among(list[at], list.split_at(at).0) {
            told[at] = Some(Told::Twice);
        }
        at += 1;
    }
    let Some(desk) = Desk::of(list) else { return Faults(told) };
    let mut rule = 0;
    while rule < desk.count {
        let at = match desk.rules[rule].outer {
            Some(outer) => outer,
            None => rule,
        };
        let fault = match desk.closing[rule] {
            None => desk.growing[rule],
            closing => closing,
        };
        if let (None, Some(fault)) = (told[at], fault) {
            told[at] = Some(Told::Fault(fault));
        }
        rule += 1;
    }
    Faults(told)
}

/// Does not compile if there is a fault with this rule of the list.
///
/// # Panics
///
/// While compiling only, when there is.
#[track_caller]
pub const fn assert_lawful<const N: usize>(list: &[Listed<'_>; N], faults: &Faults<N>, rule: usize) {
    let mut room = [0; LONGEST];
    let mut text = Text { room: &mut room, len: 0 };
    match (faults.0[rule], list[rule].rule) {
        (Some(Told::Twice), Some(rule)) => text.twice(rule.name()),
        (Some(Told::Fault(fault)), _) => match Desk::of(list) {
            Some(desk) => {
                let (mut path, mut came) = ([0; POINTS], [Came::NOT_YET; POINTS]);
                let steps = desk.net().way_round(fault, &mut path, &mut came);
                text.fault(desk.net(), fault, path.split_at(steps).0);
            }
            None => return,
        },
        _ => return,
    }
    let len = if text.len < LONGEST { text.len } else { LONGEST };
    panic!("{}", whole(room.split_at(len).0));
}

/// The text without a character that was cut in two.
const fn whole(bytes: &[u8]) -> &str {
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(cut) => match std::str::from_utf8(bytes.split_at(cut.valid_up_to()).0) {
            Ok(text) => text,
            Err(_) => "",
        },
    }
}

const fn is_among(one: Listed<'_>, list: &[Listed<'_>]) -> bool {
    let mut at = 0;
    while at < list.len() {
        if let (Some(one), Some(other)) = (one.rule, list[at].rule) {
            if one.id == other.id {
                return true;
            }
        }
        at += 1;
    }
    false
}

/// The rules of a list with those that they register, and what was found.
struct Desk<'a> {
    rules: [Placed<'a>; MOST],
    count: usize,
    stages: [StageShape<'a>; MOST],
    known: usize,
    arrows: [Arrow; MOST_ARROWS],
    laid: usize,
    first: [usize; MOST],
    closing: [Option<Fault>; MOST],
    growing: [Option<Fault>; MOST],
}

impl<'a> Desk<'a> {
    /// `None` when there is no room for all of them.
    const fn of(list: &[Listed<'a>]) -> Option<Self> {
        let mut desk = Self {
            rules: [Placed::NONE; MOST],
            count: list.len(),
            stages: [StageShape::UNKNOWN; MOST],
            known: 0,
            arrows: [Arrow::NONE; MOST_ARROWS],
            laid: 0,
            first: [0; MOST],
            closing: [None; MOST],
            growing: [None; MOST],
        };
        if !desk.place(list) || !desk.lay() {
            return None;
        }
        desk.find();
        Some(desk)
    }

    const fn place(&mut self, list: &[Listed<'a>]) -> bool {
        let mut at = 0;
        while at < list.len() {
            let Listed { rule, inner } = list[at];
            if at >= MOST || self.count + inner.len() > MOST {
                return false;
            }
            if let Some(rule) = rule {
                self.rules[at].shape = *rule;
            }
            let mut next = 0;
            while next < inner.len() {
                if let Some(rule) = inner[next] {
                    self.rules[self.count] = Placed { shape: *rule, outer: Some(at) };
                    self.count += 1;
                }
                next += 1;
            }
            at += 1;
        }
        true
    }

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
        const WORDS: usize = words(POINTS);
        let mut found = Found {
            closing: &mut self.closing,
            growing: &mut self.growing,
            inside: &mut [None; MOST],
            told: &mut [false; MOST_ARROWS],
            squares: (&mut [0; WORDS], &mut [0; WORDS]),
            way: (&mut [0; POINTS], &mut [Came::NOT_YET; POINTS]),
        };
        found.find(
            self.rules.split_at(self.count).0,
            self.stages.split_at(self.known).0,
            self.arrows.split_at_mut(self.laid).0,
            &self.first,
        );
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
