//! [`Schedule`]: the choices of one run.

use crate::dag::Name;
use crate::error::ScheduleError;
use std::fmt;
use std::str::FromStr;

/// All choices of one seeded run, which [`replay`](super::replay) makes again.
///
/// Its text form has the choices, preceded by the seed that produced them, if there was one.
///
/// ```
/// # use dagcore::testing::Schedule;
/// let schedule: Schedule = "seed 17: 0 2 1".parse()?;
/// assert_eq!((schedule.seed(), schedule.len()), (Some(17), 3));
/// assert_eq!(schedule.to_string(), "seed 17: 0 2 1");
/// assert_eq!("0 two".parse::<Schedule>().unwrap_err().to_string(), "step 2 of the schedule is no number: `two`");
/// # Ok::<(), dagcore::ScheduleError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub struct Schedule {
    pub(super) seed: Option<u64>,
    pub(super) choices: Vec<usize>,
}

impl Schedule {
    /// Returns the seed that produced the choices, if there was one.
    pub fn seed(&self) -> Option<u64> {
        self.seed
    }

    /// Returns the number of choices. A step at which only one thing was possible is not counted.
    pub fn len(&self) -> usize {
        self.choices.len()
    }

    /// Returns `true` if there are no choices.
    pub fn is_empty(&self) -> bool {
        self.choices.is_empty()
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut between = "";
        if let Some(seed) = self.seed {
            write!(f, "seed {seed}:")?;
            between = " ";
        }
        for choice in &self.choices {
            write!(f, "{between}{choice}")?;
            between = " ";
        }
        Ok(())
    }
}

impl FromStr for Schedule {
    type Err = ScheduleError;

    fn from_str(text: &str) -> Result<Self, ScheduleError> {
        let no_number = |step, word: &str| ScheduleError { step, problem: format!("is no number: `{}`", Name(word)) };
        let (seed, choices) = match text.trim_start().strip_prefix("seed ").and_then(|rest| rest.split_once(':')) {
            Some((seed, rest)) => (Some(seed.trim().parse().map_err(|_| no_number(0, seed))?), rest),
            None => (None, text),
        };
        let words = choices.split_whitespace().enumerate();
        let choices = words.map(|(index, word)| word.parse().map_err(|_| no_number(index + 1, word)));
        Ok(Self { seed, choices: choices.collect::<Result<_, _>>()? })
    }
}
