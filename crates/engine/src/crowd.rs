//! What the answers of a plain file come to: a consensus, what each annotator is worth, and the
//! report of both. No workspace.
//!
//! The true labels (gold) measure; only a caller who says so gives them to the method too. Nothing
//! here grows faster than the answers: pairs of annotators are compared among the [`PAIRED`] with
//! the most answers, and the report shows [`SHOWN`] annotators and items.

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

/// The most annotators of whom every two are compared.
pub const PAIRED: usize = 30;
/// The most annotators, and the most items, that the report shows.
pub const SHOWN: usize = 50;
/// True labels that an annotator must have answered for these alone to be their skill.
pub const DECIDED: usize = 30;

/// Answers, what a method makes of them, and what is known beside.
pub struct CrowdAnswers<'a> {
    /// The answers.
    pub annotations: &'a AnnotationSet,
    /// The names of the classes, by index: K.
    pub labels: &'a [String],
    /// What the method makes of the answers.
    pub aggregation: &'a Aggregation,
    /// By item: its true label, where it is known.
    pub gold: &'a [Option<Class>],
    /// What the order of the classes means.
    pub scale: Scale,
}

/// Answers up to which it is said how many are missing to tell copies.
const FEW: usize = 50_000;

/// The accuracy that an annotator should have unless told otherwise: half-way between guessing and
/// always right, (1 + 1 / K) / 2.
pub fn default_min_accuracy(n_classes: usize) -> f64 {
    f64::midpoint(1.0, 1.0 / n_classes.max(1) as f64)
}

impl CrowdAnswers<'_> {
    /// Whether the skills and posteriors of `method` can be believed; `given` says that the method
    /// was told the true labels.
    ///
    /// # Errors
    /// The answers do not fit together.
    pub fn trusted(&self, method: &dyn Aggregator, given: bool) -> Result<Trusted, EngineError> {
        let truth = if given { Truth::Given(self.gold) } else { Truth::Measuring(self.gold) };
        trusted(self.annotations, truth, (method.name(), method.posteriors()), self.aggregation)
    }

    /// Every annotator, in the order of the set; nobody is called below `min_accuracy` by a skill
    /// that is not `trusted`.
    ///
    /// # Errors
    /// The answers do not fit together.
    pub fn annotators(
        &self,
        min_accuracy: f64,
        trusted: &Trusted,
    ) -> Result<Vec<CrowdAnnotator>, EngineError> {
        people::annotators(self, min_accuracy, &trusted.skill_intervals)
    }

    /// The report; `annotators` are those of [`Self::annotators`], `trusted` is what
    /// [`Self::trusted`] says.
    ///
    /// # Errors
    /// The answers do not fit together.
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

    /// About how many items two annotators must share before copies can be told, where they share
    /// fewer. Of a large file it says nothing.
    fn copies_need(&self) -> Result<Option<usize>, EngineError> {
        if self.annotations.entries().len() > FEW {
            return Ok(None);
        }
        let found = copies(self.annotations, self.gold)?;
        Ok(found.needs.filter(|needs| *needs > found.most_shared))
    }

    /// An item's label, `None` for a tie.
    pub fn label(&self, item: usize) -> Option<Class> {
        self.aggregation.verdicts[item].label()
    }

    /// The posterior of the likeliest class of an item.
    pub fn sureness(&self, item: usize) -> f64 {
        self.aggregation.posteriors.view().row(item).iter().copied().fold(0.0, f64::max)
    }

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

    /// The share of items with a true label that got it.
    fn right(&self, verdicts: &[Verdict]) -> Proportion {
        let known = self.gold.iter().zip(verdicts).filter_map(|(gold, verdict)| Some(((*gold)?, verdict)));
        let (mut n, mut right) = (0, 0);
        for (gold, verdict) in known {
            n += 1;
            right += usize::from(verdict.label() == Some(gold));
        }
        Proportion::of(right, n)
    }

    fn agreement(&self) -> Result<Agreement, EngineError> {
        let mut places: Vec<usize> = (0..self.annotations.annotators().len()).collect();
        places.sort_by_key(|place| (std::cmp::Reverse(self.aggregation.skills[*place].answers), *place));
        places.truncate(PAIRED);
        places.sort_unstable();
        let paired = people::answers_of(self.annotations, &places);
        agreement::measured(self.annotations, &paired, self.labels, self.scale)
    }

    /// Ties first, then the least sure labels; items on which all answers agree and the method is
    /// sure are left out.
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

/// What majority vote makes of the answers.
fn majority(annotations: &AnnotationSet) -> Result<Vec<Verdict>, EngineError> {
    let known = Known::default();
    Ok(MajorityVote.aggregate(annotations, &known).doing("take the majority vote")?.verdicts)
}

#[cfg(test)]
mod tests;
