//! Answers under the names that the formats of answers know: `id` or `text`, `annotator` and `label`, whatever the file calls them.
//!
//! Records of a file whose columns the user named, or whose header is a platform's, are written anew; all others pass as they
//! are. Of a platform's record the answer, its date and its duration are kept. Its assignments that were refused are passed over, and counted.

use std::collections::BTreeSet;

use serde_json::value::RawValue;

use super::super::answers::{PAGE, TASK_ANSWERS};
use super::super::records::{Layout, Opened, PassedOver, Record, RecordReader, Shape};
use super::super::row::{Row, json_string};
use super::clock::{Clock, Times};
use super::{ANNOTATOR, AnswerColumns, ITEM, Purpose, Telling, resolve};
use crate::error::{CrowdProblem, InputError, InputProblem, Place};

/// Reads a file of answers to documents, with the columns that the user named.
pub(super) fn of_answers(file: &str, opened: Opened, asked: &AnswerColumns) -> Opened {
    let Opened { reader, layout, guessed, told } = opened;
    let reader = Box::new(Renamed {
        file: file.to_owned(),
        inner: reader,
        layout,
        is_table: false,
        asked: asked.clone(),
        way: None,
        seen: BTreeSet::new(),
        is_named: false,
        platforms: BTreeSet::new(),
        rows: 0,
        refused: 0,
        golden: 0,
        odd_times: (0, None),
        member: None,
        bytes: Vec::new(),
        json: String::new(),
    });
    Opened { reader, layout, guessed, told }
}

/// How records come out.
enum Way {
    /// As they are.
    Plain,
    /// With the columns that the user named under the usual names.
    Named,
    /// As answers of a platform: the names of the columns, and what they are.
    Platform(Box<Platform>),
}

/// A platform's columns by name.
struct Platform {
    item: String,
    is_text: bool,
    /// The text beside an id.
    text: Option<String>,
    annotator: String,
    label: String,
    is_packed: bool,
    clock: Clock,
    telling: Telling,
    names: Vec<String>,
    remark: String,
}

impl Platform {
    /// An answer under the names that the table of answers knows.
    fn answer(&self, row: &Row<'_>, times: &Times) -> String {
        let value = |name: &str| row.value(name).map_or("null", |value| value.get());
        let what = if self.is_text { "text" } else { "id" };
        let holder = if self.is_packed { TASK_ANSWERS } else { "label" };
        let (item, annotator, label) = (value(&self.item), value(&self.annotator), value(&self.label));
        let mut json = format!("{{\"{what}\":{item},\"annotator\":{annotator},\"{holder}\":{label}");
        if let Some(given) = times.given {
            json += &format!(",\"time\":\"{given}\"");
        }
        if let Some(seconds) = times.seconds {
            json += &format!(",\"seconds\":{seconds}");
        }
        if let Some(text) = &self.text {
            json += &format!(",\"text\":{}", value(text));
        }
        if let Some(page) = &times.page {
            json += &format!(",\"{PAGE}\":{}", json_string(page));
        }
        json + "}"
    }
}

/// A cell as text, without white space around it.
fn text(value: Option<&RawValue>) -> String {
    let value = value.map_or("null", RawValue::get);
    let text = serde_json::from_str(value).unwrap_or_else(|_| value.replace("null", ""));
    text.trim().to_owned()
}

struct Renamed {
    file: String,
    inner: Box<dyn RecordReader>,
    layout: Layout,
    /// Whether the row is one of a table.
    is_table: bool,
    asked: AnswerColumns,
    way: Option<Way>,
    /// Which of the named fields some record had.
    seen: BTreeSet<&'static str>,
    /// Whether some record is of a file with the named fields.
    is_named: bool,
    /// What there is to say of platforms.
    platforms: BTreeSet<String>,
    rows: u64,
    refused: u64,
    golden: u64,
    /// How many rows have a time that is not understood, and the first of those.
    odd_times: (u64, Option<String>),
    member: Option<String>,
    bytes: Vec<u8>,
    json: String,
}

impl Renamed {
    /// The named fields, with their flags and the names that the formats know, the first of which they get.
    fn named(asked: &AnswerColumns) -> Vec<(&str, &'static str, Vec<&'static str>)> {
        let known = |first: &'static str, others: &[&'static str]| [&[first], others].concat();
        let fields = [
            (&asked.item, "--item-field", known("id", &["querist_id", ITEM[0], ITEM[1]])),
            (&asked.annotator, "--annotator-field", ANNOTATOR.to_vec()),
            (&asked.label, "--label-field", vec!["label"]),
        ];
        fields.into_iter().filter_map(|(name, flag, known)| Some((name.as_deref()?, flag, known))).collect()
    }

    /// How the records of this file come out, told by the first.
    fn way(&self, row: &Row<'_>) -> Result<Way, CrowdProblem> {
        let names: Vec<&str> = row.names().collect();
        let is_platform = super::Platform::of(
            &super::Header { names: &names, folded: names.iter().map(|name| name.to_lowercase()).collect() },
            Purpose::Documents,
        );
        if is_platform.is_some() {
            let roles = resolve(&names, &self.asked, Purpose::Documents)?;
            let name = |at: usize| names[at].to_owned();
            return Ok(Way::Platform(Box::new(Platform {
                item: name(roles.item),
                is_text: roles.is_text,
                text: roles.text.filter(|_| !roles.is_text).map(name),
                annotator: roles.annotator.map(name).unwrap_or_default(),
                label: name(roles.label),
                remark: roles.remark(&names).unwrap_or_default(),
                is_packed: roles.is_packed,
                clock: roles.clock,
                telling: roles.telling,
                names: names.iter().map(|name| (*name).to_owned()).collect(),
            })));
        }
        let named = Self::named(&self.asked);
        let missing = |(name, _, _): &&(&str, _, _)| !names.contains(name);
        match named.iter().find(missing) {
            // All rows of a table have the same columns.
            Some((name, flag, _)) if self.is_table => {
                Err(CrowdProblem::NoSuchColumn { flag, name: (*name).to_owned(), known: names.join(", ") })
            }
            _ if named.is_empty() => Ok(Way::Plain),
            _ => Ok(Way::Named),
        }
    }

    /// Writes a record anew into `json`. `false` if it is passed over.
    fn write(&mut self, json: &str) -> Result<bool, InputProblem> {
        let mut row = Row::parse(json)?;
        if self.way.is_none() {
            let way = self.way(&row)?;
            if let Way::Platform(platform) = &way {
                self.platforms.insert(platform.remark.clone());
            }
            self.way = Some(way);
        }
        match &self.way {
            Some(Way::Named) => {
                self.is_named = true;
                let mut front = String::new();
                for (name, flag, known) in Self::named(&self.asked) {
                    let is_there = row.has(name);
                    if is_there {
                        self.seen.insert(flag);
                    }
                    let value = row.take(name)?;
                    row.drop(&known);
                    // What is not there is no null, which would be a skip.
                    if is_there {
                        let value = value.map_or("null", |value| value.get());
                        front += &format!("{}:{value},", json_string(known[0]));
                    }
                }
                let rest = row.fields().map(|(name, value)| format!("{}:{}", json_string(name), value.get()));
                let rest = rest.collect::<Vec<_>>().join(",");
                self.json = format!("{{{}}}", (front + &rest).trim_end_matches(','));
                Ok(true)
            }
            Some(Way::Platform(platform)) => {
                let cells: Vec<&str> = platform
                    .names
                    .iter()
                    .map(|name| row.value(name).map_or("", |value| value.get()))
                    .collect();
                let cell = |at: usize| cells[at].trim_matches('"').as_bytes();
                if platform.telling.refuses(cell) {
                    self.refused += 1;
                    return Ok(false);
                }
                self.golden += u64::from(platform.telling.is_golden(cell));
                let times = platform.clock.read(|name| text(row.value(name)));
                self.json = platform.answer(&row, &times);
                if let Some(odd) = times.odd {
                    self.odd_times.0 += 1;
                    self.odd_times.1.get_or_insert(odd);
                }
                Ok(true)
            }
            _ => {
                self.json.clear();
                self.json.push_str(json);
                Ok(true)
            }
        }
    }

    /// At the end, what was named must have been somewhere.
    fn check(&self) -> Result<(), InputError> {
        let unseen = |(_, flag, _): &&(&str, &'static str, _)| !self.seen.contains(flag);
        match Self::named(&self.asked).iter().find(unseen) {
            Some((name, flag, _)) if self.is_named => {
                let problem = CrowdProblem::NoSuchField { flag, name: (*name).to_owned() };
                Err(InputError::of_file(&self.file, problem.into()))
            }
            _ => Ok(()),
        }
    }
}

impl RecordReader for Renamed {
    fn next_record(&mut self) -> Result<Option<Record<'_>>, InputError> {
        // A file in an archive has columns of its own.
        if self.layout != Layout::Zip && matches!(self.way, Some(Way::Plain)) {
            return self.inner.next_record();
        }
        loop {
            let Some(record) = self.inner.next_record()? else {
                self.check()?;
                return Ok(None);
            };
            let place: Place = record.place;
            let shape = record.shape;
            self.is_table = shape == Shape::Cells;
            if self.member.as_deref() != record.member {
                self.member = record.member.map(str::to_owned);
                self.way = None;
            }
            self.bytes.clear();
            self.bytes.extend_from_slice(record.bytes);
            let json = record.json.map(str::to_owned);
            self.rows += 1;
            let written = json.and_then(|json| self.write(&json));
            if let (Err(problem), None) = (&written, &self.way)
                && let InputProblem::Crowd(_) = problem
            {
                // The header's fault, which is that of every row.
                let file = match &self.member {
                    Some(member) => format!("{}/{member}", self.file),
                    None => self.file.clone(),
                };
                let Err(problem) = written else { continue };
                return Err(InputError::of_file(&file, problem));
            }
            if let Ok(false) = written {
                continue;
            }
            let json = written.map(|_| self.json.as_str());
            return Ok(Some(Record {
                place,
                shape,
                member: self.member.as_deref(),
                bytes: &self.bytes,
                json,
            }));
        }
    }

    fn is_at_hand(&self) -> bool {
        self.inner.is_at_hand()
    }

    fn hash(&self) -> String {
        self.inner.hash()
    }

    fn remarks(&self) -> Vec<String> {
        let mut remarks = self.inner.remarks();
        remarks.extend(self.platforms.iter().cloned());
        remarks.extend(super::counted(self.refused, self.golden));
        if let (count, Some(first)) = &self.odd_times {
            remarks.push(format!(
                "{count} answers have a time that is not understood; they count, without it (the first is {first:?})"
            ));
        }
        remarks
    }

    fn left_out(&self) -> u64 {
        self.refused + self.inner.left_out()
    }

    fn passed_over(&self) -> &[PassedOver] {
        self.inner.passed_over()
    }
}
