//! Which columns of a file of answers hold the item, the annotator and the label.
//!
//! Columns are found by what the user says, by the platform whose header it is (`platform`), or by
//! the names that the field has for them: task, worker, label and the older performer are
//! crowd-kit's, annotator is cleanlab's. Case does not matter. Where a platform's header leaves
//! several candidates, nothing is guessed: the error lists them and has the option that chooses.

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

/// What the item may be called.
pub(super) const ITEM: [&str; 3] = ["item", "task", "id"];
/// What the annotator may be called.
pub(super) const ANNOTATOR: [&str; 3] = ["annotator", "worker", "performer"];
/// What the label may be called.
pub(super) const LABEL: [&str; 1] = ["label"];
/// What a true label may be called.
pub(super) const TRUTH: [&str; 3] = ["label", "truth", "true_label"];

/// The columns that answers of annotation tools have, as those spell them.
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

/// Columns that the user named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AnswerColumns {
    /// Holds the item, or the document's id.
    pub item: Option<String>,
    /// Holds the annotator.
    pub annotator: Option<String>,
    /// Holds the label.
    pub label: Option<String>,
}

impl AnswerColumns {
    /// Opens a file of answers to documents. Names that the formats of answers know have their
    /// case.
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

    /// A problem with a field, said of the field that the user named for it.
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

/// What a file is read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Answers to items.
    Answers,
    /// True labels of items.
    Gold,
    /// Answers to documents of a workspace.
    Documents,
}

/// Where things are in a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Roles {
    /// What the file is read for.
    purpose: Purpose,
    /// The item.
    pub(super) item: usize,
    /// Whether the item's column holds the document's text, not an id.
    pub(super) is_text: bool,
    /// The document's text, in a platform's file.
    pub(super) text: Option<usize>,
    /// The annotator; `None` for true labels.
    pub(super) annotator: Option<usize>,
    /// The label.
    pub(super) label: LabelPlace,
    /// What marks skips, in a file that is no platform's.
    pub(super) skip: Option<usize>,
    /// When answers were given.
    clock: Clock,
    /// What tells that a row does not count, or that its item has a known truth.
    pub(super) telling: Telling,
    /// Who made the file, if its header says so.
    pub(super) platform: Option<Platform>,
}

impl Roles {
    /// What to say of a platform's file: who made it, and what is taken for what. `None` for any
    /// other file.
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

/// What to say of answers that do not count, and of answers to test questions.
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

/// Finds the columns.
///
/// # Errors
/// A named column that is not there, a column that is missing, or several candidates for one.
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

/// Finds the label; `asked` is what the user named for it.
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

/// The names of a header.
struct Header<'a> {
    names: &'a [&'a str],
    /// Without white space around them, and in lower case.
    folded: Vec<String>,
}

impl<'a> Header<'a> {
    fn of(names: &'a [&'a str]) -> Self {
        Self { names, folded: names.iter().map(|name| name.trim().to_lowercase()).collect() }
    }

    /// The column of that name, in lower case.
    fn at(&self, name: &str) -> Option<usize> {
        self.folded.iter().position(|folded| folded == name)
    }

    /// The column that the user named. A file of true labels may have names of its own.
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

    /// The column that a user calls so.
    fn column(&self, name: &str) -> Option<usize> {
        let exact = self.names.iter().position(|known| *known == name);
        exact.or_else(|| self.at(&name.trim().to_lowercase()))
    }

    fn no_such(&self, name: &str, option: FieldOption) -> CrowdProblem {
        CrowdProblem::NoSuchColumn { option, name: name.to_owned(), known: self.names.join(", ") }
    }

    /// The one column that has one of these names.
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

    /// The columns whose names begin so, in lower case.
    fn with_prefix(&self, prefix: &str) -> Vec<usize> {
        (0..self.folded.len()).filter(|at| self.folded[*at].starts_with(prefix)).collect()
    }

    /// The only candidate, or the one that is plainly called by one of these names behind the
    /// prefix.
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
