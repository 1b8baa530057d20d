//! A folder of text files: each file a document, `{"id": path in the folder, "text": content}`.
//!
//! Files named `*.txt`, `*.text` or `*.md`, also with `.gz` or `.zst` behind, in this folder and those below, in the order of
//! their paths. Hidden files and links to folders are passed over. One line break at a file's end is not part of its text.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::{Record, RecordReader};
use crate::error::{InputError, InputProblem, Place};
use crate::format::row::json_string;
use crate::lines::LINE_LIMIT;
use crate::os_name::{path_of, text_of};
use crate::source::{Encoding, Source};

/// The names of text files end so.
const ENDINGS: [&str; 3] = ["txt", "text", "md"];

/// A folder read file by file.
pub(super) struct Folder {
    root: PathBuf,
    /// Paths in the folder, with slashes; the next one is the last.
    left: Vec<String>,
    number: u64,
    encoding: Encoding,
    hash: blake3::Hasher,
    member: String,
    text: String,
    json: String,
}

/// Whether a file counts as a text file, by its name.
pub fn is_text_file(name: &str) -> bool {
    let name = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst")).unwrap_or(name);
    let ending = Path::new(name).extension().and_then(|ending| ending.to_str());
    ending.is_some_and(|ending| ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known)))
}

impl Folder {
    /// Lists the folder.
    ///
    /// # Errors
    /// It cannot be read.
    pub(super) fn open(root: &str, encoding: Encoding) -> Result<Self, InputError> {
        let mut left = Vec::new();
        list(&path_of(root), "", &mut left).map_err(|error| {
            InputError::of_file(root, InputProblem::Unreadable { detail: error.to_string() })
        })?;
        left.sort_unstable_by(|a, b| b.cmp(a));
        let (member, text, json) = (String::new(), String::new(), String::new());
        let hash = blake3::Hasher::new();
        Ok(Self { root: path_of(root), left, number: 0, encoding, hash, member, text, json })
    }

    /// Reads the file, bounded.
    fn read(&mut self) -> Result<Result<(), InputProblem>, InputError> {
        let path = self.root.join(&self.member);
        let mut source = Source::open(&text_of(path.as_os_str()), self.encoding)?;
        let mut bytes = Vec::new();
        if let Err(error) = (&mut source).take(LINE_LIMIT as u64 + 1).read_to_end(&mut bytes) {
            return Err(source.fault(&error, None));
        }
        self.hash.update(self.member.as_bytes()).update(&[0]).update(source.hash().as_bytes());
        if bytes.len() > LINE_LIMIT {
            return Ok(Err(InputProblem::RecordTooLong { limit_mib: LINE_LIMIT >> 20 }));
        }
        self.text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let byte = error.utf8_error().valid_up_to() + 1;
                return Ok(Err(InputProblem::InvalidUtf8 { byte }));
            }
        };
        let text = self.text.strip_prefix('\u{feff}').unwrap_or(&self.text);
        let text = text.strip_suffix('\n').map_or(text, |text| text.strip_suffix('\r').unwrap_or(text));
        self.json = format!("{{\"id\":{},\"text\":{}}}", json_string(&self.member), json_string(text));
        Ok(Ok(()))
    }
}

/// The text files below a folder; names that are not UTF-8 are an error.
fn list(root: &Path, inside: &str, found: &mut Vec<String>) -> std::io::Result<()> {
    let mut folders = vec![inside.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(root.join(&folder))? {
            let entry = entry?;
            let name = entry.file_name();
            let name = name.to_str().ok_or_else(|| {
                std::io::Error::other(format!("{} has a name that is not UTF-8", name.display()))
            })?;
            if name.starts_with('.') {
                continue;
            }
            let path = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
            if entry.file_type()?.is_dir() {
                folders.push(path);
            } else if is_text_file(name) && root.join(&path).is_file() {
                found.push(path);
            }
        }
    }
    Ok(())
}

impl RecordReader for Folder {
    fn next_record(&mut self) -> Result<Option<Record<'_>>, InputError> {
        let Some(member) = self.left.pop() else { return Ok(None) };
        self.member = member;
        self.number += 1;
        let json = self.read()?.map(|()| self.json.as_str());
        let place = Place::Row(self.number);
        Ok(Some(Record { place, member: Some(&self.member), bytes: self.text.as_bytes(), json }))
    }

    fn hash(&self) -> String {
        self.hash.finalize().to_hex().to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_documents_in_the_order_of_their_paths() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        std::fs::create_dir_all(root.join("b/c")).unwrap();
        for (name, text) in [
            ("b/c/2.txt", "two\r\n"),
            ("a.md", "\u{feff}one\n\n"),
            ("z.txt", "three"),
            ("y.pdf", "no"),
            (".h.txt", "no"),
        ] {
            std::fs::write(root.join(name), text).unwrap();
        }
        std::fs::write(root.join("bad.TXT"), b"\xff").unwrap();
        let mut reader = Folder::open(root.to_str().unwrap(), Encoding::default()).unwrap();
        let mut rows = Vec::new();
        while let Some(record) = reader.next_record().unwrap() {
            let json = record.json.map_or_else(|problem| problem.to_string(), str::to_owned);
            rows.push((record.place.number(), record.member.unwrap().to_owned(), json));
        }
        assert_eq!(rows[0], (1, "a.md".into(), r#"{"id":"a.md","text":"one\n"}"#.into()));
        assert_eq!(rows[1], (2, "b/c/2.txt".into(), r#"{"id":"b/c/2.txt","text":"two"}"#.into()));
        assert!(rows[2].1 == "bad.TXT" && rows[2].2.contains("invalid UTF-8 at byte 1"), "{rows:?}");
        assert_eq!((rows[3].1.as_str(), rows.len()), ("z.txt", 4));
    }
}
