//! The report's section on annotators over time: accuracy and speed by round, and who got worse.

use querist_core::Proportion;
use serde::Serialize;

use crate::markdown::{escape, percent, table};

/// Each annotator's accuracy and speed by round, and whether the annotator got worse.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OverTime {
    /// The probability that an annotator who does not change is flagged within the horizon, at
    /// most.
    pub alpha: f64,
    /// The horizon: the number of answers to control items for which `alpha` holds.
    pub horizon: usize,
    /// The baseline: the number of first answers to control items from which an annotator's usual
    /// error rate is estimated.
    pub baseline: usize,
    /// The annotators, sorted by name.
    pub annotators: Vec<AnnotatorOverTime>,
}

/// One annotator's results over time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AnnotatorOverTime {
    /// Name of the annotator.
    pub annotator: String,
    /// The results of each round in which the annotator answered, ascending.
    pub rounds: Vec<AnnotatorRound>,
    /// Whether the annotator got worse over time.
    pub drift: DriftWatch,
}

/// One annotator's results in one round.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AnnotatorRound {
    /// Number of the round whose batch contained the answered documents.
    pub round: u32,
    /// Number of answers, without skips.
    pub answers: usize,
    /// Accuracy on the round's control items.
    pub control: Proportion,
    /// How often the answers match the majority of the other annotators who answered the same
    /// document. Documents without such a majority do not count.
    pub with_others: Proportion,
    /// Median duration of an answer, in seconds; `None` if no answer has one.
    pub median_seconds: Option<f64>,
}

/// Whether an annotator's answers to control items got worse over time (drift).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DriftWatch {
    /// Number of answers to control items, including the baseline.
    pub answers: usize,
    /// The usual error rate, in [0, 1]: the largest rate that fits the baseline. `None` if there
    /// are too few answers.
    pub usual_error: Option<f64>,
    /// The drift score, divided by the limit above which an annotator is flagged. `None` if there
    /// are too few answers.
    pub score: Option<f64>,
    /// Whether the annotator is flagged.
    pub flagged: bool,
    /// Number of the round in which the drift seems to have begun. `None` if the annotator is not
    /// flagged, or if the answer with which it began belongs to no round.
    pub since_round: Option<u32>,
}

impl DriftWatch {
    /// Returns the result in words, such as "worse since round 3".
    pub fn words(&self, baseline: usize) -> String {
        match (self.flagged, self.since_round, self.score) {
            (true, Some(round), _) => format!("worse since round {round}"),
            (true, None, _) => "worse".to_owned(),
            (false, _, Some(_)) => "none seen".to_owned(),
            (false, _, None) => {
                format!("too early to tell ({} control answers, {} needed)", self.answers, baseline + 1)
            }
        }
    }
}

impl OverTime {
    /// Returns a clause about each flagged annotator, for the headlines. Clauses are not escaped.
    pub fn flagged(&self) -> Vec<String> {
        let flagged = self.annotators.iter().filter(|annotator| annotator.drift.flagged);
        flagged
            .map(|one| format!("{} has become {}", one.annotator, one.drift.words(self.baseline)))
            .collect()
    }

    /// Returns the rows of the table, one per annotator and round. They are not escaped.
    pub fn rows(&self) -> Vec<Vec<String>> {
        let row = |(annotator, round): (&AnnotatorOverTime, &AnnotatorRound)| {
            vec![
                annotator.annotator.clone(),
                round.round.to_string(),
                round.answers.to_string(),
                short(&round.control),
                short(&round.with_others),
                round.median_seconds.map_or_else(|| "–".to_owned(), |seconds| format!("{seconds:.1}")),
            ]
        };
        let rounds = self.annotators.iter().flat_map(|one| one.rounds.iter().map(move |round| (one, round)));
        rounds.map(row).collect()
    }

    /// Renders the section as Markdown. It is empty until somebody has answered in two rounds.
    pub fn markdown(&self) -> String {
        if self.annotators.iter().all(|annotator| annotator.rounds.len() < 2) {
            return String::new();
        }
        let rows: Vec<Vec<String>> =
            self.rows().iter().map(|row| row.iter().map(|cell| escape(cell)).collect()).collect();
        let head = [
            "Annotator",
            "Round",
            "Answers",
            "Right on control items",
            "Agrees with others",
            "Seconds per answer",
        ];
        let drift = self.annotators.iter().map(|one| {
            let words = one.drift.words(self.baseline);
            let words = if one.drift.flagged { format!("**{words}**") } else { words };
            format!("{}: {words}", escape(&one.annotator))
        });
        [
            "## Annotators over time".to_owned(),
            table(&head, &rows),
            format!("Drift on control items: {}.", drift.collect::<Vec<_>>().join("; ")),
            format!(
                "An annotator's first {} answers to control items set their usual error rate. If that rate \
                 stays the same, there is a chance of at most {} that they are flagged within the next {} \
                 control answers. \"Agrees with others\" also falls if the documents get harder.",
                self.baseline,
                percent(Some(self.alpha)),
                self.horizon
            ),
        ]
        .join("\n\n")
    }
}

/// Formats a proportion briefly, such as "88.9 % of 9".
fn short(proportion: &Proportion) -> String {
    if proportion.n == 0 {
        "–".to_owned()
    } else {
        format!("{} of {}", percent(proportion.value), proportion.n)
    }
}
