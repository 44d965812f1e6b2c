//! The approval port: a hook that a person or another service can implement.

use crate::dag::{NodeId, RuleId};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

/// A next action of a run that requires approval.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Choice {
    /// Apply a rule.
    ApplyRule {
        /// The rule.
        rule: RuleId,
        /// Its name.
        name: String,
        /// The node that it is applied to, if the rule fires for each node.
        node: Option<NodeId>,
        /// That node's name.
        node_name: Option<String>,
    },
    /// Start a node.
    StartNode {
        /// The node.
        node: NodeId,
        /// Its name.
        name: String,
        /// Its stage's name.
        stage: &'static str,
    },
    /// End the run: no node is running or ready, and no rule applies.
    EndRun,
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use crate::dag::Name;
        match self {
            Self::ApplyRule { name, node_name: None, .. } => write!(f, "apply rule `{}`", Name(name)),
            Self::ApplyRule { name, node_name: Some(node), .. } => {
                write!(f, "apply rule `{}` to `{}`", Name(name), Name(node))
            }
            Self::StartNode { name, stage, .. } => write!(f, "start node `{}` of `{}`", Name(name), Name(stage)),
            Self::EndRun => write!(f, "end the run"),
        }
    }
}

/// An approval hook that is called before a rule is applied, before a node starts, and before the run ends: see
/// [`Workflow::decide`](crate::Workflow::decide).
///
/// It is called for one choice at a time and may take arbitrarily long; running nodes continue in the meantime.
///
/// ```
/// # use dagcore::prelude::*;
/// use dagcore::{Choice, Decider};
///
/// /// Never approves a node named `dangerous`.
/// struct Careful;
///
/// impl Decider for Careful {
///     async fn decide(&mut self, choice: &Choice) -> bool {
///         !matches!(choice, Choice::StartNode { name, .. } if name == "dangerous")
///     }
/// }
///
/// #[stage]
/// async fn step(n: u32) -> u32 {
///     n
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), dagcore::Error> {
/// let mut flow = Workflow::new("careful").decide(Careful).deadline(std::time::Duration::from_secs(60));
/// let safe = flow.add(step::new(1_u32));
/// let dangerous = flow.add(step::new(2_u32).named("dangerous"));
/// let report = flow.run().await.or_else(dagcore::Error::into_report)?;
/// assert_eq!(report.state(safe), Some(NodeState::Succeeded));
/// assert_eq!(report.state(dangerous), Some(NodeState::Cancelled)); // it was not approved before the deadline
/// # Ok(())
/// # }
/// ```
pub trait Decider: Send + 'static {
    /// Returns `true` if the choice may happen now.
    ///
    /// If not, this method is called again after another event, or after the delay returned by [`again`](Self::again).
    fn decide(&mut self, choice: &Choice) -> impl Future<Output = bool> + Send;

    /// Returns the delay after which a rejected choice is presented again if no other event occurs.
    ///
    /// The default is 100 ms.
    fn again(&self) -> Duration {
        Duration::from_millis(100)
    }
}

/// A type-erased decider.
pub(crate) trait AnyDecider: Send {
    fn decide<'a>(&'a mut self, choice: &'a Choice) -> Pin<Box<dyn Future<Output = bool> + Send + 'a>>;

    fn again(&self) -> Duration;
}

impl<D: Decider> AnyDecider for D {
    fn decide<'a>(&'a mut self, choice: &'a Choice) -> Pin<Box<dyn Future<Output = bool> + Send + 'a>> {
        Box::pin(Decider::decide(self, choice))
    }

    fn again(&self) -> Duration {
        Decider::again(self)
    }
}
