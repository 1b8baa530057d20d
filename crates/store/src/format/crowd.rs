//! Reads the answers of a crowd from a plain file, without a workspace. An answer says which
//! annotator gave which item which label. Also reads files of gold, the true labels of items.
//!
//! Any layout can be read, and also the exports of annotation tools that `ingest` reads
//! (`crowd_records`). Such files are long, so the rows are passed on one at a time, and memory does
//! not grow with the file. For speed, a text table is read cell by cell instead of as JSON objects.
//!
//! White space at the ends of a label is removed. An answer with a null or empty label is a skip.
//! Other fields are ignored.

use querist_core::visible::{NameFault, conceals};

use super::answers::Control;
use super::columns::{AnswerColumns, Purpose, counted};
use super::crowd_records::Progress;
use super::records::{self, Layout, Reading};
use super::separated::Usual;
use crate::error::{CrowdProblem, InputError, InputProblem, TableProblem, Told};
use crate::source::{Encoding, Source};

/// One answer or one true label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrowdRow<'a> {
    /// The item's name.
    pub item: &'a str,
    /// The annotator's name; empty for a true label.
    pub annotator: &'a str,
    /// The label; `None` for a skip.
    pub label: Option<&'a str>,
}

/// What the rows of a file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CrowdKind {
    /// Answers, with an item, an annotator and a label.
    Answers,
    /// True labels, with an item and a label. An annotator is ignored.
    Gold,
}

impl CrowdKind {
    /// Returns what the rows contain, for the search of the columns.
    pub(super) fn purpose(self) -> Purpose {
        match self {
            Self::Answers => Purpose::Answers,
            Self::Gold => Purpose::Gold,
        }
    }
}

/// The options for reading a file.
#[derive(Debug, Clone, Default)]
pub struct CrowdReading {
    /// The columns that the user named by options.
    pub columns: AnswerColumns,
    /// The encoding of the file's text.
    pub encoding: Encoding,
    /// The name of the sheet to read in a workbook; `None` for the first sheet.
    pub sheet: Option<String>,
    /// The name of the question whose answers are the labels, in files of tools that ask several.
    /// May be `None` if only one question asks for a class.
    pub control: Option<String>,
}

/// A function that receives each row with its line number. If it returns an error, reading ends,
/// and the file and the line are added to the error.
pub type Take<'a> = dyn FnMut(CrowdRow<'_>, u64) -> Result<(), InputProblem> + 'a;

/// The result of reading a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CrowdFile {
    /// The BLAKE3 hash of the uncompressed content, in hexadecimal.
    pub hash: String,
    /// How many rows the file has, including answers that do not count.
    pub rows: u64,
    /// How many answers do not count, because the platform marks their assignments as rejected or
    /// tainted.
    pub refused: u64,
    /// How many answers are to the platform's test questions; these answers count.
    pub golden: u64,
    /// Remarks for the user on how the file was read, as sentences.
    pub remarks: Vec<Told>,
}

/// Reads a file, or standard input for `-`, and passes its rows to `take`. Returns the counts and
/// remarks.
///
/// # Errors
/// A row is faulty, the header lacks a column, the file has no rows, or the file cannot be read.
/// The error names the file and, if it concerns a row, the line.
pub fn read(
    file: &str,
    kind: CrowdKind,
    reading: &CrowdReading,
    take: &mut Take<'_>,
) -> Result<CrowdFile, InputError> {
    let take: &mut Take<'_> = &mut |row, line| {
        check_names(&row)?;
        take(row, line)
    };
    let CrowdReading { columns, encoding, sheet, control } = reading;
    // The option that chooses a question refers to the file of answers, not to a file of true
    // labels.
    let control = control.as_deref().filter(|_| kind == CrowdKind::Answers);
    let mut progress = Progress::default();
    progress.findings.control = Control::new(control);
    let mut source = Source::open(file, *encoding)?;
    let first = source.first_bytes()?;
    let text = first.strip_prefix(b"\xef\xbb\xbf").unwrap_or(first).trim_ascii_start();
    // ZIP, Parquet and old Office files are opened again by name, because their readers need random
    // access.
    let is_packed =
        first.starts_with(b"PK") || first.starts_with(b"PAR1") || first.starts_with(b"\xd0\xcf\x11\xe0");
    let layout = match text {
        _ if is_packed => None,
        // A list of lists is not supported. Read as JSON Lines, it causes an error that says what
        // is expected.
        [b'[', rest @ ..] if rest.trim_ascii_start().starts_with(b"{") => Some(Layout::JsonArray),
        [b'[' | b'{', ..] => Some(Layout::JsonLines),
        _ => {
            if sheet.is_some() {
                let layout = Layout::Csv.description();
                return Err(InputError::of_file(file, TableProblem::NoSheets { layout }.into()));
            }
            let usual = if records::is_tab_separated(file) { Usual::Tab } else { Usual::Comma };
            let opened = records::by_cell(source, usual)?;
            super::crowd_records::read((file, opened), kind, columns, &mut progress, take)?;
            return finished(file, progress);
        }
    };
    let reading = Reading { layout, encoding: *encoding, sheet: sheet.clone(), fields: Vec::new() };
    let opened = match layout {
        // A pipe cannot be read twice, so go on with the source that is open already.
        Some(layout) => records::of_source(source, layout, &reading)?,
        None => records::open(file, &reading)?,
    };
    super::crowd_records::read((file, opened), kind, columns, &mut progress, take)?;
    finished(file, progress)
}

/// Checks that the names in a row contain no misleading or invisible characters. For items, which
/// name neither people nor classes, only characters that change the direction of text are refused.
fn check_names(row: &CrowdRow<'_>) -> Result<(), InputProblem> {
    let names = [("annotator", row.annotator), ("label", row.label.unwrap_or_default()), ("item", row.item)];
    for (what, name) in names {
        if let Some(fault) = NameFault::of(name)
            && (what != "item" || matches!(fault, NameFault::Misleads(found) if !conceals(found)))
        {
            return Err(InputProblem::MisleadingName { what, name: name.to_owned(), fault });
        }
    }
    Ok(())
}

/// Adds the last remarks and returns the result. Fails if the file had no rows, or no answers to
/// the question that the user named.
fn finished(file: &str, progress: Progress) -> Result<CrowdFile, InputError> {
    let Progress { mut read, findings } = progress;
    if read.rows == 0 {
        return Err(InputError::of_file(file, CrowdProblem::NoAnswers.into()));
    }
    read.remarks.extend(counted(read.refused, read.golden));
    if let Some(problem) = findings.control.unseen() {
        return Err(InputError::of_file(file, problem.into()));
    }
    read.remarks.extend(
        findings.open.iter().map(|(why, count)| Told::from(format!("{count} have no answer: {why}"))),
    );
    let names = findings.passed_over.into_iter().collect::<Vec<_>>().join(", ");
    read.remarks
        .extend((!names.is_empty()).then(|| Told::from(format!("the answers to {names} are not read"))));
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
        let read = read(path, kind, &CrowdReading::default(), &mut |row, line| {
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
        assert_eq!(rows, "f:3: the field \"label\" has a control character; expected printable text");
        let text = "task,worker,label\n\n1,ana,\"x\"\n\n\n2,ben,x\n";
        let lines: Vec<u64> =
            read_bytes(text.as_bytes(), CrowdKind::Answers).unwrap().iter().map(|row| row.3).collect();
        assert_eq!(lines, [3, 6]);
    }

    #[test]
    fn columns_that_are_not_read_may_hold_anything() {
        let expected = vec![row("1", "ana", Some("=x"), 2)];
        for text in [
            &b"note,task,worker,label,note,\nb\xff,1,ana,'=x,\0,filled\n"[..],
            b",task,worker,label,note,note\n7,1,ana,\"['=x']\",,\n",
        ] {
            assert_eq!(read_bytes(text, CrowdKind::Answers), Ok(expected.clone()));
        }
        let message = read_bytes(b"task,worker,label,label\n1,ana,x,y\n", CrowdKind::Answers).unwrap_err();
        assert!(message.starts_with("f:1: the header has two columns for the label"), "{message}");
        let message = read_bytes(b"t\xe4sk,worker,label\n1,ana,x\n", CrowdKind::Answers).unwrap_err();
        assert!(message.starts_with("f:1: ") && message.contains("expected UTF-8"), "{message}");
    }

    #[test]
    fn names_that_mislead_are_refused_in_every_layout() {
        for (item, annotator, label) in [
            ("1\u{202e}", "ana", "x"),
            ("1", "ana\u{202e}", "x"),
            ("1", "ana", "x\u{202e}y"),
            ("1", "\u{200b}", "x"),
            ("1", "ana", "\u{3164}"),
            ("1", "ana\u{2060}", "x"),
        ] {
            for text in [
                format!("task,worker,label\n{item},{annotator},{label}\n"),
                format!("\n{{\"item\":\"{item}\",\"annotator\":\"{annotator}\",\"label\":\"{label}\"}}\n"),
            ] {
                let message = read_bytes(text.as_bytes(), CrowdKind::Answers).unwrap_err();
                assert!(message.starts_with("f:2: the ") && message.contains("U+"), "{message}");
            }
        }
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
            (b"task,worker,label\n1,a,b\n2,c\n", "f:3: the row has 2 cells, but the header has 3"),
            (b"task,worker,label\n1,a,b\n2,c,d,e\n", "f:3: the row has 4 cells, but the header has 3"),
            (b"task,worker,label\n1,,b\n", "f:2: the field \"worker\" is empty"),
            (b"task,worker,label\n ,a,b\n", "f:2: the field \"task\" is empty"),
            (b"task,worker,label\n1,a,b\xff\n", "f:2: invalid UTF-8"),
            (b"task,worker,label\n1,a,\x00b\n", "f:2: there is a NUL character"),
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
            (b"{\"item\":1,\"annotator\":\"a\",\"label\":[1,2]}", "f:1: 2 labels; expected one"),
            (b"{\"item\":1,\"annotator\":\"a\",\"label\":\"b\"", "f:1: malformed JSON"),
            (b"[[1,2,3]]", "f:1: this is a list, expected an object"),
            (
                b"[{\"item\":1,\"annotator\":\"a\",\"label\":\"b\"},{\"item\":1}]",
                "f: item 2: the field \"annotator\" is missing",
            ),
            (b"task,worker,label\n1,a,\"b\n2,c,d\n", "f:2: the quote that opens cell 3 is never closed"),
            (
                b"task,worker,label\n1,a,\"b\" c\n2,c,d\n",
                "f:2: characters follow the closing quote of cell 3",
            ),
            (b"task,worker,label\n1,a,\"['x', 'y']\"\n", "f:2: 2 labels; expected one"),
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

    #[test]
    fn exports_of_tools_are_read_as_in_a_workspace() {
        let studio = r#"[{"data":{"text":"one","querist_id":"d1"},"annotations":[
            {"completed_by":"ana","result":[{"from_name":"topic","type":"choices","value":{"choices":["spam"]}}]},
            {"completed_by":"ben","was_cancelled":true,"result":[]}]}]"#;
        let expected = vec![row("d1", "ana", Some("spam"), 1), row("d1", "ben", None, 1)];
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(studio.as_bytes()).unwrap();
        let mut rows = Vec::new();
        let mut take = |row: CrowdRow<'_>, line| {
            rows.push((row.item.to_owned(), row.annotator.to_owned(), row.label.map(str::to_owned), line));
            Ok(())
        };
        let path = file.path().to_str().unwrap();
        let found = read(path, CrowdKind::Answers, &CrowdReading::default(), &mut take).unwrap();
        assert_eq!((rows, found.rows), (expected, 1));
        let said = |told: &Told| told.text.contains("read as Label Studio");
        assert!(found.remarks.iter().any(said), "{:?}", found.remarks);
        // Any label is accepted, and a text without an id becomes the item with the id that an
        // import would make from it.
        let prodigy = "{\"text\":\"hi\",\"accept\":[\"ham\"],\"options\":[],\"answer\":\"accept\",\"_annotator_id\":\"ana\"}\n";
        let expected = vec![row("85052e9aab1b67b6622d94a08441b09f", "ana", Some("ham"), 1)];
        assert_eq!(read_bytes(prodigy.as_bytes(), CrowdKind::Answers).unwrap(), expected);
        // True labels are never read as a tool's answers.
        let message = read_bytes(prodigy.as_bytes(), CrowdKind::Gold).unwrap_err();
        assert!(message.starts_with("f:1: the field \"item\" is missing"), "{message}");
    }
}
