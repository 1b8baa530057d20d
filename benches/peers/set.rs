//! A data set in memory.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use querist_core::Class;
use querist_text::{Buckets, Counter, NgramCounter, NgramRange, Normalization, WordSource, WordSplitter};
use serde_json::Value;

use crate::data::{file, lines};

/// A document of the training file.
pub(crate) struct Document {
    /// The document's line in the file.
    pub(crate) line: String,
    pub(crate) id: String,
    pub(crate) text: String,
    pub(crate) label: String,
}

/// A set: the paths of its two files, and its training documents.
pub(crate) struct Set {
    pub(crate) train: PathBuf,
    pub(crate) test: PathBuf,
    /// The documents of the training file that have a text.
    pub(crate) documents: Vec<Document>,
    /// All labels, in alphabetical order.
    pub(crate) labels: Vec<String>,
}

impl Set {
    /// Reads a set.
    pub(crate) fn read(data: &Path, name: &str) -> Self {
        let [train, test] = ["train", "test"].map(|part| file(data, name, part));
        let documents = lines(&train).into_iter().map(|line| {
            let row: Value = serde_json::from_str(&line).expect("JSON");
            let text = |field: &str| row[field].as_str().expect("a string").to_owned();
            Document { id: text("id"), text: text("text"), label: text("label"), line }
        });
        let documents: Vec<Document> =
            documents.filter(|document| !document.text.trim().is_empty()).collect();
        let mut labels: Vec<String> = documents.iter().map(|document| document.label.clone()).collect();
        labels.sort();
        labels.dedup();
        Self { train, test, documents, labels }
    }

    /// The class of a training document.
    pub(crate) fn class(&self, document: usize) -> Class {
        let label = &self.documents[document].label;
        Class::from_index(self.labels.binary_search(label).expect("a label of the set"))
    }

    /// The texts of the training file, `tiles` times in a row.
    pub(crate) fn texts(&self, tiles: usize) -> Vec<&str> {
        (0..tiles).flat_map(|_| self.documents.iter().map(|document| document.text.as_str())).collect()
    }
}

/// The default counter, of words and pairs of words.
pub(crate) fn counter() -> Arc<dyn Counter> {
    let words = WordSource::Splitter(WordSplitter::new(Normalization::default()));
    Arc::new(NgramCounter::new(words, NgramRange::default(), None, Buckets::default()))
}
