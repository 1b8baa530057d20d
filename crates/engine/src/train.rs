//! Training, or the plain reason why there is nothing to train on.

use querist_core::{Class, Classifier, FitReport, FittedClassifier, LabelSet};
use querist_report as report;

use crate::error::{EngineError, StepContext};
use crate::evaluate::evaluate;
use crate::featurise::Prepared;
use crate::situation::Situation;

/// What training came to.
pub struct Trained {
    /// The model; `None` when there are labels of fewer than two classes.
    pub model: Option<Box<dyn FittedClassifier>>,
    /// How the fit went.
    pub fit: Option<FitReport>,
    /// Why there is no model, and what helps.
    pub why_none: Option<String>,
}

/// Trains on everything that is labelled.
///
/// # Errors
/// The solver failed.
pub fn train(
    classifier: &dyn Classifier,
    prepared: &Prepared,
    situation: &Situation,
    labels: &LabelSet,
) -> Result<Trained, EngineError> {
    let seen = labels.len() - situation.unseen().len();
    if seen < 2 {
        let why = match situation.labeled.first() {
            None => {
                "nothing is labelled yet; the batch is diverse instead, label it to get a model".to_owned()
            }
            Some((_, class)) => format!(
                "all {} labelled documents are \"{}\", a model needs two classes; the batch looks for documents unlike them",
                situation.labeled.len(),
                labels.name(*class)
            ),
        };
        return Ok(Trained { model: None, fit: None, why_none: Some(why) });
    }
    let rows: Vec<usize> = situation.labeled.iter().map(|(row, _)| *row).collect();
    let targets: Vec<Class> = situation.labeled.iter().map(|(_, class)| *class).collect();
    let (model, fit) =
        classifier.fit(&prepared.pool.select(&rows), &targets, labels.len()).doing("train the classifier")?;
    Ok(Trained { model: Some(model), fit: Some(fit), why_none: None })
}

impl Trained {
    /// What the report says of the model, without the history of earlier rounds.
    ///
    /// # Errors
    /// The model cannot predict the test set.
    pub fn section(
        &self,
        prepared: &Prepared,
        situation: &Situation,
        labels: &LabelSet,
    ) -> Result<report::Model, EngineError> {
        let unseen = situation.unseen().into_iter().map(|class| labels.name(class).to_owned()).collect();
        let test = match &self.model {
            Some(model) => evaluate(model.as_ref(), &prepared.test, &situation.test, situation, labels)?,
            None => None,
        };
        let fit = self.fit.as_ref().map(|fit| report::Fit {
            solver: fit.solver.clone(),
            examples: fit.n_examples,
            columns: fit.n_columns,
            gradient_norm: fit.gradient_norm,
            tolerance: fit.tolerance,
            converged: fit.converged,
        });
        let labeled = situation.labeled_counts.clone();
        let why_none = if self.model.is_some() { None } else { self.why_none.clone() };
        Ok(report::Model { labeled, fit, why_none, unseen, test, rounds: Vec::new() })
    }
}
