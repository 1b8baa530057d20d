//! Each annotator's answers against the standing label: who mixes up which classes.
//!
//! The standing label is the known label (control items, imported labels, experts' decisions), or
//! else the consensus. The annotator's own answer is part of the consensus, so with few answers per
//! item the diagonal is too good.

use serde::Serialize;

use crate::markdown::{escape, table};

/// Everybody's answers against the standing labels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Confusions {
    /// Annotators with an answer to an item with a standing label, sorted by name.
    pub annotators: Vec<Confusion>,
}

/// One annotator's answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Confusion {
    /// Name of the annotator.
    pub annotator: String,
    /// Cells of the matrix: standing label, answer and count. Classes are indices into the report's
    /// labels. Only cells above 0, sorted.
    pub cells: Vec<(usize, usize, usize)>,
}

/// Number of mix-ups that the Markdown shows.
const SHOWN: usize = 15;

impl Confusion {
    /// Number of answers in the matrix.
    pub fn total(&self) -> usize {
        self.cells.iter().map(|(_, _, count)| count).sum()
    }
}

impl Confusions {
    /// The most frequent mix-ups: annotator, standing label, answer, count, and number of answers
    /// to items with that label. Sorted by count, highest first, then by annotator and class.
    pub fn worst(&self) -> Vec<(&str, usize, usize, usize, usize)> {
        let mut worst = Vec::new();
        for annotator in &self.annotators {
            for (truth, answer, count) in annotator.cells.iter().filter(|(truth, answer, _)| truth != answer)
            {
                let of = annotator.cells.iter().filter(|cell| cell.0 == *truth).map(|cell| cell.2).sum();
                worst.push((annotator.annotator.as_str(), *truth, *answer, *count, of));
            }
        }
        // A stable sort: equal counts stay ordered by name and class.
        worst.sort_by_key(|row| std::cmp::Reverse(row.3));
        worst
    }

    /// Table rows of the worst mix-ups, not escaped.
    pub fn rows(&self, labels: &[String]) -> Vec<Vec<String>> {
        let name = |class: usize| labels.get(class).cloned().unwrap_or_default();
        let row = |(who, truth, answer, count, of): (&str, usize, usize, usize, usize)| {
            vec![who.to_owned(), name(truth), name(answer), format!("{count} of {of}")]
        };
        self.worst().into_iter().take(SHOWN).map(row).collect()
    }

    /// The section as Markdown; empty if no answer differs from a standing label.
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

/// Column headers of the table of mix-ups.
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
