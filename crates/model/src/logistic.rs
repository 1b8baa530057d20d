//! Multinomial logistic regression with an L2 penalty.
//!
//! Minimises, over weights W and intercepts b, the sum of wᵢ (-ln p(class of row i)) + alpha/2
//! |W|², where p is the softmax of X W + b, wᵢ the weight of the row times that of its class, and b
//! is not penalised. C means what it means in scikit-learn, and so do the probabilities: for three
//! classes and more alpha is 1/C. With exactly two classes scikit-learn penalises the single vector
//! w = w1 - w2; the softmax has w1 = -w2 = w/2 at its optimum, whose |W|² is
//! |w|²/2, so alpha = 2/C makes the two problems the same.
//!
//! A fit goes: divide the examples into folds where a penalty or a calibration needs them; choose
//! the penalty; fit all examples; learn the calibration from held-out logits at that penalty. Where
//! the examples are too few or no folds can be made of them (see `folds.rs`), the penalty is what
//! it is without a choice, and nothing is calibrated; the report says so by having no `penalties`
//! and no `calibration`.
//!
//! Invariants: parameters are checked once. The gradient that the report shows is recomputed on the
//! original features, not taken from the solver.

use ndarray::{Array2, s};
use querist_core::error::BoxError;
use querist_core::{
    Classifier, ColumnWeights, Examples, FitReport, Fitted, Named, Probabilities, Seed, Start,
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

/// The solver's share of the tolerance: the rest is for the rounding of the way back.
const SOLVER_SHARE: f64 = 0.5;

/// A logistic regression: its parameters, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct LogisticRegression {
    pub(crate) penalty: Penalty,
    pub(crate) class_weights: ClassWeights,
    pub(crate) calibration: Calibration,
    pub(crate) folds: usize,
    pub(crate) solver: Solver,
    pub(crate) max_iterations: usize,
    pub(crate) tolerance: f64,
}

/// What [`LogisticRegression::fit_linear`] gives: [`Fitted`] with the model's own type.
#[derive(Debug, Clone, PartialEq)]
pub struct FittedLinear {
    /// The model.
    pub model: LinearModel,
    /// How the fit went.
    pub report: FitReport,
    /// Calibrated probabilities (n, K) of the examples by models that did not see them; an example
    /// that no fold can hold out (see `folds.rs`) gets the shares of the classes. `None` when no
    /// folds were fitted.
    pub out_of_fold: Option<Probabilities>,
}

impl Default for LogisticRegression {
    /// The parameters' defaults.
    fn default() -> Self {
        Self::parameters().into_checked()
    }
}

impl LogisticRegression {
    /// Parameters to set and then to check.
    pub fn parameters() -> Parameters {
        Parameters::default()
    }

    /// Fits, as [`Classifier::fit`], keeping the concrete type.
    ///
    /// # Errors
    /// Fewer than two classes among the targets, a class that is not below `n_classes`, lengths
    /// that differ, values that are not finite, weights that are not above 0, or a solver without a
    /// usable result.
    pub fn fit_linear(&self, examples: &Examples<'_>, start: Start<'_>) -> Result<FittedLinear, ModelError> {
        let training = Training::new(examples, &self.class_weights)?;
        let design = Design::new(training.features)?;
        let folds = self.make_folds(&training, start.seed);
        let choice = match &folds {
            Some(folds) => self.choose(&training, &design, folds)?,
            None => None,
        };
        let c = choice.as_ref().map_or_else(|| self.penalty.otherwise(training.n()), |choice| choice.c);
        let earlier = start.warm.filter(|_| choice.is_none());
        let earlier = earlier.and_then(|model| warm::start(model, design.columns(), &training));
        let begin = choice.as_ref().and_then(|choice| choice.start.as_ref()).or(earlier.as_ref());
        let effort = Effort { max_iterations: self.max_iterations, tolerance: SOLVER_SHARE * self.tolerance };
        let solved = solve(self.solver, &training, &design, training.alpha(c), begin, effort)?;
        let (tried, held_out) = match (choice, &folds) {
            (Some(Choice { tried, held_out, .. }), _) => (tried, Some(held_out)),
            (None, Some(folds)) => {
                let start = Some(&solved.parameters);
                let mut fits = FoldFits::new(&training, &design, folds, start, effort);
                (Vec::new(), Some(fits.at(c)?))
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
            tolerance: self.tolerance,
            converged: gradient_norm < self.tolerance,
            c: Some(c),
            penalties: tried,
            calibration: held_out
                .as_ref()
                .and_then(|held_out| scaling.report(held_out, &training.classes, training.n_classes)),
        };
        let out_of_fold = held_out.map(|held_out| out_of_fold(&training, &held_out, &scaling)).transpose()?;
        Ok(FittedLinear { model, report, out_of_fold })
    }

    fn effort(&self) -> Effort {
        Effort { max_iterations: self.max_iterations, tolerance: SOLVER_SHARE * self.tolerance }
    }

    /// The folds that the penalty and the calibration need; `None` where neither does or none can
    /// be made.
    fn make_folds(&self, training: &Training<'_>, seed: Seed) -> Option<Folds> {
        let calibrates =
            self.calibration != Calibration::None && training.n() >= calibration::FEWEST_EXAMPLES;
        (calibrates || !self.penalty.path(training.n()).is_empty())
            .then(|| Folds::stratified(training, self.folds, seed))
            .flatten()
    }

    /// The penalty that does best on held-out examples; `None` where there is nothing to choose.
    fn choose(
        &self,
        training: &Training<'_>,
        design: &Design,
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
        let Self { penalty, class_weights, calibration, folds, solver, max_iterations, tolerance } = self;
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

/// The model's numbers. The intercepts are shifted to sum to 0, which changes no probability: a
/// softmax fixes them up to a constant, and without this the start of a fit would show in its
/// result.
fn parts(
    training: &Training<'_>,
    design: &Design,
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

/// Calibrated probabilities of every example by a model that did not see it. Those that are held
/// out in no fold get the shares of the classes: nothing that could be asked about them has not
/// seen them.
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
