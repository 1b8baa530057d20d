//! The report's section on mix-ups: compares each annotator's answers with the accepted labels.
//!
//! The accepted label of an item is the known label (a control item's, an imported one, or an
//! expert's decision) or, without one, the consensus. An annotator's own answer is part of the
//! consensus. With few answers per item, annotators therefore look better than they are.

use querist_core::RankError;
use serde::Serialize;

use crate::markdown::{decimal, escape, percent, table};

/// For each annotator, how often each answer met each accepted label.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Confusions {
    /// The annotators with an answer to an item that has an accepted label, sorted by name.
    pub annotators: Vec<Confusion>,
}

/// For one annotator, how often each answer met each accepted label.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Confusion {
    /// Name of the annotator.
    pub annotator: String,
    /// The cells of the confusion matrix: accepted label, answer, and count. Labels and answers are
    /// indices into the report's labels. Only cells above 0 are listed, sorted.
    pub cells: Vec<(usize, usize, usize)>,
    /// By how many ranks the answers miss the accepted labels; `None` if the classes are not ranks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rank_error: Option<RankError>,
}

/// Each table of the Markdown shows at most this many rows.
const SHOWN: usize = 15;

impl Confusion {
    /// Returns the number of answers in the matrix.
    pub fn total(&self) -> usize {
        self.cells.iter().map(|(_, _, count)| count).sum()
    }
}

impl Confusions {
    /// Adds the rank errors. The classes must be ranks, in the order of the report's labels.
    #[must_use]
    pub fn ordered(mut self) -> Self {
        for annotator in &mut self.annotators {
            annotator.rank_error = RankError::of(annotator.cells.iter().copied());
        }
        self
    }

    /// Returns the rows of the table of rank errors, not escaped, the largest mean error first.
    /// There are none if the classes are not ranks.
    pub fn rank_rows(&self) -> Vec<Vec<String>> {
        let with = |annotator: &Confusion| Some((annotator.annotator.clone(), annotator.rank_error?));
        let mut errors: Vec<(String, RankError)> = self.annotators.iter().filter_map(with).collect();
        // The sort is stable, so annotators with the same mean error stay sorted by name.
        errors.sort_by(|one, other| other.1.mean.total_cmp(&one.1.mean));
        let row = |(who, error): (String, RankError)| {
            let shares = [error.off_by_one, error.further].map(|share| percent(Some(share)));
            let [one, further] = shares;
            vec![who, error.n.to_string(), decimal(Some(error.mean)), one, further]
        };
        errors.into_iter().take(SHOWN).map(row).collect()
    }

    /// Returns the mix-ups, the most frequent first. A mix-up has the annotator's name, the
    /// accepted label, the answer, how often this occurred, and how many items with this label the
    /// annotator answered. Equally frequent mix-ups are sorted by annotator and class.
    pub fn worst(&self) -> Vec<(&str, usize, usize, usize, usize)> {
        let mut worst = Vec::new();
        for annotator in &self.annotators {
            for (truth, answer, count) in annotator.cells.iter().filter(|(truth, answer, _)| truth != answer)
            {
                let of = annotator.cells.iter().filter(|cell| cell.0 == *truth).map(|cell| cell.2).sum();
                worst.push((annotator.annotator.as_str(), *truth, *answer, *count, of));
            }
        }
        // The sort is stable, so equally frequent mix-ups stay sorted by name and class.
        worst.sort_by_key(|row| std::cmp::Reverse(row.3));
        worst
    }

    /// Returns the rows of the table of the most frequent mix-ups, not escaped.
    pub fn rows(&self, labels: &[String]) -> Vec<Vec<String>> {
        let name = |class: usize| labels.get(class).cloned().unwrap_or_default();
        let row = |(who, truth, answer, count, of): (&str, usize, usize, usize, usize)| {
            vec![who.to_owned(), name(truth), name(answer), format!("{count} of {of}")]
        };
        self.worst().into_iter().take(SHOWN).map(row).collect()
    }

    /// Renders the section as Markdown. It is empty if every answer equals the accepted label.
    pub fn markdown(&self, labels: &[String]) -> String {
        let escaped = |rows: Vec<Vec<String>>| -> Vec<Vec<String>> {
            rows.iter().map(|row| row.iter().map(|cell| escape(cell)).collect()).collect()
        };
        let rows = escaped(self.rows(labels));
        if rows.is_empty() {
            return String::new();
        }
        let note = "Answers are compared with an item's known label or, if it has none, with the consensus. \
                    The annotator's own answer is part of the consensus. report.json has all counts.";
        let mut parts = vec!["## Mix-ups".to_owned(), note.to_owned(), table(&HEAD, &rows)];
        let ranks = escaped(self.rank_rows());
        if !ranks.is_empty() {
            parts.push(table(&RANK_HEAD, &ranks));
        }
        parts.join("\n\n")
    }
}

/// Column headers of the table of mix-ups.
pub const HEAD: [&str; 4] = ["Annotator", "Accepted label", "Answer", "How often"];

/// Column headers of the table of rank errors.
pub const RANK_HEAD: [&str; 5] =
    ["Annotator", "Answers", "Mean absolute rank error", "Off by one rank", "Off by more"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_frequent_mix_ups_come_first() {
        let confusion = |annotator: &str, cells: &[(usize, usize, usize)]| Confusion {
            annotator: annotator.to_owned(),
            cells: cells.to_vec(),
            rank_error: None,
        };
        let confusions = Confusions {
            annotators: vec![
                confusion("ana", &[(0, 0, 7), (0, 1, 1), (1, 1, 4)]),
                confusion("ben", &[(0, 1, 3), (1, 0, 1), (1, 1, 1)]),
            ],
        };
        assert_eq!(confusions.worst(), [("ben", 0, 1, 3, 3), ("ana", 0, 1, 1, 8), ("ben", 1, 0, 1, 2)]);
        let labels = ["x|".to_owned(), "y".to_owned()];
        assert!(confusions.markdown(&labels).contains("| ben | x\\| | y | 3 of 3 |"));
        assert_eq!(confusions.annotators[0].total(), 12);
    }

    #[test]
    fn of_ordered_classes_the_rank_errors_stand_below() {
        let confusion = |annotator: &str, cells: &[(usize, usize, usize)]| Confusion {
            annotator: annotator.to_owned(),
            cells: cells.to_vec(),
            rank_error: None,
        };
        let annotators = vec![
            confusion("ana", &[(0, 0, 3), (1, 0, 1)]),
            confusion("ben", &[(0, 0, 2), (0, 1, 1), (2, 0, 1)]),
        ];
        let nominal = Confusions { annotators };
        assert!(nominal.rank_rows().is_empty());
        assert_eq!(serde_json::to_string(&nominal).unwrap().matches("rank").count(), 0);
        let ordered = nominal.ordered();
        let rows = [["ben", "4", "0.750", "25.0 %", "25.0 %"], ["ana", "4", "0.250", "25.0 %", "0.0 %"]];
        assert_eq!(ordered.rank_rows(), rows);
        let labels = ["low", "middle", "high"].map(str::to_owned);
        assert!(ordered.markdown(&labels).contains("| ben | 4 | 0.750 | 25.0 % | 25.0 % |"));
    }
}
