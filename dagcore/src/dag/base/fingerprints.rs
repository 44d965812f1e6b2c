//! Fingerprints of a call's inputs. Two calls with the same key are compared by them, without keeping the inputs.

/// A fingerprint of one input.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Print(u64);

impl Print {
    /// No fingerprint: the type of the input cannot be hashed.
    pub const UNKNOWN: Self = Self(0);

    /// Creates the fingerprint of a value from its hash.
    pub fn value(hash: u64) -> Self {
        Self(hash << 2 | 1)
    }

    /// Creates the fingerprint of an input that other nodes produce, from the hash of their handles.
    pub fn nodes(hash: u64) -> Self {
        Self(hash << 2 | 2)
    }

    /// Size of the stored form, in bytes.
    pub(crate) const BYTES: usize = size_of::<u64>();

    pub(crate) fn bytes(self) -> [u8; Self::BYTES] {
        self.0.to_le_bytes()
    }

    /// Reads a stored fingerprint. Bytes of another length are read as [`Self::UNKNOWN`].
    pub(crate) fn of(bytes: &[u8]) -> Self {
        bytes.try_into().map_or(Self::UNKNOWN, |bytes| Self(u64::from_le_bytes(bytes)))
    }

    /// Returns `true` if two inputs are certainly different. A value and a handle cannot be compared, so the kind, in
    /// the two lowest bits, must be equal.
    fn differs(self, other: Self) -> bool {
        self != other && self.0 & 3 == other.0 & 3
    }
}

/// Number of inputs that are stored inline; most calls have no more.
const FEW: usize = 4;

/// The fingerprints of all inputs of a call, in order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Prints(Kept);

#[derive(Clone, PartialEq, Eq, Debug)]
enum Kept {
    Few { count: u8, prints: [Print; FEW] },
    Many(Box<[Print]>),
}

impl Prints {
    /// Collects one fingerprint for each input.
    pub fn new(all: impl IntoIterator<Item = Print>) -> Self {
        let (mut count, mut prints) = (0, [Print::UNKNOWN; FEW]);
        let mut all = all.into_iter();
        while let Some(print) = all.next() {
            if usize::from(count) == FEW {
                return Self(Kept::Many(prints.into_iter().chain([print]).chain(all).collect()));
            }
            prints[usize::from(count)] = print;
            count += 1;
        }
        Self(Kept::Few { count, prints })
    }

    pub(crate) fn list(&self) -> &[Print] {
        match &self.0 {
            Kept::Few { count, prints } => &prints[..usize::from(*count)],
            Kept::Many(prints) => prints,
        }
    }

    /// Returns the index of the first input that certainly differs from `other`, counted from zero.
    pub fn differ(&self, other: &Self) -> Option<usize> {
        self.differ_from(other.list().iter().copied())
    }

    pub(crate) fn differ_from(&self, other: impl Iterator<Item = Print>) -> Option<usize> {
        self.list().iter().zip(other).position(|(own, other)| own.differs(other))
    }
}

impl Default for Prints {
    fn default() -> Self {
        Self(Kept::Few { count: 0, prints: [Print::UNKNOWN; FEW] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_input_that_differs_is_told_whether_there_are_few_or_many() {
        for inputs in [1, FEW, FEW + 1, 3 * FEW] {
            let prints =
                |at: usize, print| Prints::new((0..inputs).map(|n| if n == at { print } else { Print::value(7) }));
            let same = prints(0, Print::value(7));
            assert_eq!(same.list().len(), inputs);
            for at in 0..inputs {
                assert_eq!(same.differ(&prints(at, Print::value(8))), Some(at));
                assert_eq!(same.differ(&prints(at, Print::nodes(7))), None);
                assert_eq!(same.differ(&prints(at, Print::UNKNOWN)), None);
            }
        }
    }
}
