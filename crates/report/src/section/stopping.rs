//! The report's section on stopping: the verdict, each rule's judgment, and the forecast.

use querist_core::{Advice, ExpectedAccuracy, Judgment, PowerLaw};
use serde::Serialize;

use crate::markdown::{escape, table};

/// Whether to stop labelling, and what more labels would bring.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stopping {
    /// The combined verdict.
    pub verdict: Advice,
    /// The reason for the verdict.
    pub reason: String,
    /// The judgment of each rule.
    pub rules: Vec<StoppingRow>,
    /// How far each round's batch is answered, and whether the round's model counts as evidence.
    pub rounds: Vec<RoundEvidence>,
    /// Numbers of the rounds whose random slice has labels, but is from another part of the pool
    /// than this round's. Such slices are not used here.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub other_slices: Vec<u32>,
    /// How many more labels the model needs to reach the target accuracy.
    pub forecast: Forecast,
}

/// The judgment of one rule.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StoppingRow {
    /// Name of the rule.
    pub rule: String,
    /// `decides`, `may object` or `for information`.
    pub role: String,
    /// The rule's judgment.
    #[serde(flatten)]
    pub judgment: Judgment,
}

/// How far a round's batch is answered, and whether the round's model counts as evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct RoundEvidence {
    /// Number of the round.
    pub round: u32,
    /// Number of documents in the round's batch, without control items.
    pub picks: usize,
    /// Number of these documents that have an answer, a skip or an expert's decision now.
    pub answered: usize,
    /// Number of the batch's control items that have an answer, a skip or a decision now.
    pub controls_answered: usize,
    /// Number of the batch's documents, without control items, that have a label now.
    pub labeled: usize,
    /// At least this many labels were added, removed or changed since the last model that counts as
    /// evidence was trained.
    pub new_labels: usize,
    /// Whether these are enough labels for this round's model to count as evidence.
    pub counts: bool,
}

impl RoundEvidence {
    /// Returns the reason why no document of the batch has a label. `None` if at least one document
    /// has a label, or if the batch has no documents.
    fn without_labels(&self) -> Option<&'static str> {
        match (self.picks, self.labeled, self.answered) {
            (0, _, _) | (_, 1.., _) => None,
            (_, 0, 0) if self.controls_answered > 0 => Some("only control items were answered"),
            (_, 0, 0) => Some("its documents have no answers"),
            (_, 0, _) => Some("its documents have answers, but no labels"),
        }
    }
}

/// How many more labels the model needs to reach the target accuracy, according to its learning
/// curve.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Forecast {
    /// The target accuracy, in (0, 1).
    pub target: f64,
    /// On which documents accuracies were measured: `test set` or `random slices`.
    pub measured_on: String,
    /// Number of measured points on the learning curve.
    pub points: usize,
    /// The curve fitted to these points; null if there are too few.
    pub curve: Option<PowerLaw>,
    /// `reached`, `needs more labels`, `out of reach` or `cannot tell yet`.
    pub outlook: String,
    /// Number of further documents that must be labelled; null if unknown.
    pub more_labels: Option<usize>,
    /// Lower end of the 95 % interval of `more_labels`.
    pub low: Option<usize>,
    /// Upper end of this interval; null if it lies beyond the pool.
    pub high: Option<usize>,
    /// The accuracy that more labels would lead to; null if there are too few points.
    pub expected: Option<ExpectedAccuracy>,
    /// The outlook in words.
    pub reason: String,
}

impl Forecast {
    /// Returns the outlook in the words that reports show.
    pub fn outlook_words(&self) -> &str {
        if self.outlook == Advice::CannotTell.name() { Advice::CannotTell.words() } else { &self.outlook }
    }
}

impl Stopping {
    /// Returns the verdict with its reason as a sentence, such as "Stop: …."
    pub fn sentence(&self) -> String {
        let mut letters = self.verdict.words().chars();
        let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
        format!("{first}{}: {}.", letters.as_str(), self.reason)
    }

    /// Returns a sentence that names the rounds without labels, such as "No labels yet from round 2
    /// (its documents have no answers)." `None` if every round with documents has a label.
    pub fn unanswered(&self) -> Option<String> {
        let mut runs: Vec<(u32, u32, &str)> = Vec::new();
        for round in &self.rounds {
            let Some(why) = round.without_labels() else { continue };
            match runs.last_mut() {
                Some((_, last, known)) if *known == why && *last + 1 == round.round => *last = round.round,
                _ => runs.push((round.round, round.round, why)),
            }
        }
        let name = |(first, last, why): &(u32, u32, &str)| match last - first {
            0 => format!("round {first} ({why})"),
            _ => format!("rounds {first} to {last} ({})", why.replacen("its", "their", 1)),
        };
        let names: Vec<String> = runs.iter().map(name).collect();
        (!names.is_empty()).then(|| format!("No labels yet from {}.", names.join(", ")))
    }

    /// If slices from other parts of the pool are not used, returns a sentence that says so.
    pub fn left_out(&self) -> Option<String> {
        let numbers: Vec<String> = self.other_slices.iter().map(u32::to_string).collect();
        let (which, are) = match numbers.len() {
            0 => return None,
            1 => ("slice of round", "is"),
            _ => ("slices of rounds", "are"),
        };
        Some(format!(
            "The random {which} {} {are} not used by the stopping rules or the forecast, because this \
             round's slice was drawn from another part of the documents.",
            numbers.join(", ")
        ))
    }

    /// If it is time to stop, returns the verdict as a headline.
    pub fn headline(&self) -> Option<String> {
        (self.verdict == Advice::Stop).then(|| self.sentence())
    }

    /// Renders the section as Markdown.
    pub fn markdown(&self) -> String {
        let rows: Vec<Vec<String>> = self
            .rules
            .iter()
            .map(|row| {
                let StoppingRow { rule, role, judgment } = row;
                [rule, judgment.advice.words(), role, &judgment.reason].map(escape).into()
            })
            .collect();
        let forecast = &self.forecast;
        let mut curve = format!(
            "Forecast from accuracy on the {}: {} ({}).",
            forecast.measured_on,
            forecast.outlook_words(),
            forecast.reason
        );
        if let Some(PowerLaw { a, b, c }) = forecast.curve {
            curve += &format!(
                " For n labels, the likeliest curve is {a:.3} − {b:.3} n^(−{c:.3}), fitted to {} points; the \
                 interval takes other curves into account.",
                forecast.points
            );
        }
        if let Some(ExpectedAccuracy { labeled, value, low, high }) = forecast.expected {
            let [value, low, high] = [value, low, high].map(|share| 100.0 * share);
            curve +=
                &format!(" With {labeled} labels, expect an accuracy of {value:.1} % ({low:.1}–{high:.1}).");
        }
        let mut parts = vec![
            "## Stop or go on".to_owned(),
            format!("**{}**", escape(&self.sentence())),
            table(&["Rule", "Advice", "Role", "Why"], &rows),
        ];
        parts.extend(self.unanswered().map(|sentence| escape(&sentence)));
        parts.push(escape(&curve));
        parts.extend(self.left_out().map(|sentence| escape(&sentence)));
        parts.join("\n\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stopping(verdict: Advice) -> Stopping {
        let row = StoppingRow {
            rule: "kappa".into(),
            role: "decides".into(),
            judgment: Judgment {
                advice: verdict,
                reason: "it is so".into(),
                numbers: vec![("threshold", 0.9), ("mean_kappa", 0.5)],
            },
        };
        let forecast = Forecast {
            target: 0.95,
            measured_on: "test set".into(),
            points: 5,
            curve: Some(PowerLaw { a: 0.9, b: 1.0, c: 0.5 }),
            outlook: "out of reach".into(),
            more_labels: None,
            low: None,
            high: None,
            expected: Some(ExpectedAccuracy { labeled: 400, value: 0.85, low: 0.8, high: 0.9 }),
            reason: "95.0 % is out of reach".into(),
        };
        Stopping {
            verdict,
            reason: "it is so (kappa rule)".into(),
            rules: vec![row],
            rounds: vec![],
            other_slices: vec![],
            forecast,
        }
    }

    #[test]
    fn a_row_is_one_object_in_json() {
        let json = serde_json::to_string(&stopping(Advice::CannotTell).rules[0]).unwrap();
        assert_eq!(
            json,
            r#"{"rule":"kappa","role":"decides","advice":"cannot tell yet","reason":"it is so","numbers":{"mean_kappa":0.5,"threshold":0.9}}"#
        );
    }

    #[test]
    fn reads_as_it_should() {
        let text = stopping(Advice::GoOn).markdown();
        assert!(text.contains("**Go on: it is so (kappa rule).**"), "{text}");
        assert!(text.contains("| kappa | go on | decides | it is so |"), "{text}");
        assert!(text.contains(
            "Forecast from accuracy on the test set: out of reach (95.0 % is out of reach). For n labels, \
             the likeliest curve is 0.900 −"
        ));
        assert!(text.ends_with(" With 400 labels, expect an accuracy of 85.0 % (80.0–90.0)."), "{text}");
    }

    #[test]
    fn rounds_without_a_label_are_named_with_the_reason() {
        let round = |round, answered, labeled| RoundEvidence {
            round,
            picks: 9,
            answered,
            controls_answered: 0,
            labeled,
            new_labels: 0,
            counts: false,
        };
        let mut stopping = stopping(Advice::GoOn);
        stopping.rounds = vec![round(1, 9, 5)];
        assert_eq!(stopping.unanswered(), None);
        let controls = RoundEvidence { controls_answered: 2, ..round(2, 0, 0) };
        let told = Stopping { rounds: vec![controls], ..stopping.clone() }.unanswered();
        assert_eq!(told.as_deref(), Some("No labels yet from round 2 (only control items were answered)."));
        stopping.rounds.extend([
            round(2, 0, 0),
            round(3, 0, 0),
            round(4, 9, 0),
            round(5, 9, 9),
            round(6, 0, 0),
        ]);
        // Only control items, or no picks at all as in a final round: no label could come.
        stopping.rounds.push(RoundEvidence { picks: 0, ..round(7, 0, 0) });
        assert_eq!(
            stopping.unanswered().as_deref(),
            Some(
                "No labels yet from rounds 2 to 3 (their documents have no answers), round 4 (its \
                 documents have answers, but no labels), round 6 (its documents have no answers)."
            )
        );
        assert!(stopping.markdown().contains("\n\nNo labels yet from rounds 2 to 3"));
    }

    #[test]
    fn slices_of_other_documents_are_named() {
        let of = |other_slices| Stopping { other_slices, ..stopping(Advice::GoOn) };
        assert_eq!(of(vec![]).left_out(), None);
        let one = of(vec![2]).markdown();
        assert!(
            one.contains("The random slice of round 2 is not used by the stopping rules or the forecast"),
            "{one}"
        );
        let two = of(vec![2, 4]).left_out().unwrap();
        assert!(
            two.starts_with(
                "The random slices of rounds 2, 4 are not used by the stopping rules or the forecast"
            ),
            "{two}"
        );
    }

    #[test]
    fn only_a_stop_is_a_headline() {
        assert_eq!(stopping(Advice::Stop).headline().as_deref(), Some("Stop: it is so (kappa rule)."));
        assert_eq!(stopping(Advice::CannotTell).headline(), None);
    }
}
