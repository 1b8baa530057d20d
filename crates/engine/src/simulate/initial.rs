//! The initial labels of a run: a stratified sample of the pool, which depends only on the seed.
//!
//! All strategies start from the same documents if they have the same seed, so that later
//! differences are due to the strategies. Each class gets a share of the sample that is as near to
//! its share of the pool as whole numbers allow (largest remainders). If there are at least as many
//! labels as classes, each class gets at least one. A real team has a harder start, which is not
//! simulated: it must search for first examples of each class.

use querist_core::{Class, Seed};
use querist_query::{QueryError, largest_remainder};
use rand::RngExt;

/// Divides `n` initial documents among the classes, and returns the number for each class. `counts`
/// holds the number of pool documents of each class; `n` is at most their sum.
///
/// # Errors
/// The pool is empty.
pub fn allotment(n: usize, counts: &[usize]) -> Result<Vec<usize>, QueryError> {
    let weights: Vec<f64> = counts.iter().map(|count| *count as f64).collect();
    let mut given = largest_remainder(n, &weights)?;
    let there = counts.iter().filter(|count| **count > 0).count();
    if n < there {
        return Ok(given);
    }
    while let Some(class) = (0..counts.len()).find(|class| counts[*class] > 0 && given[*class] == 0) {
        // Take one document from the class that has the most. It has at least two, because n is at
        // least the number of classes that occur.
        let richest =
            (0..given.len()).reduce(|best, next| if given[next] > given[best] { next } else { best });
        let Some(richest) = richest.filter(|richest| given[*richest] > 1) else { break };
        given[richest] -= 1;
        given[class] = 1;
    }
    Ok(given)
}

/// Draws `n` initial documents and returns their rows in the pool, ascending. `classes` holds the
/// true class of each row of the pool.
///
/// # Errors
/// As for [`allotment`].
pub fn initial(classes: &[Class], n_classes: usize, n: usize, seed: Seed) -> Result<Vec<usize>, QueryError> {
    let mut by_class = vec![Vec::new(); n_classes];
    for (row, class) in classes.iter().enumerate() {
        by_class[class.index()].push(row);
    }
    let counts: Vec<usize> = by_class.iter().map(Vec::len).collect();
    let given = allotment(n.min(classes.len()), &counts)?;
    let mut rng = seed.rng(0, "initial labels");
    let mut rows = Vec::with_capacity(n);
    for (mut of_class, given) in by_class.into_iter().zip(given) {
        // The first steps of a Fisher-Yates shuffle (Durstenfeld 1964).
        for step in 0..given {
            let chosen = rng.random_range(step..of_class.len());
            of_class.swap(step, chosen);
        }
        rows.extend_from_slice(&of_class[..given]);
    }
    rows.sort_unstable();
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn shares_as_equal_as_can_be_and_one_of_each() {
        // 10 of a pool of 60 : 30 : 10.
        assert_eq!(allotment(10, &[60, 30, 10]).unwrap(), [6, 3, 1]);
        // Shares are 9.8, 0.15 and 0.05: both small classes get one from the large class.
        assert_eq!(allotment(10, &[980, 15, 5]).unwrap(), [8, 1, 1]);
        // Fewer labels than classes: only shares count.
        assert_eq!(allotment(2, &[980, 15, 5]).unwrap(), [2, 0, 0]);
        // A class without documents gets none.
        assert_eq!(allotment(3, &[5, 0, 5]).unwrap(), [2, 0, 1]);
    }

    #[test]
    fn the_seed_alone_decides() {
        let classes: Vec<Class> = (0..60).map(|row| Class(u16::from(row % 6 == 0))).collect();
        let draw = |seed| initial(&classes, 2, 12, Seed(seed)).unwrap();
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
        assert!(draw(1).is_sorted_by(|left, right| left < right));
        assert_eq!(draw(1).iter().filter(|row| classes[**row] == Class(1)).count(), 2);
    }

    proptest! {
        #[test]
        fn never_more_than_there_is_and_as_many_as_asked(counts in prop::collection::vec(0usize..40, 2..7), part in 0.0f64..1.0) {
            let sum: usize = counts.iter().sum();
            prop_assume!(sum > 0);
            let n = (part * sum as f64) as usize;
            let given = allotment(n, &counts).unwrap();
            prop_assert_eq!(given.iter().sum::<usize>(), n);
            prop_assert!(given.iter().zip(&counts).all(|(given, count)| given <= count));
            let there = counts.iter().filter(|count| **count > 0).count();
            if n >= there {
                prop_assert!(given.iter().zip(&counts).all(|(given, count)| *count == 0 || *given > 0));
            }
        }
    }
}
