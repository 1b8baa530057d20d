//! Estimates a model's accuracy on its pool from the **slice**: the random picks of a batch.
//!
//! A batch draws n of the N open documents at random, and picks others for being hard, rare or
//! near. The slice thus yields an unbiased estimate of the accuracy on the N documents. The
//! documents that the batch **left open** are easier, because the other picks are gone. But once
//! these picks have labels, it is known how many of them were predicted correctly, so they can be
//! subtracted.
//!
//! Control items do not count, because they are not in the pool. Picks of later rounds do not
//! count, because another model predicted them.

use querist_core::wilson_rate;

/// How many picks of a part of a batch the model predicted correctly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Picks {
    /// Number of picks that have a label.
    pub labeled: usize,
    /// Number of labelled picks that the model predicted correctly.
    pub right: usize,
    /// Number of picks without a label.
    pub unknown: usize,
}

/// An estimate of an accuracy with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Accuracy {
    /// Number of documents whose accuracy is estimated.
    pub documents: usize,
    /// The estimated accuracy, from 0 to 1.
    pub value: f64,
    /// Lower end of the interval, from 0 to 1.
    pub low: f64,
    /// Upper end of the interval, from 0 to 1.
    pub high: f64,
}

/// Returns two estimates: the accuracy on the `open` documents from which a batch was drawn, and
/// the accuracy on the documents that the batch left open. `slice` describes the random picks, and
/// `others` describes the other picks. Both estimates are `None` if no random pick has a label; the
/// second is also `None` if the batch left nothing open.
///
/// With N open documents, r of n random picks right, and p of m other picks right:
///
/// ```text
/// right among the N      C = N r / n
/// accuracy still open    (C - r - p) / (N - n - m)
/// ```
///
/// Both estimates have the same absolute error, counted in documents. So the second is unbiased
/// too, however the other picks were chosen, and its interval is the interval of C minus the same
/// known counts. The interval is Wilson's, with `n (N - 1) / (N - n)` in place of n, because
/// drawing without replacement leaves less to chance. A pick without a label (skipped, tied, not
/// yet answered) may be right or wrong. The estimate assumes that it is right as often as the
/// labelled picks of its part of the batch. The interval covers both cases.
pub fn accuracies(open: usize, slice: Picks, others: Picks) -> (Option<Accuracy>, Option<Accuracy>) {
    let picked = slice.labeled + slice.unknown + others.labeled + others.unknown;
    if slice.labeled == 0 || picked > open {
        return (None, None);
    }
    let rate = slice.right as f64 / slice.labeled as f64;
    let (all, drawn) = (open as f64, slice.labeled as f64);
    // The finite-population correction: the larger the slice, the less is left to chance.
    let worth = if slice.labeled == open { f64::INFINITY } else { drawn * (all - 1.0) / (all - drawn) };
    let (low, high) = wilson_rate(rate, worth).map_or((rate, rate), |interval| (interval.low, interval.high));
    // The labelled picks limit the interval too: the accuracy cannot be lower than their right
    // predictions allow, or higher than their wrong predictions allow.
    let right = (slice.right + others.right) as f64;
    let wrong = (slice.labeled + others.labeled) as f64 - right;
    // If every document has a label, rounding must not make the lower bound exceed the upper bound.
    let least = right / all;
    let most = least.max((all - wrong) / all);
    let within = |share: f64| share.clamp(least, most);
    let drawn =
        Accuracy { documents: open, value: rate, low: within(low).min(rate), high: within(high).max(rate) };
    if picked == open {
        return (Some(drawn), None);
    }
    // Other picks without a label are assumed to be right as often as other picks with a label. If
    // there are none of these, the slice's rate is assumed.
    let share = |of: Picks| if of.labeled == 0 { rate } else { of.right as f64 / of.labeled as f64 };
    let unknown = (slice.unknown + others.unknown) as f64;
    let likely = slice.unknown as f64 * rate + others.unknown as f64 * share(others);
    let left = (open - picked) as f64;
    let of = |total: f64, unknown: f64| ((total - right - unknown) / left).clamp(0.0, 1.0);
    let value = of(all * rate, likely);
    // The interval covers both extremes. If all picks without a label are right, fewer right
    // predictions are left among the open documents; if none is right, more are left.
    let (low, high) = (of(all * low, unknown), of(all * high, 0.0));
    let open = Accuracy { documents: open - picked, value, low: low.min(value), high: high.max(value) };
    (Some(drawn), Some(open))
}

#[cfg(test)]
mod tests {
    use rand::RngExt;
    use rand::seq::index::sample;

    use querist_core::Seed;

    use super::*;

    #[test]
    fn where_all_is_known_the_ends_meet_whatever_the_rounding() {
        for n in 1..200 {
            for right in 0..=n {
                let slice = Picks { labeled: n, right, unknown: 0 };
                let (drawn, open) = accuracies(n, slice, Picks::default());
                let Accuracy { value, low, high, .. } = drawn.unwrap();
                assert!(
                    open.is_none() && low <= value && value <= high && high - low < 1e-9,
                    "{right} of {n}"
                );
            }
        }
    }

    #[test]
    fn the_picks_are_taken_off() {
        // 80 of 100 when drawn means 800 of 1,000. Minus 80 of the slice and 20 of the 100 other
        // picks, 700 of 800 are left.
        let slice = Picks { labeled: 100, right: 80, unknown: 0 };
        let others = Picks { labeled: 100, right: 20, unknown: 0 };
        let (drawn, open) = accuracies(1_000, slice, others);
        let (drawn, open) = (drawn.unwrap(), open.unwrap());
        assert!((drawn.value - 0.8).abs() < 1e-12 && drawn.documents == 1_000);
        assert!((open.value - 0.875).abs() < 1e-12 && open.documents == 800);
        // Both intervals are about the same 1,000 documents.
        assert!((open.low - (drawn.low * 1_000.0 - 100.0) / 800.0).abs() < 1e-12);
        assert!((open.high - (drawn.high * 1_000.0 - 100.0) / 800.0).abs() < 1e-12);
    }

    #[test]
    fn a_pick_without_a_label_widens_the_interval() {
        let slice = Picks { labeled: 100, right: 80, unknown: 0 };
        let known = Picks { labeled: 100, right: 20, unknown: 0 };
        let partly = Picks { labeled: 50, right: 10, unknown: 50 };
        let of = |others| accuracies(1_000, slice, others).1.unwrap();
        let (known, partly) = (of(known), of(partly));
        assert!((known.value - partly.value).abs() < 1e-12);
        assert!(partly.low < known.low && known.high < partly.high);
    }

    #[test]
    fn the_whole_pool_leaves_nothing_to_chance_and_nothing_open() {
        let (drawn, open) = accuracies(10, Picks { labeled: 10, right: 7, unknown: 0 }, Picks::default());
        let drawn = drawn.unwrap();
        assert!((drawn.low - 0.7).abs() < 1e-12 && (drawn.high - 0.7).abs() < 1e-12);
        assert_eq!(open, None);
        assert_eq!(accuracies(10, Picks { unknown: 3, ..Picks::default() }, Picks::default()), (None, None));
        assert_eq!(accuracies(3, Picks { labeled: 4, right: 4, unknown: 0 }, Picks::default()), (None, None));
    }

    /// A pool of 1,500 documents whose difficulty is known. Each batch picks the hardest documents
    /// that its slice left.
    #[test]
    fn both_are_unbiased_and_their_intervals_hold_the_truth() {
        let mut rng = Seed(5).rng(0, "pool");
        let right: Vec<bool> = (0..1_500).map(|place| rng.random_range(0..1_500) > 600 - place / 3).collect();
        let (n, m, runs) = (60usize, 140usize, 1_000usize);
        let mut off = [0.0; 2];
        let mut squares = [0.0; 2];
        let mut held = [0; 2];
        for _ in 0..runs {
            let slice: Vec<usize> = sample(&mut rng, 1_500, n).into_vec();
            let others: Vec<usize> = (0..1_500).filter(|place| !slice.contains(place)).take(m).collect();
            let count = |of: &[usize]| of.iter().filter(|place| right[**place]).count();
            let (slice, others) = (count(&slice), count(&others));
            let all = right.iter().filter(|right| **right).count();
            let picks = |labeled, right| Picks { labeled, right, unknown: 0 };
            let (drawn, open) = accuracies(1_500, picks(n, slice), picks(m, others));
            let truth = [all as f64 / 1_500.0, (all - slice - others) as f64 / (1_500 - n - m) as f64];
            for (at, found) in [drawn.unwrap(), open.unwrap()].into_iter().enumerate() {
                let error = found.value - truth[at];
                off[at] += error / runs as f64;
                squares[at] += error * error / runs as f64;
                held[at] += usize::from(found.low <= truth[at] && truth[at] <= found.high);
            }
        }
        for at in 0..2 {
            let error = (squares[at] / runs as f64).sqrt();
            assert!(off[at].abs() < 3.0 * error, "{at}: {} with a standard error of {error}", off[at]);
            assert!((920..=980).contains(&held[at]), "{at}: {}", held[at]);
        }
        // The first estimate is not about the documents left open.
        let all = right.iter().filter(|right| **right).count() as f64 / 1_500.0;
        let easy = right[200..].iter().filter(|right| **right).count() as f64 / 1_300.0;
        assert!(easy - all > 0.01, "{easy} {all}");
    }
}
