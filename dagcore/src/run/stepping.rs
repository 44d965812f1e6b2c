//! Runs that proceed step by step.

use super::Run;
use crate::port::Choice;

impl Run {
    /// Returns the possible next steps of a [stepwise](crate::Workflow::stepwise) run: first the rules that can be
    /// applied, then the nodes that can start, and if there are none of these, the end of the run. The list is empty
    /// while all further steps wait for running nodes.
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

    /// Waits until a step [is possible](Self::choices), and returns the possible steps. Returns an empty list if the
    /// run has ended or is not stepwise.
    pub async fn next_choices(&self) -> Vec<Choice> {
        self.0.next_choices().await
    }

    /// Takes one of the [possible steps](Self::choices). Returns `true` if it was still possible; `false` otherwise,
    /// and always inside a body that adds to a run, where no step can be taken. A chosen node starts as soon as the
    /// limits allow, and not while the run is [paused](Self::pause).
    pub fn choose(&self, choice: &Choice) -> bool {
        self.0.choose(choice)
    }

    /// Waits until a step is possible, and takes the first one. Returns `None` if the run has ended or is not stepwise,
    /// and inside a body that adds to a run, where no step can be taken.
    pub async fn step(&self) -> Option<Choice> {
        self.0.step().await
    }
}
