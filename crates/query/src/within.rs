//! How the members of a class are chosen among when there are more of them than its quota.

use querist_core::{Class, Probabilities, Rows};
use rand_chacha::ChaCha8Rng;
use serde::{Serialize, Serializer};

use crate::diverse::typical;
use crate::error::QueryError;
use crate::measure::Measure;
use crate::random::sample;
use crate::top_k::top_k;

/// A choice among the documents predicted to be of one class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Within {
    /// A uniform sample: what the class looks like.
    Random,
    /// The highest probability of the class: the surest way to get documents of it.
    Likeliest,
    /// The highest uncertainty: where the class ends.
    Uncertain(Measure),
    /// The nearest to each of as many centres: the class in its breadth.
    Diverse,
    /// The lowest probability of the class: assigned to it by the model, but doubted.
    LeastLikely,
}

impl Within {
    /// The names, in the order of the variants.
    pub const NAMES: [&'static str; 5] = ["random", "likeliest", "uncertain", "diverse", "least-likely"];

    /// The choice's name in files and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Random => Self::NAMES[0],
            Self::Likeliest => Self::NAMES[1],
            Self::Uncertain(_) => Self::NAMES[2],
            Self::Diverse => Self::NAMES[3],
            Self::LeastLikely => Self::NAMES[4],
        }
    }

    /// The choice of that name; `measure` is what `uncertain` ranks by.
    ///
    /// # Errors
    /// [`QueryError::UnknownWithin`], with all names.
    pub fn from_name(name: &str, measure: Measure) -> Result<Self, QueryError> {
        [Self::Random, Self::Likeliest, Self::Uncertain(measure), Self::Diverse, Self::LeastLikely]
            .into_iter()
            .find(|within| within.name() == name)
            .ok_or_else(|| QueryError::UnknownWithin { name: name.to_owned(), known: Self::NAMES.join(", ") })
    }

    /// min(quota, members) of the members, which are ascending places in `open`.
    ///
    /// # Errors
    /// Their features cannot be read.
    pub(crate) fn choose(
        self,
        candidates: &Candidates<'_>,
        members: &[usize],
        class: Class,
        quota: usize,
        rng: &mut ChaCha8Rng,
    ) -> Result<Vec<usize>, QueryError> {
        let top = |score: &dyn Fn(usize) -> f64| {
            let scores: Vec<f64> = members.iter().map(|place| score(*place)).collect();
            top_k(&scores, quota).into_iter().map(|at| members[at]).collect()
        };
        Ok(match self {
            Self::Random => sample(members, quota, rng),
            Self::Likeliest => top(&|place| candidates.probabilities.of(place, class)),
            Self::LeastLikely => top(&|place| -candidates.probabilities.of(place, class)),
            Self::Uncertain(measure) => top(&|place| measure.score(candidates.probabilities.row(place))),
            Self::Diverse => {
                let rows: Vec<usize> = members.iter().map(|place| candidates.open[*place]).collect();
                let chosen = typical(candidates.features, &rows, quota, rng)?;
                // Rows ascend with their places, so each row leads back to its place.
                chosen.into_iter().map(|row| members[rows.partition_point(|other| *other < row)]).collect()
            }
        })
    }
}

impl Serialize for Within {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// The open rows with what a choice looks at.
#[derive(Clone, Copy)]
pub(crate) struct Candidates<'a> {
    pub(crate) features: &'a dyn Rows,
    /// Ascending rows.
    pub(crate) open: &'a [usize],
    /// (open, K).
    pub(crate) probabilities: &'a Probabilities,
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
        let candidates = Candidates { features: &features, open: &open, probabilities: &probabilities };
        let choose = |within: Within, members: &[usize], quota| {
            within.choose(&candidates, members, Class(0), quota, &mut Seed(2).rng(1, "test")).unwrap()
        };
        assert_eq!(choose(Within::Likeliest, &[0, 1, 2, 3], 2), [1, 3]);
        assert_eq!(choose(Within::Uncertain(Measure::Margin), &[0, 1, 2, 3], 2), [0, 2]);
        assert_eq!(choose(Within::LeastLikely, &[1, 2, 3], 2), [2, 3]);
        // Rows 1, 2 and 3 point one way with row 3 in the middle; row 4 points another.
        assert_eq!(choose(Within::Diverse, &[0, 1, 2, 3], 2), [2, 3]);
        let random = choose(Within::Random, &[1, 2, 3], 2);
        assert!(random.len() == 2 && random[0] != random[1] && !random.contains(&0), "{random:?}");
        for within in
            [Within::Random, Within::Likeliest, Within::Uncertain(Measure::Entropy), Within::Diverse]
        {
            let mut all = choose(within, &[1, 3], 5);
            all.sort_unstable();
            assert_eq!(all, [1, 3], "{within:?}");
        }
    }

    #[test]
    fn names_go_there_and_back() {
        for name in Within::NAMES {
            assert_eq!(Within::from_name(name, Measure::Margin).unwrap().name(), name);
        }
        assert_eq!(Within::from_name("uncertain", Measure::Margin), Ok(Within::Uncertain(Measure::Margin)));
        let message = Within::from_name("best", Measure::Margin).unwrap_err().to_string();
        assert!(
            message.ends_with("expected one of random, likeliest, uncertain, diverse, least-likely"),
            "{message}"
        );
        assert_eq!(serde_json::to_value(Within::Diverse).unwrap(), "diverse");
    }
}
