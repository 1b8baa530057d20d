//! The start of a fit that knows nothing of the annotators at first.

use querist_core::AnnotationSet;

use crate::known::Checked;

/// The weight of each annotator in the first step of a fit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Start {
    /// All annotators count alike.
    Alike,
    /// Annotators count by their answers to items with a known label.
    #[default]
    Known,
}

/// Pseudo-answers, half-way between guessing and knowing, that are added to each annotator's
/// answers to items with a known label.
pub(crate) const FIRST: f64 = 4.0;
/// The least weight of a vote, so that every item has some weight.
const LEAST: f64 = 1e-3;

impl Start {
    /// The weights of the first vote. An annotator's weight is their accuracy on items with a known
    /// label, mixed with [`FIRST`] pseudo-answers, minus the accuracy of guessing. Empty if nothing
    /// is known, because then all count alike.
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

    /// The numbers of right and of wrong answers of each annotator to items with a known label.
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
