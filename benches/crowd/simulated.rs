//! Simulated crowds whose annotators have a known skill.

use querist_core::{AnnotationSet, AnnotationSetBuilder, Class, Seed};
use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

/// How the annotators of a crowd answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum World {
    /// The annotator is right with the same probability for all classes; wrong answers are spread
    /// evenly.
    OneCoin,
    /// The probability of a right answer depends on the class; wrong answers go mostly to the next
    /// class.
    Confusion,
    /// The annotator knows the label, or else answers mostly with a favourite class.
    Habit,
    /// The logit of a right answer is the annotator's ability times the item's ease.
    Difficulty,
}

pub(crate) const WORLDS: [(&str, World); 4] = [
    ("one-coin", World::OneCoin),
    ("confusion", World::Confusion),
    ("habit", World::Habit),
    ("difficulty", World::Difficulty),
];

/// A crowd to simulate.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Crowd {
    pub(crate) world: World,
    pub(crate) items: usize,
    pub(crate) annotators: usize,
    pub(crate) classes: usize,
    /// The number of answers to each item.
    pub(crate) each: usize,
    pub(crate) seed: u64,
}

impl Crowd {
    /// Returns the answers and, by annotator, the probability that an answer is right, averaged
    /// over items.
    pub(crate) fn play(&self) -> (AnnotationSet, Vec<f64>) {
        let mut random = Seed(self.seed).rng(0, "simulated crowd");
        let people: Vec<Person> =
            (0..self.annotators).map(|_| Person::draw(self.classes, &mut random)).collect();
        let mut builder = AnnotationSetBuilder::new();
        let (mut item_name, mut annotator_name) = (String::new(), String::new());
        for item in 0..self.items {
            let truth = random.random_range(0..self.classes);
            let ease = (0.5 * normal(&mut random)).exp();
            name(&mut item_name, 'i', item);
            let first = random.random_range(0..self.annotators);
            let step = 1 + random.random_range(0..(self.annotators / self.each).max(1));
            for turn in 0..self.each {
                let annotator = (first + turn * step) % self.annotators;
                name(&mut annotator_name, 'a', annotator);
                let label = people[annotator].answer(self.world, truth, ease, &mut random);
                builder.push(&item_name, &annotator_name, Class::from_index(label));
            }
        }
        let skills = people.iter().map(|person| person.skill(self.world)).collect();
        let annotations = builder.build(self.classes);
        assert_eq!(annotations.annotators().len(), self.annotators, "an annotator without any answer");
        (annotations, skills)
    }
}

struct Person {
    /// By class: the probability of a right answer. One-coin annotators use the first for all
    /// classes.
    right: Vec<f64>,
    favourite: usize,
    ability: f64,
}

impl Person {
    fn draw(classes: usize, random: &mut ChaCha8Rng) -> Self {
        let centre = 0.5 + 0.45 * random.random::<f64>();
        let right = (0..classes).map(|_| (centre + 0.2 * (random.random::<f64>() - 0.5)).min(0.98)).collect();
        Self { right, favourite: random.random_range(0..classes), ability: 1.2 + 0.8 * normal(random) }
    }

    fn answer(&self, world: World, truth: usize, ease: f64, random: &mut ChaCha8Rng) -> usize {
        let classes = self.right.len();
        let luck = random.random::<f64>();
        let other = random.random_range(1..classes);
        let even = (truth + other) % classes;
        match world {
            World::OneCoin if luck < self.right[0] => truth,
            World::Difficulty if luck < 1.0 / (1.0 + (-self.ability * ease).exp()) => truth,
            World::OneCoin | World::Difficulty => even,
            World::Confusion if luck < self.right[truth] => truth,
            World::Confusion => (truth + if random.random::<f64>() < 0.7 { 1 } else { other }) % classes,
            World::Habit if luck < self.knows() => truth,
            World::Habit if random.random::<f64>() < 0.6 => self.favourite,
            World::Habit => random.random_range(0..classes),
        }
    }

    /// The probability that the annotator knows the label, in the world of habits.
    fn knows(&self) -> f64 {
        2.0 * self.right[0] - 1.0
    }

    fn skill(&self, world: World) -> f64 {
        let classes = self.right.len() as f64;
        match world {
            World::OneCoin => self.right[0],
            World::Confusion => self.right.iter().sum::<f64>() / classes,
            World::Habit => {
                let knows = self.knows().max(0.0);
                knows + (1.0 - knows) / classes
            }
            World::Difficulty => {
                // The mean over the ease of items, at the midpoints of 999 slices of equal
                // probability.
                let quantiles = (1..=999).map(|slice| normal_quantile((f64::from(slice) - 0.5) / 999.0));
                quantiles.map(|z| 1.0 / (1.0 + (-self.ability * (0.5 * z).exp()).exp())).sum::<f64>() / 999.0
            }
        }
    }
}

fn name(buffer: &mut String, letter: char, number: usize) {
    use std::fmt::Write as _;
    buffer.clear();
    write!(buffer, "{letter}{number:07}").expect("a string takes all");
}

/// A standard normal deviate (Box and Muller 1958).
fn normal(random: &mut ChaCha8Rng) -> f64 {
    let (u, v) = (1.0 - random.random::<f64>(), random.random::<f64>());
    (-2.0 * u.ln()).sqrt() * (2.0 * std::f64::consts::PI * v).cos()
}

/// The quantile of the standard normal distribution, found by bisection of the series of its
/// distribution function.
fn normal_quantile(p: f64) -> f64 {
    let distribution = |z: f64| {
        let (mut term, mut sum, mut n) = (z, z, 0.0);
        while f64::abs(term) > 1e-16 {
            n += 1.0;
            term *= z * z / (2.0 * n + 1.0);
            sum += term;
        }
        0.5 + sum * (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt()
    };
    let (mut low, mut high) = (-6.0, 6.0);
    for _ in 0..50 {
        let middle = f64::midpoint(low, high);
        if distribution(middle) < p { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}
