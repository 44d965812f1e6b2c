//! Serialization of states and needs as strings.

/// A state as displayed by [`NodeState`](crate::dag::NodeState), with `_` in place of spaces.
pub(super) mod state {
    use crate::dag::NodeState;
    use serde::de::{Deserialize, Deserializer, Error};
    use serde::ser::Serializer;
    use std::borrow::Cow;

    pub(in super::super) fn serialize<S: Serializer>(state: &NodeState, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&word(*state))
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<NodeState, D::Error> {
        let said = Cow::<str>::deserialize(from)?;
        let state = NodeState::ALL.iter().copied().find(|state| word(*state) == said);
        state.ok_or_else(|| D::Error::custom(format_args!("`{said}` is no state of a node")))
    }

    fn word(state: NodeState) -> String {
        state.to_string().replace(' ', "_")
    }
}

/// A need as a string.
pub(super) mod need {
    use crate::dag::Need;
    use serde::de::{Deserialize, Deserializer, Error};
    use serde::ser::Serializer;
    use std::borrow::Cow;

    pub(in super::super) fn serialize<S: Serializer>(need: &Need, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(match need {
            Need::Success => "success",
            Need::End => "end",
            Need::Order => "order",
        })
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Need, D::Error> {
        match &*Cow::<str>::deserialize(from)? {
            "success" => Ok(Need::Success),
            "end" => Ok(Need::End),
            "order" => Ok(Need::Order),
            word => Err(D::Error::custom(format_args!("`{word}` is not what a node can need of another"))),
        }
    }
}
