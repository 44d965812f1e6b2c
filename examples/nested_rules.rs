//! Nested rules: a rule adds a rule that adds a rule. The search for the highest point of a landscape takes three
//! passes.
//!
//!     cargo run --example nested_rules
//!
//! Each pass probes a grid of points, selects the highest and probes a finer grid around it. The next grid is known
//! only when the previous pass has ended. The same is true of the handle that the next rule waits for: it is created in
//! the body of the previous rule. Look at `adds [..]`: the outer rules declare everything that the inner rules add, and
//! `Rule` declares that they register rules.

#![expect(clippy::print_stdout, reason = "it is a program for the terminal")]

use dagcore::prelude::*;

#[derive(Clone, Copy)]
struct Point {
    x: f64,
    y: f64,
    height: f64,
}

/// Returns the height at a point. The highest hill is not in the centre.
#[stage]
fn probe(x: f64, y: f64) -> Point {
    let hill = |at_x: f64, at_y: f64, height: f64| height * (-(x - at_x).powi(2) - (y - at_y).powi(2)).exp();
    Point { x, y, height: hill(0.0, 0.0, 700.0) + hill(1.7, -2.3, 1234.5) + hill(-2.5, 1.5, 900.0) }
}

#[stage]
fn highest(points: &[Point]) -> Point {
    points.iter().copied().max_by(|a, b| a.height.total_cmp(&b.height)).expect("a grid has points")
}

#[stage]
fn summit(point: Point) -> String {
    format!("the summit is {:.1} m high, at {:.2}, {:.2}", point.height, point.x, point.y)
}

/// One pass: probes 25 points around a point and selects the highest.
fn search<M>(grow: &mut Growth<'_, M>, around: &Point, step: f64) -> Node<Point>
where
    M: Allows<probe> + Allows<highest>,
{
    let offsets = (-2..=2).map(|at| f64::from(at) * step);
    let grid = offsets.clone().flat_map(|dx| offsets.clone().map(move |dy| (around.x + dx, around.y + dy)));
    let points: Vec<_> = grid.map(|(x, y)| grow.add(probe::new(x, y))).collect();
    grow.add(highest::new(points))
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut flow = Workflow::new("summit").keep::<highest>();
    let start = flow.add(probe::new(0.0, 0.0));
    flow.rule(rule! {
        when done(start),
        adds [probe, highest, summit, Rule],
        then |grow, start| {
            let coarse = search(grow, start, 1.5);
            grow.rule(rule! {
                when done(coarse),
                adds [probe, highest, summit, Rule],
                then |grow, coarse| {
                    let fine = search(grow, coarse, 0.3);
                    grow.rule(rule! {
                        when done(fine),
                        adds [probe, highest, summit],
                        then |grow, fine| {
                            let finest = search(grow, fine, 0.05);
                            grow.add(summit::new(finest));
                        }
                    });
                }
            });
        }
    });

    let done = flow.run().await?;
    for point in done.outputs::<highest>()? {
        println!("highest so far: {:7.1} m at {:.2}, {:.2}", point.height, point.x, point.y);
    }
    println!("{}, after {} probes", done.only::<summit>()?, done.nodes::<probe>().count());
    Ok(())
}
