//! A model as one file: trained here, written, read as another program would read it, and asked.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

use querist_core::error::BoxError;
use querist_core::{Class, Edition, Examples, FittedClassifier, FittedFeaturizer, LabelSet, Seed, Start};
use querist_model::LogisticRegression;
use querist_predict::{Parts, read, write};
use querist_text::{FeatureKind, NgramCounter, TextFeaturizer};

/// Texts, each with its class.
const TEXTS: [(&str, u16); 8] = [
    ("my invoice is wrong", 0),
    ("please refund the second charge", 0),
    ("the invoice has two charges", 0),
    ("a refund, please", 0),
    ("my parcel is late", 1),
    ("the courier lost my parcel", 1),
    ("where is the courier", 1),
    ("no parcel came today", 1),
];

#[expect(clippy::print_stdout, reason = "an example shows what it found")]
fn main() -> Result<(), BoxError> {
    let labels = LabelSet::new(["billing", "delivery"])?;
    let texts = TEXTS.map(|(text, _)| text);
    let targets = TEXTS.map(|(_, class)| Class(class));
    let space =
        TextFeaturizer::new(Arc::new(NgramCounter::default()), FeatureKind::NGRAM).fit_texts(&texts)?;
    let features = space.transform(&texts)?;
    let examples =
        Examples { features: &features, targets: &targets, weights: None, n_classes: labels.len() };
    let fitted = LogisticRegression::default().fit_linear(&examples, Start { warm: None, seed: Seed(0) })?;
    let bytes = write(Parts {
        labels: &labels,
        features: BTreeMap::new(),
        edition: Edition::CURRENT,
        blocks: space.learned(),
        model: &fitted.model.to_bytes()?,
        tokenizer: None,
        embedding: None,
        vectors: None,
    })?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("model.safetensors");
    fs::write(&file, bytes)?;

    let (predictor, _) = read(&file)?;
    let asked = ["the parcel never came", "why this charge?", "an invoice for the courier"];
    let probabilities = predictor.predict(&asked)?;
    for (row, text) in asked.into_iter().enumerate() {
        let class = probabilities.likeliest(row);
        println!("{text}: {} ({:.2})", predictor.labels.name(class), probabilities.of(row, class));
    }
    Ok(())
}
