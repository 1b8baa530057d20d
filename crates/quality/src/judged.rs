//! The aggregators of the second edition: they fit a method's model, and then draw truths from its
//! posterior to measure the uncertainty of the result.
//!
//! 1. The requested method is fitted, or `onecoin` if there are too few answers for the confusion
//!    matrices of `ds` ([`carried`]). Its verdicts are kept, except for labels that no annotator
//!    gave ([`crate::given`]).
//! 2. The true labels are drawn from their posterior ([`crate::sampling`]); for vote methods, from
//!    the posterior of the one-coin model. For crowds too large to draw, [`information`] replaces
//!    the draws.
//! 3. Skills are computed from the draws. If an annotator has at least 30 answers to items with a
//!    known label, only these answers count.
//! 4. The posteriors of a model are replaced by the shares of the draws, and recalibrated if enough
//!    labels are known ([`crate::recalibration`]). Vote shares do not change.

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

/// With at least this many answers to items with a known label, an annotator's skill is computed
/// from these answers alone.
pub(crate) const ENOUGH: f64 = 30.0;
/// The fewest answers for each row of the confusion matrices, on average, with which `ds` is
/// fitted.
const ROW: f64 = 3.0;
/// The share of an item's posterior that is spread evenly over the classes if each of its
/// annotators has given only one answer.
const DOUBT: f64 = 0.4;
/// If the draws favour another class than the verdict, the verdict's class gets the probability of
/// that other class plus this.
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

/// A method whose result is corrected and whose skills are computed by draws.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Judged {
    method: Method,
}

impl Judged {
    /// Returns the method with this name and its default settings; `None` for an unknown name.
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
    /// Returns the method's aggregator without draws.
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

    /// Returns whether the method's posteriors are shares of votes.
    fn votes(self) -> bool {
        self.aggregator().posteriors() == Posteriors::VoteShares
    }

    /// Draws true labels, starting from the posteriors `start` (a row for each item, a column for
    /// each class), if the crowd is small enough; else returns `None`. Vote methods and `glad` use
    /// the one-coin model for the draws.
    fn sample(self, annotations: &AnnotationSet, known: Checked<'_>, start: &[f64]) -> Option<Sampled> {
        if !affordable(annotations, annotations.annotators().len()) {
            return None;
        }
        if !matches!(self, Self::DawidSkene(_) | Self::Mace(_)) {
            return Some(sample(annotations, known, start, || Coin::new(annotations, known)));
        }
        // MACE also gives each annotator a confusion matrix (equal rows, with knowledge added on
        // the diagonal), so both methods use the same model for the draws.
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

    /// Fits the method and draws truths. If the method models annotators and enough labels are
    /// known, also makes the posteriors less confident, as far as the known labels require.
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

/// Returns, for each item with a known label, its index and the posterior probability of each class
/// without this label, by `method` in the newest edition. The known labels are divided into fifths,
/// and each fifth is hidden once. Empty if fewer than 30 labels are known, or if no method has this
/// name.
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
    /// Fits the method and draws truths, without the recalibration on known labels.
    fn once(&self, annotations: &AnnotationSet, known: &Known) -> Result<Aggregation, BoxError> {
        let method = carried(self.method, annotations);
        let mut result = method.aggregator().aggregate(annotations, known)?;
        if method != self.method {
            result.instead = Some(method.aggregator().name());
        }
        if annotations.entries().is_empty() {
            return Ok(result);
        }
        // The skills follow from the draws, or for large crowds from the information of the fit.
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
        // The verdicts stay, except for labels that no annotator gave.
        let (rows, accuracy) = match &sampled {
            Some(sampled) => (&sampled.rows, given::OF_DRAWS),
            None => (&start, given::OF_FITS),
        };
        if !method.votes() {
            given::prefer_given(annotations, checked, (rows, accuracy), &mut result.verdicts);
        }
        // The posteriors of a model become the shares of the draws; vote shares stay.
        if let Some(sampled) = sampled.filter(|_| !method.votes()) {
            result.posteriors = posteriors(annotations, checked, sampled.rows, &result.verdicts)?;
            result.verdicts =
                result.posteriors.view().outer_iter().map(|row| verdict(&row.to_vec())).collect();
        }
        Ok(result)
    }
}

/// Returns the method to fit, which is `method` or, instead of `ds`, `onecoin`. It replaces `ds` if
/// the rows of the confusion matrices have on average fewer than [`ROW`] answers, or fewer than
/// their K - 1 free numbers. Such rows depend mostly on the prior, and their errors add up over an
/// item's answers.
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

/// Returns the probabilities in one vector, row by row.
fn flat(rows: &Probabilities) -> Vec<f64> {
    rows.view().iter().copied().collect()
}

/// Returns for each annotator the expected number of right answers, and the variance of this number
/// that uncertain truths cause. It computes the variance by Louis' information (see `skill`), for
/// crowds too large to draw truths.
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

/// Sets the accuracy, the evidence and the interval of each annotator in `skills`. They follow from
/// `right`, which has the number of right answers of each annotator. If `exact`, intervals are
/// exact quantiles; otherwise they are Wilson's, which are faster for large crowds.
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
        // With enough answers to items with a known label, only these answers count.
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
            // The interval has another formula than the accuracy, so widen it until it includes the
            // accuracy.
            interval.low = interval.low.min(accuracy);
            interval.high = interval.high.max(accuracy);
        }
        skill.accuracy = Some(accuracy);
        skill.evidence = Some(evidence);
        skill.interval = interval;
    }
}

/// Returns Wilson's interval for this evidence.
fn quick(evidence: SkillEvidence) -> Option<querist_core::Interval> {
    let n = evidence.right + evidence.wrong;
    wilson_rate(if n > 0.0 { evidence.right / n } else { 0.5 }, n)
}

/// Returns posteriors in which the classes of each verdict lead. They are computed from `rows`, the
/// shares of the draws (a row for each item, a column for each class), as follows; a row with a
/// known label does not change:
///
/// 1. Tied classes get the mean of their probabilities. If the draws put another class ahead of the
///    verdict, the verdict's classes get a slightly higher probability than that class.
/// 2. A part of the row is spread evenly over the classes: [`DOUBT`] divided by the harmonic mean
///    of the numbers of answers of the item's annotators. The reason is that the priors of the
///    draws are a guess, which few answers cannot correct.
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
            // Keep the verdict's classes out of the maximum below.
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
