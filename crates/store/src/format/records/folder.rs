//! Reads the documents in all files of a folder and its subfolders, in the order of the files'
//! paths.
//!
//! A text file (`*.txt`, `*.text` or `*.md`) is one document ([`super::text_file`]). Files of rows
//! (JSON, CSV, TSV, Parquet, Excel) are read row by row. All files may be compressed with gzip or
//! zstd. Hidden files, links and files of other kinds are skipped, and reported to the user.

use std::path::{Path, PathBuf};

use super::guess::{ending, is_rows};
use super::text_file::TextFile;
use super::{PassedOver, Reading, Record, RecordReader, Shape, open};
use crate::error::{InputError, InputProblem, Place, Told, shown};
use crate::os_name::{path_of, text_of};
use crate::source::Source;

/// The suffixes of the names of text files.
const ENDINGS: [&str; 3] = ["txt", "text", "md"];

/// The reason for skipping a file whose name does not show its layout.
pub(super) const UNKNOWN: &str =
    "unknown extension; the known ones are txt, text, md, jsonl, json, csv, tsv, parquet and xlsx";

/// The remark on a file without rows; it follows the file's name.
pub(super) const EMPTY: &str = "has no rows";

/// A folder that is read file by file.
pub(super) struct Folder {
    root: PathBuf,
    /// The paths of the files that are not read yet, in reverse order. The paths are relative to
    /// the folder, with slashes.
    left: Vec<String>,
    passed_over: Vec<PassedOver>,
    /// The number of text files that were opened.
    number: u64,
    reading: Reading,
    hash: blake3::Hasher,
    /// The reader of the current file.
    rows: Option<Box<dyn RecordReader>>,
    /// Whether no row of the current file has been read yet.
    is_empty: bool,
    /// Remarks on the files that were read so far.
    told: Vec<Told>,
    /// The path of the current file, relative to the folder.
    path: String,
    /// The path of the current record's file, and of the sheet within it, if any.
    member: String,
    bytes: Vec<u8>,
    json: String,
}

/// A row that was copied: its place, its shape, and its error, if it has one.
type Found = (Place, Shape, Result<(), InputProblem>);

/// Whether `name` is the name of a text file.
pub fn is_text_file(name: &str) -> bool {
    ending(name).is_some_and(|ending| ENDINGS.contains(&ending.as_str()))
}

impl Folder {
    /// Opens a folder and lists its files.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub(super) fn open(root: &str, reading: &Reading) -> Result<Self, InputError> {
        let (mut left, mut passed_over) = (Vec::new(), Vec::new());
        list(&path_of(root), &mut left, &mut passed_over).map_err(|error| {
            InputError::of_file(root, InputProblem::Unreadable { detail: error.to_string() })
        })?;
        left.sort_unstable_by(|a, b| b.cmp(a));
        passed_over.sort_unstable_by(|a: &PassedOver, b| a.file.cmp(&b.file));
        Ok(Self {
            root: path_of(root),
            left,
            passed_over,
            number: 0,
            // The layout that the user named is `folder`. Each file in the folder has a layout of
            // its own.
            reading: Reading { layout: None, ..reading.clone() },
            hash: blake3::Hasher::new(),
            rows: None,
            is_empty: true,
            told: Vec::new(),
            path: String::new(),
            member: String::new(),
            bytes: Vec::new(),
            json: String::new(),
        })
    }

    /// Returns the name of the current file, with the path of the folder.
    fn file(&self) -> String {
        text_of(self.root.join(path_of(&self.path)).as_os_str())
    }

    /// Adds the path of the current file and its content's hash to the hash of the folder.
    fn add_to_hash(&mut self, content: &str) {
        self.hash.update(self.path.as_bytes()).update(&[0]).update(content.as_bytes());
    }

    /// Copies the next row of the current file to `json` and `bytes`. Returns `None` at the end of
    /// the file.
    fn next_row(&mut self, rows: &mut dyn RecordReader) -> Result<Option<Found>, InputError> {
        let Some(record) = rows.next_record()? else { return Ok(None) };
        self.is_empty = false;
        self.member.clone_from(&self.path);
        if let Some(within) = record.member {
            self.member = format!("{}/{within}", self.path);
        }
        self.bytes.clear();
        self.bytes.extend_from_slice(record.bytes);
        self.json.clear();
        Ok(Some((record.place, record.shape, record.json.map(|json| self.json.push_str(json)))))
    }
}

/// Lists all files in a folder and its subfolders. Adds the files to read to `found`, and all other
/// files to `passed_over`.
fn list(root: &Path, found: &mut Vec<String>, passed_over: &mut Vec<PassedOver>) -> std::io::Result<()> {
    let mut folders = vec![String::new()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(root.join(path_of(&folder)))? {
            let entry = entry?;
            let name = text_of(&entry.file_name());
            let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
            let kind = entry.file_type()?;
            let why = if name.starts_with('.') {
                Some("hidden")
            } else if kind.is_symlink() {
                Some("a link; name the file itself to read it")
            } else if kind.is_dir() {
                folders.push(path.clone());
                continue;
            } else if !kind.is_file() {
                Some("not a regular file")
            } else if is_text_file(&name) || is_rows(&name) {
                None
            } else {
                Some(UNKNOWN)
            };
            match why {
                None => found.push(path),
                Some(why) => {
                    let file = text_of(root.join(path_of(&path)).as_os_str());
                    passed_over.push(PassedOver { file, why });
                }
            }
        }
    }
    Ok(())
}

impl RecordReader for Folder {
    fn next_record(&mut self) -> Result<Option<Record<'_>>, InputError> {
        let (place, shape, json) = loop {
            if let Some(mut rows) = self.rows.take() {
                if let Some(found) = self.next_row(rows.as_mut())? {
                    self.rows = Some(rows);
                    break found;
                }
                self.add_to_hash(&rows.hash());
                if self.is_empty {
                    self.told.push(format!("{} {EMPTY}", shown(&self.path)).into());
                }
                let path = shown(&self.path);
                self.told.extend(rows.remarks().into_iter().map(|remark| remark.of_file(&path)));
            }
            let Some(path) = self.left.pop() else { return Ok(None) };
            self.path = path;
            self.is_empty = true;
            if is_text_file(&self.path) {
                self.number += 1;
                let source = Source::open(&self.file(), self.reading.encoding)?;
                self.rows = Some(Box::new(TextFile::of(source, &self.path, self.number)));
                continue;
            }
            let sheet = self.reading.sheet.clone().filter(|_| ending(&self.path).as_deref() == Some("xlsx"));
            let reading = Reading { sheet, ..self.reading.clone() };
            let file = self.file();
            let opened = open(&file, &reading)?;
            // The caller puts the folder's name before each remark, so the remark should contain
            // only the path within it.
            let (whole, path) = (shown(&file), shown(&self.path));
            let within = |told: Told| told.map(|text| text.replacen(&*whole, &path, 1));
            self.told.extend(opened.told.into_iter().map(within));
            self.rows = Some(opened.reader);
        };
        let json = json.map(|()| self.json.as_str());
        Ok(Some(Record { place, shape, member: Some(&self.member), bytes: &self.bytes, json, line: None }))
    }

    fn hash(&self) -> String {
        self.hash.finalize().to_hex().to_string()
    }

    fn remarks(&self) -> Vec<Told> {
        self.told.clone()
    }

    fn passed_over(&self) -> &[PassedOver] {
        &self.passed_over
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Rows = Vec<(u64, String, String)>;

    fn read(root: &Path) -> (Rows, Vec<(String, &'static str)>) {
        let mut reader = Folder::open(root.to_str().unwrap(), &Reading::default()).unwrap();
        let mut rows = Vec::new();
        while let Some(record) = reader.next_record().unwrap() {
            let json = record.json.map_or_else(|problem| problem.to_string(), str::to_owned);
            rows.push((record.place.number(), record.member.unwrap().to_owned(), json));
        }
        let passed_over = reader.passed_over().iter();
        let name = |file: &str| Path::new(file).strip_prefix(root).unwrap().to_str().unwrap().to_owned();
        (rows, passed_over.map(|passed| (name(&passed.file), passed.why)).collect())
    }

    #[test]
    fn text_files_are_documents_in_the_order_of_their_paths() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        std::fs::create_dir_all(root.join("b/c")).unwrap();
        for (name, text) in [("b/c/2.txt", "two\r\n"), ("a.md", "\u{feff}one\n\n"), ("z.txt", "three")] {
            std::fs::write(root.join(name), text).unwrap();
        }
        std::fs::write(root.join("bad.TXT"), b"\xff").unwrap();
        let (rows, passed_over) = read(root);
        assert_eq!(rows[0], (1, "a.md".into(), r#"{"id":"a.md","text":"one\n"}"#.into()));
        assert_eq!(rows[1], (2, "b/c/2.txt".into(), r#"{"id":"b/c/2.txt","text":"two"}"#.into()));
        assert!(rows[2].1 == "bad.TXT" && rows[2].2.contains("invalid UTF-8 at byte 1"), "{rows:?}");
        assert_eq!((rows[3].1.as_str(), rows.len(), passed_over.len()), ("z.txt", 4, 0));
    }

    #[test]
    fn files_of_rows_are_read_and_others_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for (name, text) in [
            ("a.jsonl", "{\"id\":\"e0\",\"text\":\"one\"}\n{\"id\":\"e1\",\"text\":\"two\"}\n"),
            ("b.csv", "id;text\nq1;hello\n"),
            ("c.txt", "doc text\n"),
            (".h.txt", "hidden"),
            ("notes.pdf", "%PDF"),
            ("README", "read me"),
        ] {
            std::fs::write(root.join(name), text).unwrap();
        }
        let (rows, passed_over) = read(root);
        let places: Vec<(u64, &str)> = rows.iter().map(|(n, member, _)| (*n, member.as_str())).collect();
        assert_eq!(places, [(1, "a.jsonl"), (2, "a.jsonl"), (2, "b.csv"), (1, "c.txt")]);
        assert_eq!(rows[2].2, r#"{"id":"q1","text":"hello"}"#);
        let names: Vec<&str> = passed_over.iter().map(|(file, _)| file.as_str()).collect();
        assert_eq!(names, [".h.txt", "README", "notes.pdf"]);
        assert!(passed_over[0].1 == "hidden" && passed_over[1].1.contains("extension"), "{passed_over:?}");
    }

    #[cfg(unix)]
    #[test]
    fn a_name_need_not_be_utf_8() {
        use std::os::unix::ffi::OsStrExt;
        let folder = tempfile::tempdir().unwrap();
        let below = folder.path().join(std::ffi::OsStr::from_bytes(b"d\xff"));
        std::fs::create_dir(&below).unwrap();
        std::fs::write(below.join(std::ffi::OsStr::from_bytes(b"\xfe.txt")), "text").unwrap();
        let (rows, passed_over) = read(folder.path());
        assert!(
            rows.len() == 1 && rows[0].2.ends_with("\"text\":\"text\"}") && passed_over.is_empty(),
            "{rows:?}"
        );
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let (root, outside) = (folder.path().join("in"), folder.path().join("secret.txt"));
        std::fs::create_dir(&root).unwrap();
        std::fs::write(&outside, "secret").unwrap();
        std::os::unix::fs::symlink(&outside, root.join("x.txt")).unwrap();
        std::os::unix::fs::symlink(folder.path(), root.join("y")).unwrap();
        let (rows, passed_over) = read(&root);
        assert!(rows.is_empty() && passed_over.len() == 2, "{rows:?} {passed_over:?}");
    }
}
