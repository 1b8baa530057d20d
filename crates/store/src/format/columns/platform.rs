//! Recognizes crowdsourcing platforms by the headers of their result files.
//!
//! | platform | recognized by | annotator | label |
//! |---|---|---|---|
//! | Mechanical Turk | `HITId`, `WorkerId` | `WorkerId` | `Answer.*` (see `label`) |
//! | Toloka | `ASSIGNMENT:worker_id`, `OUTPUT:*` | `ASSIGNMENT:worker_id` | `OUTPUT:*` |
//! | Appen, Figure Eight | `_unit_id`, `_worker_id` | `_worker_id` | the column `x` with `x_gold` |
//! | truth inference | `question`, `worker`, `answer` | `worker` | `answer` |
//!
//! Refused answers do not count; answers to the platform's test questions do ([`Telling`]).

use super::label::LabelPlace;
use super::{Header, Purpose};
use crate::error::{CrowdProblem, FieldOption};

/// The platform that made a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::format) enum Platform {
    /// Amazon Mechanical Turk, results of a batch.
    MechanicalTurk,
    /// Toloka, assignments of a pool.
    Toloka,
    /// Appen (earlier Figure Eight and `CrowdFlower`), a full report.
    Appen,
    /// The data sets of "Truth Inference in Crowdsourcing: Is the Problem Solved?".
    TruthInference,
}

/// The columns that say whether a row's answer counts. An answer does not count if the platform
/// marks its assignment as rejected or tainted. An answer to a test question counts like any other.
/// A file with test questions can also be read as a file of true labels.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::format) struct Telling {
    /// The column with the state of the assignment, and the state in which answers do not count.
    pub(in crate::format) refused: Option<(usize, &'static str)>,
    /// The column that is filled, and not "false", if the item is a test question.
    pub(in crate::format) golden: Option<usize>,
    /// Whether rows without a true label are allowed, because only the test questions have true
    /// labels.
    pub(in crate::format) some_gold: bool,
}

/// The names of input columns that often contain the user's own ids.
const IDS: [&str; 8] = ["querist_id", "id", "item", "item_id", "task", "task_id", "document_id", "doc_id"];

impl Platform {
    /// Returns the platform that made a file with this header, if one did.
    pub(super) fn of(header: &Header<'_>, purpose: Purpose) -> Option<Self> {
        let has = |names: &[&str]| names.iter().all(|name| header.at(name).is_some());
        let gold = purpose == Purpose::Gold;
        if has(&["hitid", "workerid"]) && !gold {
            Some(Self::MechanicalTurk)
        } else if has(&["assignment:worker_id"]) && !header.with_prefix("output:").is_empty() {
            Some(Self::Toloka)
        } else if has(&["_unit_id", "_worker_id"]) {
            Some(Self::Appen)
        } else if has(&["question", "worker", "answer"]) || (gold && has(&["question", "truth"])) {
            Some(Self::TruthInference)
        } else {
            None
        }
    }

    /// Returns the description of the platform's files for messages.
    pub(in crate::format) fn description(self) -> &'static str {
        match self {
            Self::MechanicalTurk => "results of Mechanical Turk",
            Self::Toloka => "assignments of Toloka",
            Self::Appen => "a full report of Appen",
            Self::TruthInference => "a table of truth inference",
        }
    }

    /// Returns the column of the item, and whether this column contains the document's text instead
    /// of an id.
    ///
    /// An id of the user among the inputs, such as `Input.id` or `INPUT:id`, takes precedence.
    /// Otherwise the item is in `HITId`, `ASSIGNMENT:task_id`, `_unit_id` or `question`, or in
    /// Toloka's only input. Documents of a workspace are found only by an id of the user or by
    /// their text.
    pub(super) fn item(self, header: &Header<'_>, purpose: Purpose) -> Result<(usize, bool), CrowdProblem> {
        let (prefix, own): (_, &[&str]) = match self {
            Self::MechanicalTurk => ("input.", &["hitid"]),
            Self::Toloka => ("input:", &["assignment:task_id"]),
            Self::Appen => ("", &["_unit_id"]),
            Self::TruthInference => ("question", &["question"]),
        };
        let given = IDS.iter().find_map(|id| header.at(&format!("{prefix}{id}")));
        let own = own.iter().find_map(|name| header.at(name));
        let option = FieldOption::Item;
        match (self, purpose) {
            (Self::TruthInference, _) | (Self::Appen, Purpose::Answers | Purpose::Gold) => {
                let known = "_unit_id".to_owned();
                own.ok_or(CrowdProblem::MissingColumn { what: "the item", known, option })
                    .map(|at| (at, false))
            }
            (_, Purpose::Answers | Purpose::Gold) if given.or(own).is_some() => {
                Ok((given.or(own).unwrap_or_default(), false))
            }
            (_, _) if given.is_some() => Ok((given.unwrap_or_default(), false)),
            _ => {
                let candidates = if prefix.is_empty() { Vec::new() } else { header.with_prefix(prefix) };
                let plain = [format!("{prefix}text")];
                let what = "the document";
                let found = header.only(&candidates, what, &plain, option)?;
                Ok((found, purpose == Purpose::Documents))
            }
        }
    }

    /// Returns the column of the document's text, if the file has one.
    pub(super) fn text(self, header: &Header<'_>) -> Option<usize> {
        match self {
            Self::MechanicalTurk => header.at("input.text"),
            Self::Toloka => header.at("input:text"),
            Self::Appen => header.at("text"),
            Self::TruthInference => None,
        }
    }

    /// Returns the column of the annotator.
    pub(super) fn annotator(self, header: &Header<'_>) -> Result<usize, CrowdProblem> {
        let name = match self {
            Self::MechanicalTurk => "workerid",
            Self::Toloka => "assignment:worker_id",
            Self::Appen => "_worker_id",
            Self::TruthInference => "worker",
        };
        header.needed("the annotator", &[name], FieldOption::Annotator)
    }

    /// Returns the columns of the label or, for gold, of the true label. `asked` is the column that
    /// the user named for the label, if any.
    pub(super) fn label(
        self,
        header: &Header<'_>,
        asked: Option<&str>,
        purpose: Purpose,
    ) -> Result<LabelPlace, CrowdProblem> {
        let (what, option) = ("the label", FieldOption::Answer);
        let answer = || {
            let column = match self {
                Self::MechanicalTurk => return LabelPlace::of_mechanical_turk(header, asked, option),
                Self::Toloka => {
                    header.only(&header.with_prefix("output:"), what, &["output:label".to_owned()], option)
                }
                Self::Appen => header.only(&appen_answers(header), what, &["label".to_owned()], option),
                Self::TruthInference if purpose == Purpose::Gold => header.needed(what, &["truth"], option),
                Self::TruthInference => header.needed(what, &["answer"], option),
            };
            column.map(LabelPlace::Column)
        };
        let named = match self {
            // The user may have named a question. Then there is no column of this name, but a
            // column for each option.
            Self::MechanicalTurk => None,
            _ => header.named(asked, option, purpose)?,
        };
        let label = named.map(LabelPlace::Column).map_or_else(answer, Ok)?;
        if purpose != Purpose::Gold || self == Self::TruthInference {
            return Ok(label);
        }
        let LabelPlace::Column(label) = label else { return Ok(label) };
        let truth = self.truth(header, label).map(LabelPlace::Column);
        truth.ok_or_else(|| CrowdProblem::NoTruth { label: header.names[label].to_owned() })
    }

    /// Returns the column with the true labels that belong to the column `label`, if there is one.
    fn truth(self, header: &Header<'_>, label: usize) -> Option<usize> {
        let label = &header.folded[label];
        match self {
            Self::Toloka => header.at(&format!("golden:{}", label.trim_start_matches("output:"))),
            Self::Appen => header.at(&format!("{label}_gold")),
            Self::MechanicalTurk | Self::TruthInference => None,
        }
    }

    /// Returns the columns that say whether an answer counts and whether its item is a test
    /// question.
    pub(super) fn telling(self, header: &Header<'_>, label: Option<usize>, purpose: Purpose) -> Telling {
        let refused = match self {
            Self::MechanicalTurk => Some(("assignmentstatus", "rejected")),
            Self::Toloka => Some(("assignment:status", "rejected")),
            Self::Appen => Some(("_tainted", "true")),
            Self::TruthInference => None,
        };
        let refused = refused.and_then(|(name, state)| Some((header.at(name)?, state)));
        let some_gold = purpose == Purpose::Gold && matches!(self, Self::Toloka | Self::Appen);
        let golden = match self {
            Self::Appen => header.at("_golden"),
            _ => label.and_then(|label| self.truth(header, label)),
        };
        // The true label of an item does not depend on the answer, so refused rows count when true
        // labels are read.
        let refused = refused.filter(|_| !some_gold);
        Telling { refused, golden: golden.filter(|_| !some_gold), some_gold }
    }
}

impl Telling {
    /// Whether the row's answer does not count. `cell` returns the bytes of the row's cell in a
    /// column.
    pub(in crate::format) fn refuses<'a>(&self, cell: impl Fn(usize) -> &'a [u8]) -> bool {
        self.refused.is_some_and(|(at, state)| cell(at).trim_ascii().eq_ignore_ascii_case(state.as_bytes()))
    }

    /// Whether the row's item is a test question. `cell` returns the bytes of the row's cell in a
    /// column.
    pub(in crate::format) fn is_golden<'a>(&self, cell: impl Fn(usize) -> &'a [u8]) -> bool {
        self.golden.is_some_and(|at| {
            let cell = cell(at).trim_ascii();
            !cell.is_empty() && !cell.eq_ignore_ascii_case(b"false")
        })
    }
}

/// Returns the columns with answers in a file of Appen: for each, there is a column with the same
/// name and the suffix `_gold`.
fn appen_answers(header: &Header<'_>) -> Vec<usize> {
    let answers = |at: &usize| {
        let name = &header.folded[*at];
        !name.starts_with('_') && header.at(&format!("{name}_gold")).is_some()
    };
    (0..header.folded.len()).filter(answers).collect()
}
