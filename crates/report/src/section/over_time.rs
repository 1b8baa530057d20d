//! Annotators over time: accuracy and speed by round, and who gets worse.

use querist_core::Proportion;
use serde::Serialize;

use crate::markdown::{escape, percent, table};

/// Annotators over time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OverTime {
    /// The chance that an annotator who does not change is ever flagged within the horizon.
    pub alpha: f64,
    /// How many watched answers that holds for.
    pub horizon: usize,
    /// How many first answers to control items say what is usual.
    pub baseline: usize,
    /// Each annotator, by name.
    pub annotators: Vec<AnnotatorOverTime>,
}

/// One annotator over time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AnnotatorOverTime {
    /// Who.
    pub annotator: String,
    /// Each round that they answered something of, ascending.
    pub rounds: Vec<AnnotatorRound>,
    /// Whether they get worse.
    pub drift: DriftWatch,
}

/// One annotator in one round.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AnnotatorRound {
    /// The round whose batch the answered documents were of.
    pub round: u32,
    /// Answers with a label.
    pub answers: usize,
    /// Accuracy on its control items.
    pub control: Proportion,
    /// Agreement with the majority of the others who answered the same document, where that is no
    /// tie.
    pub with_others: Proportion,
    /// The median of seconds an answer; `None` where no answer has a time.
    pub median_seconds: Option<f64>,
}

/// What watching an annotator's answers to control items came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DriftWatch {
    /// Answers to control items, baseline included.
    pub answers: usize,
    /// The error rate that counts as usual: the upper end of what the baseline allows; `None` while
    /// there are too few answers.
    pub usual_error: Option<f64>,
    /// The score, as a share of the limit that raises the alarm; `None` as above.
    pub score: Option<f64>,
    /// Whether the alarm was raised.
    pub flagged: bool,
    /// The round in which the fall seems to have begun; `None` without an alarm, or where that
    /// answer belongs to no round.
    pub since_round: Option<u32>,
}

impl DriftWatch {
    /// In words, as "worse since round 3".
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
    /// Who is flagged, each with words, for the head of the report; not escaped.
    pub fn flagged(&self) -> Vec<String> {
        let flagged = self.annotators.iter().filter(|annotator| annotator.drift.flagged);
        flagged.map(|one| format!("{} got {}", one.annotator, one.drift.words(self.baseline))).collect()
    }

    /// The rows of a table by annotator and round, not escaped.
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

    /// The section as Markdown; empty as long as nobody has answered anything of two rounds.
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
                "The first {} control answers set an annotator's usual error rate. An annotator who does \
                 not change has a chance of at most {} of being flagged within the next {}. \"Agrees with \
                 others\" also falls when documents get harder.",
                self.baseline,
                percent(Some(self.alpha)),
                self.horizon
            ),
        ]
        .join("\n\n")
    }
}

/// As "88.9 % of 9".
fn short(proportion: &Proportion) -> String {
    if proportion.n == 0 {
        "–".to_owned()
    } else {
        format!("{} of {}", percent(proportion.value), proportion.n)
    }
}
