//! What a stage borrows, and the owned type that its parents return for it.

use super::input::Input;
use std::ffi::{CStr, CString, OsStr, OsString};
use std::path::{Path, PathBuf};

/// What a stage can take as `&Self`. A type without a size is borrowed from the owned type that the standard library has
/// for it; every other type is its own.
///
/// The type decides, so an alias of `str` is borrowed like `str`, and a type of the user that is called `Path` like any
/// other.
pub trait Lend {
    /// What the parent returns.
    type Owned;

    /// Borrows from it.
    fn lend(owned: &Self::Owned) -> &Self;
}

/// The type of the output that a `&T` is borrowed from.
pub type Owned<T> = <T as Lend>::Owned;

/// What an input is lent as.
#[inline]
pub fn lend<T: Lend + ?Sized>(input: &Input<T::Owned>) -> &T {
    T::lend(input.as_ref_value())
}

/// A type that is its own owned type. By this name, because rustc says of a missing `Sized` always the same.
#[diagnostic::on_unimplemented(
    message = "a stage cannot borrow a `{Self}`",
    label = "this type has no size, and no owned type is known for it",
    note = "take `Arc<{Self}>` instead; what can be borrowed is `&T` of any type with a size, `&str`, `&[T]`, `&Path`, `&OsStr` and `&CStr`"
)]
pub trait HasSize: Sized {}

#[diagnostic::do_not_recommend]
impl<T> HasSize for T {}

#[diagnostic::do_not_recommend]
#[expect(clippy::needless_maybe_sized, reason = "of a `Sized` that is missing here, rustc would say the usual")]
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
