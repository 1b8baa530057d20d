//! Computes the label of each item without one of its annotators, so that a suspected annotator's
//! own answer does not influence the label.
//!
//! A one-coin model is fitted by [`ITERATIONS`] steps of EM: annotator x is right with probability
//! `p_x`, and the wrong answers are spread evenly over the other classes. In crowds of up to
//! [`EXACT`] annotators, the model is fitted again without each annotator. In larger crowds no
//! single annotator has much influence on the fit, so there is one fit, and only the annotator's
//! own vote is left out. [`PRIOR`] pseudo-answers draw accuracies towards 0.8.

use querist_core::Class;

/// The number of EM steps.
const ITERATIONS: usize = 12;
/// The largest crowd for which the model is fitted again without each annotator.
const EXACT: usize = 64;
/// The number of pseudo-answers of each annotator, of which 80 % are right.
const PRIOR: f64 = 2.0;
/// An item has a label if the posterior of a class is above this.
const SURE: f64 = 0.8;

/// An item: its answers as (annotator, label), and its known label.
type Item = (Vec<(usize, Class)>, Option<Class>);

/// The labels of items without each of their annotators ("beside" an annotator).
pub(super) struct Beside {
    /// For each item: the labels without each of its annotators, in the order of its answers, and
    /// the label from all annotators. A label is `None` if no class has a posterior above `SURE`.
    pub(super) labels: Vec<(Vec<Option<Class>>, Option<Class>)>,
}

impl Beside {
    /// Fits the models to the answers of `annotators` annotators with `k` classes, and labels the
    /// items.
    pub(super) fn of(items: &[Item], annotators: usize, k: usize) -> Self {
        let full = Model::fit(items, annotators, k, None);
        let mut labels: Vec<(Vec<Option<Class>>, Option<Class>)> = items
            .iter()
            .map(|item| {
                let without = item.0.iter().map(|(who, _)| full.label(item, Some(*who)));
                (without.collect(), full.label(item, None))
            })
            .collect();
        if annotators <= EXACT {
            for who in 0..annotators {
                let model = Model::fit(items, annotators, k, Some(who));
                for (item, (without, _)) in items.iter().zip(&mut labels) {
                    if let Some(place) = item.0.iter().position(|(other, _)| *other == who) {
                        without[place] = model.label(item, Some(who));
                    }
                }
            }
        }
        Self { labels }
    }
}

/// A fitted one-coin model.
struct Model {
    /// For each annotator the weight of a vote, `ln p (K - 1) / (1 - p)`, with the number of
    /// classes K.
    weights: Vec<f64>,
    /// For each class the logarithm of its frequency.
    classes: Vec<f64>,
}

impl Model {
    /// Fits the model to the answers of all annotators except `out`.
    fn fit(items: &[Item], annotators: usize, k: usize, out: Option<usize>) -> Self {
        let mut model = Self { weights: vec![1.0; annotators], classes: vec![0.0; k] };
        // Each step is an E-step (posteriors and expected counts), followed by an M-step (class
        // frequencies and weights). The first posteriors come from votes of equal weight.
        for _ in 0..ITERATIONS {
            let mut right = vec![0.8 * PRIOR; annotators];
            let mut answers = vec![PRIOR; annotators];
            let mut classes = vec![1.0; k];
            for item in items {
                let posterior = model.posterior(item, out);
                for (who, label) in item.0.iter().filter(|(who, _)| Some(*who) != out) {
                    right[*who] += posterior[label.index()];
                    answers[*who] += 1.0;
                }
                for (class, p) in classes.iter_mut().zip(&posterior) {
                    *class += p;
                }
            }
            let all: f64 = classes.iter().sum();
            model.classes = classes.into_iter().map(|class| (class / all).ln()).collect();
            // Accuracies are kept off 0 and 1, so that the weights are finite.
            let weight = |(right, answers): (f64, f64)| {
                let p = (right / answers).clamp(0.02, 0.98);
                (p * k.saturating_sub(1).max(1) as f64 / (1.0 - p)).ln()
            };
            model.weights = right.into_iter().zip(answers).map(weight).collect();
        }
        model
    }

    /// Returns the posterior probability of each class for an item, without the vote of `out`.
    fn posterior(&self, (answers, known): &Item, out: Option<usize>) -> Vec<f64> {
        if let Some(known) = known {
            let mut posterior = vec![0.0; self.classes.len()];
            posterior[known.index()] = 1.0;
            return posterior;
        }
        let mut logs = self.classes.clone();
        for (who, label) in answers.iter().filter(|(who, _)| Some(*who) != out) {
            logs[label.index()] += self.weights[*who];
        }
        let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let parts: Vec<f64> = logs.into_iter().map(|log| (log - most).exp()).collect();
        let sum: f64 = parts.iter().sum();
        parts.into_iter().map(|part| part / sum).collect()
    }

    /// Returns the label of an item without the vote of `out`; `None` if no class is sure enough.
    fn label(&self, item: &Item, out: Option<usize>) -> Option<Class> {
        let posterior = self.posterior(item, out);
        let sure = posterior.iter().position(|p| *p > SURE);
        sure.map(Class::from_index)
    }
}
