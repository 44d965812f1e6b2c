//! What a program asks for: a picture as a text or in a file.

use super::dot::draw as draw_dot;
use super::drawable::Drawable;
use super::mermaid::draw as draw_mermaid;
use super::svg::draw as draw_svg;
use crate::dag::{Graph, Message, Name};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// A graph that is to be drawn, and what the picture is called.
///
/// Arrows say who needs whom. A dashed one goes to a node that only waits for the other's end, and a dotted one
/// to a node that a rule added because of the other. Before a run all nodes look alike; later, their states are told by
/// colours and marks.
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
    /// A picture of `graph` as it is now: that of a run, or one that was loaded.
    pub fn of(graph: &'a dyn Drawable) -> Self {
        Self { graph, title: None }
    }

    /// Gives the picture a title. Without it, the number of nodes is its title.
    pub fn titled(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// The picture as an SVG document, laid out here: no other program is needed.
    pub fn svg(&self) -> String {
        draw_svg(self.graph, &self.title())
    }

    /// The graph in the DOT language, to be laid out by Graphviz.
    pub fn dot(&self) -> String {
        draw_dot(self.graph, &self.title())
    }

    /// The graph as a Mermaid flowchart, to be laid out where it is read. Mermaid refuses more than 500 edges unless
    /// its `maxEdges` says otherwise.
    pub fn mermaid(&self) -> String {
        draw_mermaid(self.graph)
    }

    /// Writes the picture into a file, which is replaced if it exists. The extension says how: `.svg`; `.dot` or
    /// `.gv`; `.mmd` or `.mermaid`.
    ///
    /// # Errors
    ///
    /// When the extension is another one, or the file cannot be written.
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

/// The graph as an SVG document, laid out here: no other program is needed.
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

/// The graph in the DOT language, to be laid out by Graphviz.
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

/// The graph as a Mermaid flowchart, to be laid out where it is read.
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

/// How a picture is written.
pub(super) enum Format {
    Svg,
    Dot,
    Mermaid,
}

/// Draws into a file, in the format that its extension names.
///
/// # Errors
///
/// When the extension is another one, or the file cannot be written.
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

/// Why a picture was not written.
#[derive(thiserror::Error, Debug)]
#[non_exhaustive]
pub enum PictureError {
    /// The extension does not name a format that we draw.
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
        /// What the system said.
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
