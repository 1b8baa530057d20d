//! `[model]`: the classifier.

use querist_core::LabelSet;
use querist_model::{Calibration, ClassWeights, LogisticRegression, Parameters, Penalty, Solver};

use super::{by_class_named, layered};
use crate::configuration::{ClassWeightsValue, ConfigurationFile, PenaltyValue, Source};

const AUTO: &str = "auto";
const CROSS_VALIDATED: &str = "cross-validated";
/// Of models that strategies train, where C is to be chosen.
const OF_MEMBERS: PenaltyValue = PenaltyValue::Number(10.0);
const CALIBRATION: Calibration = Calibration::Temperature;
const MAX_ITERATIONS: u64 = 1_000;
const TOLERANCE: f64 = 1e-4;

/// The classifier that querist.toml describes.
///
/// # Errors
/// Parameters that make no sense, with their line.
pub fn classifier(file: &ConfigurationFile, labels: &LabelSet) -> anyhow::Result<LogisticRegression> {
    built(file, labels, For::Round)
}

/// The same, calibrated in any case: that is what has it say something of every labelled document without having seen it.
///
/// # Errors
/// As [`classifier`].
pub fn held_out_classifier(
    file: &ConfigurationFile,
    labels: &LabelSet,
) -> anyhow::Result<LogisticRegression> {
    built(file, labels, For::Audit)
}

/// The same for strategies that train many models of their own: neither calibrated nor cross-validated.
///
/// # Errors
/// As [`classifier`].
pub fn members(file: &ConfigurationFile, labels: &LabelSet) -> anyhow::Result<LogisticRegression> {
    built(file, labels, For::Members)
}

/// What a classifier is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum For {
    /// The model of a round.
    Round,
    /// Models that strategies train.
    Members,
    /// An audit.
    Audit,
}

fn built(file: &ConfigurationFile, labels: &LabelSet, purpose: For) -> anyhow::Result<LogisticRegression> {
    let table = &file.values.model;
    let (c, at_c) = layered(file, "c", None, table.c.as_ref(), PenaltyValue::Word(AUTO.to_owned()));
    let (weights, at_weights) =
        layered(file, "class_weights", None, table.class_weights.as_ref(), word("none"));
    let (calibration, at_calibration) =
        layered(file, "calibration", None, table.calibration.as_ref(), CALIBRATION.name().to_owned());
    let (solver, at_solver) = layered(file, "solver", None, table.solver.as_ref(), "auto".to_owned());
    let (iterations, at_iterations) =
        layered(file, "max_iterations", None, table.max_iterations.as_ref(), MAX_ITERATIONS);
    let (tolerance, at_tolerance) = layered(file, "tolerance", None, table.tolerance.as_ref(), TOLERANCE);

    let calibrations = [Calibration::None, Calibration::Temperature, Calibration::Vector];
    let known = named(&calibration, calibrations, Calibration::name, &at_calibration)?;
    let solvers = [Solver::Auto, Solver::Own, Solver::Linfa];
    let solver = named(&solver, solvers, Solver::name, &at_solver)?;
    let calibration = match (purpose, known) {
        (For::Members, _) => Calibration::None,
        (For::Audit, Calibration::None) => CALIBRATION,
        (For::Round | For::Audit, known) => known,
    };
    let chosen = [AUTO, CROSS_VALIDATED].map(|word| PenaltyValue::Word(word.to_owned()));
    let c = if purpose == For::Members && chosen.contains(&c) { OF_MEMBERS } else { c };
    let parameters = LogisticRegression::parameters().calibration(calibration).solver(solver);
    // Checked one at a time, so that the error names the value that is wrong.
    let parameters = checked(parameters.penalty(penalty(c, &at_c)?), &at_c)?;
    let weights = class_weights(weights, &at_weights, labels)?;
    let parameters = checked(parameters.class_weights(weights), &at_weights)?;
    let parameters = checked(parameters.max_iterations(usize::try_from(iterations)?), &at_iterations)?;
    Ok(checked(parameters.tolerance(tolerance), &at_tolerance)?.check()?)
}

fn checked(parameters: Parameters, at: &Source) -> anyhow::Result<Parameters> {
    parameters.check_ref().map_err(|error| at.error(error))?;
    Ok(parameters)
}

fn word(word: &str) -> ClassWeightsValue {
    ClassWeightsValue::Word(word.to_owned())
}

fn penalty(value: PenaltyValue, at: &Source) -> anyhow::Result<Penalty> {
    match value {
        PenaltyValue::Number(c) => Ok(Penalty::Fixed(c)),
        PenaltyValue::Word(word) if word == AUTO => Ok(Penalty::Auto),
        PenaltyValue::Word(word) if word == CROSS_VALIDATED => Ok(Penalty::cross_validated()),
        PenaltyValue::Word(word) => {
            Err(at
                .error(format!("\"{word}\"; expected a number above 0, \"{AUTO}\" or \"{CROSS_VALIDATED}\"")))
        }
    }
}

fn class_weights(value: ClassWeightsValue, at: &Source, labels: &LabelSet) -> anyhow::Result<ClassWeights> {
    let weights = match value {
        ClassWeightsValue::Word(word) if word == "none" => return Ok(ClassWeights::None),
        ClassWeightsValue::Word(word) if word == "balanced" => return Ok(ClassWeights::Balanced),
        ClassWeightsValue::Word(word) => {
            let what = format!("\"{word}\"; expected \"none\", \"balanced\" or weights by class");
            return Err(at.error(what));
        }
        ClassWeightsValue::Weights(weights) => weights,
    };
    // A class that is not named counts as it is.
    let mut by_class = vec![1.0; labels.len()];
    for (class, _, weight) in by_class_named(weights, at, labels)? {
        by_class[class.index()] = weight;
    }
    Ok(ClassWeights::Explicit(by_class))
}

fn named<T: Copy, const N: usize>(
    name: &str,
    all: [T; N],
    name_of: fn(T) -> &'static str,
    at: &Source,
) -> anyhow::Result<T> {
    all.into_iter().find(|value| name_of(*value) == name).ok_or_else(|| {
        let known: Vec<&str> = all.into_iter().map(name_of).collect();
        at.error(format!("\"{name}\"; expected one of {}", known.join(", ")))
    })
}
