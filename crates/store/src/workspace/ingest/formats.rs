//! Recognizes the format of each file that an ingest reads. An archive may contain files of several
//! formats, and also texts such as a readme, which have no answers.

use crate::format::answers::{self, AnswerFormat};
use crate::format::records::{PassedOver, Record, Shape};
use crate::format::row::Row;

/// The formats that were recognized in a file or an archive so far.
pub(super) struct Formats {
    /// The format that the user named, if any.
    named: Option<&'static dyn AnswerFormat>,
    /// The format of the record that was read last, or the named format.
    last: Option<&'static dyn AnswerFormat>,
    /// The name of the current file within the archive, if any.
    member: Option<String>,
    /// Each recognized format, in the order of its first record.
    found: Vec<&'static dyn AnswerFormat>,
    /// The texts in the archive. They contain no answers and are skipped.
    pub(super) passed_over: Vec<PassedOver>,
}

impl Formats {
    /// Returns the state at the start of a file. `named` is the format that the user named, if any.
    pub(super) fn of(named: Option<&'static dyn AnswerFormat>) -> Self {
        Self { named, last: named, member: None, found: Vec::new(), passed_over: Vec::new() }
    }

    /// Whether a record is a text in an archive, such as a readme. Such a record has no answers;
    /// its file is added to `passed_over`.
    pub(super) fn is_no_answer(&mut self, record: &Record<'_>, file: &str) -> bool {
        let is_text = record.shape == Shape::Text && record.member.is_some();
        if is_text {
            self.passed_over
                .push(PassedOver { file: record.file_name(file), why: "a text, which has no answers" });
        }
        is_text
    }

    /// Whether `member`, a file of the archive, differs from the file of the record before. If so,
    /// the format of the new file is recognized from its first record.
    pub(super) fn is_elsewhere(&mut self, member: Option<&str>) -> bool {
        if self.member.as_deref() == member {
            return false;
        }
        self.member = member.map(str::to_owned);
        self.last = self.named;
        true
    }

    /// Returns the format of the current file, which its first record decides. `record` is the
    /// current record; `None` if its columns are those of a crowdsourcing platform.
    pub(super) fn format(&mut self, record: Option<&Row<'_>>, is_cells: bool) -> &'static dyn AnswerFormat {
        let format = *self.last.get_or_insert_with(|| match record {
            Some(record) => answers::recognised(record, is_cells),
            None => answers::of_platforms(is_cells),
        });
        if !self.has(format.name()) {
            self.found.push(format);
        }
        format
    }

    /// Returns the format of the record that was read last, if it is known.
    pub(super) fn last(&self) -> Option<&'static dyn AnswerFormat> {
        self.last
    }

    /// Whether any record so far had the format with this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.found.iter().any(|format| format.name() == name)
    }

    /// Returns the descriptions of the recognized formats except Querist's own; `None` if there are
    /// none.
    pub(super) fn described(&self) -> Option<String> {
        let foreign = self.found.iter().filter(|format| format.name() != "jsonl");
        let words: Vec<&str> = foreign.map(|format| format.description()).collect();
        (!words.is_empty()).then(|| words.join(" and "))
    }
}
