//! Cycle removal: finds the back edges, so that the other arrows can be laid out from top to bottom.

/// Returns for each arrow whether it is a back edge of a depth-first search. The searches start at the points in their
/// order. Without back edges the graph has no cycle.
pub(super) fn backward(points: usize, arrows: &[(usize, usize)]) -> Vec<bool> {
    let mut leaving = vec![Vec::new(); points];
    for (index, (from, _)) in arrows.iter().enumerate() {
        leaving[*from].push(index);
    }
    let mut seen = vec![false; points];
    let mut on_way = vec![false; points];
    let mut backward = vec![false; arrows.len()];
    for start in 0..points {
        // The current path: each point, with the number of its arrows that have been followed.
        let mut way = Vec::new();
        if !seen[start] {
            (seen[start], on_way[start]) = (true, true);
            way.push((start, 0));
        }
        while let Some((point, walked)) = way.last_mut() {
            let Some(arrow) = leaving[*point].get(*walked).copied() else {
                on_way[*point] = false;
                way.pop();
                continue;
            };
            *walked += 1;
            let to = arrows[arrow].1;
            if on_way[to] {
                backward[arrow] = true;
            } else if !seen[to] {
                (seen[to], on_way[to]) = (true, true);
                way.push((to, 0));
            }
        }
    }
    backward
}
