//! The contract of every aggregator: one table, one suite. A new aggregator is one more line of [`all`].

use proptest::prelude::*;
use querist_core::{Aggregator, AnnotationSet, Class, Known, Verdict};
use querist_quality::MajorityVote;

const K: usize = 4;

fn all() -> Vec<Box<dyn Aggregator>> {
    vec![Box::new(MajorityVote)]
}

/// (item, annotator, label) with indices for names; a pair occurs once, so that the order cannot matter.
fn answers() -> impl Strategy<Value = Vec<(String, String, Class)>> {
    prop::collection::btree_map((0u8..15, 0u8..6), 0..K as u16, 0..60).prop_map(|answers| {
        let named =
            answers.into_iter().map(|((i, a), label)| (format!("i{i}"), format!("a{a}"), Class(label)));
        named.collect()
    })
}

fn set<'a>(answers: impl IntoIterator<Item = &'a (String, String, Class)>) -> AnnotationSet {
    AnnotationSet::new(answers.into_iter().map(|(i, a, label)| (i.as_str(), a.as_str(), *label)), K)
}

#[test]
fn names_differ() {
    let mut names: Vec<&str> = all().iter().map(|aggregator| aggregator.name()).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
    assert!(names.contains(&"mv"));
}

#[test]
fn no_answers_give_no_verdicts() {
    for aggregator in all() {
        let result = aggregator.aggregate(&set(&[]), &Known::default()).unwrap();
        assert_eq!((result.verdicts.len(), result.posteriors.len()), (0, 0), "{}", aggregator.name());
        assert_eq!(result.posteriors.n_classes(), K, "{}", aggregator.name());
    }
}

proptest! {
    #[test]
    fn one_row_an_item_and_the_verdict_is_its_maximum(answers in answers()) {
        let set = set(&answers);
        for aggregator in all() {
            let result = aggregator.aggregate(&set, &Known::default()).unwrap();
            prop_assert_eq!(result.verdicts.len(), set.items().len());
            prop_assert_eq!(result.posteriors.view().dim(), (set.items().len(), K));
            for (item, verdict) in result.verdicts.iter().enumerate() {
                let row = result.posteriors.row(item);
                let most = row.iter().copied().fold(0.0, f64::max);
                let leading: Vec<Class> =
                    (0..K).filter(|&k| row[k].to_bits() == most.to_bits()).map(Class::from_index).collect();
                match verdict {
                    Verdict::Label(class) => prop_assert_eq!(&leading, &vec![*class]),
                    Verdict::Tie(classes) => {
                        prop_assert!(classes.len() > 1);
                        prop_assert_eq!(&leading, classes);
                    }
                }
            }
        }
    }

    #[test]
    fn the_order_of_the_answers_changes_nothing(answers in answers()) {
        for aggregator in all() {
            let forward = aggregator.aggregate(&set(&answers), &Known::default()).unwrap();
            let backward = aggregator.aggregate(&set(answers.iter().rev()), &Known::default()).unwrap();
            prop_assert_eq!(forward, backward);
        }
    }
}
