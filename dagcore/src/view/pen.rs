//! Formatting of lengths and curves in SVG.

use super::geometry::{Direction, Point};
use std::fmt::{self, Display, Write};

/// Fonts that are available on every system, or similar ones.
pub(super) const FONT: &str = "system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',Helvetica,Arial,sans-serif";

/// A length in pixels, formatted with at most one decimal.
#[derive(Clone, Copy)]
pub(super) struct Px(pub(super) f64);

impl Display for Px {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenths = (self.0 * 10.0).round() as i64;
        let (sign, tenths) = (if tenths < 0 { "-" } else { "" }, tenths.abs());
        match tenths % 10 {
            0 => write!(f, "{sign}{}", tenths / 10),
            tenth => write!(f, "{sign}{}.{tenth}", tenths / 10),
        }
    }
}

/// Writes the path of an arrow as computed by the layout: see `Layout::curves`.
pub(super) fn trace(out: &mut String, direction: Direction, curve: &[Point]) -> fmt::Result {
    let Some((first, rest)) = curve.split_first() else { return Ok(()) };
    write!(out, "M{} {}", Px(first.x), Px(first.y))?;
    let mut last = *first;
    for (step, point) in rest.iter().copied().enumerate() {
        let (from, to) = (direction.parts(last.x, last.y), direction.parts(point.x, point.y));
        if step % 2 == 1 || from.0 == to.0 {
            // A straight line. If the next step continues in the same direction, that step draws both.
            let further = rest.get(step + 1).is_some_and(|next| direction.parts(next.x, next.y).0 == to.0);
            if !further {
                write!(out, "L{} {}", Px(point.x), Px(point.y))?;
            }
        } else {
            let half = f64::midpoint(from.1, to.1);
            let (a, b) = (direction.point(from.0, half), direction.point(to.0, half));
            let numbers = [a.x, a.y, b.x, b.y, point.x, point.y].map(Px);
            let [ax, ay, bx, by, x, y] = numbers;
            write!(out, "C{ax} {ay} {bx} {by} {x} {y}")?;
        }
        last = point;
    }
    Ok(())
}
