//! Finds the columns of a file of answers that hold the item, the annotator and the label.
//!
//! A column is found by the user's option, by the platform whose header it is (`platform`), or by
//! its usual names: task, worker, label and the older performer are crowd-kit's, annotator is
//! cleanlab's. Case does not matter. If a platform's header leaves several candidates, nothing is
//! guessed: the error lists them and names the option that chooses.

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

/// The usual names of the item's column.
pub(super) const ITEM: [&str; 3] = ["item", "task", "id"];
/// The usual names of the annotator's column.
pub(super) const ANNOTATOR: [&str; 3] = ["annotator", "worker", "performer"];
/// The usual names of the label's column.
pub(super) const LABEL: [&str; 1] = ["label"];
/// The usual names of the true label's column.
pub(super) const TRUTH: [&str; 3] = ["label", "truth", "true_label"];

/// The columns of annotation tools' answers, as the tools spell them.
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

/// The columns that the user named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AnswerColumns {
    /// The column of the item, or of the document's id.
    pub item: Option<String>,
    /// The column of the annotator.
    pub annotator: Option<String>,
    /// The column of the label.
    pub label: Option<String>,
}

impl AnswerColumns {
    /// Opens a file of answers to documents. Passes on the field names that the answer formats
    /// know, because the formats are case-sensitive.
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

    /// Rewrites a problem with a field, so that it names the column that the user chose for the
    /// field.
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
    /// Answers about documents of a workspace.
    Documents,
}

/// The columns of a header, by what they hold. A column is given as its position, from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Roles {
    /// What the file is read for.
    purpose: Purpose,
    /// The column of the item.
    pub(super) item: usize,
    /// Whether the item's column holds the document's text, not an id.
    pub(super) is_text: bool,
    /// The column of the document's text, in a platform's file.
    pub(super) text: Option<usize>,
    /// The column of the annotator; `None` in a file of true labels.
    pub(super) annotator: Option<usize>,
    /// Where the label is.
    pub(super) label: LabelPlace,
    /// The column that marks skips, in a file from no platform.
    pub(super) skip: Option<usize>,
    /// The columns with the times of answers.
    clock: Clock,
    /// The columns that tell that a row does not count, or that its item has a known true label.
    pub(super) telling: Telling,
    /// The platform that made the file, if the header shows one.
    pub(super) platform: Option<Platform>,
}

impl Roles {
    /// The remark on a platform's file: which platform made it, and which columns are used. `None`
    /// for any other file.
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

/// The remarks on answers that do not count, and on answers to test questions.
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

/// Finds the columns of a header.
///
/// # Errors
/// The user named a column that does not exist, a column is missing, or several columns could be
/// meant.
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

/// Finds the label; `asked` is the column that the user named for it.
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

/// The column names of a file.
struct Header<'a> {
    names: &'a [&'a str],
    /// The names in lower case, without surrounding white space.
    folded: Vec<String>,
}

impl<'a> Header<'a> {
    fn of(names: &'a [&'a str]) -> Self {
        Self { names, folded: names.iter().map(|name| name.trim().to_lowercase()).collect() }
    }

    /// The column with this name, which must be in lower case.
    fn at(&self, name: &str) -> Option<usize> {
        self.folded.iter().position(|folded| folded == name)
    }

    /// The column that the user named. A file of true labels may have other names, so there it may
    /// be missing.
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

    /// The column with this name: an exact match, otherwise one that ignores case and surrounding
    /// white space.
    fn column(&self, name: &str) -> Option<usize> {
        let exact = self.names.iter().position(|known| *known == name);
        exact.or_else(|| self.at(&name.trim().to_lowercase()))
    }

    fn no_such(&self, name: &str, option: FieldOption) -> CrowdProblem {
        CrowdProblem::NoSuchColumn { option, name: name.to_owned(), known: self.names.join(", ") }
    }

    /// The only column that has one of these names.
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

    /// The columns whose names begin with `prefix`, which must be in lower case.
    fn with_prefix(&self, prefix: &str) -> Vec<usize> {
        (0..self.folded.len()).filter(|at| self.folded[*at].starts_with(prefix)).collect()
    }

    /// The only candidate, otherwise the first column that has one of the names `plain`.
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
