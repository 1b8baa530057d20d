//! Review: which items need another answer or an expert, how much that is expected to help, and who
//! should give it.
//!
//! What is **believed** of an item is the aggregator's posterior where its method models who is
//! good at what, else by Bayes' rule from the answers: `b_k ∝ s_k Π_a w_a[k][l_a]`, with s the
//! share of each class among all answers, and `w_a[k][l]` the rate at which annotator a answers l
//! where the truth is k: their confusion matrix, or accuracy on the diagonal and the rest spread
//! evenly, drawn to the crowd's mean accuracy by [`PRIOR`] pseudo-answers. An item whose label is
//! known (a control item, an imported label) starts from `s` with [`TRUST`] on that label instead:
//! it may be wrong too. A majority of votes speaks against a known label as well, whatever is
//! believed of those who gave them: accuracies are measured on these very answers.
//!
//! An item comes to review for one or more **reasons** ([`Reason`]). It is ranked by how much one
//! more answer is expected to help, by looking one step ahead in closed form. The belief after
//! answer l is `b_k(l) ∝ b_k w[k][l]`, and the expected fall of its entropy is the mutual
//! information of truth and answer (Lindley 1956; Sheng, Provost and Ipeirotis 2008 ask for labels
//! by such a measure):
//!
//! `I(T; A) = H(P) - Σ_k b_k H(w[k])`,  `P_l = Σ_k b_k w[k][l]`,  in nats, 0 … H(b).
//!
//! Where the label stated is not the belief, putting it right counts too:
//! `help = KL(b ‖ s) + I(T; A)` is the expected fall of the log-loss of what is stated, and the
//! first term is 0 for all items but those with a known label.
//!
//! The annotator with the largest I among those who have neither answered nor skipped it, are there
//! and are not below a threshold **should answer**, the first by name where several are equal; an
//! expert should where nobody is left, where the best of them would take away less than
//! [`WORTHWHILE`] of the entropy, and where a known label is in question. An expert is taken to be
//! right: I is H(b).
//!
//! What this leaves out: what an answer costs, and how hard an item is for people beyond what the
//! posterior says of it.

mod belief;
mod model;

use querist_core::{AnnotationSet, Class, Probabilities, Skill, Verdict};

use crate::error::QualityError;
use crate::votes::Votes;
use belief::entropy;
use model::AnswerModel;

pub use belief::{PRIOR, TRUST};

/// An annotator who would take away less than this share of the entropy is not asked.
pub const WORTHWHILE: f64 = 0.1;
/// Answers from which on a majority of them speaks against a control item, whatever is believed of
/// those who gave them.
pub const AGAINST_CONTROL: usize = 3;
/// How many annotators are looked at for each item: those whose answers tell most of evenly spread
/// classes.
const ASKED: usize = 64;

/// Why an item is up for review, the most pressing first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// The answers speak against the label that is known.
    KnownContradicted,
    /// The answers favour several classes equally.
    Tie,
    /// Its label rests on annotators below a threshold alone.
    BelowThreshold,
    /// The likeliest class is not likely enough.
    Uncertain,
}

/// What the review goes by; all vectors in the order of the set's items or annotators.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// The answers.
    pub annotations: &'a AnnotationSet,
    /// What an aggregator made of them.
    pub verdicts: &'a [Verdict],
    /// Its posteriors (items, K), where its method models the annotators; `None`: by Bayes' rule
    /// from `skills`.
    pub posteriors: Option<&'a Probabilities>,
    /// Its annotators' skills.
    pub skills: &'a [Skill],
    /// By item: a label that is known beside the answers.
    pub known: &'a [Option<Class>],
    /// By item: whether its known label was imported with it. A majority of any answers contradicts
    /// such a label; that of a control item, which is there to catch wrong answers, takes
    /// [`AGAINST_CONTROL`].
    pub imported: &'a [bool],
    /// By item: whether it is out of question, as an expert has settled it.
    pub closed: &'a [bool],
    /// By annotator: whether they miss a threshold.
    pub below: &'a [bool],
    /// Whether each annotator gets no documents now, and so is not to be asked.
    pub away: &'a [bool],
    /// Who skipped what, as (item, annotator), sorted.
    pub skipped: &'a [(u32, u32)],
    /// The probability of the likeliest class below which an item is uncertain, in [0, 1].
    pub min_confidence: f64,
}

/// One more answer: whose, and what it is expected to help.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NextAnswer {
    /// The annotator's index; `None`: an expert.
    pub who: Option<usize>,
    /// The expected fall of log-loss, in nats, at least 0.
    pub help: f64,
}

/// An item for review.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// The item's index.
    pub item: usize,
    /// Why, the most pressing first; at least one.
    pub reasons: Vec<Reason>,
    /// What is believed, (K), summing to 1.
    pub belief: Vec<f64>,
    /// The entropy of that, in nats.
    pub entropy: f64,
    /// Who should answer, and what it would help.
    pub next: NextAnswer,
}

/// Knows what everybody's answers are worth.
#[derive(Debug)]
pub struct Reviewer<'a> {
    evidence: Evidence<'a>,
    models: Vec<AnswerModel>,
    /// The share of each class among all answers, one answer of each added.
    prior: Vec<f64>,
    /// The annotators who may be asked, ascending.
    asked: Vec<usize>,
}

impl<'a> Reviewer<'a> {
    /// Prepares a review.
    ///
    /// # Errors
    /// Vectors of another length than the set's items or annotators, or a class that is not below
    /// its number of classes.
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

    /// The items for review: those that an answer is expected to help most come first; among equals
    /// the order of the items.
    ///
    /// # Errors
    /// A class that is not below the set's number of classes.
    pub fn cases(&self) -> Result<Vec<Case>, QualityError> {
        let mut cases = Vec::new();
        for item in (0..self.evidence.closed.len()).filter(|item| !self.evidence.closed[*item]) {
            cases.extend(self.case(item)?);
        }
        cases.sort_by(|a: &Case, b: &Case| b.next.help.total_cmp(&a.next.help).then(a.item.cmp(&b.item)));
        Ok(cases)
    }

    /// Who should answer an item that these annotators skipped and nobody answered. Nothing is
    /// believed of it but the prior.
    pub fn unanswered(&self, skipped_by: &[usize]) -> NextAnswer {
        self.next(&self.prior, |annotator| skipped_by.contains(&annotator))
    }

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
            // Somebody must judge between a known label and those who contradict it.
            Some(stated) => NextAnswer { who: None, help: belief::divergence(&belief, stated) + entropy },
            None => self.next(&belief, |annotator| {
                let answered =
                    answers.binary_search_by_key(&annotator, |answer| answer.annotator as usize).is_ok();
                answered || self.evidence.skipped.binary_search(&(item as u32, annotator as u32)).is_ok()
            }),
        };
        Ok(Some(Case { item, reasons, belief, entropy, next }))
    }

    fn reasons(&self, item: usize, belief: &[f64]) -> Vec<Reason> {
        let Evidence { annotations, verdicts, known, imported, below, min_confidence, .. } = self.evidence;
        let most = belief.iter().copied().fold(0.0, f64::max);
        if let Some(known) = known[item] {
            // Belief goes by accuracies that these very answers have a part in: where few others
            // are there, it clears everybody's error by calling everybody bad. So plain votes count
            // as well.
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

    /// The best one to ask next, of those that are not `out`.
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
