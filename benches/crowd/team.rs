//! A simulated team that answers every item; each annotator has a known probability of being right.

use querist_core::{AnnotationSet, AnnotationSetBuilder, Class, Seed};
use rand::RngExt as _;

/// A team to simulate. Wrong answers are spread evenly over the other classes.
#[derive(Debug, Clone)]
pub(crate) struct Team {
    pub(crate) items: usize,
    pub(crate) classes: usize,
    /// By annotator: the probability of a right answer.
    pub(crate) skills: Vec<f64>,
    /// How many annotators answer each item; they are drawn anew for each item.
    pub(crate) each: usize,
    pub(crate) seed: u64,
}

impl Team {
    /// Returns the answers and the true classes, both in the order of items.
    pub(crate) fn play(&self) -> (AnnotationSet, Vec<Class>) {
        let mut random = Seed(self.seed).rng(0, "simulated team");
        let mut builder = AnnotationSetBuilder::new();
        let mut truths = Vec::with_capacity(self.items);
        for item in 0..self.items {
            let truth = random.random_range(0..self.classes);
            truths.push(Class::from_index(truth));
            let mut people: Vec<usize> = (0..self.skills.len()).collect();
            for place in 0..self.each {
                let other = random.random_range(place..people.len());
                people.swap(place, other);
            }
            for person in &people[..self.each] {
                let right = random.random::<f64>() < self.skills[*person];
                let other = (truth + random.random_range(1..self.classes)) % self.classes;
                let label = if right { truth } else { other };
                builder.push(&format!("i{item:05}"), &format!("a{person:03}"), Class::from_index(label));
            }
        }
        (builder.build(self.classes), truths)
    }
}
