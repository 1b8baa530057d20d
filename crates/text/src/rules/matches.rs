//! Applies rules to a corpus: which rules match which document, how often, and the weak labels.
//!
//! Matching is the expensive part, and depends only on rules and texts. [`RuleMatches`] does it
//! once for each document, in parallel, and goes on where it stopped when the corpus has grown.
//! Counting depends on which documents have a label by now, and is cheap.
//!
//! Invariants: the same texts and rules give the same counts and examples on any number of threads
//! and in any order of import.

use std::collections::BTreeMap;

use querist_core::error::BoxError;
use querist_core::{Class, Corpus, Seed};
use rayon::prelude::*;
use twox_hash::XxHash3_64;

use super::{MAX_EXAMPLES_PER_CLASS, Rules, WeakLabel};

/// The rules that match each document of a corpus. A document with one matching rule takes 20
/// bytes, each further matching rule takes 4 bytes, and a document without one takes none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RuleMatches {
    n_documents: usize,
    /// The documents that at least one rule matches, ascending.
    matched: Vec<Matched>,
    /// The indices of the rules that match each document of `matched`, one document after the
    /// other.
    rules: Vec<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Matched {
    /// XXH3 of the text; it identifies the text wherever it is in the corpus.
    hash: u64,
    /// The document's index in the corpus.
    place: u32,
    /// The number of rules that match the document.
    n_rules: u32,
}

/// A document's role in the counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Not in the pool, so not counted.
    Outside,
    /// In the pool, without a label.
    Open,
    /// In the pool, with a label.
    Labeled(Class),
}

/// How many documents the rules match, and how often the rules are right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleCounts {
    /// The number of documents in the pool.
    pub documents: usize,
    /// The number of documents in the pool that at least one rule matches.
    pub covered: usize,
    /// The number of covered documents on which the rules are in conflict.
    pub conflicts: usize,
    /// The counts of each rule, in the order of the rules.
    pub rules: Vec<RuleCount>,
    /// The examples to train on: open documents with a weak label, as (index in the corpus, class).
    /// There are at most [`MAX_EXAMPLES_PER_CLASS`] of each class, drawn at random, and no text
    /// occurs twice. They are sorted by class and then in the order of the draw.
    pub examples: Vec<(u32, Class)>,
}

/// How many documents one rule matches, and how often the rule is right.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RuleCount {
    /// The number of documents in the pool that the rule matches.
    pub matches: usize,
    /// The number of matched documents that have a label.
    pub judged: usize,
    /// The number of matched documents whose label is the rule's class.
    pub correct: usize,
}

impl RuleMatches {
    /// Applies the rules to the documents that were added to the corpus since the last call. The
    /// caller must pass the same rules in each call.
    ///
    /// # Errors
    /// The texts cannot be read.
    pub fn extend(&mut self, rules: &Rules, corpus: &(impl Corpus + ?Sized)) -> Result<(), BoxError> {
        let new = self.n_documents..corpus.n_documents().max(self.n_documents);
        if rules.rules().is_empty() {
            self.n_documents = new.end;
            return Ok(());
        }
        corpus.for_each_chunk(new, &mut |texts| {
            let votes = |text: &&str| {
                let votes = rules.votes(text);
                (!votes.is_empty()).then(|| (XxHash3_64::oneshot(text.as_bytes()), votes))
            };
            let found: Vec<Option<(u64, Vec<usize>)>> =
                texts.par_iter().with_min_len(64).map(votes).collect();
            for found in found {
                if let Some((hash, votes)) = found {
                    let place = self.n_documents as u32;
                    self.matched.push(Matched { hash, place, n_rules: votes.len() as u32 });
                    self.rules.extend(votes.iter().map(|rule| *rule as u32));
                }
                self.n_documents += 1;
            }
            Ok(())
        })
    }

    /// Returns the number of documents that the rules were applied to.
    pub fn n_documents(&self) -> usize {
        self.n_documents
    }

    /// Iterates over the documents that a rule matches, as (index in the corpus, indices of the
    /// matching rules, weak label), in corpus order.
    pub fn labels<'a>(&'a self, rules: &'a Rules) -> impl Iterator<Item = (u32, &'a [u32], WeakLabel)> + 'a {
        self.entries().map(|(matched, votes)| (matched.place, votes, weak_label(rules, votes)))
    }

    /// Counts the matches of the documents in the pool, and draws the examples by `seed`.
    /// `standing` returns a document's role, given its index in the corpus.
    pub fn count(&self, rules: &Rules, standing: impl Fn(u32) -> Standing, seed: Seed) -> RuleCounts {
        let places = 0..self.n_documents as u32;
        let documents = places.filter(|place| standing(*place) != Standing::Outside).count();
        let mut counts = RuleCounts {
            documents,
            covered: 0,
            conflicts: 0,
            rules: vec![RuleCount::default(); rules.rules().len()],
            examples: Vec::new(),
        };
        let mut draws: Vec<Draw> = Vec::new();
        for (matched, votes) in self.entries() {
            let standing = standing(matched.place);
            if standing == Standing::Outside {
                continue;
            }
            counts.covered += 1;
            for &rule in votes {
                counts.rules[rule as usize].add(rules.rules()[rule as usize].class, standing);
            }
            match weak_label(rules, votes) {
                WeakLabel::Conflict => counts.conflicts += 1,
                WeakLabel::Label(class) if standing == Standing::Open => {
                    let missing = (class.index() + 1).saturating_sub(draws.len());
                    draws.extend(std::iter::repeat_with(Draw::default).take(missing));
                    draws[class.index()].offer(matched, seed);
                }
                WeakLabel::Uncovered | WeakLabel::Label(_) => {}
            }
        }
        for (class, draw) in draws.iter().enumerate() {
            counts.examples.extend(draw.places().map(|place| (place, Class::from_index(class))));
        }
        counts
    }

    fn entries(&self) -> impl Iterator<Item = (Matched, &[u32])> {
        self.matched.iter().scan(0, |start, matched| {
            let votes = *start..*start + matched.n_rules as usize;
            *start = votes.end;
            Some((*matched, &self.rules[votes]))
        })
    }
}

fn weak_label(rules: &Rules, votes: &[u32]) -> WeakLabel {
    rules.label(votes.iter().map(|rule| *rule as usize))
}

impl RuleCount {
    fn add(&mut self, class: Class, standing: Standing) {
        self.matches += 1;
        if let Standing::Labeled(label) = standing {
            self.judged += 1;
            self.correct += usize::from(label == class);
        }
    }
}

/// A random draw of different texts, which does not depend on their order in the corpus. It
/// consists of the texts with the smallest seeded hashes, each with the index of its first
/// document. If the pool grows, few of them change.
#[derive(Debug, Default)]
struct Draw(BTreeMap<(u64, u64), u32>);

impl Draw {
    fn offer(&mut self, matched: Matched, seed: Seed) {
        let order = XxHash3_64::oneshot_with_seed(seed.0, &matched.hash.to_le_bytes());
        let key = (order, matched.hash);
        let full = self.0.len() >= MAX_EXAMPLES_PER_CLASS;
        if full && self.0.last_key_value().is_some_and(|(last, _)| key > *last) {
            return;
        }
        self.0.entry(key).or_insert(matched.place);
        if self.0.len() > MAX_EXAMPLES_PER_CLASS {
            self.0.pop_last();
        }
    }

    fn places(&self) -> impl Iterator<Item = u32> + '_ {
        self.0.values().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Rule;
    use super::*;

    fn rules() -> Rules {
        let rule = |pattern: &str, class| Rule { pattern: pattern.into(), class: Class(class) };
        Rules::new(vec![rule("free", 1), rule("win", 1), rule("dinner", 0)]).unwrap()
    }

    fn matches(texts: &[&str]) -> RuleMatches {
        let mut matches = RuleMatches::default();
        matches.extend(&rules(), texts).unwrap();
        matches
    }

    const TEXTS: [&str; 8] =
        ["free", "hello", "free dinner", "win free", "dinner at 8", "Dinner", "win", "free dinner, win"];

    #[test]
    fn counts_by_hand() {
        let standing = |place| match place {
            6 => Standing::Outside,
            3 | 4 => Standing::Labeled(Class(1)),
            _ => Standing::Open,
        };
        let counts = matches(&TEXTS).count(&rules(), standing, Seed(0));
        assert_eq!((counts.documents, counts.covered, counts.conflicts), (7, 6, 1));
        let rows: Vec<_> =
            counts.rules.iter().map(|rule| (rule.matches, rule.judged, rule.correct)).collect();
        assert_eq!(rows, [(4, 1, 1), (2, 1, 1), (4, 1, 0)]);
        let mut examples = counts.examples;
        examples.sort_unstable();
        assert_eq!(examples, [(0, Class(1)), (5, Class(0)), (7, Class(1))]);
        let labels: Vec<_> =
            matches(&TEXTS).labels(&rules()).map(|(place, votes, _)| (place, votes.len())).collect();
        assert_eq!(labels, [(0, 1), (2, 2), (3, 2), (4, 1), (5, 1), (6, 1), (7, 3)]);
    }

    #[test]
    fn a_corpus_that_grew_is_read_on() {
        let mut grown = matches(&TEXTS[..3]);
        grown.extend(&rules(), &TEXTS[..]).unwrap();
        assert_eq!(grown, matches(&TEXTS));
        grown.extend(&rules(), &TEXTS[..]).unwrap();
        assert_eq!((grown.n_documents(), &grown), (8, &matches(&TEXTS)));
    }

    #[test]
    fn a_draw_is_random_capped_and_without_repeats() {
        let texts: Vec<String> = (0..2_000).map(|i| format!("free {}", i % 1_000)).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let drawn = |texts: &[&str], seed| {
            let counts = matches(texts).count(&rules(), |_| Standing::Open, Seed(seed));
            counts.examples.iter().map(|(place, _)| texts[*place as usize].to_owned()).collect::<Vec<_>>()
        };
        let first = drawn(&texts, 1);
        let different: std::collections::BTreeSet<_> = first.iter().collect();
        assert_eq!((first.len(), different.len()), (MAX_EXAMPLES_PER_CLASS, MAX_EXAMPLES_PER_CLASS));
        let reversed: Vec<&str> = texts.iter().rev().copied().collect();
        assert_eq!(drawn(&reversed, 1), first);
        assert_ne!(drawn(&texts, 2), first);
        // If nine tenths of the texts go, most texts that were drawn and remain are drawn again;
        // here all of them, since fewer than the limit remain.
        let fewer = drawn(&texts[..200], 1);
        assert_eq!(fewer.len(), 200);
        assert!(first.iter().filter(|text| fewer.contains(text)).count() > 30);
    }

    #[test]
    fn threads_change_nothing() {
        let texts: Vec<String> = (0..5_000).map(|i| format!("win {i} free é{}", i * 7 % 13)).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| matches(&texts))
        };
        let one = on(1);
        assert_eq!(one.n_documents(), 5_000);
        assert_eq!((on(2), on(8)), (one.clone(), one));
    }
}
