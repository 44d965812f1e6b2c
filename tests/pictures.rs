//! Pictures: what is drawn where, that no name can break out of one, and the files they are written into.

#[path = "pictures/drawable.rs"]
mod drawable;
#[path = "pictures/files.rs"]
mod files;
#[path = "pictures/hostile.rs"]
mod hostile;
#[path = "pictures/layout.rs"]
mod layout;
#[path = "pictures/possible.rs"]
mod possible;
#[path = "pictures/seen.rs"]
mod seen;
