//! Multinomial logistic regression with an L2 penalty.
//!
//! Minimises, over weights W and intercepts b, the sum of -ln p(class of row i) + 1/(2C) |W|², where p is the softmax of
//! X W + b and b is not penalised. C means what it means in scikit-learn, and so do the probabilities: for three classes
//! and more the penalty's factor alpha is 1/C. With exactly two classes scikit-learn penalises the single vector
//! w = w1 - w2; the softmax has w1 = -w2 = w/2 at its optimum, whose |W|² is |w|²/2, so alpha = 2/C makes the two
//! problems the same.
//!
//! Invariants: parameters are checked once, in [`LogisticRegression::new`]. The gradient that the report shows is
//! recomputed on the original features, not taken from the solver.

use ndarray::Array2;
use querist_core::error::BoxError;
use querist_core::{Class, Classifier, Features, FitReport, FittedClassifier};

use crate::error::ModelError;
use crate::linear::{LinearModel, Parts};
use crate::linfa::{Effort, SOLVER, minimise};
use crate::objective::{Objective, model_gradient_norm};
use crate::reduction::Reduced;
use crate::rows::check_finite;

/// The solver's share of the tolerance: the rest is for the rounding of the way back.
const SOLVER_SHARE: f64 = 0.5;

/// Parameters of a logistic regression, checked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LogisticRegression {
    c: f64,
    max_iterations: u64,
    tolerance: f64,
}

impl LogisticRegression {
    /// Parameters: the inverse strength of the penalty `c`, the most iterations of one run of the solver (it is run
    /// again a few times while that helps), and the norm of the summed objective's gradient that counts as converged.
    ///
    /// # Errors
    /// `c` or `tolerance` that is not a positive finite number, or no iterations.
    pub fn new(c: f64, max_iterations: u64, tolerance: f64) -> Result<Self, ModelError> {
        let positive = |name, value: f64| {
            let needed = "a positive finite number";
            let valid = value.is_finite() && value > 0.0 && (1.0 / value).is_finite();
            if valid { Ok(()) } else { Err(ModelError::InvalidParameter { name, value, needed }) }
        };
        positive("c", c)?;
        positive("tolerance", tolerance)?;
        if max_iterations == 0 {
            let needed = "at least 1";
            return Err(ModelError::InvalidParameter { name: "max_iterations", value: 0.0, needed });
        }
        Ok(Self { c, max_iterations, tolerance })
    }

    /// Fits, as [`Classifier::fit`], keeping the concrete type.
    ///
    /// # Errors
    /// Fewer than two classes among the targets, a class that is not below `n_classes`, lengths that differ, values that
    /// are not finite, more rows than the solver has memory for, or a solver without a usable result.
    pub fn fit_concrete(
        &self,
        features: &Features,
        targets: &[Class],
        n_classes: usize,
    ) -> Result<(LinearModel, FitReport), ModelError> {
        let seen = check(features, targets, n_classes)?;
        self.fit_reduced(&Reduced::new(features)?, features, targets, &seen)
    }

    fn fit_reduced(
        &self,
        reduced: &Reduced<'_>,
        features: &Features,
        targets: &[Class],
        seen: &[bool],
    ) -> Result<(LinearModel, FitReport), ModelError> {
        let classes: Vec<usize> = (0..seen.len()).filter(|class| seen[*class]).collect();
        let ranks: Vec<usize> = targets.iter().map(|class| rank(&classes, class.index())).collect();
        let alpha = if classes.len() == 2 { 2.0 / self.c } else { 1.0 / self.c };
        let objective =
            Objective { design: reduced.design.view(), targets: &ranks, n_classes: classes.len(), alpha };
        let tolerance = SOLVER_SHARE * self.tolerance;
        let parameters = minimise(&objective, Effort { max_iterations: self.max_iterations, tolerance })?;
        let d = reduced.design.ncols();
        let weights = reduced.expand(parameters.slice(ndarray::s![..d, ..]).to_owned());
        let model = LinearModel::new(Parts {
            n_columns: features.n_columns(),
            columns: reduced.columns.clone(),
            weights: scatter(&weights, &classes, seen.len()),
            intercept: scatter(&parameters.slice(ndarray::s![d.., ..]).to_owned(), &classes, seen.len())
                .into_iter()
                .collect(),
            seen: seen.to_vec(),
        })?;
        let gradient_norm = model_gradient_norm(&model, features, targets, alpha)?;
        let report = FitReport {
            solver: format!("{SOLVER}, {}", reduced.route.name()),
            n_examples: targets.len(),
            n_classes_seen: classes.len(),
            n_columns: reduced.columns.len(),
            gradient_norm,
            tolerance: self.tolerance,
            converged: gradient_norm < self.tolerance,
        };
        Ok((model, report))
    }
}

impl Default for LogisticRegression {
    /// C = 10, 500 iterations a run, tolerance 1e-4: with thousands of rows the solver stalls near 1e-5, where the cost no
    /// longer changes in double precision.
    fn default() -> Self {
        Self { c: 10.0, max_iterations: 500, tolerance: 1e-4 }
    }
}

impl Classifier for LogisticRegression {
    fn fit(
        &self,
        features: &Features,
        targets: &[Class],
        n_classes: usize,
    ) -> Result<(Box<dyn FittedClassifier>, FitReport), BoxError> {
        let (model, report) = self.fit_concrete(features, targets, n_classes)?;
        Ok((Box::new(model), report))
    }

    fn fingerprint(&self) -> String {
        let Self { c, max_iterations, tolerance } = self;
        format!(
            "logistic-regression solver={SOLVER} c={c} max_iterations={max_iterations} tolerance={tolerance}"
        )
    }
}

/// Which classes the targets have, after checking that everything fits together.
fn check(features: &Features, targets: &[Class], n_classes: usize) -> Result<Vec<bool>, ModelError> {
    if features.n_rows() != targets.len() {
        return Err(ModelError::LengthMismatch { rows: features.n_rows(), targets: targets.len() });
    }
    let mut seen = vec![false; n_classes];
    for (row, class) in targets.iter().map(|target| target.index()).enumerate() {
        *seen.get_mut(class).ok_or(ModelError::ClassOutOfRange { row, class, n_classes })? = true;
    }
    let count = seen.iter().filter(|seen| **seen).count();
    if count < 2 {
        return Err(ModelError::TooFewClasses { seen: count });
    }
    check_finite(features)?;
    Ok(seen)
}

/// The place of a class among the ascending `classes`, which hold it.
fn rank(classes: &[usize], class: usize) -> usize {
    classes.partition_point(|seen| *seen < class)
}

/// Columns for the classes seen, put among columns of 0 for all the classes: (d, K) from (d, classes seen).
fn scatter(seen_only: &Array2<f64>, classes: &[usize], n_classes: usize) -> Array2<f64> {
    let mut out = Array2::zeros((seen_only.nrows(), n_classes));
    for (column, class) in seen_only.columns().into_iter().zip(classes) {
        out.column_mut(*class).assign(&column);
    }
    out
}

#[cfg(test)]
mod tests {
    use querist_core::Csr;

    use super::*;
    use crate::reduction::Route;
    use crate::rows::columns_seen;

    /// 12 rows of 50 columns, 4 classes of which 3 are seen, one row repeated.
    fn sample() -> (Features, Vec<Class>) {
        let mut csr = Csr::empty(50);
        for row in 0..12_u32 {
            let row = if row == 7 { 4 } else { row };
            let columns = [row % 3, 5 + row * 2, 30 + (row * 7) % 20];
            csr.push_row(&columns, &[0.8, 0.5, 0.25 + row as f32 / 32.0]).unwrap();
        }
        (Features::Sparse(csr), (0..12).map(|row| Class([0, 2, 3][row % 3])).collect())
    }

    #[test]
    fn every_route_gives_the_same_probabilities() {
        let (features, targets) = sample();
        let Features::Sparse(csr) = &features else { panic!("the sample is sparse") };
        let mut full = Array2::zeros((12, 50));
        for row in 0..12 {
            let (columns, values) = csr.row(row);
            columns.iter().zip(values).for_each(|(column, value)| full[(row, *column as usize)] = *value);
        }
        let full = Features::Dense(full);
        let seen = check(&features, &targets, 4).unwrap();
        for c in [1.0, 10.0, 100.0] {
            let classifier = LogisticRegression::new(c, 500, 1e-7).unwrap();
            let fit = |route, features: &Features| {
                let reduced = Reduced::by(route, features, columns_seen(features)).unwrap();
                let (model, report) = classifier.fit_reduced(&reduced, features, &targets, &seen).unwrap();
                assert!(report.converged, "{report:?}");
                model.predict(features).unwrap()
            };
            let expected = fit(Route::Columns, &features);
            for other in
                [fit(Route::Examples, &features), fit(Route::Columns, &full), fit(Route::Examples, &full)]
            {
                assert!(expected.view().iter().zip(other.view()).all(|(p, q)| (p - q).abs() < 1e-6));
            }
        }
    }
}
