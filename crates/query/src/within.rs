//! The rules that choose among the members of a class if there are more than its quota.

use querist_core::{Class, Named, Probabilities, Rows};
use rand::Rng;

use crate::diverse::typical;
use crate::error::QueryError;
use crate::measure::Measure;
use crate::random::sample;
use crate::top_k::top_k;

/// A rule that chooses among the documents that are predicted to be of one class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Within {
    /// A uniform sample, which shows what the class consists of.
    Random,
    /// The documents with the highest probability of the class: the surest way to get documents of
    /// this class.
    Likeliest,
    /// The documents with the highest uncertainty, which are at the boundary of the class.
    Uncertain,
    /// Documents from the whole breadth of the class: the members are clustered into as many
    /// clusters as documents are requested, and the document nearest to each centre is picked.
    Diverse,
    /// The documents with the lowest probability of the class, whose prediction is doubtful.
    LeastLikely,
}

impl Named for Within {
    const ALL: &'static [Self] =
        &[Self::Random, Self::Likeliest, Self::Uncertain, Self::Diverse, Self::LeastLikely];

    fn name(self) -> &'static str {
        match self {
            Self::Random => "random",
            Self::Likeliest => "likeliest",
            Self::Uncertain => "uncertain",
            Self::Diverse => "diverse",
            Self::LeastLikely => "least-likely",
        }
    }
}

impl Within {
    /// Returns `quota` of the members, or all if there are fewer. Members are indices into
    /// `candidates.open` and must ascend.
    ///
    /// # Errors
    /// The features of the members cannot be read.
    pub(crate) fn choose(
        self,
        candidates: &Candidates<'_>,
        members: &[usize],
        class: Class,
        quota: usize,
        rng: &mut dyn Rng,
    ) -> Result<Vec<usize>, QueryError> {
        let top = |score: &dyn Fn(usize) -> f64| {
            let scores: Vec<f64> = members.iter().map(|place| score(*place)).collect();
            top_k(&scores, quota).into_iter().map(|at| members[at]).collect()
        };
        Ok(match self {
            Self::Random => sample(members, quota, rng),
            Self::Likeliest => top(&|place| candidates.probabilities.of(place, class)),
            Self::LeastLikely => top(&|place| -candidates.probabilities.of(place, class)),
            Self::Uncertain => top(&|place| candidates.measure.score(candidates.probabilities.row(place))),
            Self::Diverse => {
                let rows: Vec<usize> = members.iter().map(|place| candidates.open[*place]).collect();
                let chosen = typical(candidates.features, &rows, quota, rng)?;
                // Rows ascend with their indices, so a binary search finds the index of a row.
                chosen.into_iter().map(|row| members[rows.partition_point(|other| *other < row)]).collect()
            }
        })
    }
}

/// The open rows, with the data that a choice among them uses.
#[derive(Clone, Copy)]
pub(crate) struct Candidates<'a> {
    pub(crate) features: &'a dyn Rows,
    /// The open rows, ascending.
    pub(crate) open: &'a [usize],
    /// The class probabilities of each open row, in the order of `open`.
    pub(crate) probabilities: &'a Probabilities,
    /// The measure that [`Within::Uncertain`] ranks by.
    pub(crate) measure: Measure,
}

#[cfg(test)]
mod tests {
    use ndarray::array;
    use querist_core::{Features, Seed};

    use super::*;

    #[test]
    fn each_choice_has_its_own_idea() {
        let features = Features::Dense(array![[0.0f32, 1.0], [1.0, 0.0], [0.9, 0.1], [1.0, 0.1], [0.1, 1.0]]);
        let probabilities =
            Probabilities::new(array![[0.6, 0.4], [0.9, 0.1], [0.7, 0.3], [0.8, 0.2]]).unwrap();
        let open = [1, 2, 3, 4];
        let candidates = Candidates {
            features: &features,
            open: &open,
            probabilities: &probabilities,
            measure: Measure::Margin,
        };
        let choose = |within: Within, members: &[usize], quota| {
            within.choose(&candidates, members, Class(0), quota, &mut Seed(2).rng(1, "test")).unwrap()
        };
        assert_eq!(choose(Within::Likeliest, &[0, 1, 2, 3], 2), [1, 3]);
        assert_eq!(choose(Within::Uncertain, &[0, 1, 2, 3], 2), [0, 2]);
        assert_eq!(choose(Within::LeastLikely, &[1, 2, 3], 2), [2, 3]);
        // Rows 1, 2 and 3 point in one direction, with row 3 in the middle. Row 4 points in another
        // direction.
        assert_eq!(choose(Within::Diverse, &[0, 1, 2, 3], 2), [2, 3]);
        let random = choose(Within::Random, &[1, 2, 3], 2);
        assert!(random.len() == 2 && random[0] != random[1] && !random.contains(&0), "{random:?}");
        for within in [Within::Random, Within::Likeliest, Within::Uncertain, Within::Diverse] {
            let mut all = choose(within, &[1, 3], 5);
            all.sort_unstable();
            assert_eq!(all, [1, 3], "{within:?}");
        }
    }
}
