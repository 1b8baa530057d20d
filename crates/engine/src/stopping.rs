//! Whether to stop: collects the history of a workspace's rounds, and lets the rules judge it.
//!
//! When a model is trained, it predicts the **stop set**, and the round stores the predictions
//! ([`Predicted`]). So rounds can be compared even if features, settings or the pool have changed
//! since. The stop set consists of the pool documents whose ids have the smallest hashes. It is
//! thus a uniform sample that needs no seed. When the pool grows, few of its documents are
//! replaced.
//!
//! Invariants: rules see only the [`History`]. A round of an earlier version, which stored no
//! predictions, counts as unknown.

use std::collections::BTreeMap;

use querist_core::round::Batch;
use querist_core::{
    Agreement, Answer, Class, Condition, CurvePoint, FittedClassifier, History, LabelSet, PastRound, Rows,
    Snapshot, StoppingRule, Trials,
};
use querist_quality::cohen_kappa;
use querist_query::normalized_entropy;
use querist_query::stopping::{
    Budget, ClassificationChange, Combination, Forecast, KappaAverage, OverallUncertainty, Plateau, When,
    combine, forecast, kappa::STOP_SET,
};
use querist_report as report;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::{EngineError, StepContext};
use crate::report::random_slice;
use crate::situation::Situation;
use crate::summary::{Summarized, Summary};

mod evidence;
mod learned;
mod settings;
mod words;

pub(crate) use evidence::Evidence;
pub use learned::Learned;
pub use settings::StopSettings;

/// Names of the rules, in the order of every table. If there is a budget, its rule follows them.
pub const RULES: [&str; 4] = ["kappa", "change", "uncertainty", "plateau"];

/// The stopping rules, and how their verdicts are combined.
#[derive(Debug, Clone, PartialEq)]
pub struct StopRules {
    /// Looks at the mean kappa between successive models.
    pub kappa: KappaAverage,
    /// Looks at the share of predictions that differ between successive models.
    pub change: ClassificationChange,
    /// Looks at the mean entropy of the predictions.
    pub uncertainty: OverallUncertainty,
    /// Looks at how much the accuracy still grows.
    pub plateau: Plateau,
    /// Looks at the budget that has been spent; `None` without a budget.
    pub budget: Option<Budget>,
    /// Which rules decide, and whether all of them must say stop or one is enough.
    pub combination: Combination,
    /// The accuracy for which the forecast estimates the labels needed, in (0, 1).
    pub target: f64,
}

impl Default for StopRules {
    fn default() -> Self {
        Self {
            kappa: KappaAverage::default(),
            change: ClassificationChange::default(),
            uncertainty: OverallUncertainty::default(),
            plateau: Plateau::default(),
            budget: None,
            combination: Combination {
                deciding: vec!["kappa".to_owned()],
                when: When::All,
                objecting: vec!["plateau".to_owned()],
            },
            target: 0.95,
        }
    }
}

impl StopRules {
    /// Returns the rules in the order of [`RULES`].
    pub fn rules(&self) -> [&dyn StoppingRule; 4] {
        [&self.kappa, &self.change, &self.uncertainty, &self.plateau]
    }

    fn budget(&self) -> Option<&dyn StoppingRule> {
        self.budget.as_ref().map(|budget| budget as &dyn StoppingRule)
    }

    /// Lets the rules judge the history. Returns the combined verdict, and the judgment of each
    /// rule with the rule's name.
    pub fn judge(
        &self,
        history: &History<'_>,
    ) -> (querist_core::Judgment, Vec<(&'static str, querist_core::Judgment)>) {
        combine(&self.combination, &self.rules(), self.budget(), history)
    }
}

/// Without a test set, a learning curve is measured on these, in words.
const SLICES: &str = "random slices";
/// Number of documents whose hashes are held at once.
const PART: usize = 1 << 14;

/// A model's predictions on the stop set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Predicted {
    /// Names of the classes. The names are stored because later rounds may have other classes, or
    /// the same classes in another order.
    pub labels: Vec<String>,
    /// Places of the predicted documents in the order of import, ascending. A document never
    /// changes its place.
    pub places: Vec<u32>,
    /// Most probable class of each document, as an index into `labels`.
    pub classes: Vec<u16>,
    /// Mean normalised entropy of the predictions, in [0, 1].
    pub mean_entropy: f64,
}

/// Returns the rows of the pool that form the stop set, ascending. They are the [`STOP_SET`]
/// documents whose ids have the smallest BLAKE3 hashes, or the whole pool if it is smaller.
pub fn stop_set(snapshot: &Snapshot, pool: &[usize]) -> Vec<usize> {
    let hash = |document: usize| {
        let mut hash = blake3::Hasher::new_derive_key("querist stop set 1");
        hash.update(snapshot.documents[document].id.as_bytes());
        *hash.finalize().as_bytes()
    };
    // Take the smallest hashes of each part, then the smallest of all parts. Holding the hashes of
    // all documents at once would take more memory than the pool.
    let of_part = |(part, documents): (usize, &[usize])| {
        let rows = part * PART..;
        smallest(rows.zip(documents).map(|(row, document)| (hash(*document), row)).collect())
    };
    let hashed: Vec<Vec<([u8; 32], usize)>> = pool.par_chunks(PART).enumerate().map(of_part).collect();
    let mut rows: Vec<usize> = smallest(hashed.concat()).into_iter().map(|(_, row)| row).collect();
    rows.sort_unstable();
    rows
}

/// Returns the [`STOP_SET`] entries with the smallest hashes, in no particular order.
fn smallest(mut hashed: Vec<([u8; 32], usize)>) -> Vec<([u8; 32], usize)> {
    if hashed.len() > STOP_SET {
        hashed.select_nth_unstable(STOP_SET);
        hashed.truncate(STOP_SET);
    }
    hashed
}

impl Predicted {
    /// Predicts the rows of a stop set with a model; `None` if there are no rows.
    ///
    /// # Errors
    /// The model cannot predict.
    pub fn of(
        model: &dyn FittedClassifier,
        features: &dyn Rows,
        rows: &[usize],
        snapshot: &Snapshot,
        situation: &Situation,
    ) -> Result<Option<Self>, EngineError> {
        if rows.is_empty() {
            return Ok(None);
        }
        let probabilities = model.predict(features, rows).doing("predict the stop set")?;
        let place = |row: &usize| snapshot.documents[situation.pool[*row]].place;
        let mut predicted: Vec<(u32, u16)> =
            rows.iter().enumerate().map(|(at, row)| (place(row), probabilities.likeliest(at).0)).collect();
        predicted.sort_unstable();
        let entropies = (0..rows.len()).map(|row| normalized_entropy(probabilities.row(row)));
        let mean_entropy = entropies.sum::<f64>() / rows.len() as f64;
        let (places, classes) = predicted.into_iter().unzip();
        Ok(Some(Self { labels: snapshot.labels.names().to_vec(), places, classes, mean_entropy }))
    }

    /// Converts the predictions to the current classes. `classes` holds, for each class of that
    /// round, the current class; `None` if it was removed. Predictions of removed classes are left
    /// out.
    pub(crate) fn among(self, classes: &[Option<Class>], labels: &LabelSet) -> Self {
        let now = |class: u16| classes.get(usize::from(class)).copied().flatten();
        let predicted = self.places.into_iter().zip(self.classes);
        let (places, classes) = predicted.filter_map(|(place, class)| Some((place, now(class)?.0))).unzip();
        Self { labels: labels.names().to_vec(), places, classes, mean_entropy: self.mean_entropy }
    }

    /// Returns what is wrong with stored predictions: a document without a class, or a class
    /// without a name. `None` if nothing is wrong.
    pub(crate) fn fault(&self) -> Option<String> {
        let (places, classes) = (self.places.len(), self.classes.len());
        if places != classes {
            return Some(format!("{places} documents of the stop set have {classes} classes"));
        }
        let nameless = self.classes.iter().find(|class| usize::from(**class) >= self.labels.len());
        nameless.map(|class| format!("the stop set has the class {class} of {} labels", self.labels.len()))
    }

    /// Measures how far the predictions agree with `before`, the predictions of an earlier round's
    /// model, on the documents that both contain.
    ///
    /// # Errors
    /// A predicted class is not among the labels.
    pub fn agreement(&self, before: &Self) -> Result<Agreement, EngineError> {
        // Compare classes by name, because their order may differ between the rounds.
        let mut names: Vec<&String> = before.labels.iter().chain(&self.labels).collect();
        names.sort_unstable();
        names.dedup();
        let class_of = |predicted: &Self, place: usize| {
            let name = predicted.labels.get(usize::from(predicted.classes[place]));
            let class = name.and_then(|name| names.binary_search(&name).ok());
            // An index out of range makes `cohen_kappa` return the error.
            querist_core::Class::from_index(class.unwrap_or(names.len()))
        };
        let earlier: BTreeMap<u32, usize> =
            before.places.iter().enumerate().map(|(at, place)| (*place, at)).collect();
        let pairs: Vec<_> = self
            .places
            .iter()
            .enumerate()
            .filter_map(|(at, place)| Some((class_of(before, *earlier.get(place)?), class_of(self, at))))
            .collect();
        let found = cohen_kappa(&pairs, names.len())?;
        Ok(Agreement { n: found.n, changed: found.n - found.agreeing, kappa: found.kappa })
    }
}

/// Returns what the rules know about each round. It includes the accuracy on a round's random slice
/// only if the last round's slice is from the same part of the pool. Accuracies on different parts
/// cannot be compared.
///
/// # Errors
/// The predictions on the stop set cannot be compared.
fn past_rounds(summaries: &[Summarized<'_>], situation: &Situation) -> Result<Vec<PastRound>, EngineError> {
    let part = part_of_last(summaries);
    let mut before: Option<&Predicted> = None;
    let mut evidence = Evidence::default();
    let mut rounds = Vec::new();
    for (round, Summary { model, stop, learned, batch, .. }) in summaries {
        let same = conditions(batch.as_ref()) == part;
        let (counts, new_labels) = evidence.takes(&model.labeled, learned.as_ref(), &round.classes);
        let agreement = match (stop, before) {
            (Some(now), Some(before)) if counts => Some(now.agreement(before)?),
            _ => None,
        };
        let audit = random_slice(round, situation)?;
        let test = model.test.as_ref().map(|test| test.accuracy);
        let trials = |n, correct| Trials { n, correct };
        rounds.push(PastRound {
            round: round.number,
            labeled: model.labeled.iter().sum(),
            counts,
            new_labels,
            agreement,
            mean_entropy: stop.as_ref().map(|stop| stop.mean_entropy),
            audit: if same { trials(audit.n, audit.correct) } else { Trials::default() },
            test: test.map(|accuracy| trials(accuracy.n, accuracy.correct)).unwrap_or_default(),
        });
        if counts {
            before = stop.as_ref();
        }
    }
    Ok(rounds)
}

/// Returns the conditions that the documents of a batch had to meet. They are empty if the batch
/// was chosen from all open documents.
fn conditions(batch: Option<&Batch>) -> &[Condition] {
    batch.and_then(|batch| batch.part.as_ref()).map_or(&[], |part| &part.conditions)
}

/// Returns the conditions that the documents of the last batch had to meet.
fn part_of_last<'a>(summaries: &'a [Summarized<'_>]) -> &'a [Condition] {
    summaries.last().map_or(&[], |(_, summary)| conditions(summary.batch.as_ref()))
}

/// Returns the numbers of the rounds whose random slice has labels but was drawn under other
/// conditions than `part`.
fn other_slices(
    summaries: &[Summarized<'_>],
    situation: &Situation,
    part: &[Condition],
) -> Result<Vec<u32>, EngineError> {
    let mut others = Vec::new();
    for (round, summary) in summaries {
        let other = conditions(summary.batch.as_ref()) != part;
        if other && random_slice(round, situation)?.n > 0 {
            others.push(round.number);
        }
    }
    Ok(others)
}

/// Returns the points of a learning curve, and what their accuracy was measured on: the test set if
/// there is one, otherwise the random slices. A round whose model learned next to nothing new adds
/// no point.
pub fn curve(history: &History<'_>) -> (&'static str, Vec<CurvePoint>) {
    let points = |trials: Vec<Trials>| -> Vec<CurvePoint> {
        let models = history.rounds.iter().enumerate().filter(|(at, round)| *at == 0 || round.counts);
        let points = models
            .zip(trials)
            .map(|((_, round), trials)| CurvePoint { labeled: round.labeled, trials })
            .filter(|point| point.trials.n > 0 && point.labeled > 0);
        points.collect()
    };
    let models = history.rounds.iter().enumerate().filter(|(at, round)| *at == 0 || round.counts);
    let test = points(models.map(|(_, round)| round.test).collect());
    if test.is_empty() { (SLICES, points(history.slices())) } else { ("test set", test) }
}

/// Makes the report's section about stopping, for the last round in `summaries`.
///
/// # Errors
/// As for [`past_rounds`].
pub(crate) fn section(
    snapshot: &Snapshot,
    situation: &Situation,
    settings: &StopRules,
    summaries: &[Summarized<'_>],
) -> Result<report::Stopping, EngineError> {
    let rounds = past_rounds(summaries, situation)?;
    let history = History {
        rounds: &rounds,
        pool: situation.pool.len(),
        labeled: situation.labeled.len(),
        answers: snapshot.answers.iter().filter(|answer: &&Answer| answer.label.is_some()).count(),
    };
    let (verdict, judged) = settings.judge(&history);
    let (measured_on, points) = curve(&history);
    let part = part_of_last(summaries);
    let measured_on = match measured_on {
        SLICES if !part.is_empty() => format!("{SLICES} of documents with {}", Condition::phrase(part)),
        measured_on => measured_on.to_owned(),
    };
    let found: Forecast = forecast(&points, settings.target, history.labeled, history.pool);
    let row = |(name, judgment): (&'static str, querist_core::Judgment)| report::StoppingRow {
        rule: name.to_owned(),
        role: settings.role(name).to_owned(),
        judgment,
    };
    Ok(report::Stopping {
        verdict: verdict.advice,
        reason: verdict.reason,
        rules: judged.into_iter().map(row).collect(),
        rounds: evidence::rounds(snapshot, situation, &rounds),
        other_slices: other_slices(summaries, situation, part)?,
        forecast: words::forecast_section(&found, settings.target, measured_on, &history),
    })
}

impl StopRules {
    /// Returns the role that a rule has in the combined verdict.
    fn role(&self, name: &str) -> &'static str {
        let has = |names: &[String]| names.iter().any(|known| known == name);
        if name == "budget" || has(&self.combination.deciding) {
            "decides"
        } else if has(&self.combination.objecting) {
            "may object"
        } else {
            "for information"
        }
    }
}

#[cfg(test)]
mod tests;
