//! The results of a simulation. A file of results has a header, which says what was simulated, and
//! one line for each round of each run.
//!
//! The file is JSON Lines, so a line can be appended when a round ends. After a killed process the
//! file is still readable: an incomplete last line is ignored. Lines of several runs may be mixed;
//! [`Results::sorted`] orders them by arm, seed and round.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

use super::protocol::Arm;
use super::stopped::StopFigures;

/// What is known of a run after a round. Round 0 is the state after the initial labels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RoundLine {
    /// Name of the arm.
    pub arm: String,
    /// The seed of the run.
    pub seed: u64,
    /// Number of the round, from 0.
    pub round: u32,
    /// Number of answers so far.
    pub answers: usize,
    /// Number of documents that the oracle has been asked about so far.
    pub asked: usize,
    /// Ids of the documents of this round's batch; in round 0, ids of the initial documents.
    pub chosen: Vec<String>,
    /// Number of labelled documents by class, in label order.
    pub labeled: Vec<usize>,
    /// Number of labelled documents with a wrong label.
    pub wrong: usize,
    /// Number of documents that were asked about but have no label, because their votes are tied.
    pub undecided: usize,
    /// Name of the kind of features.
    pub features: String,
    /// Whether the solver converged; null without a model.
    pub converged: Option<bool>,
    /// Accuracy on the test set, in [0, 1]; null without a model.
    pub accuracy: Option<f64>,
    /// Mean F1 over the classes that occur among test labels or predictions, in [0, 1]; null
    /// without a model.
    pub macro_f1: Option<f64>,
    /// Recall of each class, in label order; null without a model, and for classes that the test
    /// set lacks.
    pub recall: Vec<Option<f64>>,
    /// The figures that stopping rules need.
    pub stop: StopFigures,
    /// Seconds for choosing the batch and training on its answers. They differ each time.
    pub seconds: f64,
}

impl RoundLine {
    /// Returns whether two lines are equal except for their seconds.
    pub fn agrees(&self, other: &Self) -> bool {
        Self { seconds: 0.0, ..self.clone() } == Self { seconds: 0.0, ..other.clone() }
    }
}

/// Why stored results cannot be continued.
#[derive(Debug, Error, Clone, PartialEq)]
#[non_exhaustive]
pub enum ResultsError {
    /// A line is not a line of results.
    #[error("line {line} is not a line of results ({detail}); choose another folder, or remove the file")]
    Malformed {
        /// Number of the line, from 1.
        line: usize,
        /// The parser's message.
        detail: String,
    },
    /// The results were made with other settings or other data.
    #[error(
        "the folder has results made with another configuration (it differs in: {}); use the same \
         configuration, choose another folder, or remove the results", keys.join(", ")
    )]
    OtherConfiguration {
        /// The keys in which the configurations differ.
        keys: Vec<String>,
    },
}

/// The lines of a results file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Results {
    /// The lines, by the arm's index, the seed and the round.
    lines: BTreeMap<(usize, u64, u32), RoundLine>,
}

impl Results {
    /// Reads the whole lines of a results file; the first line is the header. Lines with an unknown
    /// arm are ignored. If there are several lines for one round, the first counts.
    ///
    /// # Errors
    /// A line is not a line of results, or the file's header differs from `header`.
    pub fn parse(lines: &[String], header: &Value, arms: &[Arm]) -> Result<Self, ResultsError> {
        let malformed =
            |line, error: &serde_json::Error| ResultsError::Malformed { line, detail: error.to_string() };
        let mut results = Self::default();
        let Some((first, rest)) = lines.split_first() else { return Ok(results) };
        let found: Value = serde_json::from_str(first).map_err(|error| malformed(1, &error))?;
        let keys = differing(&found, header);
        if !keys.is_empty() {
            return Err(ResultsError::OtherConfiguration { keys });
        }
        for (place, line) in rest.iter().enumerate() {
            let line: RoundLine = serde_json::from_str(line).map_err(|error| malformed(place + 2, &error))?;
            results.add(line, arms);
        }
        Ok(results)
    }

    /// Adds a line. A line with an unknown arm, or of a round that already has a line, is ignored.
    pub fn add(&mut self, line: RoundLine, arms: &[Arm]) {
        if let Some(arm) = arms.iter().position(|arm| arm.name == line.arm) {
            self.lines.entry((arm, line.seed, line.round)).or_insert(line);
        }
    }

    /// Returns the line of a round, if there is one; `arm` is the index of the arm.
    pub fn line(&self, arm: usize, seed: u64, round: u32) -> Option<&RoundLine> {
        self.lines.get(&(arm, seed, round))
    }

    /// Returns the lines of one run, ordered by round; `arm` is the index of the arm.
    pub fn run(&self, arm: usize, seed: u64) -> impl Iterator<Item = &RoundLine> {
        self.lines.range((arm, seed, 0)..=(arm, seed, u32::MAX)).map(|(_, line)| line)
    }

    /// Returns all lines, ordered by arm, seed and round.
    pub fn sorted(&self) -> impl Iterator<Item = &RoundLine> {
        self.lines.values()
    }

    /// Returns the number of lines.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Returns whether there are no lines.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }
}

/// Returns the keys whose values differ between two headers. If one of them is not a JSON object,
/// returns the word `header`.
fn differing(found: &Value, header: &Value) -> Vec<String> {
    let (Some(found), Some(header)) = (found.as_object(), header.as_object()) else {
        return vec!["header".to_owned()];
    };
    let known = header.keys().filter(|key| found.get(*key) != header.get(*key));
    let gone = found.keys().filter(|key| !header.contains_key(*key));
    known.chain(gone).cloned().collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::settings::RoundSettings;

    fn arms() -> [Arm; 2] {
        let settings = RoundSettings::of_random_sample();
        ["b", "a"].map(|name| Arm::new(name, 1, settings.clone()))
    }

    fn line(arm: &str, seed: u64, round: u32, seconds: f64) -> RoundLine {
        RoundLine {
            arm: arm.into(),
            seed,
            round,
            answers: 10,
            asked: 10,
            chosen: vec!["t-1".into()],
            labeled: vec![5, 5],
            wrong: 0,
            undecided: 0,
            features: "lsa".into(),
            converged: Some(true),
            accuracy: Some(0.1 + 0.2),
            macro_f1: Some(1.0 / 3.0),
            recall: vec![None, Some(1.0)],
            stop: StopFigures { compared: 9, kappa: Some(1.0 / 3.0), ..StopFigures::default() },
            seconds,
        }
    }

    #[test]
    fn comes_back_as_it_was_sorted_by_arm_seed_and_round() {
        let header = json!({"size": 5});
        let lines = [line("a", 0, 1, 0.5), line("b", 1, 0, 0.5), line("b", 0, 0, 0.5), line("a", 0, 0, 0.5)];
        let mut text = vec![header.to_string()];
        text.extend(lines.iter().map(|line| serde_json::to_string(line).unwrap()));
        // Of two lines of the same round, the first counts.
        text.push(serde_json::to_string(&line("a", 0, 0, 9.0)).unwrap());
        let results = Results::parse(&text, &header, &arms()).unwrap();
        let order: Vec<_> = results.sorted().map(|line| (line.arm.as_str(), line.seed, line.round)).collect();
        assert_eq!(order, [("b", 0, 0), ("b", 1, 0), ("a", 0, 0), ("a", 0, 1)]);
        assert_eq!(results.line(1, 0, 0), Some(&lines[3]));
        assert_eq!(results.run(1, 0).count(), 2);
    }

    #[test]
    fn another_configuration_and_other_files_are_refused() {
        let header = json!({"size": 5, "rounds": 2});
        let parse = |first: &str| Results::parse(&[first.to_owned()], &header, &arms());
        let message = parse(r#"{"size":6,"noise":0,"rounds":2}"#).unwrap_err().to_string();
        assert!(message.contains("it differs in: size, noise"), "{message}");
        assert!(matches!(parse("x"), Err(ResultsError::Malformed { line: 1, .. })));
        assert!(matches!(parse("[]"), Err(ResultsError::OtherConfiguration { .. })));
        assert_eq!(Results::parse(&[], &header, &arms()).unwrap().len(), 0);
        let second = Results::parse(&[header.to_string(), "{}".to_owned()], &header, &arms());
        assert!(matches!(second, Err(ResultsError::Malformed { line: 2, .. })));
    }

    #[test]
    fn seconds_are_no_part_of_what_must_agree() {
        assert!(line("a", 0, 0, 1.0).agrees(&line("a", 0, 0, 2.0)));
        assert!(!line("a", 0, 0, 1.0).agrees(&line("a", 0, 1, 1.0)));
    }
}
