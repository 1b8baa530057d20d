//! Multinomial logistic regression with an L2 penalty.
//!
//! Minimises, over weights W and intercepts b, Σ wᵢ (-ln p(class of row i)) + alpha/2 |W|², where p
//! is the softmax of X W + b and wᵢ the weight of the row times the weight of its class. b is not
//! penalised. alpha is 1 / C, or 2 / C for two classes. C has the same meaning as in scikit-learn,
//! and the same C leads to the same probabilities.
//!
//! Invariants: parameters are checked once. The gradient in the report is recomputed on the
//! original features, not taken from the solver.

use ndarray::{Array2, s};
use querist_core::error::BoxError;
use querist_core::{
    Classifier, ColumnWeights, Edition, Examples, FitReport, Fitted, Named, Probabilities, Seed, Start,
};

use crate::calibration::{self, Calibration, Scaling};
use crate::cross_validation::{Choice, FoldFits, choose};
use crate::error::ModelError;
use crate::folds::Folds;
use crate::held_out::HeldOut;
use crate::linear::{LinearModel, Parts};
use crate::multinomial::{Design, Effort};
use crate::objective::model_gradient_norm;
use crate::parameters::Parameters;
use crate::penalty::Penalty;
use crate::solver::{Solved, Solver, solve};
use crate::training::Training;
use crate::warm;
use crate::weights::ClassWeights;

/// The solver stops at this share of the tolerance. The rest of the tolerance allows for rounding
/// when the gradient is recomputed.
const SOLVER_SHARE: f64 = 0.5;

/// With at most this many examples, the tolerance alone decides when a fit has converged.
const MANY_EXAMPLES: usize = 1_500;

/// How far the objective of a fit to many examples may stay above its minimum, in nats per example.
/// With 60,000 examples of four classes, a fit then takes half as many passes over the data as with
/// a gradient of 1e-4.
const EXCESS: f64 = 1e-7;

/// A logistic regression with checked parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct LogisticRegression {
    pub(crate) penalty: Penalty,
    pub(crate) class_weights: ClassWeights,
    pub(crate) calibration: Calibration,
    pub(crate) folds: usize,
    pub(crate) solver: Solver,
    pub(crate) max_iterations: usize,
    pub(crate) tolerance: f64,
    pub(crate) edition: Edition,
}

/// The result of [`LogisticRegression::fit_linear`]: a [`Fitted`] whose model is a [`LinearModel`]
/// instead of a trait object.
#[derive(Debug, Clone, PartialEq)]
pub struct FittedLinear {
    /// The fitted model.
    pub model: LinearModel,
    /// A report on the fit: its gradient norm, its penalty, its calibration and more.
    pub report: FitReport,
    /// Calibrated probabilities, (n, K), of each of the n examples by a model that did not see it;
    /// `None` if no folds were fitted. An example that no fold can hold out (see `folds.rs`) has
    /// the shares of the classes among the examples as its probabilities.
    pub out_of_fold: Option<Probabilities>,
}

impl Default for LogisticRegression {
    /// A logistic regression with the default values of [`Parameters`].
    fn default() -> Self {
        Self::parameters().into_checked()
    }
}

impl LogisticRegression {
    /// Returns parameters with their default values. The caller can change them and then calls
    /// [`Parameters::check`].
    pub fn parameters() -> Parameters {
        Parameters::default()
    }

    /// Fits as [`Classifier::fit`] does, but returns the concrete type of the model.
    ///
    /// A fit divides the examples into folds if the choice of the penalty or the calibration needs
    /// held-out examples. It then chooses the penalty, fits a model to all examples, and learns the
    /// calibration from held-out logits at this penalty. With too few examples, or if no folds can
    /// be made (see `folds.rs`), it uses the penalty for fits without a choice and does not
    /// calibrate. The report then has no `penalties` and no `calibration`.
    ///
    /// # Errors
    /// The targets have fewer than two classes or a class that is not below `n_classes`, the
    /// lengths of the examples' parts differ, a feature is not finite, a weight is not above 0, or
    /// the solver returns no usable result.
    pub fn fit_linear(&self, examples: &Examples<'_>, start: Start<'_>) -> Result<FittedLinear, ModelError> {
        let training = Training::new(examples, &self.class_weights)?;
        let mut design = Design::new(training.features);
        let folds = self.make_folds(&training, start.seed);
        let choice = match &folds {
            Some(folds) => self.choose(&training, &design, folds)?,
            None => None,
        };
        let c = choice.as_ref().map_or_else(|| self.penalty.otherwise(training.n()), |choice| choice.c);
        // After a choice, the mean of the folds' parameters is closer to the optimum than an
        // earlier model, so ignore the earlier model.
        let earlier = start.warm.filter(|_| choice.is_none());
        let earlier = earlier.and_then(|model| warm::start(model, design.columns(), &training));
        let begin = choice.as_ref().and_then(|choice| choice.start.as_ref()).or(earlier.as_ref());
        let tolerance = self.tolerance_of(training.n(), training.alpha(c));
        let effort = Effort { tolerance: SOLVER_SHARE * tolerance, ..self.effort() };
        let solved = solve(self.solver, &training, &design, training.alpha(c), begin, effort)?;
        // The folds need memory of their own.
        design.drop_split();
        let (tried, held_out) = match (choice, &folds) {
            (Some(Choice { tried, held_out, .. }), _) => (tried, Some(held_out)),
            (None, Some(folds)) => {
                let start = Some(&solved.parameters);
                let mut fits = FoldFits::new(&training, &design, folds, start, effort);
                (Vec::new(), Some(fits.at(c, true)?))
            }
            (None, None) => (Vec::new(), None),
        };
        let scaling = held_out.as_ref().map(|held_out| Scaling::learn(self.calibration, held_out));
        let scaling = scaling.unwrap_or_else(|| Scaling::identity(training.n_seen()));
        let model = LinearModel::new(parts(&training, &design, &solved, &scaling, c)?)?;
        let gradient_norm = model_gradient_norm(&model, &training, training.alpha(c))?;
        let report = FitReport {
            solver: solved.solver,
            examples: training.n(),
            columns: design.columns().len(),
            iterations: Some(solved.iterations),
            warm: earlier.is_some(),
            gradient_norm,
            tolerance,
            converged: gradient_norm < tolerance,
            c: Some(c),
            penalties: tried,
            calibration: held_out
                .as_ref()
                .and_then(|held_out| scaling.report(held_out, &training.classes, training.n_classes)),
        };
        let out_of_fold = held_out.map(|held_out| out_of_fold(&training, &held_out, &scaling)).transpose()?;
        Ok(FittedLinear { model, report, out_of_fold })
    }

    /// Returns the norm of the gradient at which a fit to n examples, with the penalty `alpha`, has
    /// converged.
    ///
    /// The gradient is a sum over the examples, so with many examples a fixed norm asks for much
    /// more than matters. From the fifth edition on, a fit to more than [`MANY_EXAMPLES`] may
    /// therefore also stop where the objective is at most [`EXCESS`] nats per example above its
    /// minimum: f - f* ≤ |g|² / (2 alpha), because the penalty makes f strongly convex.
    fn tolerance_of(&self, n: usize, alpha: f64) -> f64 {
        if self.edition < Edition::Fifth || n <= MANY_EXAMPLES {
            return self.tolerance;
        }
        self.tolerance.max((2.0 * alpha * EXCESS * n as f64).sqrt())
    }

    /// Returns the limits at which the solver stops.
    fn effort(&self) -> Effort {
        Effort { max_iterations: self.max_iterations, tolerance: SOLVER_SHARE * self.tolerance }
    }

    /// Divides the examples into folds, in a random order drawn from `seed`; `None` if neither the
    /// penalty nor the calibration needs folds, or if fewer than two can be made.
    fn make_folds(&self, training: &Training<'_>, seed: Seed) -> Option<Folds> {
        let calibrates =
            self.calibration != Calibration::None && training.n() >= calibration::FEWEST_EXAMPLES;
        (calibrates || !self.penalty.path(training.n()).is_empty())
            .then(|| Folds::stratified(training, self.folds, seed))
            .flatten()
    }

    /// Returns the penalty with the least held-out loss; `None` if this many examples leave no
    /// choice.
    fn choose(
        &self,
        training: &Training<'_>,
        design: &Design<'_>,
        folds: &Folds,
    ) -> Result<Option<Choice>, ModelError> {
        let path = self.penalty.path(training.n());
        if path.is_empty() {
            return Ok(None);
        }
        choose(&mut FoldFits::new(training, design, folds, None, self.effort()), &path)
    }
}

impl Classifier for LogisticRegression {
    fn fit(&self, examples: Examples<'_>, start: Start<'_>) -> Result<Fitted, BoxError> {
        let FittedLinear { model, report, out_of_fold } = self.fit_linear(&examples, start)?;
        Ok(Fitted { model: Box::new(model), report, out_of_fold })
    }

    fn fingerprint(&self) -> String {
        let Self { penalty, class_weights, calibration, folds, solver, max_iterations, tolerance, .. } = self;
        format!(
            "logistic-regression c={} class_weights={} calibration={} folds={folds} solver={} \
             max_iterations={max_iterations} tolerance={tolerance}",
            penalty.fingerprint(),
            class_weights.fingerprint(),
            calibration.name(),
            solver.name(),
        )
    }
}

/// Returns the parts of the fitted model, for all classes. Adding the same constant to all
/// intercepts changes no probability, so the result of the solver depends on the start of the fit
/// by such a constant. To remove it, the intercepts are shifted to sum to 0 over the classes seen.
fn parts(
    training: &Training<'_>,
    design: &Design<'_>,
    solved: &Solved,
    scaling: &Scaling,
    c: f64,
) -> Result<Parts, ModelError> {
    let d = design.columns().len();
    let weights = training.scatter(&solved.parameters.slice(s![..d, ..]).to_owned());
    let intercept = solved.parameters.row(d);
    let centred = &intercept - intercept.sum() / training.n_seen() as f64;
    let intercept = training.scatter(&centred.insert_axis(ndarray::Axis(0)));
    let mut seen = vec![false; training.n_classes];
    training.classes.iter().for_each(|class| seen[*class] = true);
    let fault = |error: querist_core::CoreError| ModelError::Solver { problem: error.to_string() };
    Ok(Parts {
        weights: ColumnWeights::new(training.features.n_columns(), design.columns().to_vec(), weights)
            .map_err(fault)?,
        intercept: intercept.into_iter().collect(),
        seen,
        scaling: scaling.scatter(&training.classes, training.n_classes),
        c: Some(c),
    })
}

/// Returns calibrated probabilities, (n, K), of each of the n examples by a model that did not see
/// it. Every model has seen an example that no fold holds out, so such an example gets the shares
/// of the classes among the examples.
fn out_of_fold(
    training: &Training<'_>,
    held_out: &HeldOut,
    scaling: &Scaling,
) -> Result<Probabilities, ModelError> {
    let mut all = Array2::zeros((training.n(), training.n_seen()));
    all += &ndarray::Array1::from_vec(training.class_shares());
    let calibrated = scaling.probabilities(held_out.logits.view());
    for (row, p) in held_out.rows.iter().zip(calibrated.outer_iter()) {
        all.row_mut(*row).assign(&p);
    }
    let fault = |error: querist_core::CoreError| ModelError::Solver { problem: error.to_string() };
    Probabilities::new(training.scatter(&all)).map_err(fault)
}
