//! All inputs of a call together.

use super::input::Input;
use super::node::AnyNode;
use crate::dag::Need;
use crate::port::Sources;

/// The inputs of one call, as a tuple of [`Input`]s.
pub trait Inputs: Send + 'static {
    /// Names the nodes that they need, in order.
    fn edges(&self, add: &mut dyn FnMut(AnyNode, Need));

    /// Takes what those nodes gave.
    fn bind(&mut self, sources: Sources<'_>);
}

macro_rules! inputs {
    ($($name:ident)*) => {
        impl<$($name: Send + Sync + 'static),*> Inputs for ($(Input<$name>,)*) {
            #[allow(non_snake_case, unused_variables, reason = "one name serves the type and the value; `()` uses neither")]
            fn edges(&self, add: &mut dyn FnMut(AnyNode, Need)) {
                let ($($name,)*) = self;
                $($name.edges(add);)*
            }

            #[allow(non_snake_case, unused_variables, reason = "one name serves the type and the value; `()` uses neither")]
            fn bind(&mut self, sources: Sources<'_>) {
                let ($($name,)*) = self;
                $($name.bind(sources);)*
            }
        }
    };
}

inputs!();
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
