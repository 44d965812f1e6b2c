//! Pictures of the possible graph: stages as boxes, rules as rounded boxes, with their multiplicities and, in a run,
//! their actual counts.

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
    /// Returns the possible graph in the DOT language, for layout by Graphviz.
    pub fn to_dot(&self) -> String {
        as_dot::draw(self)
    }

    /// Returns the possible graph as a Mermaid flowchart, for layout by the viewer.
    pub fn to_mermaid(&self) -> String {
        as_mermaid::draw(self)
    }

    /// Returns the possible graph as an SVG document. No external program is needed.
    pub fn to_svg(&self) -> String {
        as_svg::draw(self)
    }

    /// Writes the picture to a file, which is replaced if it exists. The extension determines the format: `.svg`;
    /// `.dot` or `.gv`; `.mmd` or `.mermaid`.
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
    /// Returns an error if the extension is another one, or if the file cannot be written.
    pub fn visualize(&self, path: impl AsRef<Path>) -> Result<(), PictureError> {
        save(path.as_ref(), &|format| match format {
            Format::Svg => self.to_svg(),
            Format::Dot => self.to_dot(),
            Format::Mermaid => self.to_mermaid(),
        })
    }
}
