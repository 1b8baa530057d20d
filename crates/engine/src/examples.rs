//! Which documents a model learns from, with which classes and weights.
//!
//! An imported label has weight 1. The settings decide about a document that annotators answered:
//! - [`Training::Hard`]: the consensus label has weight 1; a tie is left out.
//! - [`Training::Weighted`]: each class is weighted by its posterior, so the loss is the expected
//!   loss (`Σ_k p_k · -ln q_k`). Classes below [`FLOOR`] are dropped and the rest rescaled to sum
//!   to 1, so that a confident document stays one row.
//!
//! Weak labels, which rules gave, serve only documents without any other label. They come last.
//! docs/quality.md, "Does weighting help?", compares the two settings.

use querist_core::{Class, Named};
use serde::{Deserialize, Serialize};

use crate::situation::Situation;

/// A class with a smaller posterior than this is dropped, unless it is the most probable one.
pub const FLOOR: f64 = 0.05;

/// How much a consensus label weighs in training.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Training {
    /// Weight 1, however certain the label is.
    #[default]
    Hard,
    /// Each class is weighted by its posterior.
    Weighted,
}

impl Named for Training {
    const ALL: &'static [Self] = &[Self::Hard, Self::Weighted];

    fn name(self) -> &'static str {
        match self {
            Self::Hard => "hard",
            Self::Weighted => "weighted",
        }
    }
}

/// Labels guessed by rules, which help until there are enough real labels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weak<'a> {
    /// The weakly labelled documents: each document's row in the pool, and the class that the rules
    /// give it. Rows are ascending.
    pub labels: &'a [(usize, Class)],
    /// Weight of a weak label; a real label has weight 1.
    pub weight: f64,
}

/// The training examples, in three groups: each labelled document with its label, then the other
/// probable classes of these documents and of ties, then weak labels.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Chosen {
    /// The row in the pool of each example's document.
    pub(crate) rows: Vec<usize>,
    /// The class of each example.
    pub(crate) targets: Vec<Class>,
    /// Weight of each example, in (0, 1].
    pub(crate) weights: Vec<f64>,
    /// Number of weak labels, which are the last examples.
    pub(crate) weak: usize,
}

impl Chosen {
    /// Chooses the training examples. The first `situation.labeled.len()` examples are the labelled
    /// documents, each with its current label.
    pub(crate) fn of(situation: &Situation, training: Training, weak: Option<Weak<'_>>) -> Self {
        let mut chosen = Self::default();
        let soft: Vec<(usize, Vec<(Class, f64)>)> = match training {
            Training::Hard => Vec::new(),
            Training::Weighted => {
                situation.voted.iter().map(|(row, item)| (*row, likely(situation, *item))).collect()
            }
        };
        let of_row = |row: usize| {
            soft.binary_search_by_key(&row, |(row, _)| *row).ok().map(|place| soft[place].1.as_slice())
        };
        for (row, class) in &situation.labeled {
            let weight = of_row(*row).and_then(|likely| Some(likely.iter().find(|(of, _)| of == class)?.1));
            chosen.push(*row, *class, weight.unwrap_or(1.0));
        }
        let standing = |row| {
            let place = situation.labeled.binary_search_by_key(&row, |(row, _)| *row).ok()?;
            Some(situation.labeled[place].1)
        };
        for (row, likely) in &soft {
            let standing = standing(*row);
            for (class, weight) in likely.iter().filter(|(class, _)| Some(*class) != standing) {
                chosen.push(*row, *class, *weight);
            }
        }
        let n_real = chosen.rows.len();
        for (row, class) in weak.filter(|weak| weak.weight > 0.0).iter().flat_map(|weak| weak.labels) {
            if standing(*row).is_none() && of_row(*row).is_none() {
                chosen.push(*row, *class, weak.map_or(1.0, |weak| weak.weight));
            }
        }
        chosen.weak = chosen.rows.len() - n_real;
        chosen
    }

    /// Appends one example: the document in `row` of the pool, with a class and a weight.
    fn push(&mut self, row: usize, class: Class, weight: f64) {
        self.rows.push(row);
        self.targets.push(class);
        self.weights.push(weight);
    }
}

/// Returns the classes that an item may have, with their posteriors. A class counts if its
/// posterior is at least [`FLOOR`] or the largest of the item. The returned posteriors are rescaled
/// to sum to 1.
fn likely(situation: &Situation, item: usize) -> Vec<(Class, f64)> {
    let row = situation.posteriors.view();
    let row = row.row(item);
    let most = row.iter().copied().fold(0.0, f64::max);
    let counts = |p: f64| p >= FLOOR || p >= most;
    let total: f64 = row.iter().filter(|p| counts(**p)).sum();
    let classes = row.iter().enumerate().filter(|(_, p)| counts(**p));
    classes.map(|(class, p)| (Class::from_index(class), p / total)).collect()
}

#[cfg(test)]
mod tests {
    use querist_core::{Answer, DocumentRecord, LabelSet, Role, Snapshot};
    use querist_quality::MajorityVote;

    use super::*;

    const A: Class = Class(0);
    const B: Class = Class(1);

    /// Five pool documents: 0 came with its label, 1 has two of three votes for B, 2 is a tie, 3
    /// was only skipped, 4 is open.
    fn situation() -> Situation {
        let label = |index| (index == 0).then_some(A);
        let record = |index: usize| DocumentRecord {
            id: format!("d{index}").into(),
            place: index as u32,
            role: Role::Pool,
            label: label(index),
        };
        let annotators = ["x", "y", "z"].map(str::to_owned).to_vec();
        let answer = |document, who: &str, label| Answer {
            document,
            annotator: annotators.iter().position(|name| name == who).unwrap() as u32,
            label,
            seconds: None,
            time: None,
        };
        let answers = vec![
            answer(0, "x", Some(B)),
            answer(1, "x", Some(B)),
            answer(1, "y", Some(B)),
            answer(1, "z", Some(A)),
            answer(2, "x", Some(A)),
            answer(2, "y", Some(B)),
            answer(3, "x", None),
        ];
        let snapshot = Snapshot {
            labels: LabelSet::new(["a", "b"]).unwrap(),
            documents: (0..5).map(record).collect(),
            documents_hash: String::new(),
            annotators,
            answers,
            settled: Vec::new(),
            assignments: Vec::new(),
            rounds: Vec::new(),
            people: Vec::new(),
        };
        Situation::of(&snapshot, &MajorityVote).unwrap()
    }

    #[test]
    fn a_hard_label_counts_one_and_a_tie_nothing() {
        let weak = Weak { labels: &[(0, B), (2, B), (4, A)], weight: 0.2 };
        let chosen = Chosen::of(&situation(), Training::Hard, Some(weak));
        // The tie has no label, so a rule may guess one.
        assert_eq!(chosen.rows, [0, 1, 2, 4]);
        assert_eq!(chosen.targets, [A, B, B, A]);
        assert_eq!(chosen.weights, [1.0, 1.0, 0.2, 0.2]);
        assert_eq!(chosen.weak, 2);
    }

    #[test]
    fn a_posterior_weighs_every_class_that_it_leaves_possible() {
        let weak = Weak { labels: &[(0, B), (2, B), (4, A)], weight: 0.2 };
        let chosen = Chosen::of(&situation(), Training::Weighted, Some(weak));
        // The label of document 0 stands whatever the vote; the tie is half of each class; rules
        // can label only document 4.
        assert_eq!(chosen.rows, [0, 1, 1, 2, 2, 4]);
        assert_eq!(chosen.targets, [A, B, A, A, B, A]);
        let expected = [1.0, 2.0 / 3.0, 1.0 / 3.0, 0.5, 0.5, 0.2];
        assert!(
            chosen.weights.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-12)
        );
        assert_eq!(chosen.weak, 1);
    }

    #[test]
    fn names_lead_back() {
        for training in Training::ALL.iter().copied() {
            assert_eq!(Training::named(training.name()), Some(training));
        }
        assert_eq!(Training::named("soft"), None);
    }
}
