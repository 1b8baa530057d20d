//! Weak labels: classes that the rules in querist.toml give to documents of the pool. They serve
//! until there are enough real labels.

use querist_core::error::BoxError;
use querist_core::{Class, Corpus, Proportion};
use querist_engine::Weak;
use querist_report as report;
use querist_text::rules::{RuleCounts, RuleMatches, Rules, Standing, weight};

use crate::bench::Bench;
use crate::round::MODEL_SEED;

/// The weak labels of one round, and counts of the documents that each rule matched.
pub(crate) struct WeakLabels {
    rules: Rules,
    counts: RuleCounts,
    /// The weakly labelled documents: each document's row in the pool, and its class. Rows are
    /// ascending.
    labels: Vec<(usize, Class)>,
    /// The weight of a weak label in training; a real label has weight 1.
    weight: f64,
}

impl WeakLabels {
    /// Matches the rules against every document of the pool, and derives the weak labels.
    ///
    /// # Errors
    /// A text cannot be read, or a rule fails.
    pub(crate) fn of(rules: Rules, corpus: &dyn Corpus, bench: &Bench) -> Result<Self, BoxError> {
        let mut matches = RuleMatches::default();
        matches.extend(&rules, corpus)?;
        let situation = &bench.situation;
        let mut standings = vec![Standing::Outside; corpus.n_documents()];
        let mut rows = vec![usize::MAX; corpus.n_documents()];
        for (row, document) in situation.pool.iter().enumerate() {
            let place = bench.snapshot.documents[*document].place as usize;
            standings[place] = situation.label_of[*document].map_or(Standing::Open, Standing::Labeled);
            rows[place] = row;
        }
        let counts = matches.count(&rules, |place| standings[place as usize], MODEL_SEED);
        let row_of = |example: &(u32, Class)| (rows[example.0 as usize], example.1);
        let mut labels: Vec<(usize, Class)> = counts.examples.iter().map(row_of).collect();
        labels.sort_unstable_by_key(|(row, _)| *row);
        Ok(Self { rules, counts, labels, weight: weight(situation.labeled.len()) })
    }

    /// Returns the weak labels in the form that training needs.
    pub(crate) fn as_weak(&self) -> Weak<'_> {
        Weak { labels: &self.labels, weight: self.weight }
    }

    /// Makes the report's section about rules. `used` is the number of weak labels from which the
    /// model learned.
    pub(crate) fn section(&self, bench: &Bench, used: usize) -> report::Rules {
        let counts = &self.counts;
        let rules = self.rules.rules().iter().zip(&counts.rules).map(|(rule, count)| report::Rule {
            pattern: rule.pattern.clone(),
            label: bench.snapshot.labels.name(rule.class).to_owned(),
            matches: count.matches,
            agreement: Proportion::of(count.correct, count.judged),
        });
        report::Rules {
            documents: counts.documents,
            covered: counts.covered,
            coverage: (counts.documents > 0).then(|| counts.covered as f64 / counts.documents as f64),
            conflicts: counts.conflicts,
            rules: rules.collect(),
            weight: self.weight,
            used,
            note: None,
        }
    }
}
