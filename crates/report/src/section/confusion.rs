//! What each annotator answers, against the label that stands: who mixes up which classes.
//!
//! The label that stands is the known one (control items, imported labels, what an expert settled),
//! else the consensus, to which the annotator's own answer has contributed: with few answers an
//! item the diagonal flatters.

use serde::Serialize;

use crate::markdown::{escape, table};

/// Everybody's answers against the labels that stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Confusions {
    /// Each annotator with an answer to an item whose label stands, by name.
    pub annotators: Vec<Confusion>,
}

/// One annotator's answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Confusion {
    /// Who.
    pub annotator: String,
    /// Label that stands, answer, and how often; classes by their place in the report's labels;
    /// only cells that are not 0, sorted.
    pub cells: Vec<(usize, usize, usize)>,
}

/// How many mix-ups the Markdown shows.
const SHOWN: usize = 15;

impl Confusion {
    /// How many answers there are.
    pub fn total(&self) -> usize {
        self.cells.iter().map(|(_, _, count)| count).sum()
    }
}

impl Confusions {
    /// The most frequent mix-ups: annotator, label that stands, answer, how often, and of how many
    /// answers to items of that label. The most frequent first, then by annotator and class.
    pub fn worst(&self) -> Vec<(&str, usize, usize, usize, usize)> {
        let mut worst = Vec::new();
        for annotator in &self.annotators {
            for (truth, answer, count) in annotator.cells.iter().filter(|(truth, answer, _)| truth != answer)
            {
                let of = annotator.cells.iter().filter(|cell| cell.0 == *truth).map(|cell| cell.2).sum();
                worst.push((annotator.annotator.as_str(), *truth, *answer, *count, of));
            }
        }
        // Stable: within a count, by name and class as they come.
        worst.sort_by_key(|row| std::cmp::Reverse(row.3));
        worst
    }

    /// The rows of a table of the worst mix-ups, not escaped.
    pub fn rows(&self, labels: &[String]) -> Vec<Vec<String>> {
        let name = |class: usize| labels.get(class).cloned().unwrap_or_default();
        let row = |(who, truth, answer, count, of): (&str, usize, usize, usize, usize)| {
            vec![who.to_owned(), name(truth), name(answer), format!("{count} of {of}")]
        };
        self.worst().into_iter().take(SHOWN).map(row).collect()
    }

    /// The section as Markdown; empty when nobody's answer differs from a label that stands.
    pub fn markdown(&self, labels: &[String]) -> String {
        let rows = self.rows(labels);
        if rows.is_empty() {
            return String::new();
        }
        let rows: Vec<Vec<String>> =
            rows.iter().map(|row| row.iter().map(|cell| escape(cell)).collect()).collect();
        let note = "Answers are compared with the known label, otherwise with the consensus, in which the \
                    annotator's own answer counts too. report.json has all counts.";
        ["## Mix-ups".to_owned(), note.to_owned(), table(&HEAD, &rows)].join("\n\n")
    }
}

/// The head of the table of mix-ups.
pub const HEAD: [&str; 4] = ["Annotator", "Accepted label", "Answer", "How often"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_frequent_mix_ups_come_first() {
        let confusion = |annotator: &str, cells: &[(usize, usize, usize)]| Confusion {
            annotator: annotator.to_owned(),
            cells: cells.to_vec(),
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
}
