//! Visits every pair of annotators, together with the answers that both gave to the items that they
//! share. The matrices of kappa are computed from these answers.
//!
//! Time is proportional to the number of pairs of answers to one item, plus the number of pairs of
//! annotators. Memory is proportional to the answers to the items of one annotator. The time is
//! quadratic in the annotators of an item, so a caller that shows a matrix should limit their
//! number.

use querist_core::{AnnotationSet, Class};

use crate::error::{QualityError, checked_index};

/// Two annotators and the items that both answered, in the order of the items.
pub(crate) struct SharedAnswers<'a> {
    /// One annotator's index.
    pub(crate) a: usize,
    /// The other annotator's index, larger than `a`.
    pub(crate) b: usize,
    /// For each shared item, the labels by `a` and by `b`.
    pub(crate) labels: &'a [(Class, Class)],
    /// For each shared item, the indices of both answers in [`AnnotationSet::entries`].
    pub(crate) places: &'a [(usize, usize)],
}

/// The answers that one annotator shares with another, while they are collected.
#[derive(Clone, Default)]
struct Collected {
    labels: Vec<(Class, Class)>,
    places: Vec<(usize, usize)>,
}

/// Calls `each` for every pair of annotators with at least `min_shared` items in common, in the
/// order of the annotators' indices. If `min_shared` is 0, these are all pairs, even pairs without
/// common items.
///
/// # Errors
/// An answer's class is not below the set's number of classes.
pub(crate) fn each_pair(
    annotations: &AnnotationSet,
    min_shared: usize,
    mut each: impl FnMut(SharedAnswers<'_>),
) -> Result<(), QualityError> {
    let entries = annotations.entries();
    let mut places: Vec<Vec<usize>> = vec![Vec::new(); annotations.annotators().len()];
    for (place, entry) in entries.iter().enumerate() {
        checked_index(entry.label, annotations.n_classes())?;
        places[entry.annotator as usize].push(place);
    }
    let mut shared = vec![Collected::default(); places.len()];
    for (a, places_of_a) in places.iter().enumerate() {
        for &place in places_of_a {
            // Entries are sorted by (item, annotator), so the entries that follow for this item are
            // answers by annotators after `a`.
            let own = entries[place];
            let later = entries.iter().enumerate().skip(place + 1);
            for (other_place, other) in later.take_while(|(_, other)| other.item == own.item) {
                let with_other = &mut shared[other.annotator as usize];
                with_other.labels.push((own.label, other.label));
                with_other.places.push((place, other_place));
            }
        }
        for (b, Collected { labels, places }) in shared.iter_mut().enumerate().skip(a + 1) {
            if labels.len() >= min_shared {
                each(SharedAnswers { a, b, labels, places });
            }
            labels.clear();
            places.clear();
        }
    }
    Ok(())
}
