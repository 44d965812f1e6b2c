//! Mocks of stages.

use crate::dag::Cause;
use crate::port::{self, StageResult};
use crate::typed::{self, Input, Stage};
use crate::workflow::Workflow;
use std::error::Error;
use std::marker::PhantomData;
use std::sync::Arc;

/// A set of mocks: closures that run in place of stage functions.
///
/// ```
/// # use dagcore::prelude::*;
/// # use dagcore::testing::{self, Mocks};
/// #[stage]
/// async fn price(article: String, count: u32) -> Result<u32, std::io::Error> {
///     # drop((article, count));
///     Err(std::io::Error::other("no network"))
/// }
///
/// #[stage]
/// fn now() -> u64 {
///     # 0
///     // ..
/// }
///
/// #[stage]
/// fn bill(prices: &[u32], at: u64) -> String {
///     format!("{} at {at}", prices.iter().sum::<u32>())
/// }
///
/// let mocks = Mocks::new()
///     .mock::<price>().returns_result(|article, count| match article.as_str() {
///         "pen" => Ok(2 * count),
///         _ => Err(format!("no {article} here")),
///     })
///     .mock::<now>().returns(|| 1_000);
///
/// let mut flow = Workflow::new("shop").mocked(mocks);
/// let pens = flow.add(price::new("pen", 3_u32));
/// let now = flow.add(now::new());
/// let bill = flow.add(bill::new([pens], now));
/// assert_eq!(testing::seeded(flow, 0)?.output(bill)?, "6 at 1000");
/// # Ok::<(), dagcore::Error>(())
/// ```
#[must_use = "mocks do nothing until they are passed to a workflow: `flow.mocked(mocks)`"]
#[derive(Clone, Default)]
pub struct Mocks {
    pub(super) mocks: port::MocksByStage,
}

impl Mocks {
    /// Creates an empty set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts a mock of the stage `S`. A call of [`returns`](Mocking::returns) or
    /// [`returns_result`](Mocking::returns_result) completes it.
    ///
    /// If a stage is mocked several times, the last mock is used.
    pub fn mock<S: Stage>(self) -> Mocking<S, S::Inputs> {
        Mocking { mocks: self, stage: PhantomData }
    }
}

impl Workflow {
    /// Replaces the functions of stages with mocks. If a stage is mocked several times, the last mock is used.
    ///
    /// For tests: this method requires the feature `testing`, and every kind of run uses the mocks. See
    /// [`testing`](crate::testing).
    pub fn mocked(mut self, mocks: Mocks) -> Self {
        self.settings.mocks.get_or_insert_default().extend(mocks.mocks);
        self
    }
}

/// An unfinished mock of a stage with the inputs `I`. The same two methods exist for each number of inputs.
#[must_use = "a mock without a closure does nothing: call `.returns(..)` or `.returns_result(..)`"]
pub struct Mocking<S, I> {
    mocks: Mocks,
    stage: PhantomData<fn() -> (S, I)>,
}

impl<S: Stage> Mocking<S, S::Inputs> {
    fn with(mut self, mock: impl Fn(S::Inputs) -> StageResult + Send + Sync + 'static) -> Mocks {
        typed::mock::<S>(&mut self.mocks.mocks, mock);
        self.mocks
    }
}

macro_rules! mocking {
    ($($type:ident $name:ident)*) => {
        impl<S: Stage<Inputs = ($(Input<$type>,)*)>, $($type: Send + Sync + 'static),*> Mocking<S, ($(Input<$type>,)*)> {
            /// Runs a closure in place of the stage function. The closure takes the stage's inputs by reference, in
            /// order, and returns the output.
            pub fn returns(self, mock: impl Fn($(&$type),*) -> S::Output + Send + Sync + 'static) -> Mocks {
                self.with(move |($($name,)*)| {
                    Ok(Arc::new(mock($($name.as_ref_value()),*)))
                })
            }

            /// Runs a fallible closure in place of the stage function. The closure takes the stage's inputs by
            /// reference, in order, and returns the output, or an error or a text.
            pub fn returns_result<Failure: Into<Box<dyn Error + Send + Sync>>>(
                self,
                mock: impl Fn($(&$type),*) -> Result<S::Output, Failure> + Send + Sync + 'static,
            ) -> Mocks {
                self.with(move |($($name,)*)| {
                    let output = mock($($name.as_ref_value()),*).map_err(|error| Cause::error(error.into()))?;
                    Ok(Arc::new(output))
                })
            }
        }
    };
}

mocking!();
mocking!(A a);
mocking!(A a B b);
mocking!(A a B b C c);
mocking!(A a B b C c D d);
mocking!(A a B b C c D d E e);
mocking!(A a B b C c D d E e F f);
mocking!(A a B b C c D d E e F f G g);
mocking!(A a B b C c D d E e F f G g H h);
mocking!(A a B b C c D d E e F f G g H h I i);
mocking!(A a B b C c D d E e F f G g H h I i J j);
mocking!(A a B b C c D d E e F f G g H h I i J j K k);
mocking!(A a B b C c D d E e F f G g H h I i J j K k L l);
