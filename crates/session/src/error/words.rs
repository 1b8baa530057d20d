//! Words that the messages of several failures share.

use crate::labels::LabelRow;
use crate::undo::Hindrance;

/// Returns " (did you mean …?)"; an empty string if there is no similar name.
pub(super) fn of_nearest(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |nearest| format!(" (did you mean \"{nearest}\"?)"))
}

/// Returns the end of a message, which lists the names of the documents' fields.
pub(super) fn of_fields(fields: &[String]) -> String {
    if fields.is_empty() {
        "; the documents have no fields other than id, text and label".to_owned()
    } else {
        format!("; the fields are: {}", fields.join(", "))
    }
}

/// Returns the uses of a class in words, with the numbers of answers, labels and decisions.
pub(super) fn uses(row: &LabelRow) -> String {
    let count = |n: usize, one: &str, more: &str| format!("{n} {}", if n == 1 { one } else { more });
    let with_documents = row.imported - row.held_out;
    let uses = [
        (row.answers, count(row.answers, "answer", "answers")),
        (
            with_documents,
            count(with_documents, "label that came with a document", "labels that came with documents"),
        ),
        (
            row.held_out,
            count(row.held_out, "test document or control item", "test documents or control items"),
        ),
        (row.decisions, count(row.decisions, "decision of an expert", "decisions of experts")),
    ];
    let uses: Vec<String> = uses.into_iter().filter(|(n, _)| *n > 0).map(|(_, what)| what).collect();
    uses.join(", ")
}

/// Returns in words, with counts, the uses of an import's documents that keep it from being taken
/// back.
pub(super) fn in_words(hindrance: &Hindrance) -> String {
    let Hindrance { picked, answers, decisions, labels, replaced, .. } = *hindrance;
    let found = [
        (picked, "of its documents went out with a round"),
        (answers, "answers were given to its documents"),
        (decisions, "expert decisions were made about its documents"),
        (labels, "labels of its documents came with later imports"),
        (replaced, "of its texts were replaced by later imports"),
    ];
    let found = found.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}"));
    found.collect::<Vec<_>>().join(", ")
}
