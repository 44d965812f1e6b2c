//! Which arrows lead back, so that the others can be laid out from above to below.

/// For each arrow, whether it leads back to where a walk along the arrows has come from. The walks begin at the points
/// in their order. Without these arrows there is no circle.
pub(super) fn backward(points: usize, arrows: &[(usize, usize)]) -> Vec<bool> {
    let mut leaving = vec![Vec::new(); points];
    for (index, (from, _)) in arrows.iter().enumerate() {
        leaving[*from].push(index);
    }
    let mut seen = vec![false; points];
    let mut on_way = vec![false; points];
    let mut backward = vec![false; arrows.len()];
    for start in 0..points {
        // Each point of the way, and how many of its arrows have been walked.
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
