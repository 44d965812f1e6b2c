//! Prints one JSON object per line, for programs.

use super::compare::Figures;

/// The line for a peer at a workload of a size. All names are plain, so nothing needs to be escaped.
pub(super) fn line(figures: &Figures) -> String {
    format!(
        r#"{{"peer":"{}","workload":"{}","n":{},"build_ns_per_node":{:.2},"run_ns_per_node":{:.2},"run_ns_median":{:.2},"peak_bytes_per_node":{}}}"#,
        figures.peer,
        figures.shape.name(),
        figures.n,
        figures.build.best,
        figures.run.best,
        figures.run.median,
        figures.peak.map_or_else(|| "null".to_owned(), |bytes| format!("{bytes:.1}")),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::took::Took;
    use crate::workload::Shape;

    #[test]
    fn a_line_has_what_programs_read() {
        let took = |best| Took { best, median: best * 2.0 };
        let (build, run) = (took(12.345), took(50.0));
        let known = Figures { peer: "fake", shape: Shape::Map, n: 100, build, run, peak: Some(91.04) };
        assert_eq!(
            line(&known),
            r#"{"peer":"fake","workload":"W5-map","n":100,"build_ns_per_node":12.35,"run_ns_per_node":50.00,"run_ns_median":100.00,"peak_bytes_per_node":91.0}"#
        );
        assert!(line(&Figures { peak: None, ..known }).ends_with(r#""peak_bytes_per_node":null}"#));
    }
}
