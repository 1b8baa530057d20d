//! The distance of labels from the right classes, if the classes are ordered ranks.
//!
//! Let k be the rank of the right class of an item, and l the rank of its label. The mean absolute
//! rank error over n items is `Σ |k - l| / n`. The mean treats all steps of the scale as equally
//! long, which ranks do not guarantee. So the shares of labels that are off by one rank and by more
//! are reported too. Source: Baccianella, Esuli and Sebastiani, Evaluation measures for ordinal
//! regression, ISDA, 2009.

use serde::{Deserialize, Serialize};

/// The distance of labels from the right classes, in ranks.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RankError {
    /// The number of labels compared, at least 1.
    pub n: usize,
    /// The mean distance of a label from the right class, in ranks, from 0 to one less than the
    /// number of classes.
    pub mean: f64,
    /// The share of labels that are one rank off, in [0, 1].
    pub off_by_one: f64,
    /// The share of labels that are more than one rank off, in [0, 1].
    pub further: f64,
}

impl RankError {
    /// Computes the error from the counts in `cells`; each is (right rank, rank of the label,
    /// number of labels). `None` if there are no labels.
    pub fn of(cells: impl IntoIterator<Item = (usize, usize, usize)>) -> Option<Self> {
        let (mut n, mut sum, mut one, mut further) = (0, 0, 0, 0);
        for (right, label, count) in cells {
            let apart = right.abs_diff(label);
            n += count;
            sum += apart * count;
            match apart {
                0 => {}
                1 => one += count,
                _ => further += count,
            }
        }
        let share = |count: usize| count as f64 / n as f64;
        (n > 0).then(|| Self { n, mean: share(sum), off_by_one: share(one), further: share(further) })
    }

    /// Returns the error as text, such as "0.28 ranks off on average (20.0 % by one, 4.0 % by more,
    /// n = 50)".
    pub fn text(&self) -> String {
        let Self { n, mean, off_by_one, further } = *self;
        let [one, more] = [off_by_one, further].map(|share| 100.0 * share);
        format!("{mean:.2} ranks off on average ({one:.1} % by one, {more:.1} % by more, n = {n})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_labels_by_hand() {
        // Of 10 labels, 6 are right, 3 are one rank off, and 1 is three ranks off. The mean is 6
        // / 10.
        let error = RankError::of([(0, 0, 4), (2, 2, 2), (1, 0, 1), (1, 2, 2), (0, 3, 1)]).unwrap();
        assert_eq!(error, RankError { n: 10, mean: 0.6, off_by_one: 0.3, further: 0.1 });
        assert_eq!(error.text(), "0.60 ranks off on average (30.0 % by one, 10.0 % by more, n = 10)");
    }

    #[test]
    fn of_nothing_there_is_none() {
        assert_eq!(RankError::of([]), None);
        assert_eq!(RankError::of([(1, 1, 0)]), None);
    }
}
