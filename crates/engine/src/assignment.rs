//! Decides which annotators get which items of a batch.
//!
//! [`Answers`] says how many annotators answer each item: the same number for all items, or several
//! annotators for a share of the batch and one for the rest. Control items do not count towards
//! this share. A control item goes to more annotators if otherwise somebody would get none.
//!
//! Loads differ by at most one item, and so do the numbers of control items per annotator. Chance
//! decides among the annotators with the smallest load, so over time every two annotators share
//! items and can be compared. The caller's seed determines all random numbers.

use querist_core::Seed;
use rand::RngExt;
use rand::seq::SliceRandom;

use crate::settings::Overlap;

/// How many annotators answer each item of a batch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Answers {
    /// Every item goes to this many annotators, at least 1.
    Each(usize),
    /// A share of the items other than control items goes to several annotators, the rest to one.
    Share(Overlap),
}

impl Answers {
    /// Returns the largest number of annotators that one item needs. Control items may need more.
    pub fn most(self) -> usize {
        match self {
            Self::Each(answers) => answers,
            Self::Share(overlap) if overlap.share > 0.0 => overlap.answers_per_item,
            Self::Share(_) => 1,
        }
    }

    /// Returns how many annotators each item of a batch needs, in the order of `items`.
    ///
    /// With [`Answers::Share`], a random sample of the items that are not control items goes to
    /// several annotators. With n such items, the sample has `share * n` items, rounded to the
    /// nearest whole number (halves up). Every other item goes to one annotator.
    fn of_items(self, items: &[Item], rng: &mut impl RngExt) -> Vec<usize> {
        let overlap = match self {
            Self::Each(answers) => return vec![answers; items.len()],
            Self::Share(overlap) => overlap,
        };
        let mut usual: Vec<usize> = (0..items.len()).filter(|item| items[*item] != Item::Control).collect();
        // Without the small addend, 0.29 * 50 + 0.5 would round down to 14, because floating point
        // yields slightly less than 15.
        let several = (overlap.share * usual.len() as f64 + 0.5 + 1e-9).floor() as usize;
        usual.shuffle(rng);
        let mut answers = vec![1; items.len()];
        for item in usual.into_iter().take(several) {
            answers[item] = overlap.answers_per_item;
        }
        answers
    }
}

/// What kind of item is to be assigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item {
    /// A control item.
    Control,
    /// A document of the batch that has no answers yet.
    Usual,
    /// A document of the batch that already has this many answers.
    Answered(usize),
    /// A document of an earlier batch that needs this many more answers.
    Lacking(usize),
}

/// Assigns items to annotators. Annotators are numbered from 0 to `annotators - 1`.
///
/// In `items`, the items of earlier batches come last. `seen(item, annotator)` returns whether the
/// annotator has seen the item; no annotator gets an item that they have seen. Returns for each
/// item the numbers of its annotators, ascending. An item that everybody has seen has none. The
/// same seed and round yield the same assignment.
///
/// If nobody has seen any item, the loads of any two annotators differ by at most one item. The
/// same holds for control items alone.
pub fn assign(
    items: &[Item],
    seen: &dyn Fn(usize, usize) -> bool,
    annotators: usize,
    answers: Answers,
    (seed, round): (Seed, u32),
) -> Vec<Vec<usize>> {
    let mut given = vec![Vec::new(); items.len()];
    if annotators == 0 {
        return given;
    }
    let n_controls = items.iter().filter(|item| **item == Item::Control).count();
    // If there are fewer control items than annotators, each control item goes to several
    // annotators, so that every annotator gets one.
    let per_control = annotators.div_ceil(n_controls.max(1));
    let of_earlier = |item: &&Item| matches!(item, Item::Lacking(_));
    let n_own = items.len() - items.iter().filter(of_earlier).count();
    let mut answers = answers.of_items(&items[..n_own], &mut seed.rng(round, "overlap"));
    answers.extend(items.iter().filter_map(|item| match item {
        Item::Lacking(n) => Some(*n),
        Item::Control | Item::Usual | Item::Answered(_) => None,
    }));
    for (item, answers) in items.iter().zip(&mut answers) {
        // An item that has answers already needs fewer new ones.
        if let Item::Answered(there) = item {
            *answers = answers.saturating_sub(*there);
        }
    }
    let rng = &mut seed.rng(round, "assignments");
    let mut loads = vec![0_usize; annotators];
    // Control items are assigned first. The other items can then even out the loads.
    for (wanted, least) in [(true, per_control), (false, 0)] {
        let of_kind = |item: &usize| (items[*item] == Item::Control) == wanted;
        let mut places: Vec<usize> = (0..items.len()).filter(of_kind).collect();
        places.shuffle(rng);
        if wanted {
            // The control items that the fewest annotators may still get come first. The other
            // control items can then even out the loads.
            places.sort_by_key(|item| (0..annotators).filter(|who| !seen(*item, *who)).count());
        }
        for item in places {
            let mut order: Vec<usize> = (0..annotators).collect();
            // The sort is stable, so shuffling before it lets chance decide among equal loads.
            order.shuffle(rng);
            order.sort_by_key(|annotator| loads[*annotator]);
            order.retain(|annotator| !seen(item, *annotator));
            order.truncate(answers[item].max(least));
            let mut chosen = order;
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

    use super::*;

    fn items(controls: &[bool]) -> Vec<Item> {
        controls.iter().map(|control| if *control { Item::Control } else { Item::Usual }).collect()
    }

    #[test]
    fn documents_of_earlier_batches_get_what_they_lack_from_others() {
        let batch = [Item::Usual, Item::Usual, Item::Lacking(1), Item::Lacking(2)];
        let seen = |item: usize, annotator: usize| item >= 2 && annotator == 0;
        for seed in 0..20 {
            let given = assign(&batch, &seen, 3, Answers::Each(1), (Seed(seed), 2));
            assert_eq!(given.iter().map(Vec::len).collect::<Vec<_>>(), [1, 1, 1, 2]);
            assert!(!given[2].contains(&0) && given[3] == [1, 2]);
        }
    }

    /// Nobody has seen any item.
    fn unseen(_: usize, _: usize) -> bool {
        false
    }

    #[test]
    fn nobody_gets_what_they_have_seen() {
        let seen = |item: usize, annotator: usize| item == 0 || (item == 1 && annotator == 2);
        for seed in 0..20 {
            let given = assign(
                &[Item::Control, Item::Control, Item::Usual],
                &seen,
                3,
                Answers::Each(3),
                (Seed(seed), 1),
            );
            assert_eq!(given, [vec![], vec![0, 1], vec![0, 1, 2]]);
        }
    }

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
            share in 0.0..1.5_f64,
        ) {
            // A share above 1 means that every item goes to `per_item` annotators.
            let overlap = Overlap { share, answers_per_item: per_item };
            let answers = if share > 1.0 { Answers::Each(per_item) } else { Answers::Share(overlap) };
            let given = assign(&items(&controls), &unseen, annotators, answers, (Seed(1), 1));
            let of_control = |item: usize| controls[item];
            let n_controls = controls.iter().filter(|control| **control).count();
            prop_assert!(spread(&loads(&given, annotators, |_| true)) <= 1);
            let met = loads(&given, annotators, of_control);
            prop_assert!(spread(&met) <= 1);
            prop_assert!(n_controls == 0 || met.iter().all(|met| *met > 0));
            for (item, chosen) in given.iter().enumerate().filter(|(item, _)| !controls[*item]) {
                let n = chosen.len();
                prop_assert!(n == per_item.min(annotators) || n == 1 && share <= 1.0, "item {}", item);
            }
        }
    }

    #[test]
    fn all_pairs_come_to_share_items_and_the_same_seed_gives_the_same() {
        let make = |seed| assign(&[Item::Usual; 60], &unseen, 4, Answers::Each(2), (Seed(seed), 1));
        let given = make(7);
        let pairs: BTreeSet<&Vec<usize>> = given.iter().collect();
        assert_eq!(pairs.len(), 6);
        assert_eq!(given, make(7));
        assert_ne!(given, make(8));
    }

    #[test]
    fn a_share_of_the_batch_goes_to_several_people() {
        let make = |share, seed, round| {
            let overlap = Overlap { share, answers_per_item: 3 };
            assign(&[Item::Usual; 50], &unseen, 5, Answers::Share(overlap), (Seed(seed), round))
        };
        // Rounded to the nearest whole number, halves up: 0.01 of 50 items is half an item.
        for (share, several) in [(0.0, 0), (0.009, 0), (0.01, 1), (0.2, 10), (0.29, 15), (1.0, 50)] {
            let sizes: Vec<usize> = make(share, 7, 1).iter().map(Vec::len).collect();
            assert_eq!(sizes.iter().filter(|size| **size == 3).count(), several, "{share}");
            assert_eq!(sizes.iter().filter(|size| **size == 1).count(), 50 - several, "{share}");
        }
        let several = |given: &[Vec<usize>]| -> Vec<bool> { given.iter().map(|who| who.len() > 1).collect() };
        let given = make(0.2, 7, 1);
        assert_eq!(given, make(0.2, 7, 1));
        assert_ne!(several(&given), several(&make(0.2, 8, 1)));
        assert_ne!(several(&given), several(&make(0.2, 7, 2)));
    }

    #[test]
    fn the_share_is_one_of_the_items_that_are_no_control_items() {
        let controls: Vec<bool> = (0..20).map(|item| item % 2 == 0).collect();
        for seed in 0..20 {
            let overlap = Overlap { share: 0.5, answers_per_item: 2 };
            let given = assign(&items(&controls), &unseen, 4, Answers::Share(overlap), (Seed(seed), 1));
            let several = |item: &usize| given[*item].len() == 2;
            let (of_controls, others): (Vec<usize>, Vec<usize>) =
                (0..20).filter(several).partition(|item| controls[*item]);
            assert_eq!((of_controls.len(), others.len()), (0, 5));
        }
    }

    #[test]
    fn the_ends_of_the_share_are_the_plain_divisions() {
        let controls: Vec<bool> = (0..40).map(|item| item % 10 == 0).collect();
        let of = |controls: &[bool], answers| assign(&items(controls), &unseen, 4, answers, (Seed(3), 2));
        let share = |share| Answers::Share(Overlap { share, answers_per_item: 2 });
        assert_eq!(of(&controls, share(0.0)), of(&controls, Answers::Each(1)));
        // Four control items for four annotators: each goes to one annotator, whatever the share.
        assert_eq!(of(&[false; 40], share(1.0)), of(&[false; 40], Answers::Each(2)));
        let several = |given: &[Vec<usize>]| given.iter().map(|who| who.len() == 2).collect::<Vec<_>>();
        let documents: Vec<bool> = controls.iter().map(|control| !control).collect();
        assert_eq!(several(&of(&controls, share(1.0))), documents);
        assert_eq!([share(0.0).most(), share(0.1).most(), Answers::Each(4).most()], [1, 2, 4]);
    }

    #[test]
    fn every_item_is_as_likely_to_go_to_several_people() {
        let overlap = Overlap { share: 0.25, answers_per_item: 2 };
        let mut times = [0_u32; 20];
        for seed in 0..400 {
            let given = assign(&[Item::Usual; 20], &unseen, 3, Answers::Share(overlap), (Seed(seed), 1));
            for (times, who) in times.iter_mut().zip(&given) {
                *times += u32::from(who.len() == 2);
            }
        }
        // 400 draws of 1 in 4: the mean is 100, the standard deviation 8.7.
        assert!(times.iter().all(|times| (65..=135).contains(times)), "{times:?}");
    }
}
