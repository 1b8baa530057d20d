//! Simulated crowds with people who copy: skills, confusions and hard items as in life, so that
//! honest people share wrong answers too.

use querist_core::{AnnotationSet, AnnotationSetBuilder, Class, Seed};
use rand::{Rng, RngExt as _};

/// What makes some items harder than others, for everybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hardness {
    /// The odds of an error vary log-normally from item to item, with a standard deviation of 0.8.
    Spread,
    /// A fifth of the items has three times the odds, the others 0.6 times.
    Fifth,
}

pub(crate) const HARDNESS: [(&str, Hardness); 2] =
    [("spread", Hardness::Spread), ("a fifth", Hardness::Fifth)];

/// How often people err.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum People {
    /// In 5 to 40 % of the answers.
    Mixed,
    /// In 40 %, but for annotators 2 and 3, who err in 5 %: these two go against everybody else
    /// together.
    Experts,
}

pub(crate) const PEOPLE: [(&str, People); 2] = [("mixed", People::Mixed), ("two experts", People::Experts)];

/// A crowd to simulate. Annotator 1 copies annotator 0 wherever `copied` says so.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Copying {
    pub(crate) people: People,
    pub(crate) hardness: Hardness,
    pub(crate) items: usize,
    pub(crate) annotators: usize,
    pub(crate) classes: usize,
    /// The share of answers that are taken over; 0: nobody copies.
    pub(crate) copied: f64,
    pub(crate) seed: u64,
}

/// How somebody errs.
struct Person {
    /// By class: the odds of an error, 0.02 to 1.8.
    odds: Vec<f64>,
    /// By class: the label that they prefer when they err.
    preferred: Vec<usize>,
}

impl Copying {
    /// The answers of everybody to every item.
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
        // What the guideline is unclear about is so for everybody.
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
            // The sum of twelve uniform numbers is close enough to normal.
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

/// Another class than this one.
fn other(class: usize, k: usize, random: &mut impl Rng) -> usize {
    (class + random.random_range(1..k)) % k
}

/// A class by its frequency.
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
