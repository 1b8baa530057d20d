//! What can be wrong with an answer, or with a field that the user named, beyond what is wrong with
//! any row: what, and what to do.

use thiserror::Error;

use super::choice::FieldOption;

/// Why an annotation is no answer.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum AnswerProblem {
    /// Several controls (Label Studio) or questions (Argilla) ask for a class.
    #[error("{} ask for a class", quoted(names, "and"))]
    SeveralControls {
        /// Their names.
        names: Vec<String>,
    },
    /// A control whose answer is something else than one class of the document.
    #[error("the answer to \"{control}\" is {kind}; expected one label for the whole document")]
    NotAClass {
        /// The control.
        control: String,
        /// What the answer is.
        kind: String,
    },
    /// Marks of parts of a text where a class of it is wanted.
    #[error(
        "the field \"{field}\" marks parts of the text; expected one label for the whole document, from a \
         text classification project"
    )]
    Spans {
        /// The field.
        field: String,
    },
    /// A cell that should have the answers of a form.
    #[error(
        "the cell cannot be read; expected a JSON list of one object with the form's controls, such as \
         [{{\"category\": {{\"label\": \"…\"}}}}]"
    )]
    NotTaskAnswers,
    /// Results, and none of them of a control that asks for a class.
    #[error("nothing in this annotation chooses a class: it has {found}; expected choices")]
    NoControl {
        /// What it has instead.
        found: String,
    },
    /// A record without the field that has the answer.
    #[error("no field has an answer; expected {expected}, but this record has {}", quoted(fields, "and"))]
    NoAnswerField {
        /// What was expected.
        expected: &'static str,
        /// The option that names the field, if there is one.
        option: Option<FieldOption>,
        /// The fields that there are.
        fields: Vec<String>,
    },
    /// A control that was named and that no record has.
    #[error(
        "no record has an answer to \"{control}\"{}{}",
        did_you_mean(nearest.as_deref()),
        there_are(known)
    )]
    NoSuchControl {
        /// The name as given.
        control: String,
        /// The known one most like it.
        nearest: Option<String>,
        /// All that were found.
        known: Vec<String>,
    },
    /// A field that was named and that no row has.
    #[error(
        "no row has the field \"{field}\"{}{}",
        did_you_mean(nearest.as_deref()),
        fields_are(known)
    )]
    NoSuchField {
        /// The name as given.
        field: String,
        /// The option that names it.
        option: FieldOption,
        /// The field most like it.
        nearest: Option<String>,
        /// Those that there are.
        known: Vec<String>,
    },
    /// A field that a row must have, and has under another name perhaps.
    #[error("the field \"{field}\" is missing{}; every row must have it", did_you_mean(nearest.as_deref()))]
    MissingColumn {
        /// The field.
        field: String,
        /// The option that names another.
        option: FieldOption,
        /// The field of the row most like it.
        nearest: Option<String>,
    },
    /// A word where a format has a few.
    #[error("the field \"{field}\" is \"{found}\"; expected one of: {expected}")]
    UnknownWord {
        /// The field.
        field: String,
        /// What it holds.
        found: String,
        /// What the format knows.
        expected: &'static str,
    },
    /// A row that is marked as a skip and has a label.
    #[error("the row is a skip but has the label \"{label}\"; empty one of the two cells")]
    SkipWithLabel {
        /// The label.
        label: String,
    },
    /// A cell that is neither true nor false, in the column of an option.
    #[error(
        "the column \"{column}\" has \"{found}\"; expected true or false, as in the other options of \
         {question}"
    )]
    NotATruth {
        /// The column.
        column: String,
        /// What it holds.
        found: String,
        /// The question that the column is an option of.
        question: String,
    },
    /// A question of which a row chooses several options.
    #[error(
        "{} of {question} are all true; expected one label for the whole document: set the others to \
         false, or remove the row",
        quoted(chosen, "and")
    )]
    SeveralOptions {
        /// The question.
        question: String,
        /// The options.
        chosen: Vec<String>,
    },
    /// A label and a rejection in one row, where the one does not follow from the other.
    #[error(
        "the row has the label \"{label}\" and rejects \"{rejects}\"; expected only one of them: a \
         rejection has a null label or, with two classes, the other class"
    )]
    RejectsBesideLabel {
        /// The label.
        label: String,
        /// The class that it rejects.
        rejects: String,
    },
    /// A class that was taken out.
    #[error(
        "the class \"{label}\" was removed; expected one of: {known}; adding the class{} brings it back",
        if last == label { String::new() } else { format!(", under its last name, \"{last}\",") }
    )]
    LabelTakenOut {
        /// The label as given.
        label: String,
        /// The last name of the class.
        last: String,
        /// All known labels.
        known: String,
    },
    /// A text that is not the document's.
    #[error(
        "the text (\"{start}…\") does not belong to \"{id}\", {owner}; the columns may be out of step: \
         restore the rows, or leave the text out to match by id"
    )]
    TextContradicts {
        /// The document that the row names.
        id: String,
        /// How the row's text begins.
        start: String,
        /// Whose text it is, in words.
        owner: String,
    },
}

/// Names between quotes, the last two joined by a word.
fn quoted(names: &[String], word: &str) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    match quoted.split_last() {
        None => "nothing".to_owned(),
        Some((last, [])) => last.clone(),
        Some((last, before)) => format!("{} {word} {last}", before.join(", ")),
    }
}

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map(|nearest| format!(" (did you mean \"{nearest}\"?)")).unwrap_or_default()
}

fn fields_are(known: &[String]) -> String {
    if known.is_empty() {
        "; the rows have no fields".to_owned()
    } else {
        format!("; the fields are {}", quoted(known, "and"))
    }
}

fn there_are(known: &[String]) -> String {
    if known.is_empty() {
        "; the answers name no controls".to_owned()
    } else {
        format!("; the answers are to {}", quoted(known, "and"))
    }
}
