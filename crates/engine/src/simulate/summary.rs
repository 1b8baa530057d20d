//! Summarises finished runs for the report of a benchmark.

use querist_core::LabelSet;
use querist_report::simulation::{
    Comparison, Pair, Point, Reached, Seconds, SimulatedClass, Simulation, Standing, Strategy, Target,
};
use serde_json::Value;

use super::curve::{Curve, Metric};
use super::data_set::DataSet;
use super::labels_needed::{answers_needed, median};
use super::protocol::{Arm, Protocol};
use super::results::{Results, RoundLine};
use super::significance::{sign_flip, smallest};
use super::stopped::stopped;
use super::student::{estimate, estimate_share};

/// The report says how many answers it takes to reach each of these levels of accuracy and
/// macro-F1.
const LEVELS: [f64; 4] = [0.80, 0.85, 0.90, 0.95];

/// The final value of this strategy is a further level.
const BASELINE: &str = "random";

/// A difference is beyond chance if its corrected p is below this value.
const LEVEL: f64 = 0.05;

/// If a class has fewer test documents than this, its recall moves in coarse steps.
const FEW: usize = 20;

/// Differences up to this size count as ties.
const SAME: f64 = 1e-12;

/// Facts for the report that the lines of results do not contain.
pub struct About {
    /// The configuration of the simulation, as in the header of the results.
    pub configuration: Value,
    /// The classes of the data set, with their numbers of documents.
    pub classes: Vec<SimulatedClass>,
    /// Number of test documents whose text is also in the pool.
    pub test_texts_in_pool: usize,
}

impl About {
    /// Collects the facts about a data set; `configuration` is the header of the results.
    pub fn of(set: &DataSet, configuration: Value) -> Self {
        let classes = classes(&set.labels, &set.pool_counts(), &set.test_counts());
        Self { configuration, classes, test_texts_in_pool: set.test_texts_in_pool() }
    }
}

/// Describes the classes, and says which are rare. Only classes that occur in both the pool and the
/// test set can be rare. With K classes, such a class is rare if it has less than 1 / (2 K) of the
/// pool; the smallest of them is always rare. `pool` and `test` hold the number of documents of
/// each class.
fn classes(labels: &LabelSet, pool: &[usize], test: &[usize]) -> Vec<SimulatedClass> {
    let all: usize = pool.iter().sum();
    let there = |class: &usize| pool[*class] > 0 && test[*class] > 0;
    let rarest = (0..labels.len()).filter(there).min_by_key(|class| (pool[*class], *class));
    let rare = |class: usize| {
        let under = pool[class] * 2 * labels.len() < all;
        there(&class) && (under || rarest == Some(class))
    };
    let row = |(class, label): (usize, &String)| SimulatedClass {
        label: label.clone(),
        pool: pool[class],
        test: test[class],
        rare: rare(class),
    };
    labels.names().iter().enumerate().map(row).collect()
}

/// Finished runs, and the protocol and arms by which they were played.
struct Finished<'a> {
    results: &'a Results,
    protocol: &'a Protocol,
    arms: &'a [Arm],
    /// Indices of the rare classes.
    rare: Vec<usize>,
}

/// Summarises runs for the report. All runs must be finished.
pub fn summarise(about: About, protocol: &Protocol, arms: &[Arm], results: &Results) -> Simulation {
    let rare = (0..about.classes.len()).filter(|class| about.classes[*class].rare).collect();
    let finished = Finished { results, protocol, arms, rare };
    let comparisons = finished.comparisons();
    let pool = about.classes.iter().map(|class| class.pool).sum();
    let notes = finished.notes(&about, &comparisons);
    Simulation {
        format: Simulation::FORMAT,
        configuration: about.configuration,
        classes: about.classes,
        notes,
        strategies: (0..arms.len()).map(|arm| finished.strategy(arm)).collect(),
        targets: finished.targets(),
        comparisons,
        stopped: stopped(results, protocol, arms, pool),
        seconds: (0..arms.len()).map(|arm| finished.seconds(arm)).collect(),
    }
}

impl Finished<'_> {
    /// Returns the learning curves of one arm for a metric, one curve per seed.
    fn curves(&self, arm: usize, metric: Metric) -> Vec<Curve> {
        let seeds = 0..self.protocol.seeds;
        seeds.map(|seed| Curve::of(self.results, arm, seed, metric, &self.rare)).collect()
    }

    /// Returns all lines of one arm: every seed and every round.
    fn lines(&self, arm: usize) -> impl Iterator<Item = &RoundLine> {
        (0..self.protocol.seeds).flat_map(move |seed| self.results.run(arm, seed))
    }

    /// Summarises the learning curves and the last rounds of one arm. The figures are means over
    /// seeds.
    fn strategy(&self, arm: usize) -> Strategy {
        let [accuracy, macro_f1, rare_recall] =
            [Metric::Accuracy, Metric::MacroF1, Metric::RareRecall].map(|metric| self.curves(arm, metric));
        let at = |curves: &[Curve], point: usize| {
            estimate_share(&curves.iter().map(|curve| curve.values[point]).collect::<Vec<_>>())
        };
        let last = |curves: &[Curve]| estimate_share(&curves.iter().map(Curve::last).collect::<Vec<_>>());
        let mean = |curves: &[Curve]| estimate_share(&curves.iter().map(Curve::mean).collect::<Vec<_>>());
        let answers = accuracy.first().map(|curve| curve.answers.clone()).unwrap_or_default();
        let point = |(point, answers): (usize, usize)| Point {
            answers,
            accuracy: at(&accuracy, point),
            macro_f1: at(&macro_f1, point),
            rare_recall: at(&rare_recall, point),
        };
        let ends: Vec<&RoundLine> =
            self.lines(arm).filter(|line| line.round == self.protocol.rounds).collect();
        let labels = ends.first().map_or(0, |line| line.labeled.len());
        let n = ends.len().max(1) as f64;
        let over_seeds = |of: &dyn Fn(&RoundLine) -> f64| ends.iter().map(|line| of(line)).sum::<f64>() / n;
        let recall = |class: usize| {
            let known: Vec<f64> = ends.iter().filter_map(|line| line.recall[class]).collect();
            (!known.is_empty()).then(|| known.iter().sum::<f64>() / n)
        };
        let labeled = |line: &RoundLine| line.labeled.iter().sum::<usize>() as f64;
        Strategy {
            name: self.arms[arm].name.clone(),
            points: answers.into_iter().enumerate().map(point).collect(),
            final_accuracy: last(&accuracy),
            mean_accuracy: mean(&accuracy),
            final_macro_f1: last(&macro_f1),
            mean_macro_f1: mean(&macro_f1),
            final_rare_recall: last(&rare_recall),
            recall: (0..labels).map(recall).collect(),
            labeled: (0..labels).map(|class| over_seeds(&|line| line.labeled[class] as f64)).collect(),
            wrong: over_seeds(&|line| line.wrong as f64 / labeled(line).max(1.0)),
            undecided: over_seeds(&|line| line.undecided as f64),
        }
    }

    /// For each level of accuracy and macro-F1, finds how many answers each arm needs to reach it.
    fn targets(&self) -> Vec<Target> {
        let mut targets = Vec::new();
        for metric in [Metric::Accuracy, Metric::MacroF1] {
            let curves: Vec<Vec<Curve>> = (0..self.arms.len()).map(|arm| self.curves(arm, metric)).collect();
            let baselines = (0..self.arms.len()).filter(|arm| self.arms[*arm].strategy == BASELINE);
            let finals = baselines.map(|arm| {
                let ends: Vec<f64> = curves[arm].iter().map(Curve::last).collect();
                (ends, Some(self.arms[arm].name.clone()))
            });
            let levels = LEVELS.into_iter().map(|level| (vec![level; self.protocol.seeds as usize], None));
            for (levels, of) in levels.chain(finals) {
                let reached = self.arms.iter().zip(&curves).map(|(arm, curves)| {
                    // A run is compared with the level that has the same seed, because both started
                    // from the same labels.
                    let pairs = curves.iter().zip(&levels);
                    let needed: Vec<Option<f64>> =
                        pairs.map(|(curve, level)| answers_needed(curve, *level)).collect();
                    Reached {
                        strategy: arm.name.clone(),
                        answers: median(&needed),
                        seeds: needed.iter().flatten().count(),
                    }
                });
                let reached = reached.collect();
                let level = estimate(&levels).mean;
                targets.push(Target { measure: metric.name().to_owned(), level, of, reached });
            }
        }
        targets
    }

    /// Compares every two arms by the mean and the final value of accuracy and macro-F1.
    fn comparisons(&self) -> Vec<Comparison> {
        if self.arms.len() < 2 {
            return Vec::new();
        }
        let mut comparisons = Vec::new();
        for metric in [Metric::Accuracy, Metric::MacroF1] {
            for (what, of) in [("mean", Curve::mean as fn(&Curve) -> f64), ("final", Curve::last)] {
                let arms = 0..self.arms.len();
                let values: Vec<Vec<f64>> =
                    arms.map(|arm| self.curves(arm, metric).iter().map(of).collect()).collect();
                comparisons.push(self.comparison(format!("{what} {}", metric.name()), &values));
            }
        }
        comparisons
    }

    /// Compares every two arms on one measure. `values` holds the values of each arm, one per seed.
    fn comparison(&self, measure: String, values: &[Vec<f64>]) -> Comparison {
        let mut pairs = Vec::new();
        for first in 0..values.len() {
            for second in first + 1..values.len() {
                // Differences are paired by seed, because both runs started from the same labels.
                let differences: Vec<f64> = values[first]
                    .iter()
                    .zip(&values[second])
                    .map(|(first, second)| first - second)
                    .map(|difference| if difference.abs() <= SAME { 0.0 } else { difference })
                    .collect();
                let wins = differences.iter().filter(|difference| **difference > 0.0).count();
                let losses = differences.iter().filter(|difference| **difference < 0.0).count();
                pairs.push(Pair {
                    first: self.arms[first].name.clone(),
                    second: self.arms[second].name.clone(),
                    wins,
                    ties: differences.len() - wins - losses,
                    losses,
                    difference: estimate(&differences),
                    p: sign_flip(&differences),
                    p_corrected: 1.0,
                });
            }
        }
        let corrected =
            querist_quality::holm(&pairs.iter().map(|pair| pair.p).collect::<Vec<_>>(), pairs.len());
        for (pair, corrected) in pairs.iter_mut().zip(corrected) {
            pair.p_corrected = corrected;
        }
        let standings = self.arms.iter().map(|arm| standing(&arm.name, &pairs)).collect();
        let smallest_p = (smallest(self.protocol.seeds as usize) * pairs.len() as f64).min(1.0);
        Comparison { measure, level: LEVEL, smallest_p, standings, pairs }
    }

    /// Measures how long the rounds of one arm took.
    fn seconds(&self, arm: usize) -> Seconds {
        // Round 0 chooses no batch, so its time is left out.
        let rounds: Vec<f64> =
            self.lines(arm).filter(|line| line.round > 0).map(|line| line.seconds).collect();
        Seconds {
            strategy: self.arms[arm].name.clone(),
            mean: rounds.iter().sum::<f64>() / rounds.len().max(1) as f64,
            most: rounds.iter().copied().fold(0.0, f64::max),
        }
    }

    /// Returns the warnings that a reader of the figures must know, as sentences.
    fn notes(&self, about: &About, comparisons: &[Comparison]) -> Vec<String> {
        let mut notes = Vec::new();
        let count = |of: &dyn Fn(&RoundLine) -> bool| self.results.sorted().filter(|line| of(line)).count();
        let without = count(&|line| line.accuracy.is_none());
        if without > 0 {
            notes.push(format!(
                "{without} rounds had no model because fewer than two classes were labelled; they count as 0."
            ));
        }
        let unconverged = count(&|line| line.converged == Some(false));
        if unconverged > 0 {
            notes.push(format!("{unconverged} fits did not converge."));
        }
        if self.protocol.seeds == 1 {
            notes.push(
                "There is only one seed, so there are no intervals and no difference can be told from chance.".to_owned(),
            );
        } else if let Some(first) = comparisons.first().filter(|first| first.smallest_p >= first.level) {
            notes.push(format!(
                "With {} seeds and {} pairs of strategies the corrected p is at least {:.3}, so no \
                 difference can count as beyond chance; use more seeds or fewer strategies.",
                self.protocol.seeds,
                first.pairs.len(),
                first.smallest_p
            ));
        }
        if about.test_texts_in_pool > 0 {
            notes.push(format!(
                "{} test texts are in the training file too, so the test makes every strategy look too good.",
                about.test_texts_in_pool
            ));
        }
        let named = |of: &dyn Fn(&SimulatedClass) -> bool| {
            let named = about.classes.iter().filter(|class| of(class));
            named.map(|class| format!("\"{}\"", class.label)).collect::<Vec<_>>().join(", ")
        };
        let only_test = named(&|class| class.pool == 0);
        if !only_test.is_empty() {
            notes.push(format!("Only the test file has {only_test}, so no model can learn it."));
        }
        let few = named(&|class| class.rare && class.test < FEW);
        if !few.is_empty() {
            notes.push(format!(
                "The test file has fewer than {FEW} documents of {few}, so recall moves in coarse steps."
            ));
        }
        notes
    }
}

/// Counts the strategies that the named strategy beats beyond chance, and those that beat it beyond
/// chance.
fn standing(name: &str, pairs: &[Pair]) -> Standing {
    let (mut better, mut worse) = (0, 0);
    for pair in pairs.iter().filter(|pair| pair.p_corrected < LEVEL) {
        let up = pair.difference.mean > 0.0;
        better += usize::from((pair.first == name && up) || (pair.second == name && !up));
        worse += usize::from((pair.first == name && !up) || (pair.second == name && up));
    }
    Standing { strategy: name.to_owned(), better, worse }
}

#[cfg(test)]
mod tests;
