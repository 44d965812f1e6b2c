//! Packs the components of a picture side by side.

/// The gap between two components.
const GAP: f64 = 30.0;
/// The preferred ratio of width to height, and the width that is always allowed.
const SHAPE: f64 = 1.5;
const WIDE: f64 = 700.0;

/// Returns the upper left corner of each component, and the overall size.
///
/// Rows are filled from left to right, each as high as its first component; small components are stacked within a row.
/// For a good result, sizes should be in descending order.
pub(super) fn pack(sizes: &[(f64, f64)]) -> (Vec<(f64, f64)>, (f64, f64)) {
    let area: f64 = sizes.iter().map(|(width, height)| (width + GAP) * (height + GAP)).sum();
    let widest = sizes.iter().map(|(width, _)| *width).fold(0.0, f64::max);
    let limit = widest.max((area * SHAPE).sqrt()).max(WIDE);
    let mut corners = Vec::with_capacity(sizes.len());
    let (mut row, mut column) = (Span::default(), Span::default());
    // The start of the next component in the column.
    let mut below = 0.0;
    let mut whole = (0.0_f64, 0.0_f64);
    for (width, height) in sizes.iter().copied() {
        let stacks = below > row.start && below + height <= row.end && column.start + width <= limit;
        if !stacks {
            let next = column.end + if column.end > 0.0 { GAP } else { 0.0 };
            if column.end > 0.0 && next + width > limit {
                row = Span { start: row.end + GAP, end: row.end + GAP };
                column = Span::default();
            } else {
                column = Span { start: next, end: next };
            }
            below = row.start;
        }
        corners.push((column.start, below));
        column.end = column.end.max(column.start + width);
        row.end = row.end.max(below + height);
        whole = (whole.0.max(column.end), whole.1.max(row.end));
        below += height + GAP;
    }
    (corners, whole)
}

#[derive(Clone, Copy, Default)]
struct Span {
    start: f64,
    end: f64,
}
