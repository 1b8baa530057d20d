//! Contrastive active learning: picks documents whose predictions contradict the predictions of
//! their neighbours.
//!
//! Margatina et al. (2021), "Active Learning by Acquiring Contrastive Examples" (CAL): documents
//! that are close in features but far apart in predictions lie at a class boundary. The score is
//! the mean of `KL(p_neighbour ‖ p_document)` over the k nearest neighbours, in nats, at least 0.
//!
//! Cost: candidates × references × columns.

use std::sync::Arc;

use ndarray::ArrayView1;
use querist_core::{FittedClassifier, Probabilities};
use rand::Rng;

use crate::candidates::{Limits, fill_by_score, highest, references, uniform};
use crate::diversify::diversified_top;
use crate::error::QueryError;
use crate::measure::Measure;
use crate::neighbors::nearest;
use crate::points::Points;
use crate::strategy::{Needs, QueryStrategy, Selected};
use crate::view::{Pool, PoolView};

const NAME: &str = "contrastive";

/// The lower bound of a probability inside a logarithm, so that the logarithm is finite.
const SMALLEST: f64 = 1e-12;

/// Picks the documents with the strongest contrast to their neighbours, among the most uncertain
/// ones.
///
/// The neighbours of a document are the labelled documents with the smallest Euclidean distance;
/// ties go to the smaller row. If the strategy has the round's model, the model predicts the
/// neighbours, as in the paper. Without the model, a neighbour's prediction is its label, so its
/// term is `-ln p(label)`. Without labelled documents, the neighbours are chosen from a uniform
/// sample of the candidates, and their predictions are the probabilities in the pool. A document
/// without neighbours has score 0.
#[derive(Clone)]
pub struct Contrastive {
    /// The number of neighbours k; 0 counts as 1. The paper takes 10.
    pub neighbors: usize,
    /// The round's model, which predicts the labelled neighbours; if `None`, their labels are
    /// used.
    pub model: Option<Arc<dyn FittedClassifier>>,
    /// The uncertainty measure whose highest scores make an open document a candidate.
    pub measure: Measure,
    /// The number m of candidates for each requested document. For n requested documents, the m·n
    /// best candidates are clustered into n groups, and the best of each group is picked. With m =
    /// 0 or 1, the n best candidates are picked without clustering.
    pub diversity: usize,
    /// The maximum numbers of candidates and of documents that may be their neighbours.
    pub limits: Limits,
}

impl Contrastive {
    /// The number of neighbours k in the paper.
    pub const NEIGHBORS: usize = 10;

    /// Returns the documents that may be neighbours, as three lists in the same order: their
    /// features; for each the index of the candidate that is the same document (`None` for a
    /// labelled document); and their class probabilities. `places` are the candidates.
    fn neighborhood(
        &self,
        pool: &PoolView<'_>,
        probabilities: &Probabilities,
        places: &[usize],
        rng: &mut dyn Rng,
    ) -> Result<(Points, Vec<Option<usize>>, Probabilities), QueryError> {
        let labeled = references(pool, self.limits.references, rng);
        if labeled.is_empty() {
            // Without labels, candidates are each other's neighbours.
            let chosen = uniform(places.len(), self.limits.references, rng);
            let rows: Vec<usize> = chosen.iter().map(|at| pool.open[places[*at]]).collect();
            let of_chosen: Vec<usize> = chosen.iter().map(|at| places[*at]).collect();
            let said = Probabilities::new(probabilities.view().select(ndarray::Axis(0), &of_chosen))?;
            return Ok((Points::gather(pool.features, &rows)?, chosen.into_iter().map(Some).collect(), said));
        }
        let rows: Vec<usize> = labeled.iter().map(|(row, _)| *row).collect();
        let said = match &self.model {
            Some(model) => model
                .predict(pool.features, &rows)
                .map_err(|error| QueryError::Model { strategy: NAME, problem: error.to_string() })?,
            // Without the model, the label has probability 1.
            None => Probabilities::new(ndarray::Array2::from_shape_fn(
                (rows.len(), probabilities.n_classes()),
                |(at, class)| f64::from(u8::from(labeled[at].1.index() == class)),
            ))?,
        };
        if said.n_classes() != probabilities.n_classes() {
            let (expected, found) = (probabilities.n_classes(), said.n_classes());
            return Err(QueryError::ClassCount { what: "the model of the neighbours", expected, found });
        }
        Ok((Points::gather(pool.features, &rows)?, vec![None; rows.len()], said))
    }
}

impl QueryStrategy for Contrastive {
    fn name(&self) -> &'static str {
        NAME
    }

    fn needs(&self) -> Needs {
        Needs::MODEL
    }

    /// Returns n open rows, or all if there are fewer, the strongest contrast first.
    ///
    /// # Errors
    /// The pool has no probabilities, its features cannot be read, or the model cannot predict.
    fn select(&self, pool: Pool<'_>, n: usize, rng: &mut dyn Rng) -> Result<Vec<Selected>, QueryError> {
        let probabilities = pool.predictions(NAME)?;
        if n == 0 || pool.open.is_empty() {
            return Ok(Vec::new());
        }
        // These scores choose the candidates, and they fill up the batch if the candidates run out.
        let cut = self.measure.scores(probabilities);
        let places = highest(&cut, self.limits.candidates);
        let rows: Vec<usize> = places.iter().map(|place| pool.open[*place]).collect();
        let points = Points::gather(pool.features, &rows)?;
        let (others, own, said) = self.neighborhood(&pool, probabilities, &places, rng)?;
        let nearest = nearest(&points, &others, &own, self.neighbors.max(1));
        let contrast = |(neighbors, place): (&Vec<(f64, usize)>, &usize)| {
            let of_neighbor = |(_, at): &(f64, usize)| divergence(said.row(*at), probabilities.row(*place));
            neighbors.iter().map(of_neighbor).sum::<f64>() / neighbors.len().max(1) as f64
        };
        let scores: Vec<f64> = nearest.iter().zip(&places).map(contrast).collect();
        let picks = diversified_top(pool.features, &rows, &scores, n, self.diversity, rng)?;
        let picks = picks.into_iter().map(|at| places[at]).collect();
        Ok(pool.selected(&fill_by_score(picks, &cut, n), NAME))
    }
}

/// Returns `KL(p ‖ q) = Σ p ln (p / q)` in nats, at least 0. Values of q below 1e-12 count as
/// 1e-12, and `0 ln 0` is 0.
fn divergence(p: ArrayView1<'_, f64>, q: ArrayView1<'_, f64>) -> f64 {
    let terms = p.iter().zip(q).filter(|(p, _)| **p > 0.0);
    terms.map(|(p, q)| p * (p / q.max(SMALLEST)).ln()).sum::<f64>().max(0.0)
}

#[cfg(test)]
mod tests {
    use ndarray::array;
    use querist_core::{Class, Features, Seed};

    use super::*;

    fn strategy(neighbors: usize) -> Contrastive {
        Contrastive {
            neighbors,
            model: None,
            measure: Measure::Entropy,
            diversity: 1,
            limits: Limits::default(),
        }
    }

    #[test]
    fn what_contradicts_its_neighbours_comes_first() {
        // Rows 0 and 1 have the labels 0 and 1, at (0, 0) and (9, 0). Row 2 is near row 0, but its
        // prediction is class 1. Row 3 is near row 1, and its prediction is class 1. Row 4 is near
        // row 1, and its prediction is unsure. The scores of rows 2 to 4 are ln 10, -ln 0.9 and
        // ln 2.
        let features = Features::Dense(array![[0.0f32, 0.0], [9.0, 0.0], [1.0, 0.0], [8.0, 0.0], [8.0, 1.0]]);
        let labeled = [(0, Class(0)), (1, Class(1))];
        let probabilities = Probabilities::new(array![[0.1, 0.9], [0.1, 0.9], [0.5, 0.5]]).unwrap();
        let pool = PoolView::new(&features, &[2, 3, 4])
            .with_probabilities(&probabilities)
            .with_labeled(&labeled)
            .check()
            .unwrap();
        let rows = |pool: Pool<'_>, strategy: &Contrastive| -> Vec<usize> {
            let picks = strategy.select(pool, 3, &mut Seed(1).rng(1, "test")).unwrap();
            picks.into_iter().map(|pick| pick.row).collect()
        };
        assert_eq!(rows(pool, &strategy(1)), [2, 4, 3]);
        // Without labels, row 3 is nearest to rows 2 and 4, and row 4 is nearest to row 3. The
        // score of row 2 is 0. Row 3 has 0.5 ln (0.5 / 0.1) + 0.5 ln (0.5 / 0.9) = 0.511. Row 4 has
        // 0.1 ln (0.1 / 0.5) + 0.9 ln (0.9 / 0.5) = 0.368.
        assert_eq!(rows(pool.with_labeled(&[]).check().unwrap(), &strategy(1)), [3, 4, 2]);
    }

    #[test]
    fn divergence_by_hand() {
        let (p, q) = (array![0.5, 0.5], array![0.25, 0.75]);
        let expected = 0.5 * 2f64.ln() + 0.5 * (2.0f64 / 3.0).ln();
        assert!((divergence(p.view(), q.view()) - expected).abs() < 1e-12);
        assert!(divergence(p.view(), p.view()) < 1e-15);
        assert!(divergence(array![1.0, 0.0].view(), array![0.0, 1.0].view()).is_finite());
    }
}
