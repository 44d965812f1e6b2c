//! The types that a stage can borrow, and the owned types of the outputs that they are borrowed from.

use super::input::Input;
use std::ffi::{CStr, CString, OsStr, OsString};
use std::path::{Path, PathBuf};

/// A type that a stage can take as `&Self`. An unsized type is borrowed from the owned type that the standard library
/// has for it; every sized type is borrowed from itself.
///
/// The type decides, not its spelling: an alias of `str` is borrowed like `str`, and a user's type named `Path` like
/// any other type.
pub trait Lend {
    /// The type of the upstream output.
    type Owned;

    /// Borrows from the owned value.
    fn lend(owned: &Self::Owned) -> &Self;
}

/// The type of the output that a `&T` is borrowed from.
pub type Owned<T> = <T as Lend>::Owned;

/// Borrows the value of an input.
#[inline]
pub fn lend<T: Lend + ?Sized>(input: &Input<T::Owned>) -> &T {
    T::lend(input.as_ref_value())
}

/// A sized type, which is its own owned type. Named separately, because rustc reports a missing `Sized` always in the
/// same words.
#[diagnostic::on_unimplemented(
    message = "a stage cannot borrow a `{Self}`",
    label = "this type has no size, and no owned type is known for it",
    note = "take `Arc<{Self}>` instead; what can be borrowed is `&T` of any type with a size, `&str`, `&[T]`, `&Path`, `&OsStr` and `&CStr`"
)]
pub trait HasSize: Sized {}

#[diagnostic::do_not_recommend]
impl<T> HasSize for T {}

#[diagnostic::do_not_recommend]
#[expect(clippy::needless_maybe_sized, reason = "for a missing `Sized` here, rustc would print its own message")]
impl<T: HasSize + ?Sized> Lend for T {
    type Owned = T;

    #[inline]
    fn lend(owned: &T) -> &T {
        owned
    }
}

#[diagnostic::do_not_recommend]
impl<T> Lend for [T] {
    type Owned = Vec<T>;

    #[inline]
    fn lend(owned: &Vec<T>) -> &[T] {
        owned
    }
}

macro_rules! lend {
    ($($borrowed:ty => $owned:ty),* $(,)?) => {$(
        #[diagnostic::do_not_recommend]
        impl Lend for $borrowed {
            type Owned = $owned;

            #[inline]
            fn lend(owned: &$owned) -> &$borrowed {
                owned
            }
        }
    )*};
}

lend!(str => String, Path => PathBuf, OsStr => OsString, CStr => CString);
