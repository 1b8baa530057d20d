//! Evaluates a plain file of answers, without a workspace: computes a consensus and the annotators'
//! skills, and reports both.
//!
//! Some items may have a true label (gold). True labels measure the result; the aggregation method
//! sees them only if the caller passes them to it. Time and memory are linear in the number of
//! answers. Therefore only the [`PAIRED`] annotators with the most answers are compared in pairs,
//! and the report shows at most [`SHOWN`] annotators and [`SHOWN`] items.

mod people;
mod summary;

use querist_core::{Aggregation, Aggregator, AnnotationSet, Class, Known, Verdict};
use querist_quality::{MajorityVote, Scale, Votes, copies};
use querist_report::crowd::{Crowd, CrowdAnnotator, CrowdConsensus, CrowdFit, CrowdInput, CrowdItem, SURE};
use querist_report::{Agreement, Proportion};

use crate::agreement;
use crate::error::{EngineError, StepContext};
pub use crate::trust::Trusted;
use crate::trust::{Truth, trusted};

/// Number of annotators who are compared in pairs, at most.
pub const PAIRED: usize = 30;
/// Number of annotators, and of items, that the report shows, at most.
pub const SHOWN: usize = 50;
/// If an annotator has answered at least this many items with a true label, their skill is their
/// accuracy on these items alone.
pub const DECIDED: usize = 30;

/// The answers, the result of an aggregation method, and the known true labels.
pub struct CrowdAnswers<'a> {
    /// The answers.
    pub annotations: &'a AnnotationSet,
    /// The names of the classes, by index.
    pub labels: &'a [String],
    /// The method's result on the answers.
    pub aggregation: &'a Aggregation,
    /// The true label of each item; `None` if unknown.
    pub gold: &'a [Option<Class>],
    /// Whether the classes are ranks.
    pub scale: Scale,
}

/// The report says how many shared items reveal copied answers only if there are at most this many
/// answers.
const FEW: usize = 50_000;

/// Returns the default for the accuracy that annotators should reach: half-way between guessing and
/// always right, (1 + 1 / `n_classes`) / 2.
pub fn default_min_accuracy(n_classes: usize) -> f64 {
    f64::midpoint(1.0, 1.0 / n_classes.max(1) as f64)
}

impl CrowdAnswers<'_> {
    /// Decides whether the skills and posteriors of `method` can be trusted. `given` says whether
    /// the method saw the true labels.
    ///
    /// # Errors
    /// The answers, the true labels and the aggregation do not belong to the same items.
    pub fn trusted(&self, method: &dyn Aggregator, given: bool) -> Result<Trusted, EngineError> {
        let truth = if given { Truth::Given(self.gold) } else { Truth::Measuring(self.gold) };
        trusted(self.annotations, truth, (method.name(), method.posteriors()), self.aggregation)
    }

    /// Returns one row per annotator, in the order of the annotation set: skill, interval and
    /// flags. An annotator is called below `min_accuracy` only if their skill can be trusted.
    ///
    /// # Errors
    /// The answers and the aggregation do not belong to the same items.
    pub fn annotators(
        &self,
        min_accuracy: f64,
        trusted: &Trusted,
    ) -> Result<Vec<CrowdAnnotator>, EngineError> {
        people::annotators(self, min_accuracy, &trusted.skill_intervals)
    }

    /// Makes the report. `annotators` and `trusted` are the results of [`Self::annotators`] and
    /// [`Self::trusted`].
    ///
    /// # Errors
    /// The answers and the aggregation do not belong to the same items.
    pub fn report(
        &self,
        method: &dyn Aggregator,
        input: CrowdInput,
        min_accuracy: f64,
        (annotators, trusted): (&[CrowdAnnotator], Trusted),
    ) -> Result<Crowd, EngineError> {
        let fit = self.aggregation.fit.as_ref().map(|fit| CrowdFit {
            iterations: fit.iterations,
            converged: fit.converged,
            objective: fit.objective.last().copied(),
        });
        let first = people::first(annotators);
        let mut report = Crowd {
            format: Crowd::FORMAT,
            labels: self.labels.to_vec(),
            method: method.name().to_owned(),
            method_used: Some(self.aggregation.instead.unwrap_or(method.name()).to_owned()),
            skill_intervals: Some(trusted.skill_intervals),
            posteriors: Some(trusted.posteriors),
            headlines: Vec::new(),
            input,
            fit,
            consensus: self.consensus()?,
            agreement: self.agreement()?,
            min_accuracy,
            flagged: annotators.iter().filter(|annotator| !annotator.flags.is_empty()).count(),
            copies_need: self.copies_need()?,
            confusions: people::confusions(self, &first),
            annotators: first.iter().map(|place| annotators[*place].clone()).collect(),
            review: self.review()?,
        };
        report.headlines = summary::headlines(&report, method.posteriors());
        Ok(report)
    }

    /// Estimates how many items two annotators must share before copied answers can be detected.
    /// Returns `None` if two annotators already share that many items, or if there are more than
    /// [`FEW`] answers.
    fn copies_need(&self) -> Result<Option<usize>, EngineError> {
        if self.annotations.entries().len() > FEW {
            return Ok(None);
        }
        let found = copies(self.annotations, self.gold)?;
        Ok(found.needs.filter(|needs| *needs > found.most_shared))
    }

    /// Returns the consensus label of an item; `None` for a tie.
    pub fn label(&self, item: usize) -> Option<Class> {
        self.aggregation.verdicts[item].label()
    }

    /// Returns the posterior probability of an item's most probable class, from 0 to 1.
    pub fn sureness(&self, item: usize) -> f64 {
        self.aggregation.posteriors.view().row(item).iter().copied().fold(0.0, f64::max)
    }

    /// Counts the consensus labels by class, the ties, and the labels that are not certain. Also
    /// measures how often the consensus, and a plain majority vote, match the true labels.
    fn consensus(&self) -> Result<CrowdConsensus, EngineError> {
        let (mut labeled, mut ties, mut unsure) = (vec![0; self.labels.len()], 0, 0);
        for (item, verdict) in self.aggregation.verdicts.iter().enumerate() {
            match verdict {
                Verdict::Label(class) => {
                    labeled[class.index()] += 1;
                    unsure += usize::from(self.sureness(item) < SURE);
                }
                Verdict::Tie(_) => ties += 1,
            }
        }
        let known = self.gold.iter().flatten().count();
        let (mut accuracy, mut majority_accuracy) = (None, None);
        if known > 0 {
            let majority = majority(self.annotations)?;
            accuracy = Some(self.right(&self.aggregation.verdicts));
            majority_accuracy = Some(self.right(&majority));
        }
        Ok(CrowdConsensus { labeled, ties, unsure, accuracy, majority_accuracy })
    }

    /// Returns how many of the items with a true label have this label as their verdict.
    fn right(&self, verdicts: &[Verdict]) -> Proportion {
        let known = self.gold.iter().zip(verdicts).filter_map(|(gold, verdict)| Some(((*gold)?, verdict)));
        let (mut n, mut right) = (0, 0);
        for (gold, verdict) in known {
            n += 1;
            right += usize::from(verdict.label() == Some(gold));
        }
        Proportion::of(right, n)
    }

    /// Measures the agreement between annotators. Only pairs of the [`PAIRED`] annotators with the
    /// most answers are listed.
    fn agreement(&self) -> Result<Agreement, EngineError> {
        let mut places: Vec<usize> = (0..self.annotations.annotators().len()).collect();
        places.sort_by_key(|place| (std::cmp::Reverse(self.aggregation.skills[*place].answers), *place));
        places.truncate(PAIRED);
        // `answers_of` needs ascending indices.
        places.sort_unstable();
        let paired = people::answers_of(self.annotations, &places);
        agreement::measured(self.annotations, &paired, self.labels, self.scale)
    }

    /// Lists at most [`SHOWN`] items to review: ties first, then the labels with a posterior below
    /// [`SURE`], lowest posterior first.
    fn review(&self) -> Result<Vec<CrowdItem>, EngineError> {
        let tie = |item: usize| self.label(item).is_none();
        let mut places: Vec<(usize, f64)> = (0..self.annotations.items().len())
            .map(|item| (item, self.sureness(item)))
            .filter(|(item, sure)| tie(*item) || *sure < SURE)
            .collect();
        places.sort_by(|left, right| {
            tie(right.0).cmp(&tie(left.0)).then(left.1.total_cmp(&right.1)).then(left.0.cmp(&right.0))
        });
        places.truncate(SHOWN);
        let name = |class: Class| self.labels[class.index()].clone();
        let row = |(item, posterior): (usize, f64)| {
            let votes = Votes::count(self.annotations.of_item(item), self.labels.len())?;
            Ok(CrowdItem {
                item: self.annotations.items()[item].clone(),
                label: self.label(item).map(name),
                tied: match &self.aggregation.verdicts[item] {
                    Verdict::Tie(classes) => classes.iter().map(|class| name(*class)).collect(),
                    Verdict::Label(_) => Vec::new(),
                },
                posterior,
                votes: votes.counts().iter().map(|(class, count)| (name(*class), *count)).collect(),
            })
        };
        places.into_iter().map(row).collect()
    }
}

/// Returns the verdict of a majority vote on each item.
fn majority(annotations: &AnnotationSet) -> Result<Vec<Verdict>, EngineError> {
    let known = Known::default();
    Ok(MajorityVote.aggregate(annotations, &known).doing("take the majority vote")?.verdicts)
}

#[cfg(test)]
mod tests;
