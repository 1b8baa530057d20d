//! Oracles: the answers of simulated annotators.
//!
//! Each annotator of a [`Crew`] is a [`SimulatedAnnotator`]. With probability ε, an annotator gives
//! a wrong label, drawn uniformly from the other classes (uniform label noise; Angluin and Laird
//! 1988). With K classes, the confusion matrix has 1 - ε on the diagonal and ε / (K - 1) elsewhere.
//!
//! Invariants: an answer depends only on the seed, the annotator and the document, so a document
//! gets the same answers whatever the strategy. The annotators are shuffled for each document, and
//! the first m of them answer it. So a larger m only adds answers to the answers of a smaller m.

use querist_core::{Class, LabelSet, Seed};
use rand::RngExt;
use serde::{Serialize, Serializer};

use crate::annotators::SimulatedAnnotator;
use crate::error::EngineError;

/// The annotators who answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Crew {
    /// Number of annotators.
    pub annotators: usize,
    /// Each annotator's probability ε of a wrong label, in [0, 1]. If there are fewer values than
    /// annotators, the values repeat; a single value applies to all annotators.
    #[serde(serialize_with = "one_or_several")]
    pub noise: Vec<f64>,
}

/// Writes a single value as a number instead of a list, because results of earlier versions have a
/// number.
fn one_or_several<S: Serializer>(noise: &[f64], serializer: S) -> Result<S::Ok, S::Error> {
    match noise {
        [one] => one.serialize(serializer),
        several => several.serialize(serializer),
    }
}

/// All answers that a crew would give to a pool, for one seed.
pub struct Oracle {
    /// The annotators' names, ascending.
    names: Vec<String>,
    /// For each annotator, the answer to each row of the pool.
    answers: Vec<Vec<Class>>,
    /// For each row of the pool, the indices of the annotators in the order in which they are
    /// asked.
    order: Vec<Vec<u16>>,
}

impl Oracle {
    /// Draws every annotator's answer to every document of the pool. `truth` holds the true class
    /// of each document.
    ///
    /// # Errors
    /// A noise value is not a probability.
    pub fn new(crew: &Crew, truth: &[Class], labels: &LabelSet, seed: Seed) -> Result<Self, EngineError> {
        let width = crew.annotators.to_string().len();
        let names: Vec<String> =
            (1..=crew.annotators).map(|number| format!("annotator-{number:0width$}")).collect();
        let mut answers = Vec::with_capacity(names.len());
        for (name, noise) in names.iter().zip(crew.noise.iter().cycle()) {
            let annotator = annotator(name, *noise, labels);
            annotator.check(labels)?;
            let mut rng = seed.rng(0, &format!("answers of {name}"));
            let answer = |class: &Class| annotator.answer(*class, &mut rng).flatten().unwrap_or(*class);
            answers.push(truth.iter().map(answer).collect());
        }
        let mut rng = seed.rng(0, "order of annotators");
        let mut order = |_| {
            let mut order: Vec<u16> = (0..names.len() as u16).collect();
            // A Fisher-Yates shuffle (Durstenfeld 1964).
            for step in 0..order.len() {
                let chosen = rng.random_range(step..order.len());
                order.swap(step, chosen);
            }
            order
        };
        let order = (0..truth.len()).map(&mut order).collect();
        Ok(Self { names, answers, order })
    }

    /// Returns the annotators' names, ascending.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Asks the first `m` annotators of a document, the one in `row` of the pool. Returns each
    /// annotator's index among the names and the answered class, sorted by index.
    pub fn ask(&self, row: usize, m: usize) -> Vec<(u32, Class)> {
        let mut asked = self.order[row][..m.min(self.names.len())].to_vec();
        asked.sort_unstable();
        let answer = |annotator: u16| {
            let answers: &[Class] = &self.answers[usize::from(annotator)];
            (u32::from(annotator), answers[row])
        };
        asked.into_iter().map(answer).collect()
    }
}

/// Makes a simulated annotator who gives a wrong label with probability `noise`.
fn annotator(name: &str, noise: f64, labels: &LabelSet) -> SimulatedAnnotator {
    let k = labels.len();
    let row = |truth: usize| {
        let wrong = noise / (k - 1) as f64;
        (0..k).map(|class| if class == truth { 1.0 - noise } else { wrong }).collect()
    };
    SimulatedAnnotator { name: name.to_owned(), share: 1.0, skip: 0.0, confusion: (0..k).map(row).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const N: usize = 12_000;

    fn oracle(annotators: usize, noise: &[f64], seed: u64) -> (Oracle, Vec<Class>) {
        let labels = LabelSet::new(["a", "b", "c"]).unwrap();
        let truth: Vec<Class> = (0..N).map(|row| Class::from_index(row % 3)).collect();
        (
            Oracle::new(&Crew { annotators, noise: noise.to_vec() }, &truth, &labels, Seed(seed)).unwrap(),
            truth,
        )
    }

    #[test]
    fn gold_is_the_truth() {
        let (oracle, truth) = oracle(1, &[0.0], 1);
        assert!((0..N).all(|row| oracle.ask(row, 1) == [(0, truth[row])]));
    }

    #[test]
    fn noise_is_as_frequent_as_said_and_uniform_over_the_other_classes() {
        let (oracle, _) = oracle(1, &[0.3], 1);
        // Of 4,000 documents of class 0, 600 each are expected as class 1 and 2; four standard
        // deviations are below 95.
        let mut counts = [0i32; 3];
        (0..N).step_by(3).for_each(|row| counts[oracle.ask(row, 1)[0].1.index()] += 1);
        assert!((counts[1] - 600).abs() < 95 && (counts[2] - 600).abs() < 95, "{counts:?}");
    }

    #[test]
    fn more_answers_include_the_fewer_and_annotators_take_turns() {
        let (oracle, _) = oracle(12, &[0.2], 1);
        let mut asked_first = std::collections::BTreeMap::<u32, i32>::new();
        for row in 0..N {
            let (one, three) = (oracle.ask(row, 1), oracle.ask(row, 3));
            assert_eq!((one.len(), three.len()), (1, 3));
            assert!(three.contains(&one[0]));
            assert!(three.is_sorted_by(|left, right| left.0 < right.0));
            *asked_first.entry(one[0].0).or_default() += 1;
        }
        // 1,000 each are expected; four standard deviations are below 125.
        assert_eq!(asked_first.len(), 12);
        assert!(asked_first.values().all(|count| (count - 1_000).abs() < 125), "{asked_first:?}");
    }

    #[test]
    fn annotators_take_the_noise_in_turn() {
        let (oracle, truth) = oracle(3, &[0.0, 0.6], 1);
        let right = |annotator: usize| {
            (0..N).filter(|row| oracle.answers[annotator][*row] == truth[*row]).count() as f64 / N as f64
        };
        // Four standard deviations of a rate of 0.4 in 12,000 are below 0.018.
        assert!((right(0) - 1.0).abs() < 1e-12 && (right(2) - 1.0).abs() < 1e-12);
        assert!((right(1) - 0.4).abs() < 0.018, "{}", right(1));
        let one = serde_json::to_string(&Crew { annotators: 1, noise: vec![0.2] }).unwrap();
        assert_eq!(one, r#"{"annotators":1,"noise":0.2}"#);
    }

    #[test]
    fn the_seed_decides() {
        let answers = |seed| {
            let (oracle, _) = oracle(2, &[0.5], seed);
            (0..50).map(|row| oracle.ask(row, 1)[0].1).collect::<Vec<_>>()
        };
        assert_eq!(answers(1), answers(1));
        assert_ne!(answers(1), answers(2));
    }
}
