//! The possible graph as a picture: stages as boxes, rules as rounded ones, how many of each there can be, and in a run
//! how many there are.

mod as_dot;
mod as_mermaid;
mod as_svg;
mod circles;
mod segments;
mod tiles;

use super::picture::{Format, PictureError, save};
use crate::dag::Possible;
use std::path::Path;

impl Possible {
    /// The possible graph in the DOT language, to be laid out by Graphviz.
    pub fn to_dot(&self) -> String {
        as_dot::draw(self)
    }

    /// The possible graph as a Mermaid flowchart, to be laid out where it is read.
    pub fn to_mermaid(&self) -> String {
        as_mermaid::draw(self)
    }

    /// The possible graph as an SVG document, laid out here: no other program is needed.
    pub fn to_svg(&self) -> String {
        as_svg::draw(self)
    }

    /// Writes the picture into a file, which is replaced if it exists. The extension says how: `.svg`; `.dot` or
    /// `.gv`; `.mmd` or `.mermaid`.
    ///
    /// ```
    /// # use dagcore::prelude::*;
    /// #[stage]
    /// fn one() -> u32 {
    ///     1
    /// }
    ///
    /// # let path = std::env::temp_dir().join(format!("dagcore-possible-{}.dot", std::process::id()));
    /// let mut flow = Workflow::new("numbers");
    /// flow.add(one::new());
    /// flow.possible().visualize(&path)?;
    /// # std::fs::remove_file(path).expect("it was written");
    /// # Ok::<(), dagcore::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the extension is another one, or the file cannot be written.
    pub fn visualize(&self, path: impl AsRef<Path>) -> Result<(), PictureError> {
        save(path.as_ref(), &|format| match format {
            Format::Svg => self.to_svg(),
            Format::Dot => self.to_dot(),
            Format::Mermaid => self.to_mermaid(),
        })
    }
}
