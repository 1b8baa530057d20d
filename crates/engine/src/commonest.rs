//! Compares a model with the simplest one: the model that always predicts the commonest class.

use querist_core::LabelSet;
use querist_core::round::Commonest;
use querist_quality::{Classification, tails};

/// Returns the commonest class of the documents, if predicting it for all of them is right more
/// often than the model whose predictions `result` describes; otherwise `None`.
///
/// The p value comes from an exact one-sided sign test on the documents that exactly one of the two
/// models gets right (`McNemar`, 1947). The same documents choose the class, so the p value is
/// multiplied by the number of classes among them (Bonferroni).
pub(crate) fn commonest(result: &Classification, labels: &LabelSet) -> Option<Commonest> {
    // Of several equally common classes, the first in label order counts.
    let class = result.classes.iter().rev().max_by_key(|class| class.support)?;
    if class.support <= result.correct {
        return None;
    }
    let only_model = (result.correct - class.correct) as u64;
    let only_class = (class.support - class.correct) as u64;
    let present = result.classes.iter().filter(|class| class.support > 0).count() as f64;
    let share = class.support as f64 / result.n as f64;
    Some(Commonest {
        label: labels.name(class.class).to_owned(),
        right: class.support,
        // Precision is the share of the class and recall is 1; the other classes have F1 0.
        macro_f1: 2.0 * share / (1.0 + share) / present,
        p: (present * tails::binomial(only_class, only_class + only_model, 0.5)).min(1.0),
    })
}

#[cfg(test)]
mod tests {
    use querist_core::Class;
    use querist_quality::classification;

    use super::*;

    fn of(truth: &[usize], predicted: &[usize]) -> Option<Commonest> {
        let classes = |all: &[usize]| all.iter().map(|class| Class::from_index(*class)).collect::<Vec<_>>();
        let labels = LabelSet::new(["a", "b", "c"]).unwrap();
        commonest(&classification(&classes(truth), &classes(predicted), 3).unwrap(), &labels)
    }

    #[test]
    fn a_model_that_is_worse_than_the_commonest_class_is_named() {
        // Six of ten documents are of class b. The model has four of them and none of the others.
        let truth = [1, 1, 1, 1, 1, 1, 0, 0, 2, 2];
        let found = of(&truth, &[1, 1, 1, 1, 0, 0, 1, 1, 0, 0]).unwrap();
        assert_eq!((found.label.as_str(), found.right), ("b", 6));
        // Two documents that only the constant model gets right, and none the other way; three
        // classes.
        assert!((found.p - 0.75).abs() < 1e-12);
        assert!((found.macro_f1 - 0.75 / 3.0).abs() < 1e-12);
        // Here each model has two of its own, so the model is as good.
        assert_eq!(of(&truth, &[1, 1, 1, 1, 0, 0, 0, 0, 0, 0]), None);
        assert_eq!(of(&[], &[]), None);
    }
}
