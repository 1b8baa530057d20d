//! Nearest neighbours by Euclidean distance. The references are compared one after the other, so
//! the time is points × references × columns, and memory holds only the neighbours found so far.

use crate::points::Points;

/// Returns, for each point, its k nearest among `others` as (squared distance, index in `others`).
/// The nearest comes first; ties go to the smaller index. A point is not its own neighbour: `own`
/// has, for each of `others`, the index of the point that is the same document, or `None`.
pub(crate) fn nearest(
    points: &Points,
    others: &Points,
    own: &[Option<usize>],
    k: usize,
) -> Vec<Vec<(f64, usize)>> {
    let mut nearest: Vec<Vec<(f64, usize)>> = vec![Vec::with_capacity(k + 1); points.len()];
    for (other, itself) in own.iter().enumerate() {
        let distances = points.squared_distances(&others.vector(other));
        for (at, distance) in distances.into_iter().enumerate().filter(|(at, _)| Some(*at) != *itself) {
            // The list is sorted, so its last entry is the farthest neighbour so far.
            let list = &mut nearest[at];
            if list.len() < k || list.last().is_some_and(|(farthest, _)| distance < *farthest) {
                list.insert(list.partition_point(|(before, _)| *before <= distance), (distance, other));
                list.truncate(k);
            }
        }
    }
    nearest
}

#[cfg(test)]
mod tests {
    use ndarray::array;
    use querist_core::Features;

    use super::*;

    #[test]
    fn by_hand() {
        let points = Points::new(Features::Dense(array![[0.0f32, 0.0], [3.0, 0.0]]));
        let others = Points::new(Features::Dense(array![[1.0f32, 0.0], [2.0, 0.0], [-1.0, 0.0]]));
        let found = nearest(&points, &others, &[None; 3], 2);
        assert_eq!(found, [vec![(1.0, 0), (1.0, 2)], vec![(1.0, 1), (4.0, 0)]]);
        // A point is not its own neighbour.
        let among = nearest(&points, &points, &[Some(0), Some(1)], 2);
        assert_eq!(among, [vec![(9.0, 1)], vec![(9.0, 0)]]);
    }
}
