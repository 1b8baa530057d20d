//! Trains a model, or says why no model can be trained.

use std::sync::Arc;

use querist_core::round::{Model, Source};
use querist_core::{
    Class, Classifier, Examples, FitReport, Fitted, FittedClassifier, LabelSet, Probabilities, Start,
};

use crate::error::{EngineError, StepContext};
use crate::evaluate::{evaluate, reliability};
use crate::examples::{Chosen, Training, Weak};
use crate::featurise::Prepared;
use crate::situation::Situation;

/// The result of training.
pub struct Trained {
    /// The model; `None` if fewer than two classes have labels.
    pub model: Option<Arc<dyn FittedClassifier>>,
    /// The report of the fit; `None` without a model.
    pub fit: Option<FitReport>,
    /// Class probabilities of the labelled documents, in their order. Each document is predicted by
    /// a model that was trained without it. `None` if there are no such models.
    pub out_of_fold: Option<Probabilities>,
    /// Number of weak labels that the model learned from.
    pub weak: usize,
    /// Classes without any label, real or weak, in label order.
    pub unseen: Vec<Class>,
    /// Why there is no model, and what would help; `None` with a model.
    pub why_none: Option<String>,
}

/// Trains a model on all labelled documents. `training` says how much consensus labels weigh. If
/// `weak` is given, the model also learns from its labels for unlabelled documents.
///
/// # Errors
/// The solver failed, or the features cannot be read.
pub fn train(
    classifier: &dyn Classifier,
    prepared: &Prepared,
    situation: &Situation,
    labels: &LabelSet,
    (training, weak): (Training, Option<Weak<'_>>),
    start: Start<'_>,
) -> Result<Trained, EngineError> {
    let n_real = situation.labeled.len();
    let Chosen { rows, targets, weights, weak: n_weak } = Chosen::of(situation, training, weak);
    let mut unseen: Vec<Class> = labels.classes().collect();
    unseen.retain(|class| !targets.contains(class));
    if labels.len() - unseen.len() < 2 {
        let why_none = Some(why_none(&targets, labels));
        return Ok(Trained { model: None, fit: None, out_of_fold: None, weak: n_weak, unseen, why_none });
    }
    let features = prepared.pool().gather(&rows).doing("read the features of the labelled documents")?;
    let examples = Examples {
        features: &features,
        targets: &targets,
        weights: (n_weak > 0 || training == Training::Weighted).then_some(&weights[..]),
        n_classes: labels.len(),
    };
    let Fitted { model, report, out_of_fold } =
        classifier.fit(examples, start).doing("train the classifier")?;
    let of_real = |all: Probabilities| -> Result<Option<Probabilities>, EngineError> {
        if n_real == 0 {
            return Ok(None);
        }
        Ok(Some(Probabilities::new(all.view().slice(ndarray::s![..n_real, ..]).to_owned())?))
    };
    let out_of_fold = out_of_fold.map_or(Ok(None), of_real)?;
    let model = Some(Arc::from(model));
    Ok(Trained { model, fit: Some(report), out_of_fold, weak: n_weak, unseen, why_none: None })
}

/// Returns why there is no model: there are no labels, or labels of only one class.
fn why_none(targets: &[Class], labels: &LabelSet) -> String {
    match targets.first() {
        None => {
            "nothing is labelled yet, so the batch is a diverse sample; label it to get a model".to_owned()
        }
        Some(class) => format!(
            "all {} labelled documents are \"{}\", and a model needs two classes; the batch looks for \
             documents that differ from them",
            targets.len(),
            labels.name(*class)
        ),
    }
}

impl Trained {
    /// Makes the summary's section about the model, including its results on the test set.
    ///
    /// # Errors
    /// The model cannot predict the test set.
    pub fn section(
        &self,
        prepared: &Prepared,
        situation: &Situation,
        labels: &LabelSet,
    ) -> Result<Model, EngineError> {
        let unseen = self.unseen.iter().map(|class| labels.name(*class).to_owned()).collect();
        let test = match &self.model {
            Some(model) => {
                let features = prepared.test();
                evaluate(model.as_ref(), features.as_ref(), &situation.test, situation, labels.len())?
            }
            None => None,
        };
        let on_test = test.as_ref().and_then(|test| test.reliability.clone());
        // The test set is preferred. Many labelled documents were chosen because they are hard, so
        // results on them look too bad.
        let reliability = match (on_test, &self.out_of_fold) {
            (Some(on_test), _) => Some(on_test),
            (None, Some(probabilities)) => {
                let truth: Vec<Class> = situation.labeled.iter().map(|(_, class)| *class).collect();
                reliability(probabilities, &truth, Source::OutOfFold)?
            }
            (None, None) => None,
        };
        let labeled = situation.labeled_counts.clone();
        let why_none = if self.model.is_some() { None } else { self.why_none.clone() };
        let test = test.map(|test| test.named(labels, situation.scale));
        Ok(Model { labeled, fit: self.fit.clone(), why_none, unseen, test, reliability, brought: None })
    }
}
