//! The rates at which each annotator, and the whole crowd, gives each unusual answer to items with
//! each label.

use querist_core::Class;

/// The pseudo-answers, for each class, that draw an annotator's rates towards the crowd's.
pub(super) const PRIOR: f64 = 2.0;

/// The answer rates of all annotators.
pub(super) struct Rates {
    k: usize,
    /// The number of answers by each annotator to items with each label, row by row: a row for each
    /// annotator, a column for each class.
    answers: Vec<u32>,
    /// The unusual answers as (annotator, label of the item, answer), sorted, each with the number
    /// of items on which the annotator gave it.
    wrong: Vec<((u32, u16, u16), u32)>,
    /// The entries of annotator a are `wrong[starts[a]..starts[a + 1]]`.
    starts: Vec<usize>,
    /// The rate at which the crowd answers l to items with label t, with a row for each t and a
    /// column for each l; 0 if l is t.
    crowd: Vec<f64>,
}

impl Rates {
    /// Computes the rates from answers, given as (annotator, label of the item, answer).
    pub(super) fn of(seen: impl Iterator<Item = (usize, Class, Class)>, annotators: usize, k: usize) -> Self {
        let mut answers = vec![0; annotators * k];
        let mut given = vec![0u32; k];
        let mut crowd = vec![0.0; k * k];
        let mut entries = Vec::new();
        for (who, label, answer) in seen {
            answers[who * k + label.index()] += 1;
            given[label.index()] += 1;
            if answer != label {
                crowd[label.index() * k + answer.index()] += 1.0;
                entries.push((who as u32, label.0, answer.0));
            }
        }
        for (label, row) in crowd.chunks_mut(k.max(1)).enumerate() {
            for rate in row {
                *rate /= f64::from(given[label].max(1));
            }
        }
        entries.sort_unstable();
        let wrong: Vec<_> = entries.chunk_by(|x, y| x == y).map(|run| (run[0], run.len() as u32)).collect();
        let starts =
            (0..=annotators as u32).map(|a| wrong.partition_point(|((of, ..), _)| *of < a)).collect();
        Self { k, answers, wrong, starts, crowd }
    }

    /// Returns the rate `w_a[t][l]` at which annotator a gives the answer l = `label` to items with
    /// label t = `truth`, where l is not t.
    pub(super) fn rate(&self, annotator: usize, truth: Class, label: usize) -> f64 {
        let own = &self.wrong[self.starts[annotator]..self.starts[annotator + 1]];
        let key = (annotator as u32, truth.0, label as u16);
        let count = own.binary_search_by_key(&key, |(key, _)| *key).map_or(0, |at| own[at].1);
        let n = self.answers[annotator * self.k + truth.index()];
        let crowd = self.crowd[truth.index() * self.k + label];
        (f64::from(count) + PRIOR * crowd) / (f64::from(n) + PRIOR)
    }

    /// Returns the labels other than `truth` that any annotator gave to items with label `truth`.
    pub(super) fn wrong_labels(&self, truth: Class) -> impl Iterator<Item = usize> {
        (0..self.k).filter(move |label| self.crowd[truth.index() * self.k + label] > 0.0)
    }

    /// Returns the probability that two annotators who answer independently give the same unusual
    /// answer to an item with label `truth`.
    pub(super) fn both(&self, a: usize, b: usize, truth: Class) -> f64 {
        self.wrong_labels(truth).map(|label| self.rate(a, truth, label) * self.rate(b, truth, label)).sum()
    }
}
