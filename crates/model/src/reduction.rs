//! Exact reductions: the same optimum from a smaller matrix.
//!
//! With an L2 penalty the weights at the optimum are a combination of the training rows (the representer theorem;
//! Schölkopf, Herbrich and Smola, 2001). Two reductions follow, neither of which loses anything:
//!
//! - **columns**: a column that no training row has gets weight 0, so only the d' columns that occur are kept;
//! - **examples**: with G = X Xᵀ = L Lᵀ, L of (n, r) from a pivoted Cholesky factorisation, put W = Q V with
//!   Q = `X_p`ᵀ `L_p`⁻ᵀ, where p are the r pivot rows. Q has orthonormal columns, so |W| = |V|, and X W = L V: fitting V on
//!   the rows of L is fitting W on the rows of X, at n × r instead of n × d'. Repeated rows only lower r.
//!
//! The gradient keeps its norm too: grad W = Q grad V.

use ndarray::Array2;
use querist_core::Features;

use crate::cholesky::{Factor, pivoted_cholesky};
use crate::error::ModelError;
use crate::gram::gram;
use crate::rows::{columns_seen, places};

/// The most cells of a dense matrix, 2 GiB of them: beyond it an error is better than an exhausted machine.
const MOST_CELLS: usize = 1 << 28;

/// Which reduction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route {
    /// Keep the columns that occur.
    Columns,
    /// Go through the n × n Gram matrix.
    Examples,
}

impl Route {
    /// The route with the smaller matrix.
    pub(crate) fn smaller(n_examples: usize, n_columns_seen: usize) -> Self {
        if n_examples < n_columns_seen { Self::Examples } else { Self::Columns }
    }

    /// The route as it is named in a report.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Columns => "columns that occur",
            Self::Examples => "n × n",
        }
    }
}

/// A smaller problem with the same optimum, and the way back.
#[derive(Debug)]
pub(crate) struct Reduced<'a> {
    features: &'a Features,
    /// The columns that occur in the training rows, ascending: d' of them.
    pub(crate) columns: Vec<u32>,
    /// What the solver gets: (n, d') or (n, r).
    pub(crate) design: Array2<f64>,
    pub(crate) route: Route,
    /// Row of the features that each column of the design was pivoted on, and the factor: the way back of `Examples`.
    factor: Option<Factor>,
}

impl<'a> Reduced<'a> {
    /// Reduces by the route with the smaller matrix.
    pub(crate) fn new(features: &'a Features) -> Result<Self, ModelError> {
        let columns = columns_seen(features);
        let route = Route::smaller(features.n_rows(), columns.len());
        Self::by(route, features, columns)
    }

    /// Reduces by a given route; `columns` are those that occur.
    pub(crate) fn by(route: Route, features: &'a Features, columns: Vec<u32>) -> Result<Self, ModelError> {
        let examples = features.n_rows();
        let width = match route {
            Route::Columns => columns.len(),
            Route::Examples => examples,
        };
        if examples.saturating_mul(width) > MOST_CELLS {
            return Err(ModelError::TooLarge { examples, columns: columns.len(), limit: MOST_CELLS });
        }
        let (design, factor) = match route {
            Route::Columns => (gather(features, &columns), None),
            Route::Examples => {
                let factor = pivoted_cholesky(gram(features).view());
                (factor.lower.clone(), Some(factor))
            }
        };
        Ok(Self { features, columns, design, route, factor })
    }

    /// Weights of the features, (d', K), from the weights of the design.
    pub(crate) fn expand(&self, weights: Array2<f64>) -> Array2<f64> {
        let Some(factor) = &self.factor else { return weights };
        let combination = factor.solve_transposed(weights);
        let places = places(&self.columns, self.features.n_columns());
        let mut out = Array2::zeros((self.columns.len(), combination.ncols()));
        for (pivot, share) in factor.pivots.iter().zip(combination.outer_iter()) {
            self.features.for_each_entry(*pivot, |column, value| {
                out.row_mut(places[column] as usize).scaled_add(value, &share);
            });
        }
        out
    }
}

/// The columns that occur, as a dense matrix (n, d').
fn gather(features: &Features, columns: &[u32]) -> Array2<f64> {
    let places = places(columns, features.n_columns());
    let mut out = Array2::zeros((features.n_rows(), columns.len()));
    for (row, mut values) in out.outer_iter_mut().enumerate() {
        features.for_each_entry(row, |column, value| values[places[column] as usize] = value);
    }
    out
}

#[cfg(test)]
mod tests {
    use ndarray::array;
    use querist_core::Csr;

    use super::*;

    fn sparse() -> Features {
        let mut csr = Csr::empty(20);
        csr.push_row(&[1, 4], &[1.0, 2.0]).unwrap();
        csr.push_row(&[4, 9, 17], &[0.5, -1.0, 3.0]).unwrap();
        csr.push_row(&[1, 4], &[1.0, 2.0]).unwrap();
        csr.push_row(&[], &[]).unwrap();
        Features::Sparse(csr)
    }

    #[test]
    fn columns_that_occur_are_gathered() {
        let features = sparse();
        let reduced = Reduced::by(Route::Columns, &features, columns_seen(&features)).unwrap();
        assert_eq!(reduced.columns, [1, 4, 9, 17]);
        assert_eq!(reduced.design.row(1).to_vec(), [0.0, 0.5, -1.0, 3.0]);
        let weights = array![[1.0], [2.0], [3.0], [4.0]];
        assert_eq!(reduced.expand(weights.clone()), weights);
    }

    #[test]
    fn the_gram_route_keeps_logits_and_norms() {
        let features = sparse();
        let reduced = Reduced::by(Route::Examples, &features, columns_seen(&features)).unwrap();
        // Two rows are the same and one is empty: rank 2.
        assert_eq!(reduced.design.dim(), (4, 2));
        let v = array![[1.0, -2.0, 0.5], [0.25, 3.0, -1.0]];
        let w = reduced.expand(v.clone());
        assert_eq!(w.dim(), (4, 3));
        let squares = |m: &Array2<f64>| m.iter().map(|x| x * x).sum::<f64>();
        assert!((squares(&v) - squares(&w)).abs() < 1e-12);
        let logits = gather(&features, &reduced.columns).dot(&w);
        assert!((logits - reduced.design.dot(&v)).iter().all(|x| x.abs() < 1e-12));
    }

    #[test]
    fn takes_the_smaller_matrix_and_refuses_a_huge_one() {
        assert_eq!(Route::smaller(10, 11), Route::Examples);
        assert_eq!(Route::smaller(10, 10), Route::Columns);
        let rows = 1 << 15;
        let mut csr = Csr::empty(rows);
        for row in 0..rows as u32 {
            csr.push_row(&[row], &[1.0]).unwrap();
        }
        let features = Features::Sparse(csr);
        let error = Reduced::new(&features).unwrap_err();
        assert_eq!(error, ModelError::TooLarge { examples: rows, columns: rows, limit: 1 << 28 });
    }
}
