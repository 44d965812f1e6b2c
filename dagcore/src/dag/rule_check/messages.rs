//! The messages of faults: the violation, the cycle and the remedy.

use super::arrows::{Arrow, By, Unique};
use super::faults::Fault;
use super::net::{Net, Relation};
use super::shapes::How;
use crate::dag::rules::rule_spec::Below;

const ANOTHER: &str = "let it add another stage, or wait for something else";
const BREAK: &str = "break the circle, or let the rule wait for something else";

/// A text under construction. Text beyond the buffer is counted and not written, so that a first pass determines the
/// size.
pub(super) struct Text<'t> {
    pub(super) room: &'t mut [u8],
    pub(super) len: usize,
}

impl Text<'_> {
    const fn say(&mut self, text: &str) -> &mut Self {
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            if self.len < self.room.len() {
                self.room[self.len] = bytes[at];
            }
            self.len += 1;
            at += 1;
        }
        self
    }

    const fn name(&mut self, name: &str) -> &mut Self {
        self.say("`").say(name).say("`")
    }

    /// Writes the message for a rule that is listed twice.
    pub(super) const fn twice(&mut self, rule: &str) {
        self.say("rule ").name(rule).say(" is listed twice, and would fire twice for all it finds: keep one");
    }

    /// Writes the message for a fault; `path` is the cycle, as positions of arrows.
    pub(super) const fn fault(&mut self, net: Net<'_, '_>, fault: Fault, path: &[usize]) {
        let telling = Telling { net, stage: name(net, fault.stage), path };
        match (fault.relation, fault.how) {
            (Relation::Growth, _) => telling.growth(self, fault),
            (_, How::Below(below)) => telling.below(self, fault, below),
            _ => telling.closed(self, fault),
        }
    }
}

struct Telling<'n, 'a> {
    net: Net<'n, 'a>,
    stage: &'a str,
    path: &'n [usize],
}

impl Telling<'_, '_> {
    /// Returns `true` if the rule itself makes the forbidden addition.
    const fn is_direct(&self) -> bool {
        self.path.len() == 1 && !matches!(self.arrow(0).by, By::Inner(..))
    }

    const fn closed(&self, text: &mut Text<'_>, fault: Fault) {
        self.who(text, fault);
        text.say(" waits for ").name(self.stage).say(" to close");
        self.itself(text);
    }

    const fn below(&self, text: &mut Text<'_>, fault: Fault, below: Below) {
        self.who(text, fault);
        text.say(" waits for ").name(self.stage);
        text.say(match below {
            Below::Closed => " to close below each ",
            Below::Settled => " to settle below each ",
            Below::Done => " to be done below each ",
        });
        text.name(self.group(fault.rule));
        self.itself(text);
    }

    /// Writes that the rule brings about the stage it waits for.
    const fn itself(&self, text: &mut Text<'_>) {
        if self.is_direct() {
            text.say(", and adds one itself: ").say(ANOTHER);
            return;
        }
        text.say(", and may bring one about itself: ");
        self.round(text);
        text.say(": ").say(BREAK);
    }

    const fn growth(&self, text: &mut Text<'_>, fault: Fault) {
        self.who(text, fault);
        text.say(" feeds itself without end: ");
        self.round(text);
        let (mut rules, mut group, mut at) = (false, None, 0);
        while at < self.path.len() {
            rules = rules || self.arrow(at).by.rule().is_some();
            if let Unique::Under(stage) = self.arrow(at).unique {
                group = Some(stage);
            }
            at += 1;
        }
        text.say(if self.path.len() == 1 { ": bound it with `by key`" } else { ": bound one of them with `by key`" });
        if rules {
            text.say(" or `within N`");
        }
        if let Some(group) = group {
            text.say("; `by key under` does not bound it, because another ");
            text.name(name(self.net, group)).say(" comes each time round");
        }
    }

    const fn who(&self, text: &mut Text<'_>, fault: Fault) {
        let Some(rule) = fault.rule else {
            text.say("stage ").name(self.stage);
            return;
        };
        let placed = &self.net.rules[rule];
        text.say("rule ").name(placed.shape.name);
        if let Some(outer) = placed.outer {
            text.say(", which ").name(self.net.rules[outer].shape.name).say(" registers,");
        }
    }

    const fn round(&self, text: &mut Text<'_>) {
        let mut at = 0;
        while at < self.path.len() {
            let arrow = self.arrow(at);
            let from = name(self.net, arrow.from);
            if at > 0 {
                text.say(", and ");
            }
            // The message of a rule that waits for the stage already names this read; that of a rule that feeds itself
            // does not.
            let looks = at > 0 || arrow.how.is_each();
            if looks {
                self.look(text, arrow, from);
            }
            match arrow.by {
                By::Stage => {}
                By::Rule(_) | By::Inner(..) if at == 0 => {
                    text.say("it ");
                }
                By::Rule(rule) | By::Inner(rule, _) => {
                    text.say("rule ").name(self.net.rules[rule].shape.name).say(" ");
                }
            }
            if let By::Inner(_, inner) = arrow.by {
                text.say("registers ").name(self.net.rules[inner].shape.name).say(", which ");
            }
            text.say("adds ");
            if looks && arrow.from == arrow.to {
                text.say("another");
            } else {
                text.name(name(self.net, arrow.to));
            }
            if let By::Stage = arrow.by {
                text.say(" while it runs");
            }
            at += 1;
        }
    }

    /// Writes how a rule, or a node itself, reads a stage.
    const fn look(&self, text: &mut Text<'_>, arrow: &Arrow, stage: &str) {
        match (arrow.by, arrow.how) {
            (By::Stage, _) => text.say("each ").name(stage),
            (_, How::Each | How::Group) => text.say("for each ").name(stage),
            (_, How::EachFailed) => text.say("for each ").name(stage).say(" that fails"),
            (_, How::Count) => text.say("for enough of ").name(stage),
            (_, How::Closed) => text.say("once there is no more ").name(stage),
            (by, How::Below(below)) => {
                match below {
                    Below::Closed => text.say("once there is no more ").name(stage),
                    Below::Settled => text.say("once every ").name(stage).say(" has ended"),
                    Below::Done => text.say("once every ").name(stage).say(" is done"),
                };
                text.say(" below a ").name(self.group(by.rule()))
            }
        };
        text.say(" ");
    }

    /// Returns the stage below whose nodes a rule waits.
    const fn group(&self, rule: Option<usize>) -> &str {
        let Some(rule) = rule else { return "" };
        let waits = self.net.rules[rule].shape.waits;
        let mut at = 0;
        while at < waits.len() {
            if let How::Group = waits[at].how {
                return waits[at].stage.key.name;
            }
            at += 1;
        }
        ""
    }

    const fn arrow(&self, at: usize) -> &Arrow {
        &self.net.arrows[self.path[at]]
    }
}

const fn name<'a>(net: Net<'_, 'a>, stage: usize) -> &'a str {
    net.stages[stage].key.name
}
