//! Finds annotators who give one label far more often than other annotators do.
//!
//! A shared item is an item that several annotators answered. An annotator with at least
//! [`MIN_SHARED`] answers to shared items is compared with the others on these items only, because
//! their items may differ from the rest. An annotator with fewer such answers is compared with all
//! answers of the others.
//!
//! Two limits: answers of several annotators to one item are not independent; and the comparison is
//! with the other annotators, not with the truth. If most of a crowd prefers one label, this test
//! does not detect it.

use querist_core::{AnnotationSet, Class};

use crate::error::{QualityError, checked_index};
use crate::holm::holm;
use crate::tails::hypergeometric;

/// The fewest answers to shared items with which an annotator is compared on these items only.
pub const MIN_SHARED: usize = 20;
/// The level of all tests together.
pub const LEVEL: f64 = 0.01;
/// An annotator is flagged only if the share of the label in their answers is larger than in the
/// others' answers by at least this.
pub const EXCESS: f64 = 0.2;
/// The fewest answers with which an annotator is tested.
pub const MIN_ANSWERS: usize = 10;

/// The test of one annotator, for the label with the clearest excess over the others.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OneLabel {
    /// The annotator's index.
    pub annotator: usize,
    /// The label.
    pub label: Class,
    /// The number of the annotator's answers that were compared, at least [`MIN_ANSWERS`].
    pub n: usize,
    /// The share of the label among these answers, in [0, 1].
    pub share: f64,
    /// The share of the label among the others' answers, in [0, 1].
    pub others: f64,
    /// The p-value, corrected by Holm's method for all labels of all annotators.
    pub p: f64,
    /// Whether the annotator gives the label far more often than the others, beyond chance.
    pub flagged: bool,
}

/// Tests each annotator who has at least [`MIN_ANSWERS`] answers to compare, and others to compare
/// with. Returns one result for each of these annotators, in the order of annotators. The result is
/// about one label: a flagged label if there is one, and otherwise any label. If several labels
/// qualify, it is the one with the smallest p, and of equal p the first in label order.
///
/// For each label, Fisher's exact test (one-sided, hypergeometric, [`crate::tails`]) compares how
/// often the annotator and the others give this label, and how often any other. Holm's method
/// corrects the p-values of all labels of all annotators together. So in a crowd whose annotators
/// differ only by chance, the probability that anybody is flagged is below [`LEVEL`].
///
/// With many answers even tiny differences are significant. So a flag also needs a share of the
/// label that exceeds the others' share by at least [`EXCESS`].
///
/// # Errors
/// An answer's class is not below the set's number of classes.
pub fn one_label(annotations: &AnnotationSet) -> Result<Vec<OneLabel>, QualityError> {
    let k = annotations.n_classes();
    let n_annotators = annotations.annotators().len();
    let mut all = vec![0u64; k];
    // For each annotator and label: all their answers, their answers to shared items, and the
    // others' answers to these items, (annotators, K).
    let [mut own, mut own_shared, mut others_shared] = [(); 3].map(|()| vec![vec![0u64; k]; n_annotators]);
    let mut of_item = vec![0u64; k];
    for item in 0..annotations.items().len() {
        let answers = annotations.of_item(item);
        of_item.fill(0);
        for answer in answers {
            of_item[checked_index(answer.label, k)?] += 1;
        }
        for answer in answers {
            let (annotator, label) = (answer.annotator as usize, answer.label.index());
            own[annotator][label] += 1;
            if answers.len() > 1 {
                own_shared[annotator][label] += 1;
                for (sum, count) in others_shared[annotator].iter_mut().zip(&of_item) {
                    *sum += count;
                }
                // The sum above includes the annotator's own answer, so subtract it.
                others_shared[annotator][label] -= 1;
            }
        }
        all.iter_mut().zip(&of_item).for_each(|(sum, count)| *sum += count);
    }
    let mut tests = Vec::new();
    for annotator in 0..n_annotators {
        // Compare on shared items only if there are enough of them; otherwise with all answers of
        // the others.
        let shared = own_shared[annotator].iter().sum::<u64>() >= MIN_SHARED as u64;
        let mine = if shared { &own_shared[annotator] } else { &own[annotator] };
        let theirs: Vec<u64> = if shared {
            others_shared[annotator].clone()
        } else {
            all.iter().zip(mine).map(|(all, own)| all - own).collect()
        };
        let (n, m) = (mine.iter().sum::<u64>(), theirs.iter().sum::<u64>());
        if n < MIN_ANSWERS as u64 || m == 0 {
            continue;
        }
        for label in 0..k {
            // Of all n + m answers, x + y have the label. Is it surprising that x of them are among
            // the annotator's n?
            let (x, y) = (mine[label], theirs[label]);
            let p = hypergeometric(x, n + m, x + y, n);
            let (share, others) = (x as f64 / n as f64, y as f64 / m as f64);
            let label = Class::from_index(label);
            tests.push(OneLabel { annotator, label, n: n as usize, share, others, p, flagged: false });
        }
    }
    let corrected = holm(&tests.iter().map(|test| test.p).collect::<Vec<_>>(), tests.len());
    for (test, p) in tests.iter_mut().zip(corrected) {
        test.p = p;
        test.flagged = p < LEVEL && test.share >= test.others + EXCESS;
    }
    let best = |tests: &[OneLabel]| {
        tests
            .iter()
            .copied()
            .min_by(|a, b| b.flagged.cmp(&a.flagged).then(a.p.total_cmp(&b.p)).then(a.label.cmp(&b.label)))
    };
    Ok(tests.chunk_by(|a, b| a.annotator == b.annotator).filter_map(best).collect())
}

#[cfg(test)]
mod tests {
    use querist_core::Seed;
    use rand::RngExt;

    use super::*;

    fn set(triples: &[(usize, usize, u16)], k: usize) -> AnnotationSet {
        let names: Vec<(String, String)> =
            triples.iter().map(|(item, who, _)| (format!("{item:05}"), format!("{who:03}"))).collect();
        let triples = names.iter().zip(triples);
        AnnotationSet::new(
            triples.map(|((item, who), (_, _, l))| (item.as_str(), who.as_str(), Class(*l))),
            k,
        )
    }

    #[test]
    fn a_table_by_hand() {
        // Annotator 0 gives class 0 to all 10 of their items, annotator 1 to 5 of 10 other items.
        // The probability of at least 10 marked items in a draw of 10 from 20, of which 15 are
        // marked, is C(15,10) / C(20,10) = 3003 / 184756. Two annotators with two labels make 4
        // tests, so p is multiplied by 4. Class 1 of annotator 1 has the same p.
        let triples: Vec<_> =
            (0..20).map(|item| (item, usize::from(item >= 10), u16::from(item >= 15))).collect();
        let found = one_label(&set(&triples, 2)).unwrap();
        assert_eq!((found[0].annotator, found[0].label, found[0].n), (0, Class(0), 10));
        assert!((found[0].share - 1.0).abs() < 1e-15 && (found[0].others - 0.5).abs() < 1e-15);
        assert!((found[0].p - 4.0 * 3003.0 / 184_756.0).abs() < 1e-12, "{}", found[0].p);
        assert!(!found[0].flagged);
    }

    #[test]
    fn who_says_one_thing_only_is_flagged_and_who_was_handed_it_is_not() {
        let mut triples = Vec::new();
        for item in 0..60 {
            let truth = u16::from(item % 3 == 0);
            triples.extend([(item, 0, truth), (item, 1, truth), (item, 2, 0)]);
        }
        // Two other annotators share items that are all of class 1.
        for item in 60..100 {
            triples.extend([(item, 3, 1), (item, 4, 1)]);
        }
        let found = one_label(&set(&triples, 2)).unwrap();
        let flagged: Vec<_> = found.iter().map(|one| (one.annotator, one.flagged)).collect();
        assert_eq!(flagged, [(0, false), (1, false), (2, true), (3, false), (4, false)]);
    }

    #[test]
    fn few_answers_and_nobody_to_compare_with() {
        let alone: Vec<_> = (0..50).map(|item| (item, 0, 0)).collect();
        assert!(one_label(&set(&alone, 2)).unwrap().is_empty());
        let few: Vec<_> = (0..9).map(|item| (item, item % 9, 0)).collect();
        assert!(one_label(&set(&few, 2)).unwrap().is_empty());
    }

    #[test]
    fn equals_are_rarely_flagged() {
        let mut rng = Seed(3).rng(0, "one label");
        let crowds = 300;
        let flagged = (0..crowds)
            .filter(|_| {
                let mut triples = Vec::new();
                for item in 0..60 {
                    for who in 0..3 {
                        triples.push((item, (item + who) % 6, u16::from(rng.random::<f64>() < 0.3)));
                    }
                }
                one_label(&set(&triples, 2)).unwrap().iter().any(|one| one.flagged)
            })
            .count();
        assert!(flagged <= 6, "{flagged} of {crowds} crowds");
    }
}
