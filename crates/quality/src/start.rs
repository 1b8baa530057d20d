//! Where a fit begins that takes all annotators for alike at first.

use querist_core::AnnotationSet;

use crate::known::Checked;

/// What an annotator is worth in the first step of a fit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Start {
    /// As much as any other.
    Alike,
    /// What their answers to items with a known label say.
    #[default]
    Known,
}

/// Answers that half-way between guessing and knowing is worth, where answers to items with a known
/// label are the start.
pub(crate) const FIRST: f64 = 4.0;
/// The least weight of a vote, so that an item always has one.
const LEAST: f64 = 1e-3;

impl Start {
    /// The weights of the first vote: how far each annotator's accuracy on items with a known
    /// label, drawn to half-way between guessing and knowing, is above guessing. Empty where
    /// nothing is known, as all count the same.
    pub(crate) fn weights(self, annotations: &AnnotationSet, known: Checked<'_>) -> Vec<f64> {
        let counts = self.counts(annotations, known);
        if counts.iter().all(|(right, wrong)| right + wrong <= 0.0) {
            return Vec::new();
        }
        let guess = 1.0 / annotations.n_classes().max(1) as f64;
        let weight = |(right, wrong): (f64, f64)| {
            (FIRST * f64::midpoint(1.0, guess) + right) / (FIRST + right + wrong) - guess
        };
        counts.into_iter().map(|counts| weight(counts).max(LEAST)).collect()
    }

    /// How many answers to items with a known label each annotator gave rightly, and wrongly.
    pub(crate) fn counts(self, annotations: &AnnotationSet, known: Checked<'_>) -> Vec<(f64, f64)> {
        let mut counts = vec![(0.0, 0.0); annotations.annotators().len()];
        if self == Self::Alike || !known.any() {
            return counts;
        }
        for entry in annotations.entries() {
            if let Some(truth) = known.label(entry.item as usize) {
                let (right, wrong) = &mut counts[entry.annotator as usize];
                *if truth == entry.label { right } else { wrong } += 1.0;
            }
        }
        counts
    }
}
