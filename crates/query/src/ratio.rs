//! Class-ratio quotas: a batch with a given number of documents of each class, as the model
//! predicts the classes.
//!
//! A document is a member of the class that the model finds likeliest. If a class has more members
//! than its quota, [`Within`] chooses among them. If it has fewer, all of them are picked, and the
//! remaining documents with the highest probability of the class fill the quota, marked as
//! fallback.
//!
//! Invariant: the members of all classes are picked before any fallback, so a fallback never takes
//! a document that another class needs.

use querist_core::{Class, LabelSet, Probabilities};
use rand::Rng;
use serde::Serialize;

use crate::error::QueryError;
use crate::guard::Guard;
use crate::measure::Measure;
use crate::quota::Ratio;
use crate::strategy::{Needs, QueryStrategy, Selected};
use crate::top_k::top_k;
use crate::view::Pool;
use crate::within::{Candidates, Within};

/// Picks documents so that the predicted classes meet their quotas.
#[derive(Debug, Clone, PartialEq)]
pub struct RatioQuota {
    /// The classes; a pick's reason contains the name of the class that it was picked for.
    pub labels: LabelSet,
    /// The rule that determines the quotas.
    pub ratio: Ratio,
    /// The number of labelled documents of each class, in label order.
    pub labeled_counts: Vec<usize>,
    /// The rule that chooses among the members of a class if there are more than its quota.
    pub within: Within,
    /// The measure that [`Within::Uncertain`] ranks by.
    pub measure: Measure,
}

/// How one class's quota was filled. `by_prediction + by_fallback` is less than `quota` only if the
/// pool ran out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ClassAllotment {
    /// The class.
    pub class: Class,
    /// The number of documents requested of the class.
    pub quota: usize,
    /// The number of open documents predicted to be of the class.
    pub predicted: usize,
    /// The number of picks among these documents.
    pub by_prediction: usize,
    /// The number of other picks that fill the quota.
    pub by_fallback: usize,
}

/// The chosen rows, with an account for each class.
#[derive(Debug, Clone, PartialEq)]
pub struct Allotment {
    /// The chosen rows: first the members of the classes, then the fallbacks, each in label order.
    pub selected: Vec<Selected>,
    /// The class whose quota each chosen row fills.
    pub quotas: Vec<Class>,
    /// The account of each class, in label order.
    pub classes: Vec<ClassAllotment>,
}

impl RatioQuota {
    /// Fills quotas that sum to n with open rows and returns these rows with an account for each
    /// class. Picks all open rows if there are fewer than n.
    ///
    /// # Errors
    /// The pool has no probabilities, or the probabilities, the quota weights or the labelled
    /// counts do not fit the classes.
    pub fn allot(&self, pool: Pool<'_>, n: usize, rng: &mut dyn Rng) -> Result<Allotment, QueryError> {
        self.allot_guarded(pool, n, None, rng)
    }

    /// Does the same as [`RatioQuota::allot`], without rows that the guard refuses. Another member
    /// of the class replaces a refused member, if there is one.
    ///
    /// # Errors
    /// The same as for [`RatioQuota::allot`]; also if the shingles cannot be read.
    pub(crate) fn allot_guarded(
        &self,
        pool: Pool<'_>,
        n: usize,
        guard: Option<&mut Guard<'_>>,
        rng: &mut dyn Rng,
    ) -> Result<Allotment, QueryError> {
        let probabilities = pool.predictions("ratio")?;
        let expected = self.labels.len();
        for (what, found) in [
            ("the probabilities", probabilities.n_classes()),
            ("the count of labelled documents", self.labeled_counts.len()),
        ] {
            if found != expected {
                return Err(QueryError::ClassCount { what, expected, found });
            }
        }
        let quotas = self.ratio.quotas(n, &self.labeled_counts)?;
        let (features, open, measure) = (pool.features, pool.open, self.measure);
        let candidates = Candidates { features, open, probabilities, measure };
        self.fill(&candidates, &quotas, guard, rng)
    }

    /// Fills the quotas, one for each class, and returns the chosen rows with an account for each
    /// class. First each class gets its members. Then other documents fill the quotas that are not
    /// met.
    fn fill(
        &self,
        candidates: &Candidates<'_>,
        quotas: &[usize],
        mut guard: Option<&mut Guard<'_>>,
        rng: &mut dyn Rng,
    ) -> Result<Allotment, QueryError> {
        let mut members = vec![Vec::new(); quotas.len()];
        // Each document is a member of its likeliest class.
        for place in 0..candidates.open.len() {
            members[candidates.probabilities.likeliest(place).index()].push(place);
        }
        let mut free = vec![true; candidates.open.len()];
        let (mut selected, mut filled) = (Vec::new(), Vec::new());
        let mut classes = Vec::with_capacity(quotas.len());
        for ((class, members), &quota) in self.labels.classes().zip(&members).zip(quotas) {
            let chosen =
                choose(candidates, members, quota, guard.as_deref_mut(), rng, &mut |left, n, rng| {
                    self.within.choose(candidates, left, class, n, rng)
                })?;
            let (predicted, by_prediction) = (members.len(), chosen.len());
            classes.push(ClassAllotment { class, quota, predicted, by_prediction, by_fallback: 0 });
            self.take(&chosen, class, false, candidates, &mut free, &mut selected);
            filled.resize(selected.len(), class);
        }
        // All members are picked now, so fallbacks can fill the quotas that are not met.
        for account in &mut classes {
            let missing = account.quota - account.by_prediction;
            if missing > 0 {
                let places: Vec<usize> = (0..free.len()).filter(|place| free[*place]).collect();
                let class = account.class;
                let chosen =
                    choose(candidates, &places, missing, guard.as_deref_mut(), rng, &mut |left, n, _| {
                        Ok(fallback(candidates.probabilities, left, class, n))
                    })?;
                account.by_fallback = chosen.len();
                self.take(&chosen, account.class, true, candidates, &mut free, &mut selected);
                filled.resize(selected.len(), account.class);
            }
        }
        Ok(Allotment { selected, quotas: filled, classes })
    }

    /// Adds the open rows at `places` to `selected` as picks for `class`, and marks them in `free`
    /// as no longer available.
    fn take(
        &self,
        places: &[usize],
        class: Class,
        fallback: bool,
        candidates: &Candidates<'_>,
        free: &mut [bool],
        selected: &mut Vec<Selected>,
    ) {
        for &place in places {
            free[place] = false;
            let reason = format!("ratio:{}", self.labels.name(class));
            selected.push(Selected { row: candidates.open[place], reason, fallback });
        }
    }
}

impl QueryStrategy for RatioQuota {
    fn name(&self) -> &'static str {
        "ratio"
    }

    fn needs(&self) -> Needs {
        Needs::MODEL
    }

    fn select(&self, pool: Pool<'_>, n: usize, rng: &mut dyn Rng) -> Result<Vec<Selected>, QueryError> {
        Ok(self.allot(pool, n, rng)?.selected)
    }
}

/// A function that chooses the given number of the remaining places.
type Choice<'a> = dyn FnMut(&[usize], usize, &mut dyn Rng) -> Result<Vec<usize>, QueryError> + 'a;

/// Returns at most n of the places, as chosen by `choice`, without places that the guard refuses. A
/// place is an index into the open rows; `places` must ascend.
fn choose(
    candidates: &Candidates<'_>,
    places: &[usize],
    n: usize,
    guard: Option<&mut Guard<'_>>,
    rng: &mut dyn Rng,
    choice: &mut Choice<'_>,
) -> Result<Vec<usize>, QueryError> {
    let Some(guard) = guard else {
        return choice(places, n, rng);
    };
    // The guard works with rows. Open rows ascend, so a binary search finds the place of a row.
    let place_of = |row: usize| candidates.open.partition_point(|other| *other < row);
    let rows: Vec<usize> = places.iter().map(|place| candidates.open[*place]).collect();
    let picks = guard.choose(&rows, n, rng, &mut |left, n, rng| {
        let left: Vec<usize> = left.iter().map(|row| place_of(*row)).collect();
        let chosen = choice(&left, n, rng)?.into_iter();
        let selected =
            |place: usize| Selected { row: candidates.open[place], reason: String::new(), fallback: false };
        Ok(chosen.map(selected).collect())
    })?;
    Ok(picks.into_iter().map(|pick| place_of(pick.row)).collect())
}

/// Returns the n of `places` whose documents have the highest probability of the class; all of them
/// if there are fewer than n. If the probability is 0 for every document of the pool, the model has
/// seen no document of the class. Then the documents with the highest entropy are returned, because
/// the model is likely to be unsure about an unknown class.
fn fallback(probabilities: &Probabilities, places: &[usize], class: Class, n: usize) -> Vec<usize> {
    let unknown = (0..probabilities.len()).all(|place| probabilities.of(place, class) <= 0.0);
    let score = |place: &usize| {
        if unknown {
            Measure::Entropy.score(probabilities.row(*place))
        } else {
            probabilities.of(*place, class)
        }
    };
    let scores: Vec<f64> = places.iter().map(score).collect();
    top_k(&scores, n).into_iter().map(|at| places[at]).collect()
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};
    use querist_core::{Features, Seed};

    use super::*;
    use crate::view::PoolView;

    fn allot(rows: Array2<f64>, weights: &[f64], n: usize) -> Allotment {
        let features = Features::Dense(Array2::ones((rows.nrows() + 10, 1)));
        let open: Vec<usize> = (10..rows.nrows() + 10).collect();
        let labels = LabelSet::new((0..rows.ncols()).map(|class| format!("c{class}"))).unwrap();
        let probabilities = Probabilities::new(rows).unwrap();
        let pool = PoolView::new(&features, &open).with_probabilities(&probabilities).check().unwrap();
        let strategy = RatioQuota {
            labeled_counts: vec![0; labels.len()],
            labels,
            ratio: Ratio::Weights(weights.to_vec()),
            within: Within::Likeliest,
            measure: Measure::Entropy,
        };
        strategy.allot(pool, n, &mut Seed(1).rng(1, "test")).unwrap()
    }

    fn taken(allotment: &Allotment) -> Vec<(usize, &str, bool)> {
        allotment.selected.iter().map(|pick| (pick.row, pick.reason.as_str(), pick.fallback)).collect()
    }

    #[test]
    fn each_class_fills_its_quota_from_its_own_members() {
        let rows = array![[0.9, 0.1], [0.3, 0.7], [0.6, 0.4], [0.8, 0.2], [0.2, 0.8]];
        let allotment = allot(rows, &[2.0, 1.0], 3);
        assert_eq!(
            taken(&allotment),
            [(10, "ratio:c0", false), (13, "ratio:c0", false), (14, "ratio:c1", false)]
        );
        let account = |class, quota, predicted| ClassAllotment {
            class: Class(class),
            quota,
            predicted,
            by_prediction: quota,
            by_fallback: 0,
        };
        assert_eq!(allotment.classes, [account(0, 2, 3), account(1, 1, 2)]);
    }

    #[test]
    fn a_class_with_too_few_members_falls_back_on_the_likeliest_that_nobody_needs() {
        // Class c0 has only row 12 as a member. Row 10 has the next highest probability of c0, but
        // c1 takes it first, because c1 is the likeliest class of row 10.
        let rows =
            array![[0.45, 0.55, 0.0], [0.1, 0.51, 0.39], [0.7, 0.2, 0.1], [0.4, 0.1, 0.5], [0.3, 0.1, 0.6]];
        let allotment = allot(rows, &[2.0, 1.0, 1.0], 4);
        assert_eq!(
            taken(&allotment),
            [
                (12, "ratio:c0", false),
                (10, "ratio:c1", false),
                (14, "ratio:c2", false),
                (13, "ratio:c0", true)
            ]
        );
        let account =
            ClassAllotment { class: Class(0), quota: 2, predicted: 1, by_prediction: 1, by_fallback: 1 };
        assert_eq!(allotment.classes[0], account);
    }

    #[test]
    fn a_class_never_seen_asks_for_the_least_certain() {
        let rows = array![[0.9, 0.1, 0.0], [0.45, 0.55, 0.0], [0.2, 0.8, 0.0]];
        let allotment = allot(rows, &[0.0, 0.0, 1.0], 2);
        assert_eq!(taken(&allotment), [(11, "ratio:c2", true), (12, "ratio:c2", true)]);
        assert_eq!(allotment.classes[2].predicted, 0);
    }

    #[test]
    fn a_pool_that_is_too_small_is_given_whole() {
        let allotment = allot(array![[0.9, 0.1], [0.8, 0.2]], &[1.0, 1.0], 10);
        assert_eq!(taken(&allotment), [(10, "ratio:c0", false), (11, "ratio:c0", false)]);
        assert_eq!((allotment.classes[0].quota, allotment.classes[1].quota), (5, 5));
        assert_eq!((allotment.classes[1].by_prediction, allotment.classes[1].by_fallback), (0, 0));
    }

    #[test]
    fn refuses_what_does_not_fit_the_classes() {
        let features = Features::Dense(Array2::ones((1, 1)));
        let probabilities = Probabilities::new(array![[0.5, 0.5]]).unwrap();
        let pool = PoolView::new(&features, &[0]).with_probabilities(&probabilities).check().unwrap();
        let strategy = |names: &[&str], counts: usize| RatioQuota {
            labels: LabelSet::new(names.iter().copied()).unwrap(),
            ratio: Ratio::Balance,
            labeled_counts: vec![0; counts],
            within: Within::Random,
            measure: Measure::Entropy,
        };
        let mut rng = Seed(1).rng(1, "test");
        let error = strategy(&["a", "b", "c"], 3).allot(pool, 1, &mut rng);
        assert_eq!(error, Err(QueryError::ClassCount { what: "the probabilities", expected: 3, found: 2 }));
        let error = strategy(&["a", "b"], 3).allot(pool, 1, &mut rng);
        let what = "the count of labelled documents";
        assert_eq!(error, Err(QueryError::ClassCount { what, expected: 2, found: 3 }));
        let without = PoolView { probabilities: None, ..*pool }.check().unwrap();
        assert_eq!(
            strategy(&["a", "b"], 2).allot(without, 1, &mut rng),
            Err(QueryError::NoProbabilities { strategy: "ratio" })
        );
    }
}
