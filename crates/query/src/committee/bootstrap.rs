//! Bootstrap samples of the labelled documents (Efron 1979). A sample is stored as the number of
//! times that each document was drawn.
//!
//! From n documents, n are drawn with replacement. If no document of a class was drawn, one of its
//! documents is drawn in addition. Otherwise a member that has never seen the class would disagree
//! about it, and no further label could settle that disagreement.

use querist_core::Class;
use rand::{Rng, RngExt};

/// Draws a bootstrap sample of the documents whose classes are `classes`. Returns the indices of
/// the drawn documents, ascending, and how often each was drawn, at least once.
pub(super) fn resample(classes: &[Class], rng: &mut dyn Rng) -> (Vec<usize>, Vec<f64>) {
    let mut counts = vec![0u32; classes.len()];
    for _ in 0..classes.len() {
        counts[rng.random_range(0..classes.len())] += 1;
    }
    let n_classes = classes.iter().map(|class| class.index() + 1).max().unwrap_or_default();
    let mut of_class = vec![Vec::new(); n_classes];
    for (place, class) in classes.iter().enumerate() {
        of_class[class.index()].push(place);
    }
    for places in of_class.iter().filter(|places| !places.is_empty()) {
        if places.iter().all(|place| counts[*place] == 0) {
            counts[places[rng.random_range(0..places.len())]] = 1;
        }
    }
    (0..classes.len())
        .filter(|place| counts[*place] > 0)
        .map(|place| (place, f64::from(counts[place])))
        .unzip()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use querist_core::Seed;

    use super::*;

    proptest! {
        #[test]
        fn every_class_with_a_label_is_in_every_sample(
            classes in prop::collection::vec(0u16..5, 1..40),
            seed in 0u64..50,
        ) {
            let classes: Vec<Class> = classes.into_iter().map(Class).collect();
            let (places, weights) = resample(&classes, &mut Seed(seed).rng(1, "test"));
            prop_assert!(places.is_sorted_by(|a, b| a < b));
            prop_assert!(weights.iter().all(|weight| *weight >= 1.0));
            let total = weights.iter().sum::<f64>() as usize;
            prop_assert!((classes.len()..classes.len() + 5).contains(&total));
            for class in &classes {
                prop_assert!(places.iter().any(|place| classes[*place] == *class));
            }
        }
    }

    #[test]
    fn a_document_is_left_out_as_often_as_a_bootstrap_leaves_it_out() {
        let classes = [Class(0); 20];
        let mut rng = Seed(1).rng(1, "test");
        let kept: usize = (0..1_000).map(|_| resample(&classes, &mut rng).0.len()).sum();
        // A document is drawn at least once with probability 1 - (1 - 1/20)^20 = 0.6415. So 1,000
        // samples of 20 documents keep about 12,830.
        assert!(kept.abs_diff(12_830) < 150, "{kept}");
    }
}
