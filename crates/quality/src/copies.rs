//! Copies: pairs of annotators who give the same wrong answers more often than chance explains.
//!
//! Right answers agree because they are right; wrong ones have no reason to. The truth of an item is its known label, else the
//! consensus. With `w_a[t][l]` the rate at which annotator a answers l where the truth is t, drawn to the crowd's rates by
//! [`PRIOR`] pseudo-answers, independent annotators a and b give the same wrong answer to so many of their shared items in the mean:
//!
//! `λ_ab = ρ Σ_i Σ_{l ≠ t_i} w_a[t_i][l] w_b[t_i][l]`
//!
//! Own rates explain that two who are biased alike err alike. What they do not explain is that some items are hard for everybody: ρ, at
//! least 1, is how many times more shared errors all **other** pairs have than independence gives them. The number of shared errors
//! x is then held against a Poisson distribution: p = P(X >= x) with mean `λ_ab` ([`crate::tails`]; the Poisson tail above the mean
//! is never below that of independent errors with unequal chances, Hoeffding 1956). Holm's method corrects for all pairs that share
//! an item. A pair is flagged below [`LEVEL`] with at least [`MIN_SAME`] shared errors.
//!
//! Time is near-linear in the answers: only pairs inside an item are visited, and items with more than [`CROWDED`] answers are left
//! out, as they would make their square. What this leaves out: who copied from whom; copies of right answers; and where copiers
//! are the majority of an item, their label is the consensus and so counts as right.

use querist_core::{AnnotationSet, Class};

use crate::error::{QualityError, checked_index};
use crate::holm::holm;
use crate::tails::poisson;

/// The level of all tests together.
pub const LEVEL: f64 = 0.01;
/// How many shared errors a flag needs.
pub const MIN_SAME: usize = 5;
/// Items with more answers are left out.
pub const CROWDED: usize = 200;
/// How many pseudo-answers draw an annotator's rates to the crowd's, for each true class.
pub const PRIOR: f64 = 2.0;

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Copies {
    /// Pairs below [`LEVEL`], the smallest p first, then in the order of annotators.
    pub pairs: Vec<CopyPair>,
    /// For how many pairs was corrected: at least as many as share an item.
    pub tests: usize,
}

/// Two annotators who err alike.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CopyPair {
    /// The first annotator's index.
    pub a: usize,
    /// The second's, above the first.
    pub b: usize,
    /// How many shared items with a known truth they answered.
    pub shared: usize,
    /// To how many of those they gave the same wrong answer.
    pub same_wrong: usize,
    /// How many that would be by chance: λ.
    pub expected: f64,
    /// The corrected p-value.
    pub p: f64,
}

/// Pairs who give the same wrong answers beyond chance. `truth` (items) is the label that counts as right; `None` leaves the item
/// out. Without a third annotator nothing is known of how hard items are, and nobody is flagged.
///
/// # Errors
/// A `truth` of another length than the items, or a class that is not below the set's number of classes.
pub fn copies(annotations: &AnnotationSet, truth: &[Option<Class>]) -> Result<Copies, QualityError> {
    let (expected, found) = (annotations.items().len(), truth.len());
    if expected != found {
        return Err(QualityError::LengthMismatch { what: "the truth of the items", expected, found });
    }
    let rates = Rates::of(annotations, truth)?;
    let mut same: Vec<(u32, u32)> = Vec::new();
    let (mut observed, mut by_chance, mut possible) = (0usize, 0.0, 0usize);
    for (answers, truth) in usable(annotations, truth) {
        possible += answers.len() * (answers.len() - 1) / 2;
        by_chance += rates.chance_of_all(answers, truth);
        for (place, a) in answers.iter().enumerate().filter(|(_, a)| a.label != truth) {
            let alike = answers[place + 1..].iter().filter(|b| b.label == a.label);
            same.extend(alike.map(|b| (a.annotator, b.annotator)));
        }
    }
    observed += same.len();
    same.sort_unstable();
    let mut candidates: Vec<CopyPair> = same
        .chunk_by(|x, y| x == y)
        .filter(|run| run.len() >= MIN_SAME)
        .map(|run| {
            let (a, b) = (run[0].0 as usize, run[0].1 as usize);
            CopyPair { a, b, shared: 0, same_wrong: run.len(), expected: 0.0, p: 1.0 }
        })
        .collect();
    if !candidates.is_empty() {
        share(&mut candidates, annotations, truth, &rates);
    }
    candidates.retain_mut(|pair| {
        let (others, others_by_chance) = (observed - pair.same_wrong, by_chance - pair.expected);
        // Only these two share anything: there is nobody to tell hard items by.
        if others_by_chance <= 1e-9 * by_chance {
            return false;
        }
        // One more than was seen: a crowd of few pairs that happen to share nothing must not make every item easy.
        pair.expected *= ((others + 1) as f64 / others_by_chance).max(1.0);
        pair.p = poisson(pair.same_wrong as u64, pair.expected);
        true
    });
    let annotators = annotations.annotators().len();
    let tests = possible.min(annotators * annotators.saturating_sub(1) / 2);
    let corrected = holm(&candidates.iter().map(|pair| pair.p).collect::<Vec<_>>(), tests);
    candidates.iter_mut().zip(corrected).for_each(|(pair, p)| pair.p = p);
    candidates.retain(|pair| pair.p < LEVEL);
    candidates.sort_by(|x, y| x.p.total_cmp(&y.p).then((x.a, x.b).cmp(&(y.a, y.b))));
    Ok(Copies { pairs: candidates, tests })
}

/// The items that are looked at: their answers and their truth.
fn usable<'a>(
    annotations: &'a AnnotationSet,
    truth: &'a [Option<Class>],
) -> impl Iterator<Item = (&'a [querist_core::Annotation], Class)> {
    let items = truth.iter().enumerate();
    let items = items.filter_map(|(item, truth)| Some((annotations.of_item(item), (*truth)?)));
    items.filter(|(answers, _)| (2..=CROWDED).contains(&answers.len()))
}

/// Counts what candidates, which are sorted, share, and what chance gives them without regard to hard items.
fn share(candidates: &mut [CopyPair], annotations: &AnnotationSet, truth: &[Option<Class>], rates: &Rates) {
    let involved: Vec<usize> = {
        let mut involved: Vec<usize> = candidates.iter().flat_map(|pair| [pair.a, pair.b]).collect();
        involved.sort_unstable();
        involved.dedup();
        involved
    };
    for (answers, truth) in usable(annotations, truth) {
        let here: Vec<usize> = answers
            .iter()
            .map(|answer| answer.annotator as usize)
            .filter(|annotator| involved.binary_search(annotator).is_ok())
            .collect();
        for (place, a) in here.iter().enumerate() {
            for b in &here[place + 1..] {
                if let Ok(at) = candidates.binary_search_by(|pair| (pair.a, pair.b).cmp(&(*a, *b))) {
                    candidates[at].shared += 1;
                    candidates[at].expected += rates.chance_of(*a, *b, truth);
                }
            }
        }
    }
}

/// How often each annotator, and the crowd, gives each wrong answer.
struct Rates {
    k: usize,
    /// Answers by (annotator, truth): annotator-major.
    answers: Vec<u32>,
    /// Wrong answers as (annotator, truth, label), sorted, with their number.
    wrong: Vec<((u32, u16, u16), u32)>,
    /// `starts[a]..starts[a + 1]` of `wrong` are annotator a's.
    starts: Vec<usize>,
    /// The crowd's rate of answering l where the truth is t, (t, l) row by row; 0 where l is t.
    crowd: Vec<f64>,
}

impl Rates {
    fn of(annotations: &AnnotationSet, truth: &[Option<Class>]) -> Result<Self, QualityError> {
        let (k, n_annotators) = (annotations.n_classes(), annotations.annotators().len());
        for class in truth.iter().flatten().chain(annotations.entries().iter().map(|entry| &entry.label)) {
            checked_index(*class, k)?;
        }
        let mut answers = vec![0; n_annotators * k];
        let mut given = vec![0u32; k];
        let mut crowd = vec![0.0; k * k];
        let mut entries = Vec::new();
        for (of_item, truth) in usable(annotations, truth) {
            for answer in of_item {
                answers[answer.annotator as usize * k + truth.index()] += 1;
                given[truth.index()] += 1;
                if answer.label != truth {
                    crowd[truth.index() * k + answer.label.index()] += 1.0;
                    entries.push((answer.annotator, truth.0, answer.label.0));
                }
            }
        }
        for (truth, row) in crowd.chunks_mut(k.max(1)).enumerate() {
            for rate in row {
                *rate /= f64::from(given[truth].max(1));
            }
        }
        entries.sort_unstable();
        let wrong: Vec<_> = entries.chunk_by(|x, y| x == y).map(|run| (run[0], run.len() as u32)).collect();
        let starts =
            (0..=n_annotators as u32).map(|a| wrong.partition_point(|((of, ..), _)| *of < a)).collect();
        Ok(Self { k, answers, wrong, starts, crowd })
    }

    /// `w_a[t][l]`, l other than t.
    fn rate(&self, annotator: usize, truth: Class, label: usize) -> f64 {
        let own = &self.wrong[self.starts[annotator]..self.starts[annotator + 1]];
        let key = (annotator as u32, truth.0, label as u16);
        let count = own.binary_search_by_key(&key, |(key, _)| *key).map_or(0, |at| own[at].1);
        let n = self.answers[annotator * self.k + truth.index()];
        let crowd = self.crowd[truth.index() * self.k + label];
        (f64::from(count) + PRIOR * crowd) / (f64::from(n) + PRIOR)
    }

    fn labels(&self, truth: Class) -> impl Iterator<Item = usize> {
        // A label that nobody gives wrongly where that is the truth adds nothing.
        (0..self.k).filter(move |label| self.crowd[truth.index() * self.k + label] > 0.0)
    }

    /// The chance that two independent annotators give the same wrong answer to an item.
    fn chance_of(&self, a: usize, b: usize, truth: Class) -> f64 {
        self.labels(truth).map(|label| self.rate(a, truth, label) * self.rate(b, truth, label)).sum()
    }

    /// The sum of that over all pairs of an item's annotators: `[(Σ w)² - Σ w²] / 2` of each label.
    fn chance_of_all(&self, answers: &[querist_core::Annotation], truth: Class) -> f64 {
        let of_label = |label| {
            let (mut sum, mut squares) = (0.0, 0.0);
            for answer in answers {
                let rate = self.rate(answer.annotator as usize, truth, label);
                sum += rate;
                squares += rate * rate;
            }
            f64::midpoint(sum * sum, -squares).max(0.0)
        };
        self.labels(truth).map(of_label).sum()
    }
}

#[cfg(test)]
mod tests {
    use querist_core::Seed;
    use rand::{Rng, RngExt};

    use super::*;

    fn set(triples: &[(usize, usize, u16)], k: usize) -> AnnotationSet {
        let names: Vec<(String, String)> =
            triples.iter().map(|(item, who, _)| (format!("{item:06}"), format!("{who:04}"))).collect();
        let triples = names.iter().zip(triples);
        AnnotationSet::new(
            triples.map(|((item, who), (_, _, l))| (item.as_str(), who.as_str(), Class(*l))),
            k,
        )
    }

    /// A crowd on items of class `item % k`, some of them harder; `copier` takes over the answers of annotator 0 nine times of ten.
    fn crowd(
        items: usize,
        annotators: usize,
        k: u16,
        copier: Option<usize>,
        rng: &mut impl Rng,
    ) -> (AnnotationSet, Vec<Option<Class>>) {
        let mut triples = Vec::new();
        let truth: Vec<Option<Class>> = (0..items).map(|item| Some(Class(item as u16 % k))).collect();
        for (item, class) in truth.iter().flatten().enumerate() {
            let wrong = if rng.random::<f64>() < 0.2 { 0.5 } else { 0.1 };
            let mut first = class.0;
            for who in 0..annotators {
                let mut answer = class.0;
                if rng.random::<f64>() < wrong {
                    answer = (answer + rng.random_range(1..k)) % k;
                }
                if who == 0 {
                    first = answer;
                } else if copier == Some(who) && rng.random::<f64>() < 0.9 {
                    answer = first;
                }
                triples.push((item, who, answer));
            }
        }
        (set(&triples, usize::from(k)), truth)
    }

    #[test]
    fn the_expected_number_by_hand() {
        // Twenty items of class 0; annotators 0 and 1 are wrong on the same ten, 2 on two of those. Crowd rate 22 / 60.
        let wrong = [10, 10, 2];
        let triples: Vec<_> = (0..20)
            .flat_map(|item| (0..3).map(move |who| (item, who, u16::from(item < wrong[who]))))
            .collect();
        let set = set(&triples, 2);
        let truth = vec![Some(Class(0)); 20];
        let rates = Rates::of(&set, &truth).unwrap();
        let crowd = 22.0 / 60.0;
        let rate = |wrong: f64| (wrong + 2.0 * crowd) / 22.0;
        assert!((rates.chance_of(0, 2, Class(0)) - rate(10.0) * rate(2.0)).abs() < 1e-12);
        let all = rate(10.0) * rate(10.0) + 2.0 * rate(10.0) * rate(2.0);
        assert!((rates.chance_of_all(set.of_item(0), Class(0)) - all).abs() < 1e-12);
        // The pairs with annotator 2 share two errors each; x = 10 for the pair (0, 1).
        let lambda = 20.0 * rate(10.0) * rate(10.0) * (5.0 / (20.0 * 2.0 * rate(10.0) * rate(2.0)));
        let p = poisson(10, lambda) * 3.0;
        let found = copies(&set, &truth).unwrap();
        assert_eq!(found.tests, 3);
        assert_eq!(found.pairs.is_empty(), p >= LEVEL, "{lambda} {p} {found:?}");
    }

    #[test]
    fn a_copier_is_found_and_nobody_else() {
        let mut rng = Seed(11).rng(0, "copies");
        for k in [2, 5] {
            let found = (0..100)
                .filter(|_| {
                    let (set, truth) = crowd(400, 6, k, Some(3), &mut rng);
                    let found = copies(&set, &truth).unwrap();
                    assert!(found.pairs.iter().all(|pair| (pair.a, pair.b) == (0, 3)), "{found:?}");
                    found.pairs.len() == 1
                })
                .count();
            println!("{k} classes, 400 items, 6 annotators: the copier found in {found} of 100 crowds");
            assert!(found >= 95, "{k} classes: {found}");
        }
    }

    #[test]
    fn a_crowd_without_copiers_is_rarely_flagged() {
        let mut rng = Seed(12).rng(0, "copies");
        let flagged = (0..400)
            .filter(|_| {
                let (set, truth) = crowd(200, 6, 3, None, &mut rng);
                !copies(&set, &truth).unwrap().pairs.is_empty()
            })
            .count();
        println!("without a copier: {flagged} of 400 crowds flagged");
        assert!(flagged <= 8, "{flagged}");
    }

    #[test]
    fn two_annotators_alone_tell_nothing() {
        let triples: Vec<_> = (0..40).flat_map(|item| [(item, 0, 1), (item, 1, 1)]).collect();
        assert!(copies(&set(&triples, 2), &[Some(Class(0)); 40]).unwrap().pairs.is_empty());
    }

    #[test]
    fn items_without_truth_and_crowded_ones_are_left_out() {
        let triples: Vec<_> = (0..5).flat_map(|item| (0..=CROWDED).map(move |who| (item, who, 1))).collect();
        let set = set(&triples, 2);
        assert_eq!(copies(&set, &[Some(Class(0)); 5]).unwrap().tests, 0);
        assert!(copies(&set, &[None; 5]).unwrap().pairs.is_empty());
        assert!(copies(&set, &[]).is_err());
        assert!(copies(&set, &[Some(Class(2)); 5]).is_err());
    }
}
