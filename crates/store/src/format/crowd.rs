//! Answers of a crowd in, from a plain file with no workspace: who answered what on which item; and gold, the true label of an item.
//!
//! The file is JSON Lines (`crowd_lines`) or a table of comma-, semicolon- or tab-separated values with a header
//! (`crowd_table`); which of them is told by its first character, "{" or not. Gzip, zstd or plain, a file or standard input. Rows are
//! handed on one at a time, so memory does not grow with the file.
//!
//! The same thing has several names in the field; all of [`ITEM`], [`ANNOTATOR`] and [`LABEL`] are understood (task, worker, label and the
//! older performer are crowd-kit's, annotator is cleanlab's). White space at either end of a label is cut off. A label that is null or
//! empty is a skip: it is counted, and no answer. Other fields are passed over.

use crate::error::{CrowdProblem, InputError, InputProblem};
use crate::lines::Lines;
use crate::source::{Encoding, Source};

/// What the item may be called.
pub const ITEM: [&str; 3] = ["item", "task", "id"];
/// What the annotator may be called.
pub const ANNOTATOR: [&str; 3] = ["annotator", "worker", "performer"];
/// What the label may be called.
pub const LABEL: [&str; 1] = ["label"];

/// One row of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrowdRow<'a> {
    /// The item.
    pub item: &'a str,
    /// Who answered; empty for gold.
    pub annotator: &'a str,
    /// The label; `None` is a skip.
    pub label: Option<&'a str>,
}

/// What a row is expected to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CrowdKind {
    /// An answer: item, annotator, label.
    Answers,
    /// The truth of an item: item, label; an annotator is passed over.
    Gold,
}

/// Takes one row, with its line. A problem that it finds is told with file and line.
pub type Take<'a> = dyn FnMut(CrowdRow<'_>, u64) -> Result<(), InputProblem> + 'a;

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrowdFile {
    /// BLAKE3 of the uncompressed content, in hex.
    pub hash: String,
    /// How many rows it has.
    pub rows: u64,
}

/// Reads a file, or standard input for `-`, row by row.
///
/// # Errors
/// The first row that cannot be used, a header that lacks a column, a file without rows or one that cannot be read: with file and line.
pub fn read(file: &str, kind: CrowdKind, take: &mut Take<'_>) -> Result<CrowdFile, InputError> {
    let mut source = Source::open(file, Encoding::default())?;
    let beginning = source.first_bytes()?;
    let beginning = beginning.strip_prefix(b"\xef\xbb\xbf").unwrap_or(beginning);
    let first = beginning.iter().find(|byte| !byte.is_ascii_whitespace());
    let read = match first {
        // Of a file of blanks, the lines say that it has none.
        Some(b'{' | b'[') | None => super::crowd_lines::read(Lines::of(source), kind, take)?,
        _ => super::crowd_table::read(source, kind, take)?,
    };
    if read.rows == 0 {
        return Err(InputError::of_file(file, CrowdProblem::NoAnswers.into()));
    }
    Ok(read)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    type Rows = Vec<(String, String, Option<String>, u64)>;

    fn read_bytes(bytes: &[u8], kind: CrowdKind) -> Result<Rows, String> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        let mut rows = Vec::new();
        let path = file.path().to_str().unwrap();
        let read = read(path, kind, &mut |row, line| {
            rows.push((row.item.to_owned(), row.annotator.to_owned(), row.label.map(str::to_owned), line));
            Ok(())
        });
        match read {
            Ok(read) => {
                assert_eq!(read.rows, rows.len() as u64);
                Ok(rows)
            }
            Err(error) => Err(error.to_string().replace(path, "f")),
        }
    }

    fn row(
        item: &str,
        annotator: &str,
        label: Option<&str>,
        line: u64,
    ) -> (String, String, Option<String>, u64) {
        (item.to_owned(), annotator.to_owned(), label.map(str::to_owned), line)
    }

    #[test]
    fn every_spelling_gives_the_same_rows() {
        let expected = vec![row("1", "ana", Some("größer"), 1), row("2", "ben", None, 2)];
        for text in [
            "{\"item\":\"1\",\"annotator\":\"ana\",\"label\":\"größer\"}\n{\"item\":2,\"annotator\":\"ben\",\"label\":null}\n",
            "{\"task\":1,\"worker\":\"ana\",\"label\":\" größer \",\"seconds\":3}\r\n{\"task\":2,\"performer\":\"ben\",\"label\":\"\"}",
            "{\"id\":\"1\",\"annotator\":\"ana\",\"label\":\"größer\"}\n{\"id\":\"2\",\"annotator\":\"ben\",\"label\":\"  \"}",
        ] {
            assert_eq!(read_bytes(text.as_bytes(), CrowdKind::Answers).unwrap(), expected, "{text}");
        }
        let expected = vec![row("1", "ana", Some("größer"), 2), row("2", "ben", None, 3)];
        for text in [
            "task,worker,label\n1,ana,größer\n2,ben,\n",
            "\u{feff}task,performer,label\r\n1,ana, größer\r\n2,ben,\"\"\r\n",
            "time\tLabel\ttask\tannotator\n9\tgrößer\t1\tana\n9\t\t2\tben",
            "item;annotator;label;text\n\"1\";ana;größer;\"a;b\"\n2;ben;;x\n",
        ] {
            assert_eq!(read_bytes(text.as_bytes(), CrowdKind::Answers).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn lines_are_those_of_the_file() {
        let text = "task,worker,label\n\n1,ana,\"two\nlines\"\n\n2,ben,x\n";
        let rows = read_bytes(text.as_bytes(), CrowdKind::Gold).unwrap_err();
        assert_eq!(rows, "f:3: the field \"label\" holds a control character; expected printable text");
        let text = "task,worker,label\n\n1,ana,\"x\"\n\n\n2,ben,x\n";
        let lines: Vec<u64> =
            read_bytes(text.as_bytes(), CrowdKind::Answers).unwrap().iter().map(|row| row.3).collect();
        assert_eq!(lines, [3, 6]);
    }

    #[test]
    fn gold_needs_no_annotator() {
        let expected = vec![row("1", "", Some("a"), 2)];
        assert_eq!(read_bytes(b"task,label\n1,a\n", CrowdKind::Gold).unwrap(), expected);
        assert_eq!(
            read_bytes(b"\n{\"item\":1,\"label\":\"a\",\"annotator\":7}", CrowdKind::Gold).unwrap(),
            expected
        );
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (bytes, words) in [
            (&b""[..], "f: the file has no rows; expected answers, as JSON Lines"),
            (b"task,worker,label\n", "f: the file has no rows; expected answers"),
            (
                b"task,who,label\n1,a,b\n",
                "f:1: the header has no column for the annotator; expected one of annotator, worker, performer",
            ),
            (b"task,worker\n1,a\n", "f:1: the header has no column for the label"),
            (
                b"task,worker,label,item\n1,a,b,1\n",
                "f:1: the header has two columns for the item, \"task\" and \"item\"",
            ),
            (b"task,worker,label\n1,a,b\n2,c\n", "f:3: the row has 2 cells and the header 3"),
            (b"task,worker,label\n1,a,b\n2,c,d,e\n", "f:3: the row has 4 cells and the header 3"),
            (b"task,worker,label\n1,,b\n", "f:2: the field \"worker\" is empty"),
            (b"task,worker,label\n ,a,b\n", "f:2: the field \"task\" is empty"),
            (b"task,worker,label\n1,a,b\xff\n", "f:2: invalid UTF-8"),
            (b"task,worker,label\n1,a,\x00b\n", "f:2: a NUL character"),
            (
                b"{\"item\":1,\"annotator\":\"a\",\"label\":\"b\"}\n{\"item\":1,\"label\":\"b\"}",
                "f:2: the field \"annotator\" is missing",
            ),
            (b"{\"annotator\":\"a\",\"label\":\"b\"}", "f:1: the field \"item\" is missing"),
            (b"{\"item\":1,\"annotator\":\"a\"}", "f:1: the field \"label\" is missing"),
            (
                b"{\"item\":1,\"task\":2,\"annotator\":\"a\",\"label\":\"b\"}",
                "f:1: the row has both \"item\" and \"task\"",
            ),
            (b"{\"item\":1,\"annotator\":\"a\",\"label\":[1]}", "f:1: the field \"label\" is a list"),
            (b"{\"item\":1,\"annotator\":\"a\",\"label\":\"b\"", "f:1: malformed JSON"),
            (b"[[1,2,3]]", "f:1: malformed JSON"),
            (b"{\"item\":1,\"annotator\":\"a\",\"label\":\"\xff\"}", "f:1: invalid UTF-8"),
        ] {
            let message = read_bytes(bytes, CrowdKind::Answers).unwrap_err();
            assert!(message.starts_with(words), "{}: {message}", String::from_utf8_lossy(bytes));
        }
        assert_eq!(
            read_bytes(b"task,label\n1,\n", CrowdKind::Gold).unwrap_err(),
            "f:2: the field \"label\" is empty; expected a label"
        );
    }
}
