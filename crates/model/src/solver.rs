//! The choice of the solver that finds the optimum.
//!
//! | solver | features | weights | start |
//! |---|---|---|---|
//! | own (`multinomial`) | sparse and dense | yes | yes |
//! | `linfa-logistic` ([`crate::linfa`]) | dense; of sparse ones the columns that occur, made dense | no | yes |
//!
//! Both find the same optimum. Whichever solver runs, the fit recomputes the gradient at the
//! result.

use ndarray::Array2;
use querist_core::{Features, Named};

use crate::error::ModelError;
use crate::linfa;
use crate::multinomial::{self, Design, Effort, Problem};
use crate::objective::Objective;
use crate::training::Training;

/// The most cells of a dense matrix, which take 2 GiB. A larger matrix is an error, because it
/// might exhaust the machine's memory.
const MOST_CELLS: usize = 1 << 28;

/// The name of our own solver in reports.
const SOLVER: &str = "newton-cg";

/// The choice of a solver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Solver {
    /// The solver that suits the problem: at present always our own. On embeddings of 300 columns,
    /// with 100 to 2,000 examples and C from 1 to 100, `linfa-logistic` took 2 to 6 times as much
    /// CPU time.
    #[default]
    Auto,
    /// Our own solver.
    Own,
    /// `linfa-logistic`, as a second opinion.
    Linfa,
}

/// The name in settings and fingerprints.
impl Named for Solver {
    const ALL: &'static [Self] = &[Self::Auto, Self::Own, Self::Linfa];

    fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Own => "own",
            Self::Linfa => "linfa",
        }
    }
}

/// The result of a solver.
#[derive(Debug)]
pub(crate) struct Solved {
    /// The parameters, (d' + 1, classes seen), with the intercept in the last row.
    pub(crate) parameters: Array2<f64>,
    /// Passes over the examples; 0 if the solver does not report them.
    pub(crate) iterations: usize,
    /// The solver's name in reports.
    pub(crate) solver: String,
}

/// Minimises the objective over all examples with `solver`. The search starts from the parameters
/// `start`, with shape (d' + 1, classes seen), or from zeros if that is `None`. Returns the
/// parameters at which the solver stopped.
///
/// # Errors
/// The solver does not support the examples, or has no usable result. A fit that did not converge
/// is no error.
pub(crate) fn solve(
    solver: Solver,
    training: &Training<'_>,
    design: &Design<'_>,
    alpha: f64,
    start: Option<&Array2<f64>>,
    effort: Effort,
) -> Result<Solved, ModelError> {
    match solver {
        Solver::Linfa => solve_linfa(training, design, alpha, start, effort),
        Solver::Auto | Solver::Own => solve_own(training, design, alpha, start, effort),
    }
}

/// Minimises the objective with our own solver.
fn solve_own(
    training: &Training<'_>,
    design: &Design<'_>,
    alpha: f64,
    start: Option<&Array2<f64>>,
    effort: Effort,
) -> Result<Solved, ModelError> {
    let problem = Problem {
        design,
        targets: &training.ranks,
        weights: training.weights.as_deref(),
        n_classes: training.n_seen(),
        alpha,
    };
    let solution = multinomial::minimise(&problem, start, effort)?;
    let kind = match training.features {
        Features::Sparse(_) => "sparse",
        Features::Dense(_) => "dense",
    };
    let solver = format!("{SOLVER}, {kind}");
    Ok(Solved { parameters: solution.parameters, iterations: solution.iterations, solver })
}

/// Minimises the objective with `linfa-logistic`, on a dense copy of the features.
///
/// # Errors
/// There are weights, or the dense matrix would be too large, or the solver fails.
fn solve_linfa(
    training: &Training<'_>,
    design: &Design<'_>,
    alpha: f64,
    start: Option<&Array2<f64>>,
    effort: Effort,
) -> Result<Solved, ModelError> {
    if training.weights.is_some() {
        return Err(ModelError::WeightsUnsupported);
    }
    let dense = gather(training.features, design.columns())?;
    let objective =
        Objective { design: dense.view(), targets: &training.ranks, n_classes: training.n_seen(), alpha };
    let parameters = linfa::minimise(&objective, start, effort)?;
    Ok(Solved { parameters, iterations: 0, solver: format!("{}, dense", linfa::SOLVER) })
}

/// Copies the d' columns `columns` of all n rows into a dense matrix, (n, d').
///
/// # Errors
/// The matrix would have more than `MOST_CELLS` cells.
fn gather(features: &Features, columns: &[u32]) -> Result<Array2<f64>, ModelError> {
    let (examples, d) = (features.n_rows(), columns.len());
    if examples.saturating_mul(d) > MOST_CELLS {
        return Err(ModelError::TooLarge { examples, columns: d, limit: MOST_CELLS });
    }
    let mut places = vec![usize::MAX; features.n_columns()];
    for (place, column) in columns.iter().enumerate() {
        places[*column as usize] = place;
    }
    let mut out = Array2::zeros((examples, d));
    for (row, mut values) in out.outer_iter_mut().enumerate() {
        features.for_each_entry(row, |column, value| {
            if let Some(cell) = values.get_mut(places[column]) {
                *cell = value;
            }
        });
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use querist_core::Csr;

    use super::*;

    #[test]
    fn columns_that_occur_are_gathered() {
        let mut csr = Csr::empty(20);
        csr.push_row(&[1, 4], &[1.0, 2.0]).unwrap();
        csr.push_row(&[4, 9, 17], &[0.5, -1.0, 3.0]).unwrap();
        let dense = gather(&Features::Sparse(csr), &[1, 4, 9, 17]).unwrap();
        assert_eq!(dense.row(1).to_vec(), [0.0, 0.5, -1.0, 3.0]);
        assert_eq!(dense.dim(), (2, 4));
    }

    #[test]
    fn a_huge_matrix_is_refused() {
        let rows = 1 << 15;
        let mut csr = Csr::empty(rows);
        for row in 0..rows as u32 {
            csr.push_row(&[row], &[1.0]).unwrap();
        }
        let columns: Vec<u32> = (0..rows as u32).collect();
        let error = gather(&Features::Sparse(csr), &columns).unwrap_err();
        assert_eq!(error, ModelError::TooLarge { examples: rows, columns: rows, limit: 1 << 28 });
    }
}
