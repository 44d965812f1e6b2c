//! The arrows of a possible graph as input of the layout.
//!
//! The text on an arrow is a small box of its own, which is laid out like any other box: one segment leads to the text
//! and another one from it. So texts do not overlap, and a pair of opposite arrows is drawn side by side. Back edges
//! are reversed for the layout and drawn from their end.

use super::super::arrow::{Arrow, Kind};
use super::super::geometry::{Area, Direction, Point};
use super::super::layout::{HEAD, Layout};
use super::circles::backward;

/// The distance between the two lines of an arrow from a box to itself.
const LOOP: f64 = 9.0;

/// An arrow between two boxes, with or without a text.
pub(super) struct Line {
    pub(super) from: usize,
    pub(super) to: usize,
    /// The box of its text.
    pub(super) text: Option<usize>,
}

/// The segments for the layout, and how they belong to the lines.
pub(super) struct Segments {
    pub(super) arrows: Vec<Arrow>,
    places: Vec<Segment>,
}

struct Segment {
    /// The index of its first segment.
    first: usize,
    backward: bool,
}

impl Segments {
    pub(super) fn of(boxes: usize, lines: &[Line]) -> Self {
        let ends: Vec<(usize, usize)> = lines.iter().map(|line| (line.from, line.to)).collect();
        let mut segments = Self { arrows: Vec::new(), places: Vec::new() };
        for (line, backward) in lines.iter().zip(backward(boxes, &ends)) {
            segments.places.push(Segment { first: segments.arrows.len(), backward });
            let (upper, lower) = if backward { (line.to, line.from) } else { (line.from, line.to) };
            match line.text {
                None => segments.push(upper, lower),
                Some(text) => {
                    segments.push(upper, text);
                    // Both segments of an arrow from a box to itself are above its text.
                    if line.from == line.to { segments.push(upper, text) } else { segments.push(text, lower) }
                }
            }
        }
        segments
    }

    fn push(&mut self, from: usize, to: usize) {
        self.arrows.push(Arrow { from: from as u32, to: to as u32, kind: Kind::Needs });
    }

    /// Returns the path of a line: the segment to its text, if it has one, and the segment to its end. `size` is the
    /// width and height of the text.
    pub(super) fn paths(
        &self,
        layout: &Layout,
        line: &Line,
        index: usize,
        size: (f64, f64),
    ) -> (Option<Vec<Point>>, Vec<Point>) {
        let Segment { first, backward } = self.places[index];
        let direction = layout.direction;
        let curve = |at: usize| layout.curves[first + at].clone();
        let Some(text) = line.text.map(|text| layout.boxes[text]) else {
            return (None, if backward { back(direction, curve(0)) } else { curve(0) });
        };
        let (before, after) = sides(direction, text, size);
        if line.from == line.to {
            let mut there = curve(0);
            there.push(before);
            let mut here = back(direction, curve(1));
            start_at(&mut here, before);
            shift(direction, &mut there, -LOOP);
            shift(direction, &mut here, LOOP);
            return (Some(there), here);
        }
        if !backward {
            let (mut there, mut on) = (curve(0), curve(1));
            there.push(before);
            start_at(&mut on, after);
            return (Some(there), on);
        }
        let mut there = curve(1);
        if let Some(end) = there.last().copied() {
            there.push(along(direction, end, HEAD));
        }
        there.reverse();
        start_twice(&mut there);
        there.push(after);
        let mut on = back(direction, curve(0));
        start_at(&mut on, before);
        (Some(there), on)
    }
}

/// Reverses a curve, with room for the arrowhead where it began.
fn back(direction: Direction, mut curve: Vec<Point>) -> Vec<Point> {
    if let Some(first) = curve.first_mut() {
        *first = along(direction, *first, HEAD);
    }
    if let Some(end) = curve.last().copied() {
        curve.push(along(direction, end, HEAD));
    }
    curve.reverse();
    start_twice(&mut curve);
    curve
}

fn along(direction: Direction, point: Point, by: f64) -> Point {
    let (across, along) = direction.parts(point.x, point.y);
    direction.point(across, along + by)
}

/// A path starts with a curve. Duplicating its second point makes room for a straight line before it.
fn start_twice(curve: &mut Vec<Point>) {
    if let Some(second) = curve.get(1).copied() {
        curve.insert(1, second);
    }
}

fn start_at(curve: &mut Vec<Point>, point: Point) {
    curve.insert(0, point);
    start_twice(curve);
}

fn shift(direction: Direction, curve: &mut [Point], by: f64) {
    for point in curve {
        let (across, along) = direction.parts(point.x, point.y);
        *point = direction.point(across + by, along);
    }
}

/// Returns the points where a line from above reaches a text, and where it leaves the text.
fn sides(direction: Direction, area: Area, (width, height): (f64, f64)) -> (Point, Point) {
    let middle = Point { x: area.at.x + area.width / 2.0, y: area.at.y + area.height / 2.0 };
    let half = direction.parts(width, height).1 / 2.0;
    (along(direction, middle, -half), along(direction, middle, half))
}
