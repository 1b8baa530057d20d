//! Simulated crowds in which one annotator copies another. Skills, confusions and hard items vary
//! as in real crowds, so honest annotators share wrong answers too.

use querist_core::{AnnotationSet, AnnotationSetBuilder, Class, Seed};
use rand::{Rng, RngExt as _};

/// Why some items are harder than others for all annotators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hardness {
    /// The odds of an error vary log-normally from item to item, with a standard deviation of 0.8.
    Spread,
    /// A fifth of the items has three times the odds of an error; the others have 0.6 times the
    /// odds.
    Fifth,
}

pub(crate) const HARDNESS: [(&str, Hardness); 2] =
    [("spread", Hardness::Spread), ("a fifth", Hardness::Fifth)];

/// How often annotators err.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum People {
    /// Each annotator has an error rate between 5 and 40 %.
    Mixed,
    /// The error rate is 40 %, except for annotators 2 and 3, who err in 5 % of their answers:
    /// these two agree with each other against everybody else.
    Experts,
}

pub(crate) const PEOPLE: [(&str, People); 2] = [("mixed", People::Mixed), ("two experts", People::Experts)];

/// A crowd to simulate. Annotator 1 repeats the label of annotator 0 with the probability `copied`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Copying {
    pub(crate) people: People,
    pub(crate) hardness: Hardness,
    pub(crate) items: usize,
    pub(crate) annotators: usize,
    pub(crate) classes: usize,
    /// The share of annotator 1's answers that are copied from annotator 0, in [0, 1]; 0 means that
    /// nobody copies.
    pub(crate) copied: f64,
    pub(crate) seed: u64,
}

/// How one annotator errs.
struct Person {
    /// By class: the odds of an error, from 0.02 to 1.8, before the item's hardness multiplies
    /// them.
    odds: Vec<f64>,
    /// By class: the wrong label that the annotator prefers.
    preferred: Vec<usize>,
}

impl Copying {
    /// Every annotator's answer to every item.
    pub(crate) fn play(&self) -> AnnotationSet {
        let mut random = Seed(self.seed).rng(0, "copiers");
        let k = self.classes;
        let people: Vec<Person> = (0..self.annotators)
            .map(|who| {
                let errors = match self.people {
                    People::Mixed => 0.05 + 0.35 * random.random::<f64>(),
                    People::Experts if who == 2 || who == 3 => 0.05,
                    People::Experts => 0.4,
                };
                Person::draw(errors, k, &mut random)
            })
            .collect();
        // The guideline is unclear in the same places for everybody, so all annotators share these
        // wrong labels.
        let unclear: Vec<usize> = (0..k).map(|class| other(class, k, &mut random)).collect();
        let frequencies: Vec<f64> = (0..k).map(|_| 0.3 + random.random::<f64>()).collect();
        let mut builder = AnnotationSetBuilder::new();
        for item in 0..self.items {
            let truth = drawn(&frequencies, &mut random);
            let harder = self.hardness.draw(&mut random);
            let attractive = other(truth, k, &mut random);
            let mut labels: Vec<usize> = people
                .iter()
                .map(|person| {
                    let odds = person.odds[truth] * harder;
                    if random.random::<f64>() >= odds / (1.0 + odds) {
                        return truth;
                    }
                    match random.random::<f64>() {
                        luck if luck < 0.4 => attractive,
                        luck if luck < 0.6 => unclear[truth],
                        luck if luck < 0.8 => person.preferred[truth],
                        _ => other(truth, k, &mut random),
                    }
                })
                .collect();
            if random.random::<f64>() < self.copied {
                labels[1] = labels[0];
            }
            for (who, label) in labels.iter().enumerate() {
                builder.push(&format!("i{item:06}"), &format!("a{who:03}"), Class::from_index(*label));
            }
        }
        builder.build(k)
    }
}

impl Hardness {
    fn draw(self, random: &mut impl Rng) -> f64 {
        match self {
            // The sum of twelve uniform numbers, minus 6, has variance 1 and is close enough to
            // normal.
            Self::Spread => (0.8 * ((0..12).map(|_| random.random::<f64>()).sum::<f64>() - 6.0)).exp(),
            Self::Fifth if random.random::<f64>() < 0.2 => 3.0,
            Self::Fifth => 0.6,
        }
    }
}

impl Person {
    fn draw(errors: f64, k: usize, random: &mut impl Rng) -> Self {
        let odds = (0..k).map(|_| {
            let errors = errors * (0.4 + 1.2 * random.random::<f64>());
            errors / (1.0 - errors)
        });
        let odds = odds.collect();
        Self { odds, preferred: (0..k).map(|class| other(class, k, random)).collect() }
    }
}

/// A random class other than `class`, of `k` classes.
fn other(class: usize, k: usize, random: &mut impl Rng) -> usize {
    (class + random.random_range(1..k)) % k
}

/// A random class, drawn in proportion to `frequencies`.
fn drawn(frequencies: &[f64], random: &mut impl Rng) -> usize {
    let mut left = random.random::<f64>() * frequencies.iter().sum::<f64>();
    frequencies
        .iter()
        .position(|frequency| {
            left -= frequency;
            left <= 0.0
        })
        .unwrap_or(frequencies.len() - 1)
}
