//! Imbalance: removes documents from a pool until some classes have given shares of it.
//!
//! The named classes get their shares q, up to rounding. The other classes divide the rest of the
//! pool in their old proportions. The new pool is as large as possible: it has `N = ⌊min(min over
//! named classes c of n_c / q_c, n_rest / (1 - Σ q))⌋` documents, where n counts documents of the
//! old pool. No document is duplicated. The random draw has a fixed seed, so all runs share one
//! pool, and features are fitted once.

use querist_core::{Class, Seed};
use querist_query::largest_remainder;
use rand::RngExt;

use super::data_set::DataSet;
use super::protocol::ProtocolError;

/// The seed that decides which documents stay. It is the same in every simulation.
const SEED: Seed = Seed(0);

/// Shares of some classes, each above 0 and below 1, with a sum of at most 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Imbalance(Vec<(Class, f64)>);

impl Imbalance {
    /// Checks the shares, and makes an imbalance from them.
    ///
    /// # Errors
    /// A share is not above 0 and below 1, or the sum is above 1.
    pub fn new(shares: Vec<(Class, f64)>) -> Result<Self, ProtocolError> {
        let out = |found: f64, expected: &str| ProtocolError::OutOfRange {
            what: "imbalance",
            found: found.to_string(),
            expected: expected.to_owned(),
        };
        if let Some((_, share)) = shares.iter().find(|(_, share)| !(*share > 0.0 && *share < 1.0)) {
            return Err(out(*share, "shares above 0 and below 1, as in fraud=0.01"));
        }
        let sum: f64 = shares.iter().map(|(_, share)| share).sum();
        if sum > 1.0 + 1e-9 {
            return Err(out(sum, "shares that sum to at most 1"));
        }
        Ok(Self(shares))
    }

    /// Returns the shares, in the order in which they were given.
    pub fn shares(&self) -> &[(Class, f64)] {
        &self.0
    }

    /// Returns how many documents of each class stay in the pool. `counts` holds the number of
    /// documents of each class in the old pool.
    ///
    /// # Errors
    /// A named class has no document; or the shares sum to less than 1, but no other class has a
    /// document.
    pub fn targets(&self, counts: &[usize]) -> Result<Vec<usize>, ProtocolError> {
        let mut named = vec![None; counts.len()];
        for (class, share) in &self.0 {
            named[class.index()] = Some(*share);
            if counts[class.index()] == 0 {
                let fault = "names a class that the training file does not have; remove it";
                return Err(ProtocolError::Imbalance { fault });
            }
        }
        let left = 1.0 - self.0.iter().map(|(_, share)| share).sum::<f64>();
        let of_rest = |class: &usize| named[*class].is_none();
        let rest: usize = (0..counts.len()).filter(of_rest).map(|class| counts[class]).sum();
        if left > 1e-9 && rest == 0 {
            let fault = "names all classes, but its shares do not sum to 1; change them so that they do";
            return Err(ProtocolError::Imbalance { fault });
        }
        // The first class without enough documents limits the size of the pool.
        let mut most = if left > 1e-9 { rest as f64 / left } else { f64::INFINITY };
        for (class, share) in &self.0 {
            most = most.min(counts[class.index()] as f64 / share);
        }
        // In floating point, 30 / 0.3 may be 99.99…, so the quotient is raised slightly before
        // rounding down.
        let most = (most * (1.0 + 1e-12)).floor();
        let mut targets = vec![0; counts.len()];
        for (class, share) in &self.0 {
            // A named class keeps at least one document, however small its share.
            let target = (share * most).round().max(1.0) as usize;
            targets[class.index()] = target.min(counts[class.index()]);
        }
        let others: Vec<usize> = (0..counts.len()).filter(of_rest).collect();
        if left > 1e-9 {
            let weights: Vec<f64> = others.iter().map(|class| counts[*class] as f64).collect();
            let n = ((left * most).round() as usize).min(rest);
            let kept = largest_remainder(n, &weights);
            let kept = kept.map_err(|error| ProtocolError::Unusable { what: error.to_string() })?;
            for (class, kept) in others.into_iter().zip(kept) {
                targets[class] = kept.min(counts[class]);
            }
        }
        Ok(targets)
    }

    /// Removes documents from the pool of `set` until its classes have the given shares.
    ///
    /// # Errors
    /// As for [`Self::targets`].
    pub fn thin(&self, set: &mut DataSet) -> Result<(), ProtocolError> {
        let targets = self.targets(&set.pool_counts())?;
        let mut stays = vec![false; set.pool.len()];
        for (class, target) in targets.into_iter().enumerate() {
            let of_class = (0..set.pool.len()).filter(|place| set.pool[*place].class.index() == class);
            let mut places: Vec<usize> = of_class.collect();
            // Each class has its own random generator, so the draw from one class does not depend
            // on the other classes.
            let mut rng = SEED.rng(class as u32, "imbalance");
            // The first steps of a Fisher-Yates shuffle (Durstenfeld 1964).
            for step in 0..target.min(places.len()) {
                let chosen = rng.random_range(step..places.len());
                places.swap(step, chosen);
                stays[places[step]] = true;
            }
        }
        let mut stays = stays.into_iter();
        set.pool.retain(|_| stays.next().unwrap_or(false));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use querist_core::LabelSet;

    use super::super::data_set::Known;
    use super::*;

    fn imbalance(shares: &[(u16, f64)]) -> Imbalance {
        Imbalance::new(shares.iter().map(|(class, share)| (Class(*class), *share)).collect()).unwrap()
    }

    #[test]
    fn the_largest_pool_with_those_shares_by_hand() {
        // 1 % of class 0, the others as 300 : 100. The rest of 400 is 99 %, so N = ⌊400 / 0.99⌋ =
        // 404: 4 of class 0, 400 others.
        assert_eq!(imbalance(&[(0, 0.01)]).targets(&[500, 300, 100]).unwrap(), [4, 300, 100]);
        // Half of class 0, which has 30 documents: N = 60. The others share 30 as 3 : 1, which is
        // 22.5 and 7.5; the tie goes to the first.
        assert_eq!(imbalance(&[(0, 0.5)]).targets(&[30, 300, 100]).unwrap(), [30, 23, 7]);
        // All classes are named: 30 / 0.3 = 100.
        assert_eq!(imbalance(&[(0, 0.3), (1, 0.7)]).targets(&[30, 300]).unwrap(), [30, 70]);
        // A named class keeps at least one document.
        assert_eq!(imbalance(&[(0, 0.01)]).targets(&[5, 9]).unwrap(), [1, 9]);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for shares in [vec![(Class(0), 0.0)], vec![(Class(0), 1.0)], vec![(Class(0), f64::NAN)]] {
            assert!(Imbalance::new(shares).unwrap_err().to_string().contains("above 0 and below 1"));
        }
        assert!(Imbalance::new(vec![(Class(0), 0.6), (Class(1), 0.6)]).is_err());
        assert!(imbalance(&[(0, 0.5)]).targets(&[0, 9]).is_err());
        assert!(imbalance(&[(0, 0.5), (1, 0.2)]).targets(&[9, 9]).is_err());
    }

    #[test]
    fn thins_the_pool_and_nothing_else() {
        let known = |i: usize| Known {
            id: format!("{i:03}"),
            text: i.to_string(),
            class: Class::from_index(usize::from(i >= 40)),
        };
        let labels = LabelSet::new(["a", "b"]).unwrap();
        let whole = DataSet::new(labels, (0..100).map(known).collect(), vec![known(7)]);
        let mut set = whole.clone();
        imbalance(&[(0, 0.1)]).thin(&mut set).unwrap();
        // 60 / 0.9 = 66.67: 66 documents, of which 7 (6.6) are class 0 and 59 (59.4) class 1.
        assert_eq!(set.pool_counts(), [7, 59]);
        assert_eq!(set.test, whole.test);
        assert!(set.pool.iter().all(|document| whole.pool.contains(document)));
        assert!(set.pool.is_sorted_by(|left, right| left.id < right.id));
        let mut again = whole.clone();
        imbalance(&[(0, 0.1)]).thin(&mut again).unwrap();
        assert_eq!(again, set);
    }

    proptest! {
        #[test]
        fn shares_come_out_within_a_document(n0 in 1usize..500, n1 in 1usize..500, n2 in 0usize..500, share in 0.01f64..0.99) {
            let targets = imbalance(&[(0, share)]).targets(&[n0, n1, n2]).unwrap();
            prop_assert!(targets[0] <= n0 && targets[1] <= n1 && targets[2] <= n2);
            let sum = targets.iter().sum::<usize>() as f64;
            prop_assert!((targets[0] as f64 - share * sum).abs() <= 1.5, "{targets:?}");
        }
    }
}
