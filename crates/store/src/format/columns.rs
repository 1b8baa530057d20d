//! Finds the columns of a file of answers that contain the item, the annotator and the label. An
//! item is the thing that was labelled, usually a text. A column is found in one of three ways:
//!
//! - The user names it by an option.
//! - A crowdsourcing platform writes this header (`platform`). If several columns of the
//!   platform could be meant, the error lists them and names the option that chooses one.
//! - It has a usual name, in upper or lower case. Files for Crowd-Kit use task, worker, performer
//!   and label; files for cleanlab use annotator.

mod clock;
mod given;
mod label;
mod platform;
mod to_documents;

use self::clock::Clock;
pub(super) use self::given::Outcome;
use self::label::LabelPlace;
use self::platform::{Platform, Telling};
pub use self::to_documents::{AnswersToDocuments, Fault};
use super::answers::SKIP;
use super::records::{self, Input, Opened, Reading};
use crate::error::{Choice, CrowdProblem, FieldOption, InputError, InputProblem, Told};
use crate::source::Encoding;

/// The usual names of the column with the item.
pub(super) const ITEM: [&str; 3] = ["item", "task", "id"];
/// The usual names of the column with the annotator.
pub(super) const ANNOTATOR: [&str; 3] = ["annotator", "worker", "performer"];
/// The usual names of the column with the label.
pub(super) const LABEL: [&str; 1] = ["label"];
/// The usual names of the column with the true label.
pub(super) const TRUTH: [&str; 3] = ["label", "truth", "true_label"];

/// The names of columns in the exports of annotation tools, in the tools' upper and lower case.
const TOOLS: [&str; 23] = [
    "querist_id",
    "id",
    "task",
    "item",
    "text",
    "data",
    "annotator",
    "worker",
    "performer",
    "label",
    "skip",
    "rejects",
    "time",
    "seconds",
    "reason",
    "comment",
    "flag",
    "annotation_id",
    "created_at",
    "updated_at",
    "lead_time",
    "Comments",
    "meta",
];

/// The columns that the user named by options.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AnswerColumns {
    /// The name of the column with the item or the document's id.
    pub item: Option<String>,
    /// The name of the column with the annotator.
    pub annotator: Option<String>,
    /// The name of the column with the label.
    pub label: Option<String>,
}

impl AnswerColumns {
    /// Opens a file of answers to documents. The code for the formats needs exact column names. So
    /// if a column of a table has a needed name in other upper and lower case, it is renamed.
    /// Needed are the names that the user gave and the names of the tools (`TOOLS`).
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn open(
        &self,
        input: Input,
        encoding: Encoding,
        sheet: Option<String>,
    ) -> Result<Opened, InputError> {
        let named = [&self.item, &self.annotator, &self.label].into_iter().flatten().cloned();
        let fields = named.chain(TOOLS.map(str::to_owned)).collect();
        records::open_input(input, &Reading { layout: None, encoding, sheet, fields })
    }

    /// Rewords an error about the field `id`, `annotator` or `label`: if the user named a column
    /// for the field, the error then names that column.
    #[must_use]
    pub fn in_the_users_names(&self, problem: InputProblem) -> InputProblem {
        let named = |field: &str| match field {
            "id" => Some((self.item.as_ref()?, FieldOption::Item)),
            "annotator" => Some((self.annotator.as_ref()?, FieldOption::Annotator)),
            "label" => Some((self.label.as_ref()?, FieldOption::Answer)),
            _ => None,
        };
        match problem {
            InputProblem::MissingField { field, option } => match named(&field) {
                Some((field, option)) => {
                    InputProblem::MissingField { field: field.clone(), option: Some(option) }
                }
                None => InputProblem::MissingField { field, option },
            },
            InputProblem::WrongType { field, found, expected } => {
                let field = named(&field).map_or(field.clone(), |(name, _)| name.clone());
                InputProblem::WrongType { field, found, expected }
            }
            InputProblem::EmptyField { field, expected } => {
                let field = named(&field).map_or(field.clone(), |(name, _)| name.clone());
                InputProblem::EmptyField { field, expected }
            }
            other => other,
        }
    }
}

/// What the rows of a file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Answers to items.
    Answers,
    /// True labels of items.
    Gold,
    /// Answers to documents of a workspace.
    Documents,
}

/// The positions of a header's columns, from 0, by what the columns contain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Roles {
    /// What the rows of the file are.
    purpose: Purpose,
    /// The column with the item.
    pub(super) item: usize,
    /// Whether the item's column contains the document's text, not an id.
    pub(super) is_text: bool,
    /// The column with the document's text, if the file of a platform has a text and also an item.
    pub(super) text: Option<usize>,
    /// The column with the annotator; `None` in a file of true labels.
    pub(super) annotator: Option<usize>,
    /// The columns with the label.
    pub(super) label: LabelPlace,
    /// The column that marks skipped items. Files of platforms have none.
    pub(super) skip: Option<usize>,
    /// The columns with the times of the answers.
    clock: Clock,
    /// The columns that say whether an answer counts and whether its item is a test question.
    pub(super) telling: Telling,
    /// The platform that made the file, if it is known from the header.
    pub(super) platform: Option<Platform>,
}

impl Roles {
    /// Returns the remark that tells the user which platform made the file and which columns are
    /// used. Returns `None` if no platform made it. `names` are the names of the columns.
    pub(super) fn remark(&self, names: &[&str]) -> Option<Told> {
        let platform = self.platform?;
        let annotator =
            self.annotator.map(|at| format!(", the annotator in {:?}", names[at])).unwrap_or_default();
        let what = if self.is_text { "text" } else { "item" };
        let (item, label) = (names[self.item], self.label.described(names));
        let platform = platform.description();
        let text =
            format!("read as {platform}, with the {what} in {item:?}{annotator} and the label in {label}");
        Some(Told { text, choice: Some(Choice::Columns) })
    }
}

/// Returns remarks for the user on answers that do not count and on answers to test questions.
/// `refused` and `golden` are the numbers of these answers; for 0, there is no remark.
pub(super) fn counted(refused: u64, golden: u64) -> Vec<Told> {
    let mut remarks: Vec<Told> = Vec::new();
    if refused > 0 {
        remarks.push(
            format!(
                "{refused} answers are left out because the platform marks their assignments as rejected or \
             tainted"
            )
            .into(),
        );
    }
    if golden > 0 {
        remarks.push(
            format!("{golden} answers are to the platform's own test questions; they count like the others")
                .into(),
        );
    }
    remarks
}

/// Finds the columns of the item, the annotator, the label and so on. `names` are the names in the
/// header; `asked` has the names that the user gave.
///
/// # Errors
/// The user named a column that does not exist, a needed column is missing, or several columns
/// could be the needed one.
pub(super) fn resolve(
    names: &[&str],
    asked: &AnswerColumns,
    purpose: Purpose,
) -> Result<Roles, CrowdProblem> {
    let header = Header::of(names);
    let platform = Platform::of(&header, purpose);
    let named = |asked: &Option<String>, option| header.named(asked.as_deref(), option, purpose);
    let (item, is_text) = match (named(&asked.item, FieldOption::Item)?, platform) {
        (Some(item), _) => (item, false),
        (None, Some(platform)) => platform.item(&header, purpose)?,
        (None, None) => (header.needed("the item", &ITEM, FieldOption::Item)?, false),
    };
    let annotator = match (purpose, named(&asked.annotator, FieldOption::Annotator)?, platform) {
        (Purpose::Gold, ..) => None,
        (_, Some(annotator), _) => Some(annotator),
        (_, None, Some(platform)) => Some(platform.annotator(&header)?),
        (_, None, None) => Some(header.needed("the annotator", &ANNOTATOR, FieldOption::Annotator)?),
    };
    let label = label(&header, asked.label.as_deref(), platform, purpose)?;
    let telling =
        platform.map(|platform| platform.telling(&header, label.column(), purpose)).unwrap_or_default();
    let text = platform.and_then(|platform| platform.text(&header));
    let clock = platform.map(|platform| Clock::of(platform, &header)).unwrap_or_default();
    let skip = (platform.is_none() && purpose == Purpose::Answers).then(|| header.at(SKIP)).flatten();
    Ok(Roles { purpose, item, is_text, text, annotator, label, skip, clock, telling, platform })
}

/// Finds the column or columns with the label. `asked` is the column that the user named for the
/// label, if any.
fn label(
    header: &Header<'_>,
    asked: Option<&str>,
    platform: Option<Platform>,
    purpose: Purpose,
) -> Result<LabelPlace, CrowdProblem> {
    if let Some(platform) = platform {
        return platform.label(header, asked, purpose);
    }
    let option = FieldOption::Answer;
    let known: &[&str] = if purpose == Purpose::Gold { &TRUTH } else { &LABEL };
    let named = header.named(asked, option, purpose)?;
    named.map_or_else(|| header.needed("the label", known, option), Ok).map(LabelPlace::Column)
}

/// The names of a file's columns.
struct Header<'a> {
    names: &'a [&'a str],
    /// The names in lower case, without white space at the ends.
    folded: Vec<String>,
}

impl<'a> Header<'a> {
    /// Returns the header with these names of columns.
    fn of(names: &'a [&'a str]) -> Self {
        Self { names, folded: names.iter().map(|name| name.trim().to_lowercase()).collect() }
    }

    /// Returns the position of the column with this name, which must be in lower case.
    fn at(&self, name: &str) -> Option<usize> {
        self.folded.iter().position(|folded| folded == name)
    }

    /// Returns the position of the column that the user named; `None` if the user named none. If
    /// the column does not exist, fails for a file of answers. For a file of true labels, returns
    /// `None`, because the user may have meant a column of the file of answers.
    fn named(
        &self,
        name: Option<&str>,
        option: FieldOption,
        purpose: Purpose,
    ) -> Result<Option<usize>, CrowdProblem> {
        let Some(name) = name else { return Ok(None) };
        match self.column(name) {
            None if purpose != Purpose::Gold => Err(self.no_such(name, option)),
            found => Ok(found),
        }
    }

    /// Returns the position of the column with this name. If there is none, ignores upper and lower
    /// case and white space at the ends.
    fn column(&self, name: &str) -> Option<usize> {
        let exact = self.names.iter().position(|known| *known == name);
        exact.or_else(|| self.at(&name.trim().to_lowercase()))
    }

    /// Returns the error that the column that the user named does not exist.
    fn no_such(&self, name: &str, option: FieldOption) -> CrowdProblem {
        CrowdProblem::NoSuchColumn { option, name: name.to_owned(), known: self.names.join(", ") }
    }

    /// Returns the position of the only column with one of the names in `known`. Fails if there is
    /// none, or more than one. `what` says, for the error, what the column is for.
    fn needed(&self, what: &'static str, known: &[&str], option: FieldOption) -> Result<usize, CrowdProblem> {
        let mut found = (0..self.folded.len()).filter(|at| known.contains(&self.folded[*at].as_str()));
        let first = found.next();
        let first =
            first.ok_or_else(|| CrowdProblem::MissingColumn { what, known: known.join(", "), option })?;
        if let Some(second) = found.next() {
            let (first, second) = (self.folded[first].clone(), self.folded[second].clone());
            return Err(CrowdProblem::TwoColumns { what, first, second, option });
        }
        Ok(first)
    }

    /// Returns the positions of the columns whose names begin with `prefix`, which must be in lower
    /// case.
    fn with_prefix(&self, prefix: &str) -> Vec<usize> {
        (0..self.folded.len()).filter(|at| self.folded[*at].starts_with(prefix)).collect()
    }

    /// Chooses a column. If there is exactly one candidate, returns its position. Otherwise,
    /// returns the position of the first of the names `plain` that the header has; fails if it has
    /// none of them. `what` and `option` describe the column in the error.
    fn only(
        &self,
        candidates: &[usize],
        what: &'static str,
        plain: &[String],
        option: FieldOption,
    ) -> Result<usize, CrowdProblem> {
        if let [only] = candidates {
            return Ok(*only);
        }
        if let Some(plain) = plain.iter().find_map(|name| self.at(name)) {
            return Ok(plain);
        }
        let names: Vec<&str> = candidates.iter().map(|at| self.names[*at]).collect();
        let found = if names.is_empty() { self.names.join(", ") } else { names.join(", ") };
        Err(CrowdProblem::WhichColumn { what, found, option })
    }
}

#[cfg(test)]
mod tests;
