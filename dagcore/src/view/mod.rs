//! Pictures of a graph: SVG, DOT and Mermaid, made here, by no other program.
//!
//! [`svg`] lays the graph out by itself. A graph goes through these steps, one file each: its arrows and labels
//! are collected (`arrow`, `label`); it falls into parts that are not connected, each part into layers
//! (`layers`); each layer is ordered so that few edges cross (`order`) and spread so that parents stand over their
//! children (`place`); the parts are put side by side (`pack`), and all becomes boxes and curves (`layout`).
//! Every step is a fixed amount of work and does the same in every run: the same graph gives the same picture.
//!
//! Names are untrusted text. They go through `escape` and nowhere else.

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
