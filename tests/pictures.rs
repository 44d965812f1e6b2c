//! Pictures: the layout, the escaping of names, and the files that they are written to.

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
