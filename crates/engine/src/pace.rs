//! How long annotation takes: seconds per answer, the remaining time of a batch, and the hours and
//! the cost of the labels that the forecast asks for.
//!
//! An annotator's pace is the mean duration of their answers. If too few durations are known, it is
//! the mean gap between the times of successive answers; gaps above ten minutes separate sessions
//! and are left out. A duration is left out if it is above ten minutes and above ten times the
//! annotator's median: the annotator had left the desk. Skips count as answers.
//!
//! Invariant: fewer than five measurements yield no figure, only the reason why there is none.

use std::collections::BTreeMap;

use querist_core::{Answer, Role, RoundRecord, Snapshot};
use querist_quality::speed;
use querist_report as report;

use crate::awaited::awaited;
use crate::settings::CostSettings;
use crate::situation::Situation;

/// A longer gap between two answers means that a session ended, in seconds.
const BREAK: f64 = 600.0;
/// A duration above this many times the annotator's median means that the annotator was away.
const AWAY: f64 = 10.0;
/// A figure needs at least this many measurements.
const FEWEST: usize = 5;
/// Microseconds per second, and seconds per hour.
const MICROSECONDS: f64 = 1e6;
const HOUR: f64 = 3_600.0;

/// The working time of an annotator, from one kind of measurement.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Measured {
    /// Number of durations, or of gaps between answers, that are not breaks.
    n: usize,
    /// Sum of these durations or gaps, in seconds.
    seconds: f64,
    /// Number of durations or gaps that were left out as breaks.
    breaks: usize,
}

impl Measured {
    /// Sums durations or gaps, given in seconds. Those for which `is_break` holds are only counted.
    fn of(measurements: &[f64], is_break: impl Fn(f64) -> bool) -> Self {
        let mut measured = Self::default();
        for seconds in measurements {
            if is_break(*seconds) {
                measured.breaks += 1;
            } else {
                measured.n += 1;
                measured.seconds += seconds;
            }
        }
        measured
    }

    /// Returns the mean in seconds; `None` with too few measurements, or if their sum is 0.
    fn mean(self) -> Option<f64> {
        (self.n >= FEWEST && self.seconds > 0.0).then(|| self.seconds / self.n as f64)
    }
}

/// The number of an annotator's answers, and the time that they took.
struct Work {
    /// Number of answers, skips included.
    answers: usize,
    /// The measured time, and from what it was measured; `None` if too little is known.
    measured: Option<(report::PaceBasis, Measured)>,
    /// Why the time is unknown, if it is.
    why_none: Option<String>,
}

impl Work {
    /// Measures one annotator's answers: by their durations or, if too few are known, by the gaps
    /// between their times.
    fn of(answers: &[&Answer]) -> Self {
        let seconds: Vec<f64> = answers.iter().filter_map(|answer| answer.seconds).collect();
        let median = speed::median(&seconds).unwrap_or_default();
        let known = Measured::of(&seconds, |seconds| seconds > BREAK.max(AWAY * median));
        let mut times: Vec<i64> = answers.iter().filter_map(|answer| answer.time).collect();
        times.sort_unstable();
        let gaps: Vec<f64> =
            times.windows(2).map(|pair| pair[1].saturating_sub(pair[0]) as f64 / MICROSECONDS).collect();
        let between = Measured::of(&gaps, |seconds| seconds > BREAK);
        let (measured, why_none) = match (known.mean(), between.mean()) {
            (Some(_), _) => (Some((report::PaceBasis::Seconds, known)), None),
            (None, Some(_)) => (Some((report::PaceBasis::Times, between)), None),
            (None, None) => (None, Some(why_none(known, between))),
        };
        Self { answers: answers.len(), measured, why_none }
    }

    /// Returns these measurements as a pace for the report.
    fn rate(&self) -> report::PaceRate {
        let (basis, measured) = self.measured.unzip();
        rate(self.answers, basis.into_iter().collect(), measured.unwrap_or_default(), self.why_none.clone())
    }
}

/// Returns a sentence that says why an annotator has no pace. `known` are the durations of their
/// answers, `between` the gaps between them.
fn why_none(known: Measured, between: Measured) -> String {
    if known.n + between.n >= FEWEST && known.seconds + between.seconds <= 0.0 {
        return "all measured durations and gaps are 0 s".to_owned();
    }
    let (known, between) = (known.n, between.n);
    format!(
        "{FEWEST} answers with a duration are needed (there are {known}), or {FEWEST} gaps of at most ten \
         minutes between answers (there are {between})"
    )
}

/// Returns a pace for the report. `basis` says from what it was measured, `why_none` why it is
/// unknown, if it is.
fn rate(
    answers: usize,
    basis: Vec<report::PaceBasis>,
    measured: Measured,
    why_none: Option<String>,
) -> report::PaceRate {
    let seconds = measured.mean();
    report::PaceRate {
        answers,
        basis,
        measured: measured.n,
        breaks: measured.breaks,
        seconds_per_answer: seconds,
        answers_per_hour: seconds.map(|seconds| HOUR / seconds),
        why_none,
    }
}

/// Measures how long each annotator's answers took, in the snapshot's order of annotators.
fn works(snapshot: &Snapshot) -> Vec<Work> {
    let mut by_person: Vec<Vec<&Answer>> = vec![Vec::new(); snapshot.annotators.len()];
    for answer in &snapshot.answers {
        by_person[answer.annotator as usize].push(answer);
    }
    by_person.iter().map(|answers| Work::of(answers)).collect()
}

/// Returns the pace of each annotator, in the snapshot's order of annotators.
pub fn rates(snapshot: &Snapshot) -> Vec<report::PaceRate> {
    works(snapshot).iter().map(Work::rate).collect()
}

/// Makes the report's section on pace and cost: for each annotator, for the batch of `round`, and
/// for the labels that `forecast` asks for.
pub(crate) fn pace(
    snapshot: &Snapshot,
    situation: &Situation,
    cost: &CostSettings,
    round: &RoundRecord,
    forecast: &report::Forecast,
) -> report::Pace {
    let works = works(snapshot);
    let all = together(&works);
    let needed = needed(snapshot, round);
    let price = |hours: f64| cost.hourly_rate.map(|rate| hours * rate);
    let mut people: Vec<report::AnnotatorPace> = Vec::new();
    let mut names: Vec<&str> = snapshot.annotators.iter().map(String::as_str).collect();
    names.extend(needed.iter().filter_map(|(who, _)| who.as_deref()));
    names.sort_unstable();
    names.dedup();
    for name in names {
        let own = snapshot.annotator(name).map(|annotator| &works[annotator as usize]);
        // An annotator who has documents to answer but has not answered any has no pace of their
        // own.
        let rate = own.map_or_else(|| Work::of(&[]).rate(), Work::rate);
        let to_do = needed.iter().find(|(who, _)| who.as_deref() == Some(name)).map_or(0, |(_, n)| *n);
        // For an annotator without a pace of their own, the overall pace is the best guess.
        let seconds = rate.seconds_per_answer.or(all.seconds_per_answer);
        let hours_left = seconds.map(|seconds| to_do as f64 * seconds / HOUR);
        people.push(report::AnnotatorPace { annotator: name.to_owned(), rate, to_do, hours_left });
    }
    let anybody = needed.iter().find(|(who, _)| who.is_none()).map_or(0, |(_, n)| *n);
    let of_anybody = all.seconds_per_answer.map(|seconds| anybody as f64 * seconds / HOUR);
    let hours = people.iter().filter(|person| person.to_do > 0).map(|person| person.hours_left);
    // If one annotator's time is unknown, the sum is `None`: a partial sum would look like the
    // whole.
    let hours = hours.chain([of_anybody]).sum::<Option<f64>>();
    let answers = needed.iter().map(|(_, n)| n).sum();
    let batch = report::BatchTime { round: round.number, answers, hours, cost: hours.and_then(price) };
    let forecast = effort(snapshot, situation, &all, forecast, price);
    let hourly_rate = cost.hourly_rate;
    report::Pace { annotators: people, all, batch, forecast, hourly_rate, currency: cost.currency.clone() }
}

/// Computes the overall pace. It is the total time of all annotators with a known pace, divided by
/// the number of answers that were measured.
fn together(works: &[Work]) -> report::PaceRate {
    let mut sum = Measured::default();
    let mut basis = Vec::new();
    for (own, measured) in works.iter().filter_map(|work| work.measured) {
        sum.n += measured.n;
        sum.seconds += measured.seconds;
        sum.breaks += measured.breaks;
        basis.push(own);
    }
    basis.sort_unstable();
    basis.dedup();
    let answers = works.iter().map(|work| work.answers).sum();
    let why_none = match (basis.is_empty(), answers) {
        (false, _) => None,
        (true, 0) => Some("nobody has answered yet".to_owned()),
        (true, _) => Some(format!(
            "nobody has {FEWEST} answers with a duration, or as many gaps of at most ten minutes between \
             answers"
        )),
    };
    rate(answers, basis, sum, why_none)
}

/// Returns the number of answers that a round's batch still needs. If documents were assigned,
/// there is one number for each annotator; otherwise there is one number without a name.
fn needed(snapshot: &Snapshot, round: &RoundRecord) -> Vec<(Option<String>, usize)> {
    let answered = snapshot.answered();
    let asked = |document: usize| {
        snapshot.documents[document].role != Role::Test && snapshot.settled(document).is_none()
    };
    let handed: Vec<_> =
        snapshot.assignments.iter().filter(|assignment| assignment.round == round.number).collect();
    if handed.is_empty() {
        let waits = |document: usize| !snapshot.has_answer_for(round, document, &answered);
        let open = round.picks.iter().filter(|pick| asked(pick.document) && waits(pick.document)).count();
        return vec![(None, open)];
    }
    let mut needed: BTreeMap<&str, usize> =
        handed.iter().map(|assignment| (assignment.annotator.as_str(), 0)).collect();
    for assignment in awaited(snapshot).into_iter().filter(|assignment| assignment.round == round.number) {
        *needed.entry(&assignment.annotator).or_default() += 1;
    }
    needed.into_iter().map(|(who, n)| (Some(who.to_owned()), n)).collect()
}

/// Converts the number of labels in the forecast to hours and money. It assumes that answers take
/// as long as until now, and that a label needs as many answers as until now.
fn effort(
    snapshot: &Snapshot,
    situation: &Situation,
    all: &report::PaceRate,
    forecast: &report::Forecast,
    price: impl Fn(f64) -> Option<f64>,
) -> report::Effort {
    let has_label = |row: usize| situation.label_of[situation.pool[row]].is_some();
    let labeled = situation.voted.iter().filter(|(row, _)| has_label(*row)).count();
    let per_label = (labeled > 0).then(|| snapshot.answers.len() as f64 / labeled as f64);
    let hours_a_label = all.seconds_per_answer.zip(per_label).map(|(seconds, n)| seconds * n / HOUR);
    let of = |labels: Option<usize>| Some(labels? as f64 * hours_a_label?);
    let [hours, low, high] = [forecast.more_labels, forecast.low, forecast.high].map(of);
    let why_none = if forecast.more_labels == Some(0) && forecast.high.is_none() {
        Some("no more labels are needed".to_owned())
    } else if forecast.outlook != "needs more labels" {
        Some(format!("the forecast of labels says \"{}\"", forecast.outlook_words()))
    } else if let Some(why) = &all.why_none {
        Some(why.clone())
    } else if per_label.is_none() {
        Some("no document has got its label from answers yet".to_owned())
    } else {
        None
    };
    report::Effort {
        answers_per_label: per_label,
        hours,
        hours_low: low,
        hours_high: high,
        cost: hours.and_then(&price),
        cost_low: low.and_then(&price),
        cost_high: high.and_then(&price),
        why_none,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(seconds: Option<f64>, time: Option<i64>) -> Answer {
        Answer { document: 0, annotator: 0, label: None, seconds, time: time.map(|time| time * 1_000_000) }
    }

    fn work(answers: &[Answer]) -> report::PaceRate {
        Work::of(&answers.iter().collect::<Vec<_>>()).rate()
    }

    #[test]
    fn known_seconds_count_and_a_lunch_does_not() {
        let mut answers: Vec<Answer> = [8.0, 12.0, 10.0, 9.0, 11.0].map(|s| answer(Some(s), None)).to_vec();
        let pace = work(&answers);
        assert_eq!((pace.seconds_per_answer, pace.answers_per_hour), (Some(10.0), Some(360.0)));
        answers.push(answer(Some(3_000.0), None));
        let with_lunch = work(&answers);
        assert_eq!((with_lunch.seconds_per_answer, with_lunch.breaks), (Some(10.0), 1));
        // If long answers are usual, none of them is a break.
        let long = work(&[900.0, 800.0, 1_000.0, 700.0, 1_100.0].map(|s| answer(Some(s), None)));
        assert_eq!((long.seconds_per_answer, long.breaks), (Some(900.0), 0));
    }

    #[test]
    fn times_stand_in_and_a_gap_ends_a_session() {
        let times = [0, 20, 40, 60, 5_000, 5_020, 5_040, 5_060];
        let pace = work(&times.map(|time| answer(None, Some(time))));
        assert_eq!((pace.seconds_per_answer, pace.measured, pace.breaks), (Some(20.0), 6, 1));
        assert_eq!(pace.basis, [report::PaceBasis::Times]);
        // With five known durations, the times are not used.
        let both = work(&times.map(|time| answer(Some(5.0), Some(time))));
        assert_eq!((both.seconds_per_answer, both.basis), (Some(5.0), vec![report::PaceBasis::Seconds]));
    }

    #[test]
    fn too_little_is_said() {
        let few = work(&[answer(Some(3.0), Some(0)), answer(None, Some(9))]);
        assert_eq!(few.seconds_per_answer, None);
        assert_eq!(
            few.why_none.as_deref(),
            Some(
                "5 answers with a duration are needed (there are 1), or 5 gaps of at most ten minutes \
                 between answers (there are 1)"
            )
        );
        let same = work(&[7; 9].map(|time| answer(None, Some(time))));
        assert_eq!(same.why_none.as_deref(), Some("all measured durations and gaps are 0 s"));
    }
}
