//! The weights of the annotators before the first iteration of a fit.

use querist_core::AnnotationSet;

use crate::known::Checked;

/// The way to weight the annotators before the first iteration of a fit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Start {
    /// All annotators weigh the same.
    Alike,
    /// Annotators are weighted by their accuracy on items with a known label.
    #[default]
    Known,
}

/// The number of pseudo-answers that are added to each annotator's answers to items with a known
/// label. Their accuracy is half-way between guessing and 1.
pub(crate) const FIRST: f64 = 4.0;
/// The least weight of an annotator, above 0 so that the votes on every item have some weight.
const LEAST: f64 = 1e-3;

impl Start {
    /// Returns the weight of each annotator: the accuracy on items with a known label, including
    /// [`FIRST`] pseudo-answers, minus the accuracy of guessing. Empty if nobody answered such an
    /// item; then all annotators weigh the same.
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

    /// Returns for each annotator the number of right answers and the number of wrong answers to
    /// items with a known label; all are 0 for [`Start::Alike`].
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
