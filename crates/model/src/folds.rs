//! Folds: groups of examples that are held out together, so that a model predicts them without
//! having seen them.
//!
//! Folds are stratified: the examples of each class are dealt evenly to the folds, in a seeded
//! random order. Three rules make held-out losses realistic:
//! - equal rows are held out by the same fold, because a model that saw one of them has seen the
//!   others; rows without any feature reveal nothing, so each of them is dealt separately;
//! - no class is held out as a whole, because a model cannot predict a class that it never saw; if
//!   all rows of a class fall into one fold, the first of them stay in training in every fold;
//! - empty folds are dropped, so few examples give fewer folds, and perhaps none.

use std::collections::BTreeMap;

use querist_core::{Features, Seed};
use rand::seq::SliceRandom;
use rayon::prelude::*;

use crate::training::Training;

/// The name of the random stream that deals the folds.
const PURPOSE: &str = "folds";

/// A division of the examples into folds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Folds {
    /// For each of the n examples, the fold that holds it out; `None` for an example that every
    /// fold trains on.
    of: Vec<Option<usize>>,
    n_folds: usize,
}

/// Rows with equal features, which one fold holds out together. Their classes can differ, because
/// the same text may occur with several labels.
struct Group {
    rows: Vec<usize>,
    /// The class with most weight among the rows, by its rank.
    rank: u32,
}

impl Folds {
    /// Divides the training examples into at most `wanted` folds, in a random order drawn from
    /// `seed`; `None` if this makes fewer than two folds.
    pub(crate) fn stratified(training: &Training<'_>, wanted: usize, seed: Seed) -> Option<Self> {
        let groups = groups(training);
        let dealt = deal(&groups, training.n_seen(), wanted, seed);
        let mut of = vec![None; training.n()];
        for (group, fold) in groups.iter().zip(dealt) {
            group.rows.iter().for_each(|row| of[*row] = Some(fold));
        }
        keep_every_class_in_training(&mut of, &groups, training, wanted);
        let mut folds = Self { of, n_folds: wanted };
        folds.drop_empty();
        (folds.n_folds >= 2).then_some(folds)
    }

    /// The number of folds, at least 2.
    pub(crate) fn len(&self) -> usize {
        self.n_folds
    }

    /// Returns the rows that `fold` trains on and the rows that it holds out, both ascending.
    pub(crate) fn split(&self, fold: usize) -> (Vec<usize>, Vec<usize>) {
        (0..self.of.len()).partition(|row| self.of[*row] != Some(fold))
    }

    /// Removes the folds that hold out no example, and renumbers the others from 0.
    fn drop_empty(&mut self) {
        let mut sizes = vec![0; self.n_folds];
        for fold in self.of.iter().flatten() {
            sizes[*fold] += 1;
        }
        let used: Vec<usize> = (0..self.n_folds).filter(|fold| sizes[*fold] > 0).collect();
        for fold in self.of.iter_mut().flatten() {
            *fold = used.partition_point(|used| *used < *fold);
        }
        self.n_folds = used.len();
    }
}

/// Returns the groups of rows with equal features, in the order of their first rows. A row without
/// any feature is a group of its own.
fn groups(training: &Training<'_>) -> Vec<Group> {
    let mut places: BTreeMap<[u8; 32], usize> = BTreeMap::new();
    let mut rows: Vec<Vec<usize>> = Vec::new();
    let hashes: Vec<Option<[u8; 32]>> = (0..training.n())
        .into_par_iter()
        .map_init(Vec::new, |bytes, row| row_hash(training.features, row, bytes))
        .collect();
    for (row, hash) in hashes.into_iter().enumerate() {
        let place = match hash {
            Some(hash) => *places.entry(hash).or_insert(rows.len()),
            None => rows.len(),
        };
        if place == rows.len() {
            rows.push(Vec::new());
        }
        rows[place].push(row);
    }
    let group = |rows: Vec<usize>| {
        let mut shares: BTreeMap<u32, f64> = BTreeMap::new();
        for row in &rows {
            *shares.entry(training.ranks[*row]).or_default() += training.sample_weight(*row);
        }
        let most = shares.into_iter().reduce(|best, next| if next.1 > best.1 { next } else { best });
        Group { rows, rank: most.map_or(0, |(rank, _)| rank) }
    };
    rows.into_iter().map(group).collect()
}

/// Returns the BLAKE3 hash of a row's columns and values; `None` for a row without a value other
/// than 0. `bytes` is a buffer to collect the row in, because one long input is hashed many times
/// faster than many short ones.
fn row_hash(features: &Features, row: usize, bytes: &mut Vec<u8>) -> Option<[u8; 32]> {
    bytes.clear();
    features.for_each_entry(row, |column, value| {
        if value != 0.0 {
            bytes.extend((column as u64).to_le_bytes());
            bytes.extend(value.to_le_bytes());
        }
    });
    (!bytes.is_empty()).then(|| *blake3::hash(bytes).as_bytes())
}

/// Returns the fold of each group. The groups of each class are dealt in a shuffled order, each to
/// the fold that has the fewest rows of the class so far; among such folds to the one with the
/// fewest rows in all, then to the one with the lowest number.
fn deal(groups: &[Group], n_seen: usize, n_folds: usize, seed: Seed) -> Vec<usize> {
    let mut of = vec![0; groups.len()];
    let mut sizes = vec![0; n_folds];
    let mut rng = seed.rng(0, PURPOSE);
    for rank in 0..n_seen as u32 {
        let mut own: Vec<usize> = (0..groups.len()).filter(|group| groups[*group].rank == rank).collect();
        own.shuffle(&mut rng);
        let mut own_sizes = vec![0; n_folds];
        for group in own {
            let fold = (0..n_folds).min_by_key(|fold| (own_sizes[*fold], sizes[*fold])).unwrap_or(0);
            of[group] = fold;
            own_sizes[fold] += groups[group].rows.len();
            sizes[fold] += groups[group].rows.len();
        }
    }
    of
}

/// Makes sure that every fold trains on every class. If one fold holds out all rows of a class, the
/// class's first group of rows is removed from that fold. No fold then holds out these rows.
fn keep_every_class_in_training(
    of: &mut [Option<usize>],
    groups: &[Group],
    training: &Training<'_>,
    n_folds: usize,
) {
    // The number of rows of each class in each fold; the last place counts the rows that no fold
    // holds out.
    let mut counts = vec![vec![0_usize; n_folds + 1]; training.n_seen()];
    for (rank, fold) in training.ranks.iter().zip(of.iter()) {
        counts[*rank as usize][fold.unwrap_or(n_folds)] += 1;
    }
    for rank in 0..training.n_seen() {
        if counts[rank].iter().filter(|count| **count > 0).count() > 1 || counts[rank][n_folds] > 0 {
            continue;
        }
        let holds = |group: &&Group| group.rows.iter().any(|row| training.ranks[*row] as usize == rank);
        for row in groups.iter().find(holds).map_or(&[][..], |group| &group.rows) {
            if let Some(fold) = of[*row].take() {
                let own = &mut counts[training.ranks[*row] as usize];
                own[fold] -= 1;
                own[n_folds] += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;
    use proptest::prelude::*;
    use querist_core::{Class, Examples};

    use super::*;
    use crate::weights::ClassWeights;

    /// Folds of rows that hold one number each; 0 means no features.
    fn folds(contents: &[u8], classes: &[u16], wanted: usize, seed: u64) -> Option<Folds> {
        let rows = contents.iter().map(|value| f32::from(*value)).collect();
        let features = Features::Dense(Array2::from_shape_vec((contents.len(), 1), rows).unwrap());
        let targets: Vec<Class> = classes.iter().copied().map(Class).collect();
        let examples = Examples { features: &features, targets: &targets, weights: None, n_classes: 9 };
        let training = Training::new(&examples, &ClassWeights::None).unwrap();
        Folds::stratified(&training, wanted, Seed(seed))
    }

    fn sizes(folds: &Folds, class: u16, classes: &[u16]) -> Vec<usize> {
        let held = |fold| folds.split(fold).1.iter().filter(|row| classes[**row] == class).count();
        let mut sizes: Vec<usize> = (0..folds.len()).map(held).collect();
        sizes.sort_unstable();
        sizes
    }

    #[test]
    fn every_class_is_dealt_out_evenly_in_an_order_that_the_seed_decides() {
        let contents: Vec<u8> = (1..=23).collect();
        let classes: Vec<u16> = (0..23).map(|row| u16::from(row % 4 == 0) * 2).collect();
        let one = folds(&contents, &classes, 5, 1).unwrap();
        assert_eq!(sizes(&one, 0, &classes), [3, 3, 3, 4, 4]);
        assert_eq!(sizes(&one, 2, &classes), [1, 1, 1, 1, 2]);
        assert_eq!(folds(&contents, &classes, 5, 1).unwrap(), one);
        assert_ne!(folds(&contents, &classes, 5, 2).unwrap(), one);
        let (training, held) = one.split(3);
        assert_eq!(training.len() + held.len(), 23);
        // The sizes of whole folds differ by at most one.
        assert!((0..5).all(|fold| (4..=5).contains(&one.split(fold).1.len())));
    }

    #[test]
    fn a_single_example_stays_in_training_and_too_few_make_no_folds() {
        let classes = [0, 0, 0, 0, 7];
        let found = folds(&[1, 2, 3, 4, 5], &classes, 10, 3).unwrap();
        assert_eq!((found.len(), found.of[4]), (4, None));
        assert_eq!(folds(&[1, 2], &[0, 1], 5, 3), None);
        assert_eq!(folds(&[1, 2, 3], &[0, 1, 1], 5, 3).unwrap().len(), 2);
        // The same text three times is one example, with or without another example of its class.
        assert_eq!(folds(&[1, 1, 1, 2], &[0, 0, 0, 1], 5, 3), None);
    }

    #[test]
    fn the_same_rows_stay_together_and_empty_ones_do_not() {
        let classes = [0, 1, 0, 1, 0, 1, 0, 1];
        let found = folds(&[4, 4, 4, 5, 6, 7, 0, 0], &classes, 8, 3).unwrap();
        assert!(found.of[0] == found.of[1] && found.of[1] == found.of[2]);
        assert_ne!(found.of[6], found.of[7]);
    }

    proptest! {
        #[test]
        fn every_fold_holds_something_out_and_trains_on_every_class(
            rows in proptest::collection::vec((0_u8..12, 0_u16..4), 2..40), wanted in 2_usize..8, seed in any::<u64>(),
        ) {
            let (contents, classes): (Vec<u8>, Vec<u16>) = rows.into_iter().unzip();
            prop_assume!(classes.iter().any(|class| *class != classes[0]));
            let Some(folds) = folds(&contents, &classes, wanted, seed) else { return Ok(()) };
            prop_assert!((2..=wanted).contains(&folds.len()));
            for fold in 0..folds.len() {
                let (training, held) = folds.split(fold);
                prop_assert!(!held.is_empty());
                for class in &classes {
                    prop_assert!(training.iter().any(|row| classes[*row] == *class));
                }
                let same = |a: &usize, b: &usize| contents[*a] != 0 && contents[*a] == contents[*b];
                prop_assert!(!held.iter().any(|a| training.iter().any(|b| same(a, b))));
            }
        }
    }
}
