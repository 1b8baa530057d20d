//! A text classifier from 120 labelled support tickets, measured on 30 others: texts to features,
//! features to calibrated probabilities.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use querist_core::error::BoxError;
use querist_core::{Class, Examples, FittedClassifier, FittedFeaturizer, LabelSet, Seed, Start};
use querist_model::LogisticRegression;
use querist_text::{FeatureKind, NgramCounter, StaticEmbedding, TextFeaturizer};
use serde_json::Value;

/// Texts with their classes, from a file of the bundled set.
fn tickets(file: &str, labels: &LabelSet) -> Result<(Vec<String>, Vec<Class>), BoxError> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/support_tickets").join(file);
    let (mut texts, mut classes) = (Vec::new(), Vec::new());
    for line in fs::read_to_string(path)?.lines() {
        let row: Value = serde_json::from_str(line)?;
        texts.push(row["text"].as_str().ok_or("a row has no text")?.to_owned());
        classes.push(row["label"].as_str().and_then(|name| labels.class(name)).ok_or("a row has no label")?);
    }
    Ok((texts, classes))
}

#[expect(clippy::print_stdout, reason = "an example shows what it found")]
fn main() -> Result<(), BoxError> {
    let labels = LabelSet::new(["technical", "billing", "account", "shipping", "feature", "fraud"])?;
    let (texts, targets) = tickets("control.jsonl", &labels)?;
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();

    // Words and pairs of words, weighed, beside the vectors of English words that come along.
    let featurizer =
        TextFeaturizer::new(Arc::new(NgramCounter::default()), FeatureKind::NGRAM.and(FeatureKind::STATIC))
            .with_embedding(Arc::new(StaticEmbedding::english()?));
    let space = featurizer.fit_texts(&texts)?;
    let features = space.transform(&texts)?;
    let examples =
        Examples { features: &features, targets: &targets, weights: None, n_classes: labels.len() };
    let fitted = LogisticRegression::default().fit_linear(&examples, Start { warm: None, seed: Seed(0) })?;
    println!("fitted to {} tickets, converged: {}", fitted.report.examples, fitted.report.converged);

    let (unseen, truth) = tickets("seed.jsonl", &labels)?;
    let unseen: Vec<&str> = unseen.iter().map(String::as_str).collect();
    let rows: Vec<usize> = (0..unseen.len()).collect();
    let probabilities = fitted.model.predict(&space.transform(&unseen)?, &rows)?;
    let right = rows.iter().filter(|row| probabilities.likeliest(**row) == truth[**row]).count();
    println!("{right} of {} unseen tickets are classified rightly", rows.len());
    for (class, name) in labels.classes().zip(labels.names()) {
        println!(
            "  {name}: {:.2} on average",
            rows.iter().map(|row| probabilities.of(*row, class)).sum::<f64>() / 30.0
        );
    }
    Ok(())
}
