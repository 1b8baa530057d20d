//! Guesses a file's layout from its name and its first bytes.
//!
//! If no layout fits, the guess is JSON Lines. Reading then fails with an error that says what is
//! expected.

use std::path::Path;

use super::Layout;
use super::fasttext::PREFIX;

/// A layout and the reason for the guess. The reason is `None` if the layout is not in doubt.
#[derive(Clone, Copy)]
pub(super) struct Guess {
    pub(super) layout: Layout,
    pub(super) by: Option<&'static str>,
}

/// Guesses the layout of a file. `first` is the beginning of its content, decompressed and decoded.
pub(super) fn guess(file: &str, first: &[u8]) -> Guess {
    let by_content = |layout| Guess { layout, by: Some("its first bytes") };
    if first.starts_with(b"PAR1") {
        return by_content(Layout::Parquet);
    }
    if first.starts_with(b"PK\x03\x04") || first.starts_with(b"PK\x05\x06") {
        return by_content(Layout::Zip);
    }
    // Files of old Office programs and encrypted files of new ones begin with this signature. They
    // are refused later, with an error that names their kind.
    if first.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return by_content(Layout::Xlsx);
    }
    let text = first.strip_prefix(b"\xef\xbb\xbf").unwrap_or(first).trim_ascii_start();
    let ending = ending(file);
    match ending.as_deref() {
        Some("csv") => return Guess { layout: Layout::Csv, by: Some("its name") },
        Some("tsv" | "tab") => return Guess { layout: Layout::Tsv, by: Some("its name") },
        Some("parquet") => return Guess { layout: Layout::Parquet, by: Some("its name") },
        Some("jsonl" | "ndjson" | "jsonlines") if !text.starts_with(b"[{") => {
            return Guess { layout: Layout::JsonLines, by: None };
        }
        _ => {}
    }
    match text.first() {
        Some(b'[') => return by_content(Layout::JsonArray),
        Some(b'{') => return by_content(Layout::JsonLines),
        _ => {}
    }
    if text.starts_with(PREFIX.as_bytes()) {
        return by_content(Layout::FastText);
    }
    if matches!(ending.as_deref(), Some("txt" | "text" | "md")) {
        return Guess { layout: Layout::PlainText, by: Some("its name") };
    }
    match table(text) {
        Some(layout) => by_content(layout),
        None => Guess { layout: Layout::JsonLines, by: Some("default") },
    }
}

/// Returns the layout of a text table, if the first line looks like a header: it has several cells
/// with short names. Returns `None` for any other line.
fn table(text: &[u8]) -> Option<Layout> {
    let line = text.split(|byte| *byte == b'\n').next().and_then(|line| std::str::from_utf8(line).ok())?;
    let line = line.trim_end_matches(['\r', ' ']);
    if line.trim_matches('"').get(..4).is_some_and(|start| start.eq_ignore_ascii_case("sep=")) {
        return Some(Layout::Csv);
    }
    [(Layout::Tsv, '\t'), (Layout::Csv, ';'), (Layout::Csv, ','), (Layout::Csv, '|')].into_iter().find_map(
        |(layout, separator)| {
            let cells: Vec<&str> = line.split(separator).map(|cell| cell.trim().trim_matches('"')).collect();
            let name = |cell: &&str| {
                cell.len() <= 64 && cell.chars().all(|c| c.is_alphanumeric() || "_-. :".contains(c))
            };
            (cells.len() > 1 && cells.iter().all(name)).then_some(layout)
        },
    )
}

/// Whether the name of a file says that the file contains rows.
pub(super) fn is_rows(file: &str) -> bool {
    const ENDINGS: [&str; 10] =
        ["jsonl", "ndjson", "jsonlines", "json", "csv", "tsv", "tab", "parquet", "xlsx", "xlsm"];
    ending(file).is_some_and(|ending| ENDINGS.contains(&ending.as_str()))
}

/// Whether the name of a file says that the file is a workbook.
#[cfg(feature = "zip")]
pub(super) fn is_workbook(file: &str) -> bool {
    matches!(ending(file).as_deref(), Some("xlsx" | "xlsm"))
}

/// Whether the name of a file says that tabs separate its cells.
pub(in crate::format) fn is_tab_separated(file: &str) -> bool {
    matches!(ending(file).as_deref(), Some("tsv" | "tab"))
}

/// Returns the suffix of a file's name, in lower case. Suffixes such as `.gz` do not count.
pub(super) fn ending(file: &str) -> Option<String> {
    let path = Path::new(file);
    let lower = |path: &Path| path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    match lower(path).as_deref() {
        Some("gz" | "zst" | "zstd") => lower(Path::new(path.file_stem()?)),
        other => other.map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_first_bytes_tell_the_layout() {
        for (file, first, layout) in [
            ("a.jsonl", "{\"id\":1}", Layout::JsonLines),
            ("a.jsonl.gz", "not json", Layout::JsonLines),
            ("a.jsonl", "[{\"id\":1}]", Layout::JsonArray),
            ("a.jsonl", "[1, 2]", Layout::JsonLines),
            ("a.json", "{\"id\":1}\n", Layout::JsonLines),
            ("-", "\u{feff} [", Layout::JsonArray),
            ("a.CSV", "{", Layout::Csv),
            ("a.tsv.zst", "id\ttext", Layout::Tsv),
            ("-", "id,text\n1,x", Layout::Csv),
            ("-", "id\ttext, or so\n", Layout::JsonLines),
            ("-", "id\ttext\n", Layout::Tsv),
            ("-", "id; text\r\n1;x", Layout::Csv),
            ("-", "sep=|\nid|text\n", Layout::Csv),
            ("a.txt", "__label__a b", Layout::FastText),
            ("a.txt", "one, two", Layout::PlainText),
            ("a", "PAR1", Layout::Parquet),
            ("a", "PK\u{3}\u{4}", Layout::Zip),
            ("a", "", Layout::JsonLines),
        ] {
            assert_eq!(guess(file, first.as_bytes()).layout, layout, "{file}: {first}");
        }
        assert!(guess("a.jsonl", b"{").by.is_none() && guess("-", b"{").by.is_some());
    }
}
