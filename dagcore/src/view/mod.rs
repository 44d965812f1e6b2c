//! Pictures of a graph: SVG, DOT and Mermaid, rendered without external programs.
//!
//! [`svg`] computes a layered layout. A graph passes through these steps, one file each: its arrows and labels are
//! collected (`arrow`, `label`); it is split into connected components, and each component into layers (`layers`); each
//! layer is ordered to reduce edge crossings (`order`), and its nodes get coordinates that align parents with their
//! children (`place`); the components are packed side by side (`pack`), and the result becomes boxes and curves
//! (`layout`). Every step does a bounded amount of work and is deterministic: the same graph gives the same picture.
//!
//! Names are untrusted text. Only `escape` makes them safe for output.

mod arrow;
mod drawable;
mod escape;
mod geometry;
mod label;
mod layers;
mod layout;
mod order;
mod pack;
mod pen;
mod picture;
mod place;
mod possible;

mod dot;
mod mermaid;
mod style;
mod svg;
mod written;

pub use drawable::Drawable;
pub use picture::{Picture, PictureError, dot, mermaid, svg};
