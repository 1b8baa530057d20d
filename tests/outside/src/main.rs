//! A program outside Querist that has its own probabilities and a table of answers. It asks
//! `querist-query` what to label next, and `querist-quality` which labels follow from the answers.
//!
//! It depends on these two crates alone. So it compiles only if they re-export every type in their
//! signatures.

use querist_quality::core::error::BoxError;
use querist_quality::{
    AgreementOptions, Edition, Known, Measure as Coefficient, aggregator, agreement, table,
};
use querist_query::ndarray::{Array2, array};
use querist_query::{
    BatchSettings, Features, Ingredients, LabelSet, Measure, Needs, Order, Pool, PoolView, Probabilities,
    QueryError, QueryStrategy, Seed, Selected, Share, Stock, StrategySetting, catalog, compose, pick, rand,
    top_k,
};

type Result<T> = std::result::Result<T, BoxError>;

/// What the program knows of its documents: the model's probabilities, and where each lies.
struct Documents {
    probabilities: Probabilities,
    features: Features,
    open: Vec<usize>,
}

impl Documents {
    fn new() -> Result<Self> {
        let probabilities: Array2<f64> =
            array![[0.98, 0.02], [0.52, 0.48], [0.5, 0.5], [0.1, 0.9], [0.7, 0.3], [0.25, 0.75]];
        let features = array![[1.0, 0.0], [0.8, 0.6], [0.8, 0.6], [0.0, 1.0], [0.9, 0.4], [0.1, 0.9]];
        let open = (0..probabilities.nrows()).collect();
        let probabilities = Probabilities::new(probabilities)?;
        Ok(Self { probabilities, features: Features::Dense(features.mapv(|value: f64| value as f32)), open })
    }

    fn pool(&self) -> PoolView<'_> {
        PoolView::new(&self.features, &self.open).with_probabilities(&self.probabilities)
    }

    /// The two rows that a strategy would have labelled first.
    fn picked_by(&self, strategy: &str) -> Result<Vec<usize>> {
        let strategy = catalog::by_name(strategy, &Ingredients::new(labels()?))?;
        Ok(pick(&*strategy, self.pool(), 2, Seed(7))?.iter().map(|pick| pick.row).collect())
    }

    /// A batch of four: how many of it each share chose.
    fn mixed(&self) -> Result<Vec<(Share, usize)>> {
        let mix = "uncertainty=0.5,ratio=0.25,random=0.25".parse()?;
        let strategy = StrategySetting::Measure;
        let settings = BatchSettings { size: 4, mix, strategy, ..BatchSettings::default() };
        let labels = labels()?;
        let batch =
            compose(Order::new(&settings, None)?, Stock::new(self.pool(), &labels, &[3, 1]), Seed(7), 1)?;
        Ok(batch.shares.iter().map(|share| (share.share, share.given)).collect())
    }
}

/// A strategy of our own: the last documents of the pool.
struct Newest;

impl QueryStrategy for Newest {
    fn name(&self) -> &str {
        "newest"
    }

    fn needs(&self) -> Needs {
        Needs::NOTHING
    }

    fn select(
        &self,
        pool: Pool<'_>,
        n: usize,
        _: &mut dyn rand::Rng,
    ) -> std::result::Result<Vec<Selected>, QueryError> {
        let pick = |row: &usize| Selected { row: *row, reason: "newest".to_owned(), fallback: false };
        Ok(pool.open.iter().rev().take(n).map(pick).collect())
    }
}

fn labels() -> Result<LabelSet> {
    Ok(LabelSet::new(["ham", "spam"])?)
}

/// Item, annotator, answer.
const TABLE: [(&str, &str, &str); 9] = [
    ("1", "ana", "ham"),
    ("1", "ben", "ham"),
    ("1", "cem", "spam"),
    ("2", "ana", "spam"),
    ("2", "ben", "spam"),
    ("2", "cem", "spam"),
    ("3", "ana", "ham"),
    ("3", "ben", "ham"),
    ("3", "cem", "ham"),
];

/// The label of each item by a method, and Krippendorff's alpha of the table.
fn aggregated(method: &str) -> Result<(Vec<String>, f64)> {
    let (labels, answers) = table(TABLE)?;
    let method = aggregator(method, Edition::CURRENT).ok_or("no such method")?;
    let result = method.aggregate(&answers, &Known::default())?;
    let name = |class| labels.name(class).to_owned();
    let names = result.verdicts.iter().map(|verdict| verdict.label().map_or("tie".to_owned(), name));
    let agreed = agreement(&answers, &AgreementOptions::default())?;
    let alpha = agreed.row(Coefficient::KrippendorffAlpha).and_then(|row| row.value);
    Ok((names.collect(), alpha.ok_or("alpha is not defined")?))
}

fn main() -> Result<()> {
    let documents = Documents::new()?;
    println!("by entropy alone: {:?}", top_k(&Measure::Entropy.scores(&documents.probabilities), 2));
    for strategy in ["margin", "core-set"] {
        println!("{strategy}: {:?}", documents.picked_by(strategy)?);
    }
    println!("a batch: {:?}", documents.mixed()?);
    for method in ["mv", "ds"] {
        let (names, alpha) = aggregated(method)?;
        println!("{method}: {names:?}, alpha {alpha:.3}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strategies_pick_from_own_probabilities() {
        let documents = Documents::new().unwrap();
        assert_eq!(top_k(&Measure::Entropy.scores(&documents.probabilities), 2), [2, 1]);
        // Rows 1 and 2 are the least sure and say the same: one of each group is picked.
        assert_eq!(documents.picked_by("margin").unwrap(), [2, 5]);
        let spread = documents.picked_by("core-set").unwrap();
        assert_eq!(spread.len(), 2);
        assert!(documents.picked_by("no-such-strategy").is_err());
        let own = pick(&Newest, documents.pool(), 2, Seed(7)).unwrap();
        assert_eq!(own.iter().map(|pick| pick.row).collect::<Vec<_>>(), [5, 4]);
        // A strategy that the settings name must be there.
        let settings = BatchSettings { strategy: "badge".into(), ..BatchSettings::default() };
        assert!(Order::new(&settings, None).is_err());
    }

    #[test]
    fn a_mix_is_exact() {
        let shares = Documents::new().unwrap().mixed().unwrap();
        let given = |share| shares.iter().find(|(of, _)| *of == share).map(|(_, given)| *given);
        let all = [Share::Uncertainty, Share::Ratio, Share::Random, Share::Control].map(given);
        assert_eq!(all, [Some(2), Some(1), Some(1), Some(0)]);
    }

    #[test]
    fn a_table_becomes_labels_and_agreement() {
        for method in ["mv", "ds"] {
            let (names, alpha) = aggregated(method).unwrap();
            assert_eq!(names, ["ham", "spam", "ham"], "{method}");
            // 5 ham, 4 spam; two of the nine pairs within items differ: 1 - (2/9) / (40/72).
            assert!((alpha - 0.6).abs() < 1e-12, "{alpha}");
        }
    }
}
