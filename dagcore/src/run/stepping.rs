//! A run that goes step by step.

use super::Run;
use crate::port::Choice;

impl Run {
    /// What can happen next in a run that goes [step by step](crate::Workflow::stepwise): first the rules that can be applied,
    /// then the nodes that can start, and when nothing else is left, that it ends. Empty while all that is to come waits for
    /// what runs.
    ///
    /// ```
    /// # use dagcore::prelude::*;
    /// #[stage]
    /// async fn half(n: u32) -> u32 {
    ///     n / 2
    /// }
    ///
    /// rule! {
    ///     again: when each(half), adds [half] within 9,
    ///     then |grow, node, n| if *n > 0 { grow.add(half::new(node)); }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), dagcore::Error> {
    /// let mut flow = Workflow::new("halves").rules(rules![again]).stepwise();
    /// flow.add(half::new(3_u32));
    /// let run = flow.start()?;
    /// let mut taken = Vec::new();
    /// while let Some(choice) = run.step().await {
    ///     taken.push(choice.to_string());
    /// }
    /// assert_eq!(
    ///     taken,
    ///     [
    ///         "start node `half#0` of `half`",
    ///         "apply rule `again` to `half#0`",
    ///         "start node `half#1` of `half`",
    ///         "apply rule `again` to `half#1`",
    ///         "end the run",
    ///     ]
    /// );
    /// assert_eq!(run.wait().await?.outputs::<half>()?.count(), 2);
    /// # Ok(())
    /// # }
    /// ```
    pub fn choices(&self) -> Vec<Choice> {
        self.0.choices()
    }

    /// Waits until something [can happen](Self::choices), and says what. Empty when the run has ended, or does not go step by
    /// step.
    pub async fn next_choices(&self) -> Vec<Choice> {
        self.0.next_choices().await
    }

    /// Lets something happen that [can](Self::choices). Returns `true` if it was still possible; `false` also inside of a body that adds to a run, as no step can be taken there. A node that was let starts as soon as
    /// limits allow, and not while the run is [held](Self::pause).
    pub fn choose(&self, choice: &Choice) -> bool {
        self.0.choose(choice)
    }

    /// Waits until something can happen, and lets the first of it happen. Returns `None` when the run has ended, or does not go step by
    /// step, and inside of a body that adds to a run, as no step can be taken there.
    pub async fn step(&self) -> Option<Choice> {
        self.0.step().await
    }
}
