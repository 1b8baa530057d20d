//! A real set of crowd answers: answers.jsonl and gold.jsonl, plain or gzip.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use querist_core::{Aggregation, AnnotationSet, AnnotationSetBuilder, Class, Verdict};
use serde_json::Value;

use crate::data::{file, lines};

/// A set in memory.
pub(crate) struct Set {
    /// (item, annotator, label).
    pub(crate) answers: Vec<(String, String, String)>,
    /// (item, label).
    gold: Vec<(String, String)>,
    labels: Vec<String>,
    pub(crate) answers_file: PathBuf,
    pub(crate) gold_file: PathBuf,
}

impl Set {
    /// Reads the set `name` below `folder`.
    pub(crate) fn read(folder: &Path, name: &str) -> Self {
        let (answers_file, gold_file) = (file(folder, name, "answers"), file(folder, name, "gold"));
        let rows = |path: &Path| -> Vec<Value> {
            lines(path).iter().map(|line| serde_json::from_str(line).expect("JSON")).collect()
        };
        let text = |row: &Value, field: &str| match &row[field] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let answers: Vec<(String, String, String)> = rows(&answers_file)
            .iter()
            .map(|row| (text(row, "item"), text(row, "annotator"), text(row, "label")))
            .collect();
        let gold = rows(&gold_file).iter().map(|row| (text(row, "item"), text(row, "label"))).collect();
        let labels: BTreeSet<&String> = answers.iter().map(|(.., label)| label).collect();
        let labels = labels.into_iter().cloned().collect();
        Self { answers, gold, labels, answers_file, gold_file }
    }

    /// The answers in the form that the methods take.
    pub(crate) fn annotations(&self) -> AnnotationSet {
        let mut builder = AnnotationSetBuilder::new();
        for (item, annotator, label) in &self.answers {
            let class = self.labels.binary_search(label).expect("a label of the answers");
            builder.push(item, annotator, Class::from_index(class));
        }
        builder.build(self.labels.len())
    }

    /// By item of `annotations`: the true label, or `None` if the item has no gold label.
    pub(crate) fn gold(&self, annotations: &AnnotationSet) -> Vec<Option<Class>> {
        let mut gold = vec![None; annotations.items().len()];
        for (item, label) in &self.gold {
            if let Ok(item) = annotations.items().binary_search(item) {
                // A label that no annotator gave lies beyond all classes, so that no answer is
                // right.
                let class = self.labels.binary_search(label).unwrap_or(usize::from(u16::MAX));
                gold[item] = Some(Class::from_index(class));
            }
        }
        gold
    }

    /// Returns how many gold items have answers, and the share of them that `result` labels
    /// correctly; a tie of k classes counts 1/k.
    pub(crate) fn accuracy(&self, annotations: &AnnotationSet, result: &Aggregation) -> (usize, f64) {
        let (mut n, mut right) = (0, 0.0);
        for (item, label) in &self.gold {
            let Ok(item) = annotations.items().binary_search(item) else {
                continue;
            };
            let class = self.labels.binary_search(label).ok().map(Class::from_index);
            n += 1;
            right += match (&result.verdicts[item], class) {
                (Verdict::Label(verdict), Some(class)) if *verdict == class => 1.0,
                (Verdict::Tie(classes), Some(class)) if classes.contains(&class) => {
                    1.0 / classes.len() as f64
                }
                _ => 0.0,
            };
        }
        (n, right / n as f64)
    }
}

/// The names of the sets: those of `--sets`, or else all crowds below the folder.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("the folder of data sets");
    let names = entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.filter(|name| name.starts_with("crowd_")).collect();
    names.sort();
    names
}
