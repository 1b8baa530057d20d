//! Which annotators get which items of a batch.
//!
//! Each item goes to as many annotators as asked for. Loads differ by one item at the most, and so do the numbers of control
//! items that annotators meet; among those with the smallest load chance decides, so that all pairs of annotators come to share
//! items and can be compared. If there are too few control items for everybody to meet one, each goes to more annotators than
//! other items do. Pure: the generator is the caller's.

use rand::RngExt;
use rand::seq::SliceRandom;

/// Assigns. `controls` says of each item whether it is a control item; the result has the annotators of each item, ascending,
/// as numbers below `annotators`. `per_item` is from 1 to `annotators`; what is beyond is cut off.
///
/// Loads: each annotator gets `floor` or `ceil` of (sum of the items' answers) / `annotators`, and of control items alike.
pub fn assign(
    controls: &[bool],
    annotators: usize,
    per_item: usize,
    rng: &mut impl RngExt,
) -> Vec<Vec<usize>> {
    let mut given = vec![Vec::new(); controls.len()];
    if annotators == 0 {
        return given;
    }
    let n_controls = controls.iter().filter(|control| **control).count();
    let per_item = per_item.clamp(1, annotators);
    let per_control = per_item.max(annotators.div_ceil(n_controls.max(1)));
    let mut loads = vec![0_usize; annotators];
    // Control items first: what they leave uneven, the others even out.
    for (wanted, answers) in [(true, per_control), (false, per_item)] {
        let mut items: Vec<usize> = (0..controls.len()).filter(|item| controls[*item] == wanted).collect();
        items.shuffle(rng);
        for item in items {
            let mut order: Vec<usize> = (0..annotators).collect();
            order.shuffle(rng);
            order.sort_by_key(|annotator| loads[*annotator]);
            let mut chosen = order[..answers].to_vec();
            chosen.sort_unstable();
            for annotator in &chosen {
                loads[*annotator] += 1;
            }
            given[item] = chosen;
        }
    }
    given
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;
    use querist_core::Seed;

    use super::*;

    fn loads(given: &[Vec<usize>], annotators: usize, of: impl Fn(usize) -> bool) -> Vec<usize> {
        let mut loads = vec![0; annotators];
        for (item, chosen) in given.iter().enumerate().filter(|(item, _)| of(*item)) {
            assert!(chosen.is_sorted_by(|a, b| a < b), "item {item}: {chosen:?}");
            for annotator in chosen {
                loads[*annotator] += 1;
            }
        }
        loads
    }

    fn spread(loads: &[usize]) -> usize {
        loads.iter().max().unwrap() - loads.iter().min().unwrap()
    }

    proptest! {
        #[test]
        fn loads_are_even(
            controls in prop::collection::vec(prop::bool::weighted(0.1), 1..120),
            annotators in 1..9_usize,
            per_item in 1..5_usize,
        ) {
            let given = assign(&controls, annotators, per_item, &mut Seed(1).rng(1, "assignments"));
            let of_control = |item: usize| controls[item];
            let n_controls = controls.iter().filter(|control| **control).count();
            prop_assert!(spread(&loads(&given, annotators, |_| true)) <= 1);
            let met = loads(&given, annotators, of_control);
            prop_assert!(spread(&met) <= 1);
            prop_assert!(n_controls == 0 || met.iter().all(|met| *met > 0));
            for (item, chosen) in given.iter().enumerate().filter(|(item, _)| !controls[*item]) {
                prop_assert_eq!(chosen.len(), per_item.min(annotators), "item {}", item);
            }
        }
    }

    #[test]
    fn all_pairs_come_to_share_items_and_the_same_seed_gives_the_same() {
        let make = |seed| assign(&[false; 60], 4, 2, &mut Seed(seed).rng(1, "assignments"));
        let given = make(7);
        let pairs: BTreeSet<&Vec<usize>> = given.iter().collect();
        assert_eq!(pairs.len(), 6);
        assert_eq!(given, make(7));
        assert_ne!(given, make(8));
    }
}
