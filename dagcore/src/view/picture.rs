//! The public functions: a picture as a string or in a file.

use super::dot::draw as draw_dot;
use super::drawable::Drawable;
use super::mermaid::draw as draw_mermaid;
use super::svg::draw as draw_svg;
use crate::dag::{Graph, Message, Name};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// A graph to draw, and the title of its picture.
///
/// Arrows lead from a node to its dependents. A dashed arrow leads to a node that only waits for the other node's end,
/// and a dotted one to a node that a rule added because of the other node. Before a run all nodes look alike; later,
/// colours and marks show their states.
///
/// ```
/// use dagcore::prelude::*;
/// use dagcore::view::Picture;
///
/// #[stage]
/// fn one() -> u32 {
///     1
/// }
///
/// let mut flow = Workflow::new("numbers");
/// flow.add(one::new());
/// let report = flow.run_blocking()?;
/// let svg = Picture::of(report.graph()).titled("numbers").svg();
/// assert!(svg.contains("<title>numbers</title>"));
/// # Ok::<(), dagcore::Error>(())
/// ```
#[derive(Clone)]
#[must_use = "a picture does nothing until it is drawn"]
pub struct Picture<'a> {
    graph: &'a dyn Drawable,
    title: Option<String>,
}

impl<'a> Picture<'a> {
    /// Creates a picture of the current state of `graph`, which may be the graph of a run or one that was loaded.
    pub fn of(graph: &'a dyn Drawable) -> Self {
        Self { graph, title: None }
    }

    /// Sets the title. The default is the number of nodes.
    pub fn titled(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// Returns the picture as an SVG document. No external program is needed.
    pub fn svg(&self) -> String {
        draw_svg(self.graph, &self.title())
    }

    /// Returns the graph in the DOT language, for layout by Graphviz.
    pub fn dot(&self) -> String {
        draw_dot(self.graph, &self.title())
    }

    /// Returns the graph as a Mermaid flowchart, for layout by the viewer. Mermaid rejects more than 500 edges unless
    /// its `maxEdges` is increased.
    pub fn mermaid(&self) -> String {
        draw_mermaid(self.graph)
    }

    /// Writes the picture to a file, which is replaced if it exists. The extension determines the format: `.svg`;
    /// `.dot` or `.gv`; `.mmd` or `.mermaid`.
    ///
    /// # Errors
    ///
    /// Returns an error if the extension is another one, or if the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), PictureError> {
        save(path.as_ref(), &|format| match format {
            Format::Svg => self.svg(),
            Format::Dot => self.dot(),
            Format::Mermaid => self.mermaid(),
        })
    }

    fn title(&self) -> String {
        let counted = || match self.graph.count() {
            1 => "1 node".to_owned(),
            nodes => format!("{nodes} nodes"),
        };
        self.title.clone().unwrap_or_else(counted)
    }
}

impl fmt::Debug for Picture<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Picture({})", Name(&self.title()))
    }
}

/// Returns the graph as an SVG document. No external program is needed.
///
/// ```
/// # use dagcore::prelude::*;
/// #[stage]
/// fn one() -> u32 {
///     1
/// }
///
/// # let mut flow = Workflow::new("numbers");
/// flow.add(one::new().named("1 < 2"));
/// let report = flow.run_blocking()?;
/// let svg = dagcore::view::svg(report.graph());
/// assert!(svg.starts_with("<svg ") && svg.contains("1 &lt; 2"));
/// # Ok::<(), dagcore::Error>(())
/// ```
pub fn svg(graph: &Graph) -> String {
    Picture::of(graph).svg()
}

/// Returns the graph in the DOT language, for layout by Graphviz.
///
/// ```
/// # use dagcore::prelude::*;
/// #[stage]
/// fn one() -> u32 {
///     1
/// }
///
/// # let mut flow = Workflow::new("numbers");
/// flow.add(one::new().named("say \"one\""));
/// let report = flow.run_blocking()?;
/// assert!(dagcore::view::dot(report.graph()).contains(r#"n0 [label="say \"one\"\none""#));
/// # Ok::<(), dagcore::Error>(())
/// ```
pub fn dot(graph: &Graph) -> String {
    Picture::of(graph).dot()
}

/// Returns the graph as a Mermaid flowchart, for layout by the viewer.
///
/// ```
/// # use dagcore::prelude::*;
/// #[stage]
/// fn one() -> u32 {
///     1
/// }
///
/// # let mut flow = Workflow::new("numbers");
/// let first = flow.add(one::new());
/// flow.add(one::new().after(first));
/// let report = flow.run_blocking()?;
/// assert!(dagcore::view::mermaid(report.graph()).contains("n0 --> n1"));
/// # Ok::<(), dagcore::Error>(())
/// ```
pub fn mermaid(graph: &Graph) -> String {
    Picture::of(graph).mermaid()
}

/// The format of a picture.
pub(super) enum Format {
    Svg,
    Dot,
    Mermaid,
}

/// Writes a picture to a file, in the format of its extension.
///
/// # Errors
///
/// Returns an error if the extension is another one, or if the file cannot be written.
pub(super) fn save(path: &Path, draw: &dyn Fn(Format) -> String) -> Result<(), PictureError> {
    let full = || std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let extension = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    let format = match extension.as_str() {
        "svg" => Format::Svg,
        "dot" | "gv" => Format::Dot,
        "mmd" | "mermaid" => Format::Mermaid,
        _ => return Err(PictureError::Format { path: full() }),
    };
    std::fs::write(path, draw(format)).map_err(|source| PictureError::Write { path: full(), source })
}

/// An error of writing a picture.
#[derive(thiserror::Error, Debug)]
#[non_exhaustive]
pub enum PictureError {
    /// The extension does not name a supported format.
    #[error(
        "cannot draw the picture `{}`: its extension must be `.svg`, `.dot` (or `.gv`) or `.mmd` (or `.mermaid`)",
        shown(path)
    )]
    Format {
        /// The file, with its full path.
        path: PathBuf,
    },
    /// The file could not be written.
    #[error("cannot write the picture `{}`: {}", shown(path), why(path, source))]
    Write {
        /// The file, with its full path.
        path: PathBuf,
        /// The I/O error.
        source: io::Error,
    },
}

fn shown(path: &Path) -> String {
    Message(&path.to_string_lossy()).to_string()
}

fn why(path: &Path, source: &io::Error) -> String {
    match path.parent() {
        Some(folder) if source.kind() == io::ErrorKind::NotFound && !folder.exists() => {
            format!("there is no folder `{}`", shown(folder))
        }
        _ => source.to_string(),
    }
}
