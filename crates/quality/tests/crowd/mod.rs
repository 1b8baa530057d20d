//! Simulated crowds: annotators with different accuracies, each of whom answers some of the items.

use querist_core::{Aggregation, AnnotationSet, Class, Edition, Known, Seed};
use querist_quality::aggregator;
use rand::RngExt as _;

/// A crowd of one-coin annotators.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Crowd {
    pub(crate) items: usize,
    pub(crate) annotators: usize,
    pub(crate) classes: usize,
    /// The number of annotators who answer each item.
    pub(crate) each: usize,
    /// The lowest and the highest accuracy; the annotators are spread evenly between them.
    pub(crate) skill: (f64, f64),
    pub(crate) seed: u64,
}

impl Default for Crowd {
    fn default() -> Self {
        Self { items: 120, annotators: 15, classes: 4, each: 5, skill: (0.4, 0.95), seed: 1 }
    }
}

impl Crowd {
    /// The true class of each item.
    pub(crate) fn truth(&self) -> Vec<Class> {
        let mut random = Seed(self.seed).rng(0, "crowd truth");
        (0..self.items).map(|_| Class::from_index(random.random_range(0..self.classes))).collect()
    }

    /// The answers of all annotators.
    pub(crate) fn answers(&self) -> AnnotationSet {
        self.named(|class| class, |item| item, |annotator| annotator)
    }

    /// The answers, with classes, items and annotators renumbered.
    pub(crate) fn named(
        &self,
        class: impl Fn(usize) -> usize,
        item_number: impl Fn(usize) -> usize,
        annotator_number: impl Fn(usize) -> usize,
    ) -> AnnotationSet {
        let mut random = Seed(self.seed).rng(0, "crowd answers");
        let mut triples = Vec::new();
        for (item, truth) in self.truth().into_iter().enumerate() {
            let first = random.random_range(0..self.annotators);
            for turn in 0..self.each {
                // Steps of 7 from a random place: these are different annotators unless their
                // number is a multiple of 7.
                let annotator = (first + 7 * turn) % self.annotators;
                let place = annotator as f64 / (self.annotators - 1).max(1) as f64;
                let skill = self.skill.0 + (self.skill.1 - self.skill.0) * place;
                let wrong = (truth.index() + random.random_range(1..self.classes)) % self.classes;
                let label = if random.random::<f64>() < skill { truth.index() } else { wrong };
                let item = format!("i{:06}", item_number(item));
                triples.push((
                    item,
                    format!("a{:05}", annotator_number(annotator)),
                    Class::from_index(class(label)),
                ));
            }
        }
        AnnotationSet::new(triples.iter().map(|(i, a, l)| (i.as_str(), a.as_str(), *l)), self.classes)
    }
}

/// Aggregates by the method with this name, by the newest rules.
pub(crate) fn run(name: &str, set: &AnnotationSet, known: &Known) -> Aggregation {
    aggregator(name, Edition::CURRENT)
        .expect("a method")
        .aggregate(set, known)
        .unwrap_or_else(|error| panic!("{name}: {error}"))
}
