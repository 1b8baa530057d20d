//! Finds the label in a row. It may be in a column of its own, or in a cell with all answers to a
//! form. Or it is spread over several columns, one for each option of a question.
//!
//! The last kind comes from Mechanical Turk, which writes a column of booleans for each radio
//! button and box of a form. The options of the question `category` are the columns
//! `Answer.category.spam` and `Answer.category.ham`. Boxes without a value, for which browsers send
//! `on`, are `Answer.spam.on` and `Answer.ham.on`. The true option is the label. If none is true,
//! there is no answer; if two are, that is an error. The header shows which columns belong to one
//! question.

use std::borrow::Cow;

use super::super::answers::{Control, Remarks, is_task_answers, read_task_answers};
use super::super::cells::Cells;
use super::Header;
use crate::error::{AnswerProblem, CrowdProblem, FieldOption, InputProblem};

/// The prefix of the names of all columns with answers to a form, in lower case.
const PREFIX: &str = "answer.";
/// The value that browsers send for a box without a value of its own.
const UNNAMED: &str = "on";
/// The last parts of the names of a classifier's columns, in lower case. Such a column contains the
/// label itself.
const CLASSIFIER: [&str; 2] = ["label", "labels"];
/// The largest number of options that a message names.
const EXAMPLES: usize = 4;

/// The columns of a file that contain the label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::format) enum LabelPlace {
    /// This column contains the label.
    Column(usize),
    /// This column contains all answers to a form.
    Form(usize),
    /// The columns of a question's options contain booleans.
    Options(Options),
}

/// A question with one column for each option.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::format) struct Options {
    /// The name with which a user chooses the question, such as `Answer.category`.
    question: String,
    /// The name and the column of each option.
    columns: Vec<(String, usize)>,
}

/// The label of one row.
#[derive(Debug, Default)]
pub(in crate::format) struct Labelled<'a> {
    /// The label; `None` if nothing is chosen.
    pub(in crate::format) label: Option<Cow<'a, str>>,
    /// The remarks that the annotator wrote in the same cell.
    pub(in crate::format) remarks: Remarks,
    /// The names of the controls in the same cell that are not read.
    pub(in crate::format) passed_over: Vec<String>,
}

impl LabelPlace {
    /// Finds the columns with the label in a file of Mechanical Turk. `named` is the column or the
    /// question that the user named, if any.
    ///
    /// # Errors
    /// No column or question has the name `named`, or several columns may contain the label.
    pub(super) fn of_mechanical_turk(
        header: &Header<'_>,
        named: Option<&str>,
        option: FieldOption,
    ) -> Result<Self, CrowdProblem> {
        let column = |at: usize| {
            if is_task_answers(header.names[at]) { Self::Form(at) } else { Self::Column(at) }
        };
        if let Some(name) = named {
            let column = header.column(name).map(column);
            let place = column.or_else(|| Options::named(header, name).map(Self::Options));
            return place.ok_or_else(|| header.no_such(name, option));
        }
        let questions = Options::of(header);
        let answers = header.with_prefix(PREFIX);
        let lone = answers.iter().filter(|at| !questions.iter().any(|question| question.has(**at)));
        let lone: Vec<usize> = lone.copied().collect();
        let what = "the label";
        let plain = format!("{PREFIX}label");
        if questions.is_empty() || header.at(&plain).is_some() {
            return header.only(&lone, what, &[plain], option).map(column);
        }
        let plain = questions.iter().position(|question| question.question.to_lowercase() == plain);
        match (plain, &questions[..], &lone[..]) {
            (Some(at), ..) => Ok(Self::Options(questions[at].clone())),
            (None, [only], []) => Ok(Self::Options(only.clone())),
            _ => {
                let lone = lone.iter().map(|at| header.names[*at].to_owned());
                let found: Vec<String> = questions.iter().map(Options::described).chain(lone).collect();
                Err(CrowdProblem::WhichColumn { what, found: found.join(", "), option })
            }
        }
    }

    /// Returns the column that contains the label itself; `None` if there is no such column.
    pub(in crate::format) fn column(&self) -> Option<usize> {
        match self {
            Self::Column(at) => Some(*at),
            Self::Form(_) | Self::Options(_) => None,
        }
    }

    /// Returns words for the column or columns that hold the label, for messages. `names` has the
    /// names of all columns.
    pub(super) fn described(&self, names: &[&str]) -> String {
        match self {
            Self::Column(at) | Self::Form(at) => format!("{:?}", names[*at]),
            Self::Options(options) => format!("the columns of {}", options.described()),
        }
    }

    /// Returns the label of a row.
    ///
    /// # Errors
    /// The cell contains neither a label nor a form, or several options are chosen.
    pub(in crate::format) fn read<'a>(
        &'a self,
        cells: &'a impl Cells,
        control: &mut Control,
    ) -> Result<Labelled<'a>, InputProblem> {
        let of = |label| Labelled { label, ..Labelled::default() };
        match self {
            Self::Column(at) => Ok(of(match cells.text(*at)? {
                // A blank cell means that there is no label.
                None => None,
                Some(_) => cells.label(*at)?,
            })),
            Self::Form(at) => {
                let Some(cell) = cells.text(*at)? else { return Ok(Labelled::default()) };
                let chosen = read_task_answers(&cell, control)?;
                let passed_over = chosen.passed_over.into_iter().collect();
                Ok(Labelled { label: chosen.label.map(Cow::Owned), remarks: chosen.remarks, passed_over })
            }
            Self::Options(options) => Ok(of(options.chosen(cells)?.map(Cow::Borrowed))),
        }
    }
}

/// The name of a control, one of its options, and the option's column.
type Part<'a> = (&'a str, &'a str, usize);

impl Options {
    /// Returns the questions that have one column for each option.
    fn of(header: &Header<'_>) -> Vec<Self> {
        let parts: Vec<Part<'_>> = header
            .with_prefix(PREFIX)
            .into_iter()
            .filter_map(|at| {
                // An option may contain a dot, but the name of a control rarely does, so the first
                // dot separates them.
                let (name, option) = header.names[at].trim().get(PREFIX.len()..)?.split_once('.')?;
                let is_option = !option.is_empty() && !CLASSIFIER.contains(&option.to_lowercase().as_str());
                is_option.then_some((name, option, at))
            })
            .collect();
        // If several columns have the same name before the dot, they are the options of one
        // question. A column whose name is unique may be a box.
        let alike = |name: &str| parts.iter().filter(|(other, ..)| other.eq_ignore_ascii_case(name)).count();
        let (of_questions, boxes): (Vec<Part<'_>>, Vec<Part<'_>>) =
            parts.iter().partition(|(name, ..)| alike(name) > 1);
        let mut questions: Vec<Self> = Vec::new();
        for (name, option, at) in of_questions {
            let start = header.names[at].trim().get(..PREFIX.len()).unwrap_or_default();
            let question = format!("{start}{name}");
            let column = (option.to_owned(), at);
            match questions.iter_mut().find(|known| known.question.eq_ignore_ascii_case(&question)) {
                Some(known) => known.columns.push(column),
                None => questions.push(Self { question, columns: vec![column] }),
            }
        }
        let boxes = boxes.into_iter().filter(|(_, value, _)| value.eq_ignore_ascii_case(UNNAMED));
        let columns: Vec<(String, usize)> = boxes.map(|(name, _, at)| (name.to_owned(), at)).collect();
        if columns.len() > 1 {
            questions.push(Self { question: format!("Answer.*.{UNNAMED}"), columns });
        }
        questions
    }

    /// Returns the question that the user named, even if it has only one option; `None` if the
    /// header has no such question.
    fn named(header: &Header<'_>, name: &str) -> Option<Self> {
        let name = name.trim();
        if let Some(question) =
            Self::of(header).into_iter().find(|known| known.question.eq_ignore_ascii_case(name))
        {
            return Some(question);
        }
        let start = format!("{}.", name.to_lowercase());
        let option = |at: usize| Some((header.names[at].trim().get(start.len()..)?.to_owned(), at));
        let columns: Vec<(String, usize)> = header
            .with_prefix(&start)
            .into_iter()
            .filter_map(option)
            .filter(|(option, _)| !option.is_empty())
            .collect();
        (start.starts_with(PREFIX) && !columns.is_empty())
            .then(|| Self { question: name.to_owned(), columns })
    }

    /// Whether the column at this position belongs to an option of the question.
    fn has(&self, column: usize) -> bool {
        self.columns.iter().any(|(_, at)| *at == column)
    }

    /// Returns the question's name and some of its options, for messages.
    fn described(&self) -> String {
        let options: Vec<&str> =
            self.columns.iter().take(EXAMPLES).map(|(option, _)| option.as_str()).collect();
        let more = if self.columns.len() > EXAMPLES { ", …" } else { "" };
        format!("{} ({}{more})", self.question, options.join(", "))
    }

    /// Returns the option that a row chooses; `None` if it chooses none. Fails if it chooses
    /// several.
    fn chosen(&self, cells: &impl Cells) -> Result<Option<&str>, InputProblem> {
        let mut chosen = Vec::new();
        for (option, at) in &self.columns {
            let Some(word) = cells.text(*at)? else { continue };
            let word = word.trim();
            if word.eq_ignore_ascii_case("true") {
                chosen.push(option.as_str());
            } else if !word.eq_ignore_ascii_case("false") {
                let (column, found) = (cells.name(*at).to_owned(), word.to_owned());
                return Err(
                    AnswerProblem::NotATruth { column, found, question: self.question.clone() }.into()
                );
            }
        }
        if chosen.len() > 1 {
            let chosen = chosen.into_iter().map(str::to_owned).collect();
            return Err(AnswerProblem::SeveralOptions { question: self.question.clone(), chosen }.into());
        }
        Ok(chosen.first().copied())
    }
}
