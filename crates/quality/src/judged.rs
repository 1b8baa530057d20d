//! The aggregators of the second edition: a fit, and how far it can be trusted.
//!
//! 1. The method that was asked for is fitted, or `onecoin` if there are too few answers for the
//!    confusion matrices of `ds` ([`carried`]). Its verdicts stand, unless they rest on a label
//!    that nobody gave ([`crate::given`]).
//! 2. Truths are drawn from their posterior ([`crate::sampling`]); the one-coin model judges votes.
//!    Crowds too large for this have the fit's own [`information`].
//! 3. Skills follow from the draws, or from 30 answers to items with a known label alone.
//! 4. A model's posteriors are those of the draws, recalibrated if enough labels are known
//!    ([`crate::recalibration`]). Vote shares do not change.

use ndarray::Array2;
use querist_core::error::BoxError;
use querist_core::{
    Aggregation, Aggregator, AnnotationSet, Known, Posteriors, Probabilities, Skill, SkillEvidence, Verdict,
    wilson_rate,
};

use crate::cells::Cells;
use crate::dawid_skene::DawidSkene;
use crate::error::QualityError;
use crate::given;
use crate::glad::Glad;
use crate::known::Checked;
use crate::mace::Mace;
use crate::majority::MajorityVote;
use crate::one_coin::OneCoin;
use crate::outcome::{tallies, verdict};
use crate::recalibration;
use crate::sampling::coin::Coin;
use crate::sampling::confusion::Confusion;
use crate::sampling::{Right, Sampled, affordable, sample};
use crate::skill::Tally;
use crate::start::Start;
use crate::wawa::Wawa;

/// The fewest answers to items with a known label that alone decide an annotator's skill.
pub(crate) const ENOUGH: f64 = 30.0;
/// The fewest answers to a row of a confusion matrix, on average, with which `ds` is fitted.
const ROW: f64 = 3.0;
/// The part of a posterior that is spread evenly if its annotators have one answer each.
const DOUBT: f64 = 0.4;
/// The lead that the verdict's class gets over the next class if the draws favour another.
const AHEAD: f64 = 1e-6;
/// The largest share of an annotator's information that can be missing because truths are
/// uncertain.
const MOST_MISSING: f64 = 0.98;

/// An aggregation method with its settings.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Method {
    Majority(MajorityVote),
    Wawa(Wawa),
    DawidSkene(DawidSkene),
    OneCoin(OneCoin),
    Glad(Glad),
    Mace(Mace),
}

/// A method whose fit is judged by draws.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Judged {
    method: Method,
}

impl Judged {
    /// The method with this name, with its defaults.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let method = match name {
            "mv" => Method::Majority(MajorityVote),
            "wawa" => Method::Wawa(Wawa::default()),
            "ds" => Method::DawidSkene(DawidSkene::default()),
            "onecoin" => Method::OneCoin(OneCoin::default()),
            "glad" => Method::Glad(Glad::default()),
            "mace" => Method::Mace(Mace::default()),
            _ => return None,
        };
        Some(Self { method })
    }
}

impl Method {
    fn aggregator(&self) -> &dyn Aggregator {
        match self {
            Self::Majority(method) => method,
            Self::Wawa(method) => method,
            Self::DawidSkene(method) => method,
            Self::OneCoin(method) => method,
            Self::Glad(method) => method,
            Self::Mace(method) => method,
        }
    }

    /// Whether the method's posteriors are shares of votes.
    fn votes(self) -> bool {
        self.aggregator().posteriors() == Posteriors::VoteShares
    }

    /// Draws truths if the crowd is small enough. For votes it uses the one-coin model, which takes
    /// a vote as evidence and not as the truth.
    fn sample(self, annotations: &AnnotationSet, known: Checked<'_>, start: &[f64]) -> Option<Sampled> {
        if !affordable(annotations, annotations.annotators().len()) {
            return None;
        }
        if !matches!(self, Self::DawidSkene(_) | Self::Mace(_)) {
            return Some(sample(annotations, known, start, || Coin::new(annotations, known)));
        }
        // With MACE an annotator is a confusion matrix too (equal rows, plus knowledge on the
        // diagonal), so one model judges both methods.
        let cells = Cells::new(annotations);
        affordable(annotations, cells.len().saturating_mul(annotations.n_classes()))
            .then(|| sample(annotations, known, start, || Confusion::new(annotations, known, &cells)))
    }
}

impl Aggregator for Judged {
    fn name(&self) -> &'static str {
        self.method.aggregator().name()
    }

    fn posteriors(&self) -> Posteriors {
        self.method.aggregator().posteriors()
    }

    fn aggregate(&self, annotations: &AnnotationSet, known: &Known) -> Result<Aggregation, BoxError> {
        let mut result = self.once(annotations, known)?;
        if !self.method.votes() {
            let share = recalibration::sharpness(known, |hidden| {
                Ok::<_, BoxError>(self.once(annotations, hidden)?.posteriors)
            })?;
            recalibration::temper(&mut result, known, share)?;
        }
        Ok(result)
    }
}

/// Each item with a known label, and the posterior (length K) that `method`, by the newest rules,
/// would give it without this label. A fifth of the labels is hidden at a time. Empty if fewer than
/// 30 labels are known, or there is no such method.
///
/// # Errors
/// The answers and the known labels or skills do not fit together.
pub fn held_out(
    annotations: &AnnotationSet,
    known: &Known,
    method: &str,
) -> Result<Vec<(usize, Vec<f64>)>, BoxError> {
    let Some(judged) = Judged::named(method) else { return Ok(Vec::new()) };
    recalibration::held_out(known, |hidden| Ok(judged.once(annotations, hidden)?.posteriors))
}

impl Judged {
    fn once(&self, annotations: &AnnotationSet, known: &Known) -> Result<Aggregation, BoxError> {
        let method = carried(self.method, annotations);
        let mut result = method.aggregator().aggregate(annotations, known)?;
        if method != self.method {
            result.instead = Some(method.aggregator().name());
        }
        if annotations.entries().is_empty() {
            return Ok(result);
        }
        let checked = Checked::new(annotations, known)?;
        let start = flat(&result.posteriors);
        let sampled = method.sample(annotations, checked, &start);
        let right = match &sampled {
            Some(sampled) => sampled.right.clone(),
            None if method.votes() => {
                let coin = OneCoin::default().aggregate(annotations, known)?;
                information(&tallies(annotations, &flat(&coin.posteriors)), checked)
            }
            None => information(&tallies(annotations, &start), checked),
        };
        skills(annotations, checked, &right, sampled.is_some(), &mut result.skills);
        let (rows, accuracy) = match &sampled {
            Some(sampled) => (&sampled.rows, given::OF_DRAWS),
            None => (&start, given::OF_FITS),
        };
        if !method.votes() {
            given::prefer_given(annotations, checked, (rows, accuracy), &mut result.verdicts);
        }
        if let Some(sampled) = sampled.filter(|_| !method.votes()) {
            result.posteriors = posteriors(annotations, checked, sampled.rows, &result.verdicts)?;
            result.verdicts =
                result.posteriors.view().outer_iter().map(|row| verdict(&row.to_vec())).collect();
        }
        Ok(result)
    }
}

/// The method itself, or `onecoin` instead of `ds` if a row of a confusion matrix has on average
/// fewer than [`ROW`] answers, or fewer than its K - 1 free numbers. Such rows are mostly prior,
/// and their errors add up over an item's answers.
fn carried(method: Method, annotations: &AnnotationSet) -> Method {
    let rows = annotations.annotators().len().saturating_mul(annotations.n_classes()) as f64;
    let least = ROW.max(annotations.n_classes() as f64 - 1.0);
    match method {
        Method::DawidSkene(_) if (annotations.entries().len() as f64) < least * rows => {
            Method::OneCoin(OneCoin::default())
        }
        method => method,
    }
}

fn flat(rows: &Probabilities) -> Vec<f64> {
    rows.view().iter().copied().collect()
}

/// The number of right answers by a fit, with the variance that uncertain truths cause. It uses
/// Louis' information (see `skill`) instead of draws.
fn information(tallies: &[Tally], known: Checked<'_>) -> Vec<Right> {
    let of = |(annotator, tally): (usize, &Tally)| {
        let prior = known.prior(annotator);
        let total = tally.answers as f64 + prior.right + prior.wrong + 2.0 / 3.0;
        let mean = (tally.right + prior.right + 1.0 / 3.0) / total;
        let spread = mean * (1.0 - mean);
        let missing = (tally.doubt / (total * spread)).min(MOST_MISSING);
        // The variance of the accuracy is spread / (total (1 - missing)). Subtract the variance
        // that certain answers would have.
        Right { mean: tally.right, variance: total * spread * missing / (1.0 - missing) }
    };
    tallies.iter().enumerate().map(of).collect()
}

/// Fills in accuracy, evidence and interval. The quantiles are exact after draws, and Wilson's for
/// the same evidence in large crowds, which may have a hundred thousand annotators.
fn skills(
    annotations: &AnnotationSet,
    known: Checked<'_>,
    right: &[Right],
    exact: bool,
    skills: &mut [Skill],
) {
    let controls = Start::Known.counts(annotations, known);
    for (annotator, skill) in skills.iter_mut().enumerate() {
        let (sure, not) = controls[annotator];
        let prior = known.prior(annotator);
        let (evidence, accuracy) = if sure + not >= ENOUGH {
            (SkillEvidence { right: sure, wrong: not }, sure / (sure + not))
        } else {
            let n = skill.answers as f64 + prior.right + prior.wrong;
            let accuracy = (right[annotator].mean + prior.right) / n;
            (right[annotator].evidence(skill.answers, prior), accuracy.clamp(0.0, 1.0))
        };
        let mut interval =
            if exact || sure + not >= ENOUGH { Some(evidence.interval()) } else { quick(evidence) };
        if let Some(interval) = &mut interval {
            interval.low = interval.low.min(accuracy);
            interval.high = interval.high.max(accuracy);
        }
        skill.accuracy = Some(accuracy);
        skill.evidence = Some(evidence);
        skill.interval = interval;
    }
}

fn quick(evidence: SkillEvidence) -> Option<querist_core::Interval> {
    let n = evidence.right + evidence.wrong;
    wilson_rate(if n > 0.0 { evidence.right / n } else { 0.5 }, n)
}

/// The posteriors, from the rows of the draws. The classes of the verdict keep the lead: tied
/// classes share their probability, and a class that the draws put behind another gets just ahead
/// of it. Then a part of each row is spread evenly: [`DOUBT`] divided by the harmonic mean of its
/// annotators' numbers of answers. The priors of the draws are a guess, which few answers cannot
/// correct.
fn posteriors(
    annotations: &AnnotationSet,
    known: Checked<'_>,
    mut rows: Vec<f64>,
    verdicts: &[Verdict],
) -> Result<Probabilities, QualityError> {
    let k = annotations.n_classes();
    let mut n = vec![0.0_f64; annotations.annotators().len()];
    annotations.entries().iter().for_each(|entry| n[entry.annotator as usize] += 1.0);
    for (item, (row, verdict)) in rows.chunks_exact_mut(k).zip(verdicts).enumerate() {
        if known.label(item).is_some() {
            continue;
        }
        let leading = match verdict {
            Verdict::Label(class) => std::slice::from_ref(class),
            Verdict::Tie(classes) => classes,
        };
        let shared: f64 = leading.iter().map(|class| row[class.index()]).sum::<f64>() / leading.len() as f64;
        for class in leading {
            row[class.index()] = -1.0;
        }
        let next = row.iter().copied().fold(0.0, f64::max);
        for class in leading {
            row[class.index()] = shared.max(next + AHEAD);
        }
        let sum: f64 = row.iter().sum();
        let answers = annotations.of_item(item);
        let few = answers.iter().map(|answer| 1.0 / n[answer.annotator as usize]).sum::<f64>();
        let doubt = DOUBT * few / answers.len() as f64;
        for p in row.iter_mut() {
            *p = (1.0 - doubt) * *p / sum + doubt / k as f64;
        }
    }
    let items = verdicts.len();
    Ok(Probabilities::new(Array2::from_shape_vec((items, k), rows).unwrap_or_default())?)
}
