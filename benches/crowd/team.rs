//! A team that answers every item: five people who are right with a probability of their own, and a
//! sixth whose skill is at issue.

use querist_core::{AnnotationSet, AnnotationSetBuilder, Class, Seed};
use rand::RngExt as _;

/// A team to simulate; wrong answers are even over the other classes.
#[derive(Debug, Clone)]
pub(crate) struct Team {
    pub(crate) items: usize,
    pub(crate) classes: usize,
    /// The probability of a right answer, by annotator.
    pub(crate) skills: Vec<f64>,
    /// How many of them answer an item, drawn anew for each.
    pub(crate) each: usize,
    pub(crate) seed: u64,
}

impl Team {
    /// The answers and the truths, both in the order of items.
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
