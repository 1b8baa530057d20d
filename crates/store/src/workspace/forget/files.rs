//! Finds Querist's own files in a workspace that contain documents to forget, and cleans them.
//!
//! Batches, picks, annotators' files, skipped rows and answers that wait to be ingested are
//! rewritten without the documents. Reports and files in `features/` are removed, because they can
//! be made again. If a file contains a text but cannot be divided into records, the whole file is
//! removed.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use memchr::memmem::Finder;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::error::{IoContext, StoreError};
use crate::workspace::artifacts::{MANIFEST, entries, is_of_round};
use crate::workspace::places::check_folder;
use crate::workspace::write_atomically;

/// The prefix of the names of backups of the database.
const BACKUP: &str = "querist.db.before-migration-";
/// The names of the fields in which Querist's files store a document's id.
const IDS: [&str; 3] = ["id", "querist_id", "document"];
/// In a file that cannot be divided into records, only this many bytes of a text's beginning are
/// searched for.
const BEGINNING: usize = 200;

/// The ids and the texts of the documents to forget.
pub(super) struct Wanted<'a> {
    ids: BTreeSet<&'a str>,
    texts: &'a BTreeSet<String>,
}

impl<'a> Wanted<'a> {
    /// Returns what to search for.
    pub(super) fn new(ids: &'a [String], texts: &'a BTreeSet<String>) -> Self {
        Self { ids: ids.iter().map(String::as_str).collect(), texts }
    }

    /// Whether a JSON value contains, at any depth, one of the texts as a string, or one of the ids
    /// in an id field ([`IDS`]).
    fn is_in(&self, value: &Value) -> bool {
        match value {
            Value::String(text) => self.texts.contains(text),
            Value::Array(values) => values.iter().any(|value| self.is_in(value)),
            Value::Object(fields) => fields.iter().any(|(name, value)| {
                let is_id = IDS.contains(&name.as_str());
                self.is_in(value) || is_id && value.as_str().is_some_and(|id| self.ids.contains(id))
            }),
            _ => false,
        }
    }

    /// Returns searchers that find the beginnings of the texts in raw bytes. They find plain text,
    /// text with the escapes of JSON, and text with the doubled quotes of CSV.
    pub(super) fn finders(&self) -> Vec<Finder<'static>> {
        let mut pieces = BTreeSet::new();
        for text in self.texts.iter().filter(|text| !text.is_empty()) {
            let end =
                (0..=BEGINNING.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            let beginning = &text[..end];
            let json = escaped(beginning);
            pieces.extend([beginning.to_owned(), in_ascii(&json), json, beginning.replace('"', "\"\"")]);
        }
        pieces.iter().map(|piece| Finder::new(piece.as_bytes()).into_owned()).collect()
    }

    /// Whether a text is a JSON value that contains one of the ids or texts ([`Self::is_in`]).
    fn is_in_json(&self, json: &str) -> bool {
        serde_json::from_str(json).is_ok_and(|value| self.is_in(&value))
    }

    /// Whether a line in a file of skipped rows contains one of the ids or texts. To be safe,
    /// returns `true` for a line that is not a JSON object.
    fn is_in_rejected(&self, line: &str) -> bool {
        let Ok(Value::Object(fields)) = serde_json::from_str(line) else { return true };
        let said = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let said = said("row") + "\n" + &said("error");
        let has_text =
            self.texts.iter().any(|text| said.contains(text.as_str()) || said.contains(&escaped(text)));
        has_text || self.ids.iter().any(|id| has_word(&said, id) || has_word(&said, &escaped(id)))
    }
}

/// Returns a text with the escapes of a JSON string, without the quotes.
fn escaped(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// Replaces each character outside ASCII by its JSON escapes (`\uXXXX`), as many tools write it.
fn in_ascii(json: &str) -> String {
    let mut ascii = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_ascii() {
            ascii.push(c);
        } else {
            ascii.extend(c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    ascii
}

/// Whether `text` contains `word` as a whole word, not as part of a longer word.
fn has_word(text: &str, word: &str) -> bool {
    let joins = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    text.match_indices(word)
        .any(|(at, _)| !text[..at].ends_with(joins) && !text[at + word.len()..].starts_with(joins))
}

/// What must be done to a file.
enum Change {
    /// Nothing, because the file contains no document to forget.
    Nothing,
    /// Nothing, but the file is not text, so it may contain a document in a form that was not
    /// found.
    Unknown,
    /// The file is replaced by these bytes.
    Rewritten(Vec<u8>),
    /// The file is removed.
    Removed,
}

/// Returns the paths of Querist's files that contain the documents, and the paths of all files that
/// were searched.
pub(super) fn with(
    root: &Path,
    wanted: &Wanted<'_>,
) -> Result<(Vec<PathBuf>, BTreeSet<PathBuf>), StoreError> {
    let (mut found, mut seen) = (Vec::new(), BTreeSet::new());
    for (path, change) in changes(root, wanted)? {
        match change {
            Change::Nothing => {}
            // The file may be compressed. It does not count as searched, so that the caller
            // decompresses and searches it.
            Change::Unknown => continue,
            Change::Rewritten(_) | Change::Removed => found.push(path.clone()),
        }
        seen.insert(path);
    }
    Ok((found, seen))
}

/// Rewrites or removes Querist's files that contain the documents.
pub(super) fn clean(root: &Path, wanted: &Wanted<'_>) -> Result<(), StoreError> {
    for (path, change) in changes(root, wanted)? {
        match change {
            Change::Nothing | Change::Unknown => {}
            Change::Rewritten(bytes) => write_atomically(&path, &bytes)?,
            Change::Removed => remove(&path)?,
        }
    }
    Ok(())
}

/// Returns each file in `rejected/`, `label/` and the rounds' folders, with what must be done to
/// it.
fn changes(root: &Path, wanted: &Wanted<'_>) -> Result<Vec<(PathBuf, Change)>, StoreError> {
    let mut folders = vec![root.join("rejected"), root.join("label")];
    let rounds = root.join("rounds");
    if check_folder(&rounds)? {
        // Querist did not make the other folders in `rounds/`.
        let rounds = entries(&rounds).filter(|entry| is_of_round(&entry.file_name().to_string_lossy()));
        folders.extend(rounds.map(|entry| entry.path()));
    }
    folders.sort();
    let mut changes = Vec::new();
    for folder in folders {
        if !check_folder(&folder)? {
            continue;
        }
        let is_rejected = folder.ends_with("rejected");
        let mut paths: Vec<PathBuf> = entries(&folder)
            .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()))
            .map(|entry| entry.path())
            .collect();
        paths.sort();
        for path in paths {
            let change = change(&path, wanted, is_rejected)?;
            changes.push((path, change));
        }
    }
    Ok(changes)
}

/// Decides what must be done to one file. `is_rejected` says whether it is a file of skipped rows.
fn change(path: &Path, wanted: &Wanted<'_>, is_rejected: bool) -> Result<Change, StoreError> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    if name == MANIFEST {
        return Ok(Change::Nothing);
    }
    let bytes = fs::read(path).doing("read", path)?;
    if name.starts_with("report.") {
        // A report describes documents in prose, so it cannot be cleaned record by record. It can
        // be made again.
        return Ok(Change::Removed);
    }
    let Ok(text) = std::str::from_utf8(&bytes) else {
        return Ok(if holds(&bytes, &wanted.finders()) { Change::Removed } else { Change::Unknown });
    };
    let kept = match path.extension().and_then(|ending| ending.to_str()) {
        _ if is_rejected => Some(lines_without(text, |line| wanted.is_in_rejected(line))),
        Some("jsonl" | "pending") => Some(lines_without(text, |line| wanted.is_in_json(line))),
        Some("json") => array_without(text, wanted),
        Some("csv") => records_without(text, wanted),
        _ => None,
    };
    Ok(match kept {
        Some(kept) if kept == text => Change::Nothing,
        Some(kept) => Change::Rewritten(kept.into_bytes()),
        None if holds(&bytes, &wanted.finders()) => Change::Removed,
        None => Change::Nothing,
    })
}

/// Returns the text without the lines for which `is_in` returns true. Blank lines stay.
fn lines_without(text: &str, is_in: impl Fn(&str) -> bool) -> String {
    text.split_inclusive('\n').filter(|line| line.trim().is_empty() || !is_in(line)).collect()
}

/// Returns a JSON array without the records to forget, with one record per line; `None` if the text
/// is no JSON array.
fn array_without(text: &str, wanted: &Wanted<'_>) -> Option<String> {
    let records: Vec<&RawValue> = serde_json::from_str(text).ok()?;
    let kept: Vec<&str> =
        records.iter().map(|record| record.get()).filter(|record| !wanted.is_in_json(record)).collect();
    Some(if kept.len() == records.len() { text.to_owned() } else { format!("[\n{}\n]\n", kept.join(",\n")) })
}

/// Returns a CSV table without the records to forget, in which a cell is one of the ids or texts.
/// Returns `None` if the text is not CSV.
fn records_without(text: &str, wanted: &Wanted<'_>) -> Option<String> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut record = csv::StringRecord::new();
    let (mut kept, mut from) = (String::new(), 0);
    while reader.read_record(&mut record).ok()? {
        let until = usize::try_from(reader.position().byte()).ok()?;
        let is_in = |cell: &str| wanted.ids.contains(cell) || wanted.texts.contains(cell);
        if !record.iter().any(is_in) {
            kept += text.get(from..until)?;
        }
        from = until;
    }
    Some(kept)
}

/// Whether one of the searchers finds its text in the bytes.
fn holds(bytes: &[u8], finders: &[Finder<'_>]) -> bool {
    finders.iter().any(|finder| finder.find(bytes).is_some())
}

/// Returns the paths of the backups of the database, sorted by name.
pub(super) fn backups(root: &Path) -> Vec<PathBuf> {
    let own = entries(root).filter(|entry| is_backup(&entry.file_name().to_string_lossy()));
    let mut found: Vec<PathBuf> = own.map(|entry| entry.path()).collect();
    found.sort();
    found
}

/// Whether `name` is the name of a backup of the database.
pub(super) fn is_backup(name: &str) -> bool {
    name.starts_with(BACKUP)
}

/// Removes the files in `features/`, which are derived from texts.
pub(super) fn remove_derived(root: &Path) -> Result<(), StoreError> {
    let folder = root.join("features");
    if check_folder(&folder)? {
        for entry in entries(&folder).filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file())) {
            remove(&entry.path())?;
        }
    }
    Ok(())
}

/// Removes a file, if it exists.
pub(super) fn remove(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error).doing("remove", path),
        _ => Ok(()),
    }
}
