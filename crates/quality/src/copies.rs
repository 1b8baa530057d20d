//! Copies: pairs of annotators who give the same unusual answers more often than chance explains.
//!
//! An answer of a is **unusual** beside b if it is not the item's label without b. This label is
//! the known label, or else the likeliest label by a one-coin model of all others (`consensus`), so
//! no pair votes for itself. Of the items that both answered, U is the number with at least one
//! unusual answer, and S the number with two equal unusual answers. Two copies have S close to U.
//! Not covered: who copied from whom; copies of usual answers; and, in a crowd of four without
//! known labels, all copies.

mod consensus;
mod doubt;
mod rates;
mod rival;

use std::collections::BTreeMap;

use querist_core::{AnnotationSet, Class};

use crate::error::{QualityError, checked_index};
use crate::tails::binomial;
use consensus::Beside;
use doubt::{Alone, Share};
use rates::Rates;
use rival::Agreements;

/// The level of all tests together.
pub const LEVEL: f64 = 0.01;
/// The fewest shared unusual answers for which a pair is flagged.
pub const MIN_SAME: usize = 5;
/// Items with more answers are not used, because the number of pairs grows with the square.
pub const CROWDED: usize = 200;
/// The share of unusual answers that two people may share beyond chance without being flagged.
pub const MARGIN: f64 = 0.25;
/// The margin is at least this divided by the mean number of answers to an item (`beyond`).
const CERTAIN: f64 = 1.6;
/// The fewest answers to an item without a known label; with one, 2 are enough.
const ENOUGH: usize = 5;
/// In crowds of up to this size, only the likeliest pair leaves at each step.
const SMALL: usize = 64;
/// A low estimate of S / U for somebody who copies nine answers of ten, for [`Copies::needs`].
const COPIED: f64 = 0.7;

/// The pairs that were found, and the number of shared items that a search needs.
#[derive(Debug, Clone, PartialEq)]
pub struct Copies {
    /// The flagged pairs, the smallest p first, then in the order of annotators.
    pub pairs: Vec<CopyPair>,
    /// The number of pairs in the correction: at least all pairs that share an item.
    pub tests: usize,
    /// About how many items two annotators must share so that copying nine answers of ten is found;
    /// `None` if nobody gives unusual answers, too many do, or no item has enough answers.
    pub needs: Option<usize>,
    /// The most usable items that two annotators can share.
    pub most_shared: usize,
}

/// Two annotators who give the same unusual answers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CopyPair {
    /// The first annotator's index.
    pub a: usize,
    /// The second annotator's index, above the first.
    pub b: usize,
    /// The number of usable items that both answered.
    pub shared: usize,
    /// The number of these items on which at least one answer is unusual, U.
    pub unusual: usize,
    /// The number of these items on which both are unusual and equal, S.
    pub same_wrong: usize,
    /// The number S expected by chance, q U.
    pub expected: f64,
    /// The p-value, corrected for all tests.
    pub p: f64,
}

/// Sums over the usable items that two annotators share.
#[derive(Debug, Clone, Copy, Default)]
struct Shared {
    items: usize,
    answers: usize,
    unusual: usize,
    same: usize,
    by_rates: f64,
}

impl Shared {
    /// Returns S / U, with pseudo-counts that draw it towards the usual share of honest pairs.
    fn share(self) -> f64 {
        (self.same as f64 + 1.0) / (self.unusual as f64 + 4.0)
    }
}

/// Finds pairs of annotators who share more unusual answers than chance explains. `known` has the
/// known label of each item, or `None`. Without a third annotator nothing shows how hard the items
/// are, so nobody is flagged.
///
/// Among people who err often, experts look like copies. So a pair is flagged only if the others
/// are reliable, and answer the items on which the pair stands alone like other items (`doubt`). If
/// two others agree more than the pair does, this must hold without their answers too (`rival`).
/// Copies can change the labels, and then people who are right look unusual together. So one of the
/// likeliest pair leaves the crowd, and all is computed again, until no pair is below the level.
///
/// # Errors
/// `known` has another length than the items, or a class is not below the set's number of classes.
pub fn copies(annotations: &AnnotationSet, known: &[Option<Class>]) -> Result<Copies, QualityError> {
    let (expected, found) = (annotations.items().len(), known.len());
    if expected != found {
        return Err(QualityError::LengthMismatch { what: "the known labels of the items", expected, found });
    }
    for class in known.iter().flatten().chain(annotations.entries().iter().map(|entry| &entry.label)) {
        checked_index(*class, annotations.n_classes())?;
    }
    let mut present = vec![true; annotations.annotators().len()];
    let mut all: Option<Copies> = None;
    loop {
        let crowd = Crowd::of(annotations, known, &present);
        let step = crowd.step();
        let found = step.pairs.clone();
        let result = all.get_or_insert_with(|| Copies { pairs: Vec::new(), ..step });
        if found.is_empty() {
            break;
        }
        let at_once = if present.len() <= SMALL { 1 } else { found.len() };
        for pair in found.into_iter().take(at_once) {
            present[pair.b] = false;
            result.pairs.push(pair);
        }
    }
    let mut result = all.unwrap_or(Copies { pairs: Vec::new(), tests: 0, needs: None, most_shared: 0 });
    result.pairs.sort_by(|x, y| x.p.total_cmp(&y.p).then((x.a, x.b).cmp(&(y.a, y.b))));
    Ok(result)
}

/// An answer to a usable item.
#[derive(Debug, Clone, Copy)]
struct Given {
    who: usize,
    label: Class,
    /// The label of the item without this annotator.
    beside: Option<Class>,
}

impl Given {
    /// Returns whether the answer is the label without this annotator; `None` if there is none.
    fn usual(&self) -> Option<bool> {
        self.beside.map(|label| label == self.label)
    }
}

/// The crowd at one step.
struct Crowd {
    annotators: usize,
    /// The number of classes.
    k: usize,
    /// The usable items: their answers, and their label according to all annotators.
    items: Vec<(Vec<Given>, Option<Class>)>,
    /// Whether each item's label is known.
    known: Vec<bool>,
    rates: Rates,
}

impl Crowd {
    /// Collects the items with enough answers by `present` annotators, and fits labels and rates.
    fn of(annotations: &AnnotationSet, known: &[Option<Class>], present: &[bool]) -> Self {
        let answers_of = |item: usize| -> Vec<(usize, Class)> {
            let answers = annotations.of_item(item).iter();
            let answers = answers.map(|answer| (answer.annotator as usize, answer.label));
            answers.filter(|(who, _)| present[*who]).collect()
        };
        let usable = (0..known.len()).map(|item| (answers_of(item), known[item]));
        let usable: Vec<_> = usable
            .filter(|(answers, known)| {
                let least = if known.is_some() { 2 } else { ENOUGH };
                (least..=CROWDED).contains(&answers.len())
            })
            .collect();
        let (annotators, k) = (present.len(), annotations.n_classes());
        let beside = Beside::of(&usable, annotators, k);
        let items = usable.iter().zip(beside.labels).map(|((answers, _), (beside, all))| {
            let given = answers.iter().zip(beside);
            (given.map(|(&(who, label), beside)| Given { who, label, beside }).collect(), all)
        });
        let items: Vec<(Vec<Given>, Option<Class>)> = items.collect();
        let seen = items.iter().flat_map(|(given, _)| given);
        let seen = seen.filter_map(|given| Some((given.who, given.beside?, given.label)));
        let rates = Rates::of(seen, annotators, k);
        let known = usable.iter().map(|(_, known)| known.is_some()).collect();
        Self { annotators, k, items, known, rates }
    }

    /// Finds the pairs to flag in this crowd, smallest p first, and how many items a search needs.
    fn step(&self) -> Copies {
        let (candidates, observed) = self.candidates();
        let shared = self.shared(&candidates);
        let by_rates: f64 = self.items.iter().map(|(given, all)| self.by_rates_of_all(given, *all)).sum();
        let tests = self.tests();
        let mut pairs: Vec<CopyPair> = candidates
            .iter()
            .filter_map(|pair| Self::judged(*pair, &shared, (observed, by_rates), tests))
            .collect();
        pairs.retain(|pair| pair.p < LEVEL && self.alone(pair, None).wrong(self.k));
        self.drop_rivalled(&mut pairs);
        pairs.sort_by(|x, y| x.p.total_cmp(&y.p).then((x.a, x.b).cmp(&(y.a, y.b))));
        let mut answers = vec![0; self.annotators];
        for given in self.items.iter().flat_map(|(given, _)| given) {
            answers[given.who] += 1;
        }
        answers.sort_unstable();
        // Two annotators share at most as many items as the second busiest answered.
        let most_shared = answers.iter().rev().nth(1).copied().unwrap_or_default();
        // Two annotators alone can never be judged.
        let enough = answers.iter().filter(|answers| **answers > 0).count() > 2;
        let needs = if enough { self.needs(observed, tests) } else { None };
        Copies { pairs, tests, needs, most_shared }
    }

    /// Removes pairs with rivals (see `rival`) that are not wrong without the rivals' answers.
    fn drop_rivalled(&self, pairs: &mut Vec<CopyPair>) {
        if pairs.is_empty() || self.annotators > SMALL {
            return;
        }
        let agreements = Agreements::of(self.items.iter().map(|(given, _)| &given[..]), self.annotators);
        let rivals = |pair: &CopyPair| agreements.rivals((pair.a, pair.b));
        pairs.retain(|pair| rivals(pair).is_none_or(|two| self.alone(pair, Some(two)).wrong(self.k)));
    }

    /// Counts the answers of everybody except the pair and the annotators in `but`: on items on
    /// which the pair stands alone, and on other items.
    fn alone(&self, pair: &CopyPair, but: Option<(usize, usize)>) -> Alone {
        let out =
            |who: usize| [pair.a, pair.b].contains(&who) || but.is_some_and(|(c, d)| [c, d].contains(&who));
        let mut alone = Alone::default();
        for ((given, _), known) in self.items.iter().zip(&self.known) {
            let of = |who: usize| given.iter().find(|given| given.who == who);
            let others = || given.iter().filter(|given| !out(given.who));
            alone.usual.extend(others().filter_map(Given::usual));
            let (Some(a), Some(b)) = (of(pair.a), of(pair.b)) else { continue };
            let saying = |label: Class| others().filter(|given| given.label == label).count();
            let all = others().count();
            if a.label == b.label {
                alone.with.add(saying(a.label), all);
            }
            let Some(label) = a.beside.filter(|label| Some(*label) == b.beside) else { continue };
            if !both_unusual(a, b) {
                alone.elsewhere.add(saying(label), all);
            } else if *known {
                alone.known += 1;
            } else {
                alone.backing.push((saying(label), all));
            }
        }
        alone
    }

    /// Returns an upper bound of the number of pairs that share an item.
    fn tests(&self) -> usize {
        let possible: usize = self.items.iter().map(|(given, _)| given.len() * (given.len() - 1) / 2).sum();
        possible.min(self.annotators * self.annotators.saturating_sub(1) / 2)
    }

    /// Returns the pairs with at least [`MIN_SAME`] shared unusual answers, in order, and the
    /// number of shared unusual answers of all pairs.
    fn candidates(&self) -> (Vec<(usize, usize)>, usize) {
        let mut same: Vec<(usize, usize)> = Vec::new();
        for (given, _) in &self.items {
            let unusual: Vec<&Given> =
                given.iter().filter(|given| given.beside.is_some_and(|label| label != given.label)).collect();
            for (place, a) in unusual.iter().enumerate() {
                let alike = unusual[place + 1..].iter().filter(|b| both_unusual(a, b));
                same.extend(alike.map(|b| (a.who, b.who)));
            }
        }
        same.sort_unstable();
        let runs = same.chunk_by(|x, y| x == y).filter(|run| run.len() >= MIN_SAME);
        (runs.map(|run| run[0]).collect(), same.len())
    }

    /// Returns the sums for every pair that includes an annotator of one of the `candidates`.
    fn shared(&self, candidates: &[(usize, usize)]) -> BTreeMap<(usize, usize), Shared> {
        let mut involved = vec![false; self.annotators];
        for (a, b) in candidates {
            (involved[*a], involved[*b]) = (true, true);
        }
        let mut found: BTreeMap<(usize, usize), Shared> = BTreeMap::new();
        for (given, all) in &self.items {
            for (place, a) in given.iter().enumerate() {
                for b in given[place + 1..].iter().filter(|b| involved[a.who] || involved[b.who]) {
                    let shared = found.entry((a.who, b.who)).or_default();
                    shared.items += 1;
                    shared.answers += given.len();
                    shared.unusual += usize::from(unusual(a, b) || unusual(b, a));
                    shared.same += usize::from(both_unusual(a, b));
                    if let Some(all) = *all {
                        shared.by_rates += self.rates.both(a.who, b.who, all);
                    }
                }
            }
        }
        found
    }

    /// Returns how many unusual answers to an item all pairs together are expected to share, from
    /// their own rates w: `[(Σ w)² - Σ w²] / 2`, summed over the wrong labels.
    fn by_rates_of_all(&self, given: &[Given], all: Option<Class>) -> f64 {
        let Some(all) = all else { return 0.0 };
        let of_label = |label: usize| {
            let (mut sum, mut squares) = (0.0, 0.0);
            for given in given {
                let rate = self.rates.rate(given.who, all, label);
                sum += rate;
                squares += rate * rate;
            }
            f64::midpoint(sum * sum, -squares).max(0.0)
        };
        self.rates.wrong_labels(all).map(of_label).sum()
    }

    /// Tests a candidate against the chance q; `None` if nobody else shows how hard items are.
    ///
    /// Independent people share unusual answers for two reasons, and q is the larger of the two:
    /// - **own errors**: with `w_a[t][l]` the rate of a's answer l to items with label t (`rates`),
    ///   two people share `λ = ρ Σ_i Σ_{l ≠ t_i} w_a[t_i][l] w_b[t_i][l]`. ρ, at least 1, is what
    ///   all other pairs share, divided by what their rates imply;
    /// - **hard items**, on which everybody errs alike: S / U of these two with everybody else. The
    ///   highest quarter is left out, because there may be more copies.
    ///
    /// With enough items any misfit of this model would be significant, so p is the tail beyond a
    /// margin ([`beyond`]).
    fn judged(
        (a, b): (usize, usize),
        shared: &BTreeMap<(usize, usize), Shared>,
        (observed, by_rates): (usize, f64),
        tests: usize,
    ) -> Option<CopyPair> {
        let own = *shared.get(&(a, b))?;
        let mut others: Vec<f64> = shared
            .iter()
            .filter(|((x, y), _)| (*x, *y) != (a, b) && [x, y].iter().any(|who| **who == a || **who == b))
            .map(|(_, shared)| shared.share())
            .collect();
        if others.is_empty() || by_rates - own.by_rates <= 1e-9 * by_rates {
            return None;
        }
        others.sort_by(|x, y| y.total_cmp(x));
        let by_others = others[others.len() / 8 * 2];
        // One more than was seen: few pairs that share nothing must not make every item easy.
        let harder = ((observed - own.same + 1) as f64 / (by_rates - own.by_rates)).max(1.0);
        let both = harder * own.by_rates;
        let either = ((own.unusual + own.same) as f64 - both).max(both);
        let by_rates = if either > 0.0 { both / either } else { 0.0 };
        let chance = by_others.max(by_rates).min(1.0);
        let p = binomial(own.same as u64, own.unusual as u64, beyond(chance, own.answers, own.items));
        let p = (p * tests as f64).min(1.0);
        let expected = chance * own.unusual as f64;
        let (unusual, same_wrong) = (own.unusual, own.same);
        Some(CopyPair { a, b, shared: own.items, unusual, same_wrong, expected, p })
    }

    /// Returns about how many shared items reveal somebody who copies nine answers of ten.
    fn needs(&self, observed: usize, tests: usize) -> Option<usize> {
        let given = || self.items.iter().flat_map(|(given, _)| given);
        let odd = given().filter(|given| given.beside.is_some_and(|label| label != given.label)).count();
        let (all, pairs) =
            (given().count(), self.items.iter().map(|(given, _)| given.len() * (given.len() - 1)));
        let mut usual = Share::default();
        usual.extend(given().filter_map(Given::usual));
        if odd == 0 || !usual.reliable(self.k) {
            return None;
        }
        // An unusual answer meets all other answers to its item, so `met` pairs are unusual.
        let met = odd as f64 * pairs.sum::<usize>() as f64 / all as f64;
        let share = observed as f64 / (met - observed as f64).max(1.0);
        let chance = beyond(share.min(1.0), all, self.items.len());
        let enough = |unusual: &usize| {
            let same = (COPIED * *unusual as f64) as u64;
            same >= MIN_SAME as u64 && binomial(same, *unusual as u64, chance) * (tests as f64) < LEVEL
        };
        let unusual = (MIN_SAME..1000).find(enough)?;
        Some((unusual as f64 / 1.1 * all as f64 / odd as f64).ceil() as usize)
    }
}

/// Returns `chance` plus the margin; `answers` is the number of answers to `items` items.
fn beyond(chance: f64, answers: usize, items: usize) -> f64 {
    let each = answers as f64 / items.max(1) as f64;
    chance + (1.0 - chance) * MARGIN.max(CERTAIN / each).min(1.0)
}

/// Returns whether a's answer is unusual beside b: whether it is not the item's label without b.
fn unusual(a: &Given, b: &Given) -> bool {
    b.beside.is_some_and(|label| label != a.label)
}

/// Returns whether both answers are unusual, each beside the other annotator, and equal.
fn both_unusual(a: &Given, b: &Given) -> bool {
    a.label == b.label && unusual(a, b) && unusual(b, a)
}

#[cfg(test)]
mod tests;
