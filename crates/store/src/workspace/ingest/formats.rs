//! Recognizes the formats of an ingest's files. An archive may hold files of several formats, and
//! texts that are no answers.

use crate::format::answers::{self, AnswerFormat};
use crate::format::records::{PassedOver, Record, Shape};
use crate::format::row::Row;

/// What has been recognized of a file so far.
pub(super) struct Formats {
    /// The format that the user named, if any.
    named: Option<&'static dyn AnswerFormat>,
    /// The format of the record that was read last.
    last: Option<&'static dyn AnswerFormat>,
    /// The name of the current file within the archive.
    member: Option<String>,
    /// Each recognized format once, in order of appearance.
    found: Vec<&'static dyn AnswerFormat>,
    /// Texts in an archive, which are skipped.
    pub(super) passed_over: Vec<PassedOver>,
}

impl Formats {
    /// Starts a file; `named` is the format that the user named, if any.
    pub(super) fn of(named: Option<&'static dyn AnswerFormat>) -> Self {
        Self { named, last: named, member: None, found: Vec::new(), passed_over: Vec::new() }
    }

    /// Whether a record is a text beside files of answers, such as a readme. Such a text is
    /// skipped, and listed in `passed_over`.
    pub(super) fn is_no_answer(&mut self, record: &Record<'_>, file: &str) -> bool {
        let is_text = record.shape == Shape::Text && record.member.is_some();
        if is_text {
            self.passed_over
                .push(PassedOver { file: record.file_name(file), why: "a text, which has no answers" });
        }
        is_text
    }

    /// Whether the next record is in another file of the archive, which may have another format.
    pub(super) fn is_elsewhere(&mut self, member: Option<&str>) -> bool {
        if self.member.as_deref() == member {
            return false;
        }
        self.member = member.map(str::to_owned);
        self.last = self.named;
        true
    }

    /// The format of the current file, recognized by its first record. `None` for `record` means a
    /// platform's file, which no tool wrote.
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

    /// The format of the record that was read last, if it is known.
    pub(super) fn last(&self) -> Option<&'static dyn AnswerFormat> {
        self.last
    }

    /// Whether any record had the format with this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.found.iter().any(|format| format.name() == name)
    }

    /// The formats other than Querist's own, in words; `None` if there are none.
    pub(super) fn described(&self) -> Option<String> {
        let foreign = self.found.iter().filter(|format| format.name() != "jsonl");
        let words: Vec<&str> = foreign.map(|format| format.description()).collect();
        (!words.is_empty()).then(|| words.join(" and "))
    }
}
