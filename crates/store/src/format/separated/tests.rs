//! Tests reading of text tables with every separator, and of malformed tables.

use proptest::prelude::*;

use super::*;
use crate::source::Encoding;

/// A reader that returns only a few bytes at a time, as a pipe may.
struct Drops(std::io::Cursor<Vec<u8>>, usize);

impl std::io::Read for Drops {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let length = into.len().min(self.1);
        self.0.read(&mut into[..length])
    }
}

type Rows = Vec<(u64, Vec<String>)>;

fn read_by(bytes: &[u8], usual: Usual, at_once: usize) -> Result<Rows, String> {
    let drops = Box::new(Drops(std::io::Cursor::new(bytes.to_vec()), at_once));
    let source = Source::of("f", drops, Encoding::default()).unwrap();
    let mut records = Separated::of(source, usual).map_err(|error| error.to_string())?;
    let mut rows = Vec::new();
    while records.read().map_err(|error| error.to_string())? {
        let fault = records.take_fault().map(|problem| vec![problem.to_string()]);
        let cells = || records.cells().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect();
        rows.push((records.begins_on(), fault.unwrap_or_else(cells)));
    }
    Ok(rows)
}

fn read(text: &str) -> Result<Rows, String> {
    read_by(text.as_bytes(), Usual::Comma, usize::MAX)
}

fn row(line: u64, cells: &[&str]) -> (u64, Vec<String>) {
    (line, cells.iter().map(|cell| (*cell).to_owned()).collect())
}

#[test]
fn every_dialect_has_the_same_records() {
    let expected = |line| {
        vec![row(line, &["id", "text"]), row(line + 1, &["1", "a \"b\", c"]), row(line + 2, &["2", ""])]
    };
    for (line, text) in [
        (1, "id,text\n1,\"a \"\"b\"\", c\"\n2,\n"),
        (1, "\u{feff}id,text\r\n1,\"a \"\"b\"\", c\"\r\n2,\"\""),
        (1, "\"id\";\"text\"\n1;a \"b\", c\n2;\n;\n\n  \n"),
        (1, "id\ttext\r1\ta \"b\", c\r2\t\r"),
        (2, "sep=;\r\nid;text\r\n1;a \"b\", c\r\n2;\r\n"),
        (2, "\u{feff}SEP=|\nid|text\n1|\"a \"\"b\"\", c\"\n2|\n"),
        (3, "\n \nid;text\n1;a \"b\", c\n2;"),
    ] {
        assert_eq!(read(text).unwrap(), expected(line), "{text:?}");
        for at_once in [1, 2, 7] {
            assert_eq!(read_by(text.as_bytes(), Usual::Comma, at_once), read(text), "{text:?} by {at_once}");
        }
    }
    assert!(read("").unwrap().is_empty() && read("\u{feff}\n\n").unwrap().is_empty());
    assert!(read("sep=;\n").unwrap().is_empty());
}

#[test]
fn a_quoted_cell_keeps_its_lines_and_records_know_theirs() {
    let text = "a,b\r\n1,\"x\r\n\ny\"\r\n\r\n2,\"\"\"\"\r\n";
    assert_eq!(read(text).unwrap(), [row(1, &["a", "b"]), row(2, &["1", "x\r\n\ny"]), row(6, &["2", "\""])]);
    // If lines end with line feeds, a carriage return alone does not end a record.
    assert_eq!(read("a\nb\rc\n").unwrap(), [row(1, &["a"]), row(2, &["b\rc"])]);
}

#[test]
fn a_quote_that_is_never_closed_is_told_where_it_opened() {
    for (text, place) in [
        (
            "id,label,text\n1,spam,\"abc\n2,ham,def\n3,ham,ghi\n",
            "f:2: the quote that opens cell 3 is never closed",
        ),
        ("a,b\n\n1,\"two\nlines\"\n2,\"x\n", "f:5: the quote that opens cell 2 is never closed"),
        ("a,b\n1,\"x\ny\",\"z\n", "f:3: the quote that opens cell 3 is never closed"),
        ("\"a,b\n1,2\n", "f:1: the quote that opens cell 1 is never closed"),
        ("a,b\n1,\"\"\"\n2,x\n", "f:2: the quote that opens cell 2 is never closed"),
        // The open quote is closed by the next quote in the file, which belongs to another cell.
        ("a,b\n1,\"x\n2,\"y\"\n", "f:2: characters follow the closing quote of cell 2"),
    ] {
        let message = read(text).unwrap_err();
        assert!(message.starts_with(place), "{text:?}: {message}");
    }
    let mut bytes = b"id,text\na,b\nc,\"".to_vec();
    bytes.resize(LINE_LIMIT + (1 << 20), b'\n');
    let message = read_by(&bytes, Usual::Comma, usize::MAX).unwrap_err();
    assert!(message.starts_with("f:3: the quote that opens cell 2 is never closed"), "{message}");
    bytes.truncate(12);
    bytes.resize(LINE_LIMIT + (1 << 20), b'x');
    let message = read_by(&bytes, Usual::Comma, usize::MAX).unwrap_err();
    assert!(message.starts_with("f:3: the record is longer than 16 MiB"), "{message}");
}

#[test]
fn characters_behind_a_closing_quote_are_the_fault_of_their_record() {
    let rows = read("id,text\n1,\"x\" y\n2,\"p\"q\"r\"\n3,he is 6\" tall\n4,\"a\"\n").unwrap();
    for (at, line) in [(1, 2), (2, 3)] {
        assert!(
            rows[at].0 == line && rows[at].1[0].starts_with("characters follow the closing quote of cell 2")
        );
    }
    assert_eq!(rows[3..], [row(4, &["3", "he is 6\" tall"]), row(5, &["4", "a"])]);
}

proptest! {
    /// Whatever is written by the rules is read back, in blocks of any size.
    #[test]
    fn what_is_quoted_comes_back(
        cells in prop::collection::vec(prop::collection::vec("[a\",;\t\r\n ]{0,5}", 3), 1..5),
        separator in prop::sample::select(vec![',', ';', '\t']),
        at_once in 1..9_usize,
    ) {
        let header = ["a", "b", "c"].join(&separator.to_string());
        let quoted = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
        let mut text = header + "\n";
        for cells in &cells {
            let cells: Vec<String> = cells.iter().map(quoted).collect();
            text += &(cells.join(&separator.to_string()) + "\n");
        }
        let rows: Vec<Vec<String>> = read_by(text.as_bytes(), Usual::Comma, at_once).unwrap()
            .into_iter().skip(1).map(|(_, cells)| cells).collect();
        let blank = |cells: &Vec<String>| cells.iter().all(|cell| cell.trim().is_empty());
        let expected: Vec<Vec<String>> = cells.into_iter().filter(|cells| !blank(cells)).collect();
        prop_assert_eq!(rows, expected);
    }

    /// No byte is lost: reading returns either an error, or cells with every byte that is not a
    /// quote, a separator or a line break.
    #[test]
    fn nothing_is_swallowed(text in "[ab\",\n]{0,30}") {
        let Ok(rows) = read(&format!("h,i\n{text}")) else { return Ok(()) };
        let letters = |text: &str| text.matches(['a', 'b']).count();
        let faulty = rows.iter().any(|(_, cells)| cells[0].starts_with("characters follow"));
        let kept: usize = rows.iter().skip(1).flat_map(|(_, cells)| cells).map(|cell| letters(cell)).sum();
        prop_assert!(faulty || kept == letters(&text), "{:?}", rows);
    }
}

#[test]
fn a_quote_that_another_row_closes_gets_a_word() {
    let remarks = |text: &str| {
        let source =
            Source::of("f", Box::new(std::io::Cursor::new(text.as_bytes().to_vec())), Encoding::default());
        let mut records = Separated::of(source.unwrap(), Usual::Comma).unwrap();
        while records.read().unwrap() {}
        records.remarks()
    };
    let swallowed = remarks("id,text,label\n1,\"open,a\n2,plain,b\n3,other\",a\n4,x,b\n");
    assert!(
        swallowed[0].starts_with("the record that begins on line 2 continues over 3 lines"),
        "{swallowed:?}"
    );
    for text in [
        "id,text,label\n1,\"two\nlines\",a\n",
        "id,text,label\n1,\"Dear all, well,\nsee you\",a\n",
        "text\n\"two\nlines\"\n",
        "id,text\n1,\"one, line\"\n",
    ] {
        assert!(remarks(text).is_empty(), "{text}");
    }
}
