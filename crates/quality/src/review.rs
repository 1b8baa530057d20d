//! Review: finds the items that need another answer or an expert, and determines whose answer would
//! help most and how much.
//!
//! An item needs review for one or more reasons ([`Reason`]). The cases are sorted by how much one
//! more answer is expected to help. Only the next answer is considered, not the answers after it.
//!
//! The cost of an answer is not considered, and the difficulty of an item only as far as the
//! posterior shows it.

mod belief;
mod model;

use querist_core::{AnnotationSet, Class, Probabilities, Skill, Verdict};

use crate::error::QualityError;
use crate::votes::Votes;
use belief::entropy;
use model::AnswerModel;

pub use belief::{PRIOR, TRUST};

/// An annotator is asked only if their answer is expected to remove more than this share of the
/// entropy of the belief; otherwise an expert is asked.
pub const WORTHWHILE: f64 = 0.1;
/// A majority of at least this many answers contradicts the label of a control item, whatever the
/// belief.
pub const AGAINST_CONTROL: usize = 3;
/// The most annotators to consider. They are chosen by how informative their answer would be about
/// an item whose classes are all equally likely.
const ASKED: usize = 64;

/// The reason why an item needs review; the most urgent is first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// The answers contradict the known label.
    KnownContradicted,
    /// The answers favour several classes equally.
    Tie,
    /// All annotators who gave the item's label are below a threshold.
    BelowThreshold,
    /// The likeliest class is less likely than `min_confidence`.
    Uncertain,
}

/// The input of a review; all slices are in the order of the set's items or annotators.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// The answers.
    pub annotations: &'a AnnotationSet,
    /// The aggregator's verdict on each item.
    pub verdicts: &'a [Verdict],
    /// The aggregator's posteriors (a row for each item, a column for each class), if its method
    /// models the annotators; if `None`, beliefs are computed from `skills` by Bayes' rule.
    pub posteriors: Option<&'a Probabilities>,
    /// The aggregator's skill of each annotator.
    pub skills: &'a [Skill],
    /// For each item, its known label (of a control item or imported), if it has one.
    pub known: &'a [Option<Class>],
    /// Whether each item's known label was imported with the item. Any majority of answers
    /// contradicts an imported label. A control item is there to catch wrong answers, so only a
    /// majority of at least [`AGAINST_CONTROL`] answers contradicts it.
    pub imported: &'a [bool],
    /// Whether each item has been decided by an expert, and so needs no review.
    pub closed: &'a [bool],
    /// Whether each annotator is below a threshold.
    pub below: &'a [bool],
    /// Whether each annotator receives no documents at present, and so cannot be asked.
    pub away: &'a [bool],
    /// The items that annotators skipped, as (item, annotator), sorted.
    pub skipped: &'a [(u32, u32)],
    /// The probability below which an item's likeliest class is uncertain, in [0, 1].
    pub min_confidence: f64,
}

/// The next answer to ask for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NextAnswer {
    /// The index of the annotator to ask; `None` for an expert.
    pub who: Option<usize>,
    /// The expected fall of the log-loss, in nats, at least 0.
    pub help: f64,
}

/// An item that needs review.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// The item's index.
    pub item: usize,
    /// The reasons for the review, the most urgent first; at least one.
    pub reasons: Vec<Reason>,
    /// The believed probability of each of the K classes.
    pub belief: Vec<f64>,
    /// The entropy of the belief, in nats, from 0 to the logarithm of the number of classes.
    pub entropy: f64,
    /// The next answer to ask for.
    pub next: NextAnswer,
}

/// Reviews the items of a set, with a model of each annotator's answers.
///
/// The **belief** about an item is the aggregator's posterior, if its method models the annotators.
/// Otherwise it follows from the answers by Bayes' rule: `b_k ∝ s_k Π_a w_a[k][l_a]`, where `s_k`
/// is the share of class k among all answers, and `w_a[k][l]` the rate at which annotator a gives
/// the answer l to items of class k. The rates are the annotator's confusion matrix, or their
/// accuracy with errors spread evenly, mixed with [`PRIOR`] pseudo-answers of the crowd's mean
/// accuracy. If the item's label is known (a control item or an imported label), s has [`TRUST`] on
/// this label instead, because it may be wrong too.
///
/// After an answer l by an annotator with rates w, the belief is `b_k(l) ∝ b_k w[k][l]`. The
/// expected fall of its entropy H is the mutual information of truth and answer (Lindley 1956;
/// Sheng, Provost and Ipeirotis 2008 ask for labels by such a measure):
/// `I(T; A) = H(P) - Σ_k b_k H(w[k])` with `P_l = Σ_k b_k w[k][l]`, in nats, from 0 to H(b). For an
/// item with a known label the help is `KL(b ‖ s) + I(T; A)`, the expected fall of the log-loss of
/// the distribution s.
#[derive(Debug)]
pub struct Reviewer<'a> {
    evidence: Evidence<'a>,
    models: Vec<AnswerModel>,
    /// The share of each class among all answers, after adding one answer of each class.
    prior: Vec<f64>,
    /// The annotators who may be asked, ascending; at most [`ASKED`].
    asked: Vec<usize>,
}

impl<'a> Reviewer<'a> {
    /// Checks the evidence and computes the model of each annotator.
    ///
    /// # Errors
    /// A slice has another length than the set's items or annotators, or a class is not below the
    /// set's number of classes.
    pub fn new(evidence: Evidence<'a>) -> Result<Self, QualityError> {
        let set = evidence.annotations;
        let (items, annotators, k) = (set.items().len(), set.annotators().len(), set.n_classes());
        let posteriors = evidence.posteriors.map_or(items, Probabilities::len);
        for (what, expected, found) in [
            ("the verdicts", items, evidence.verdicts.len()),
            ("the posteriors", items, posteriors),
            ("the known labels", items, evidence.known.len()),
            ("the imported labels", items, evidence.imported.len()),
            ("the settled items", items, evidence.closed.len()),
            ("the skills", annotators, evidence.skills.len()),
            ("the annotators below a threshold", annotators, evidence.below.len()),
            ("the annotators who are away", annotators, evidence.away.len()),
        ] {
            if expected != found {
                return Err(QualityError::LengthMismatch { what, expected, found });
            }
        }
        let prior = belief::prior(set)?;
        let models = model::models(evidence.skills, k);
        // Ask only the annotators whose answers are most informative when nothing is known about an
        // item.
        let even = vec![1.0 / k as f64; k];
        let mut asked: Vec<usize> = (0..annotators)
            .filter(|annotator| !evidence.below[*annotator] && !evidence.away[*annotator])
            .collect();
        let worth: Vec<f64> = models.iter().map(|model| model.information(&even)).collect();
        asked.sort_by(|a, b| worth[*b].total_cmp(&worth[*a]).then(a.cmp(b)));
        asked.truncate(ASKED);
        asked.sort_unstable();
        Ok(Self { evidence, models, prior, asked })
    }

    /// Returns the items that need review, sorted by expected help, the most help first. Items with
    /// equal help are in the order of the set.
    ///
    /// # Errors
    /// A known label is not below the set's number of classes.
    pub fn cases(&self) -> Result<Vec<Case>, QualityError> {
        let mut cases = Vec::new();
        for item in (0..self.evidence.closed.len()).filter(|item| !self.evidence.closed[*item]) {
            cases.extend(self.case(item)?);
        }
        cases.sort_by(|a: &Case, b: &Case| b.next.help.total_cmp(&a.next.help).then(a.item.cmp(&b.item)));
        Ok(cases)
    }

    /// Returns the next answer to ask for on an item that nobody answered; the annotators in
    /// `skipped_by` skipped it and are not asked. The belief about it is the share of each class
    /// among all answers.
    pub fn unanswered(&self, skipped_by: &[usize]) -> NextAnswer {
        self.next(&self.prior, |annotator| skipped_by.contains(&annotator))
    }

    /// Returns the case of an item, or `None` if it needs no review.
    fn case(&self, item: usize) -> Result<Option<Case>, QualityError> {
        let Evidence { annotations, posteriors, known, .. } = self.evidence;
        let answers = annotations.of_item(item);
        let stated = known[item].map(|known| belief::stated(known, annotations.n_classes())).transpose()?;
        let belief = match (&stated, posteriors) {
            (None, Some(posteriors)) => posteriors.row(item).to_vec(),
            (stated, _) => belief::after(stated.as_ref().unwrap_or(&self.prior), answers, &self.models),
        };
        let reasons = self.reasons(item, &belief);
        if reasons.is_empty() {
            return Ok(None);
        }
        let entropy = entropy(&belief);
        let next = match &stated {
            // An expert must decide between a known label and the annotators who contradict it.
            // Experts are assumed to be right, so the answer removes the whole entropy.
            Some(stated) => NextAnswer { who: None, help: belief::divergence(&belief, stated) + entropy },
            None => self.next(&belief, |annotator| {
                // Binary search works, because an item's answers are sorted by annotator and the
                // skipped items by (item, annotator).
                let answered =
                    answers.binary_search_by_key(&annotator, |answer| answer.annotator as usize).is_ok();
                answered || self.evidence.skipped.binary_search(&(item as u32, annotator as u32)).is_ok()
            }),
        };
        Ok(Some(Case { item, reasons, belief, entropy, next }))
    }

    /// Returns the reasons why an item with this belief needs review; empty if there is none.
    fn reasons(&self, item: usize, belief: &[f64]) -> Vec<Reason> {
        let Evidence { annotations, verdicts, known, imported, below, min_confidence, .. } = self.evidence;
        let most = belief.iter().copied().fold(0.0, f64::max);
        if let Some(known) = known[item] {
            // The belief depends on accuracies that were estimated from these answers too. With few
            // other answers, it explains every contradiction by low accuracies. So plain votes are
            // considered as well.
            let votes = Votes::count(annotations.of_item(item), annotations.n_classes()).ok();
            let enough = if imported[item] { 1 } else { AGAINST_CONTROL };
            let outvoted =
                votes.filter(|votes| votes.total() >= enough).and_then(|votes| votes.verdict().label());
            let contradicted = belief[known.index()] < most || outvoted.is_some_and(|label| label != known);
            return if contradicted { vec![Reason::KnownContradicted] } else { Vec::new() };
        }
        let label = verdicts[item].label();
        let mut behind =
            annotations.of_item(item).iter().filter(|answer| Some(answer.label) == label).peekable();
        let rests_on_below = behind.peek().is_some() && behind.all(|answer| below[answer.annotator as usize]);
        [
            (Reason::Tie, label.is_none()),
            (Reason::BelowThreshold, rests_on_below),
            (Reason::Uncertain, most < min_confidence),
        ]
        .into_iter()
        .filter_map(|(reason, holds)| holds.then_some(reason))
        .collect()
    }

    /// Returns the annotator whose answer is expected to remove the most entropy from the belief;
    /// of several equally good annotators the first. Annotators for whom `out` is true are not
    /// considered. Returns an expert if no annotator removes more than the share [`WORTHWHILE`].
    fn next(&self, belief: &[f64], out: impl Fn(usize) -> bool) -> NextAnswer {
        let entropy = entropy(belief);
        let mut best = NextAnswer { who: None, help: WORTHWHILE * entropy };
        for &annotator in self.asked.iter().filter(|annotator| !out(**annotator)) {
            let help = self.models[annotator].information(belief);
            if help > best.help {
                best = NextAnswer { who: Some(annotator), help };
            }
        }
        if best.who.is_none() { NextAnswer { who: None, help: entropy } } else { best }
    }
}

#[cfg(test)]
mod tests;
