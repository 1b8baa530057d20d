//! A synthetic pool for the integration tests: themes with words of their own, and predictions that
//! follow the themes.

use ndarray::Array2;
use querist_core::{Class, Csr, Features, Probabilities, Seed};
use querist_query::PoolView;
use rand::RngExt;

/// The words (columns) of each theme.
const WORDS: usize = 8;

/// A pool that owns the data that a view borrows.
pub(crate) struct Pool {
    pub(crate) features: Features,
    pub(crate) open: Vec<usize>,
    pub(crate) probabilities: Probabilities,
    pub(crate) labeled: Vec<(usize, Class)>,
}

impl Pool {
    /// `n_rows` documents with `n_classes` themes. Every seventh is labelled, every tenth is
    /// neither open nor labelled, and every eleventh is empty.
    pub(crate) fn new(n_rows: usize, n_classes: usize, sparse: bool, seed: u64) -> Self {
        let mut rng = Seed(seed).rng(1, "synthetic pool");
        let mut words = Array2::<f32>::zeros((n_rows, n_classes * WORDS));
        let mut logits = Vec::new();
        let (mut open, mut labeled) = (Vec::new(), Vec::new());
        for row in 0..n_rows {
            let theme = rng.random_range(0..n_classes);
            if row % 11 != 10 {
                for _ in 0..3 {
                    words[(row, theme * WORDS + rng.random_range(0..WORDS))] += 1.0;
                }
                words[(row, rng.random_range(0..n_classes * WORDS))] += 0.5;
            }
            let row_logits: Vec<f64> = (0..n_classes)
                .map(|class| rng.random_range(-1.0..1.0) + if class == theme { 2.0 } else { 0.0 })
                .collect();
            if row % 7 == 3 {
                labeled.push((row, Class::from_index(theme)));
            } else if row % 10 != 9 {
                open.push(row);
                logits.extend(row_logits);
            }
        }
        let logits = Array2::from_shape_vec((open.len(), n_classes), logits).unwrap();
        let features = if sparse { Features::Sparse(to_sparse(&words)) } else { Features::Dense(words) };
        Self { features, open, probabilities: Probabilities::softmax(logits).unwrap(), labeled }
    }

    /// The whole pool, with a model.
    pub(crate) fn view(&self) -> PoolView<'_> {
        PoolView::new(&self.features, &self.open)
            .with_probabilities(&self.probabilities)
            .with_labeled(&self.labeled)
    }
}

fn to_sparse(dense: &Array2<f32>) -> Csr {
    let mut csr = Csr::empty(dense.ncols());
    for row in dense.outer_iter() {
        let columns: Vec<u32> = (0..row.len()).filter(|at| row[*at] != 0.0).map(|at| at as u32).collect();
        let values: Vec<f32> = columns.iter().map(|at| row[*at as usize]).collect();
        csr.push_row(&columns, &values).unwrap();
    }
    csr
}

/// Runs `run` on `threads` threads.
pub(crate) fn on_threads<T: Send>(threads: usize, run: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(run)
}
