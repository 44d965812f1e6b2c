//! The inputs of a call, as a tuple.

use super::input::Input;
use super::node::AnyNode;
use crate::dag::{Cause, Need};
use crate::port::Sources;

/// The inputs of one call, as a tuple of [`Input`]s.
pub trait Inputs: Send + 'static {
    /// Calls `add` for each node that the inputs depend on, in order.
    fn edges(&self, add: &mut dyn FnMut(AnyNode, Need));

    /// Binds the outputs of these nodes.
    fn bind(&mut self, sources: Sources<'_>);

    /// Resolves the values of all inputs, before the stage starts.
    ///
    /// # Errors
    ///
    /// If the output of a node does not have the type of its handle.
    fn load(&mut self) -> Result<(), Box<Cause>>;

    /// Returns a copy of the resolved inputs, for another attempt.
    fn again(&mut self) -> Self
    where
        Self: Sized;
}

/// A stage without inputs.
impl Inputs for () {
    fn edges(&self, _: &mut dyn FnMut(AnyNode, Need)) {}

    fn bind(&mut self, _: Sources<'_>) {}

    fn load(&mut self) -> Result<(), Box<Cause>> {
        Ok(())
    }

    fn again(&mut self) -> Self {}
}

macro_rules! inputs {
    ($($name:ident)+) => {
        impl<$($name: Send + Sync + 'static),+> Inputs for ($(Input<$name>,)+) {
            #[expect(non_snake_case, reason = "one name serves the type and the value")]
            fn edges(&self, add: &mut dyn FnMut(AnyNode, Need)) {
                let ($($name,)+) = self;
                $($name.edges(add);)+
            }

            #[expect(non_snake_case, reason = "one name serves the type and the value")]
            fn bind(&mut self, sources: Sources<'_>) {
                let ($($name,)+) = self;
                $($name.bind(sources);)+
            }

            #[expect(non_snake_case, reason = "one name serves the type and the value")]
            fn load(&mut self) -> Result<(), Box<Cause>> {
                let ($($name,)+) = self;
                $($name.load()?;)+
                Ok(())
            }

            #[expect(non_snake_case, reason = "one name serves the type and the value")]
            fn again(&mut self) -> Self {
                let ($($name,)+) = self;
                ($($name.again(),)+)
            }
        }
    };
}

inputs!(A);
inputs!(A B);
inputs!(A B C);
inputs!(A B C D);
inputs!(A B C D E);
inputs!(A B C D E F);
inputs!(A B C D E F G);
inputs!(A B C D E F G H);
inputs!(A B C D E F G H I);
inputs!(A B C D E F G H I J);
inputs!(A B C D E F G H I J K);
inputs!(A B C D E F G H I J K L);
