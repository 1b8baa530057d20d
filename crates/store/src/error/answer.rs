//! Defines the errors of answers, and of the fields and columns that the user named. Each message
//! says what is wrong and what to do.

use thiserror::Error;

use super::choice::FieldOption;

/// The reason why a record has no usable answer.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum AnswerProblem {
    /// The annotation tool asked several questions whose answer is a class, and the user chose none
    /// of them. Label Studio calls such questions controls.
    #[error("{} ask for a class", quoted(names, "and"))]
    SeveralControls {
        /// The names of the controls.
        names: Vec<String>,
    },
    /// The answer to the question is not one class for the whole document.
    #[error("the answer to \"{control}\" is {kind}; expected one label for the whole document")]
    NotAClass {
        /// The name of the question.
        control: String,
        /// A description of the answer's value.
        kind: String,
    },
    /// The record marks parts of a text instead of choosing one class for it.
    #[error(
        "the field \"{field}\" marks parts of the text; expected one label for the whole document, from a \
         text classification project"
    )]
    Spans {
        /// The name of the field with the marks.
        field: String,
    },
    /// A cell of a crowdsourcing file should hold the answers of a form, but holds something else.
    #[error(
        "the cell cannot be read; expected a JSON list of one object with the form's controls, such as \
         [{{\"category\": {{\"label\": \"…\"}}}}]"
    )]
    NotTaskAnswers,
    /// The record answers only questions that do not ask for a class.
    #[error("this annotation chooses no class: it has {found}; expected a result of the type choices")]
    NoControl {
        /// A description of what the record contains instead.
        found: String,
    },
    /// The record lacks the field with the answer.
    #[error("no field has an answer; expected {expected}, but this record has {}", quoted(fields, "and"))]
    NoAnswerField {
        /// A description of the field that was expected.
        expected: &'static str,
        /// The option with which the user can name the field, if there is one.
        option: Option<FieldOption>,
        /// The names of the record's fields.
        fields: Vec<String>,
    },
    /// No record has an answer to the question that the user named.
    #[error(
        "no record has an answer to \"{control}\"{}{}",
        did_you_mean(nearest.as_deref()),
        there_are(known)
    )]
    NoSuchControl {
        /// The name that the user gave.
        control: String,
        /// The known name that is most similar, if any is.
        nearest: Option<String>,
        /// The names of the questions that have answers.
        known: Vec<String>,
    },
    /// No row has the field that the user named.
    #[error(
        "no row has the field \"{field}\"{}{}",
        did_you_mean(nearest.as_deref()),
        fields_are(known)
    )]
    NoSuchField {
        /// The name that the user gave.
        field: String,
        /// The option with which the user named the field.
        option: FieldOption,
        /// The name of the most similar field, if any is similar.
        nearest: Option<String>,
        /// The names of all fields in the file.
        known: Vec<String>,
    },
    /// The row lacks a field that it must have. Perhaps the field has another name.
    #[error("the field \"{field}\" is missing{}; every row must have it", did_you_mean(nearest.as_deref()))]
    MissingColumn {
        /// The name of the missing field.
        field: String,
        /// The option with which the user can name another field.
        option: FieldOption,
        /// The name of the most similar field in the row, if any is similar.
        nearest: Option<String>,
    },
    /// The field contains a word that the format does not know.
    #[error("the field \"{field}\" is \"{found}\"; expected one of: {expected}")]
    UnknownWord {
        /// The name of the field.
        field: String,
        /// The word in the field.
        found: String,
        /// The words that the format knows.
        expected: &'static str,
    },
    /// The row is marked as a skip and has a label.
    #[error("the row is a skip but has the label \"{label}\"; empty one of the two cells")]
    SkipWithLabel {
        /// The label.
        label: String,
    },
    /// The file has a column for each option of a question. A cell in such a column is neither true
    /// nor false.
    #[error(
        "the column \"{column}\" has \"{found}\"; expected true or false, as in the other options of \
         {question}"
    )]
    NotATruth {
        /// The name of the column.
        column: String,
        /// The value of the cell.
        found: String,
        /// The question to which the option belongs.
        question: String,
    },
    /// The row chooses several options of a question.
    #[error(
        "{} of {question} are all true; expected one label for the whole document: set all but one to false, \
         or remove the row",
        quoted(chosen, "and")
    )]
    SeveralOptions {
        /// The name of the question.
        question: String,
        /// The options that the row chooses.
        chosen: Vec<String>,
    },
    /// The row has a label and a rejection that contradict each other.
    #[error(
        "the row has the label \"{label}\" and rejects \"{rejects}\"; expected only one of them: a \
         rejection has a null label or, with two classes, the other class"
    )]
    RejectsBesideLabel {
        /// The label.
        label: String,
        /// The class that the row rejects.
        rejects: String,
    },
    /// The label names a class that was removed.
    #[error(
        "the class \"{label}\" was removed; expected one of: {known}; adding the class{} brings it back",
        if last == label { String::new() } else { format!(", under its last name, \"{last}\",") }
    )]
    LabelTakenOut {
        /// The label in the row.
        label: String,
        /// The last name of the class.
        last: String,
        /// The known labels, joined by commas.
        known: String,
    },
    /// The row has an id and a text, but the text is not the text of the document with this id.
    #[error(
        "the text (\"{start}…\") does not belong to \"{id}\", {owner}; the columns may be out of step: \
         restore the rows, or leave the text out to match by id"
    )]
    TextContradicts {
        /// The id of the row's document.
        id: String,
        /// The beginning of the row's text.
        start: String,
        /// Words that say which document has the text, or that none has.
        owner: String,
    },
}

/// Returns the names in quotes, separated by commas, with `word` between the last two.
fn quoted(names: &[String], word: &str) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    match quoted.split_last() {
        None => "nothing".to_owned(),
        Some((last, [])) => last.clone(),
        Some((last, before)) => format!("{} {word} {last}", before.join(", ")),
    }
}

/// Returns words that suggest a similar name; empty if there is none.
fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map(|nearest| format!(" (did you mean \"{nearest}\"?)")).unwrap_or_default()
}

/// Returns words that list the names of the fields.
fn fields_are(known: &[String]) -> String {
    if known.is_empty() {
        "; the rows have no fields".to_owned()
    } else {
        format!("; the fields are {}", quoted(known, "and"))
    }
}

/// Returns words that list the questions that have answers.
fn there_are(known: &[String]) -> String {
    if known.is_empty() {
        "; the answers name no controls".to_owned()
    } else {
        format!("; the answers are to {}", quoted(known, "and"))
    }
}
