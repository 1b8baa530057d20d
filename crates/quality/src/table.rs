//! Turns a table of answers with names into an annotation set with numbers.

use std::collections::BTreeMap;

use querist_core::{AnnotationSet, LabelSet, name_key};

use crate::error::QualityError;

/// Returns the labels and the answers that occur in the rows. A row is (item, annotator, label).
/// The labels are sorted by name. If an annotator answered an item several times, the last answer
/// counts.
///
/// # Errors
/// The rows have fewer than two labels, or a label is empty or has a control character.
pub fn table<'a>(
    rows: impl IntoIterator<Item = (&'a str, &'a str, &'a str)>,
) -> Result<(LabelSet, AnnotationSet), QualityError> {
    let rows: Vec<_> = rows.into_iter().collect();
    let names: BTreeMap<_, _> = rows.iter().rev().map(|(_, _, label)| (name_key(label), *label)).collect();
    let labels = LabelSet::new(names.into_values())?;
    let numbered = |(item, annotator, label)| Some((item, annotator, labels.class(label)?));
    let answers = AnnotationSet::new(rows.into_iter().filter_map(numbered), labels.len());
    Ok((labels, answers))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_an_answer_and_labels_are_known_in_every_spelling() {
        let rows = [("1", "ana", "spam"), ("1", "ben", " ham"), ("2", "ana", "ham"), ("2", "ben", "ham ")];
        let (labels, answers) = table(rows).unwrap();
        assert_eq!(labels.names(), ["ham", "spam"]);
        let classes: Vec<usize> = answers.entries().iter().map(|answer| answer.label.index()).collect();
        assert_eq!((classes, answers.annotators().len()), (vec![1, 0, 0, 0], 2));
        assert!(matches!(table([("1", "ana", "spam")]), Err(QualityError::Core(_))));
        assert!(table([("1", "ana", "spam"), ("1", "ben", "")]).is_err());
    }
}
