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

impl Start {
    /// How many answers to items with a known label each annotator gave rightly, and wrongly.
    pub(crate) fn counts(self, annotations: &AnnotationSet, known: Checked<'_>) -> Vec<(f64, f64)> {
        let mut counts = vec![(0.0, 0.0); annotations.annotators().len()];
        if self == Self::Alike {
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
