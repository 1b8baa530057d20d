//! Finds files in the workspace's folder, other than Querist's own, that contain or may contain a
//! text to forget.
//!
//! The search covers the whole folder and follows no links. It decompresses and decodes files as an
//! import does. It cannot search archives, workbooks and other files that are not text. It reports
//! these as files that may contain a text.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use memchr::memchr;
use memchr::memmem::Finder;

use super::ToForget;
use super::files::{Wanted, is_backup};
use crate::source::{Encoding, Source};
use crate::workspace::artifacts::entries;
use crate::workspace::places::open_to_look;
use crate::workspace::vectors;

/// The number of bytes that are read and searched at once.
const BLOCK: usize = 1 << 18;
/// Files of the database and its lock. They are not searched, because the database's texts are
/// erased by other code.
const DATABASE: [&str; 5] =
    ["querist.lock", "querist.db", "querist.db-wal", "querist.db-shm", "querist.db-journal"];
/// The files of an embedding. They contain only words and vectors.
const EMBEDDING: [&str; 3] = ["model.safetensors", "tokenizer.json", "blake3.json"];

/// The result of searching a file.
#[derive(Debug, PartialEq, Eq)]
enum Search {
    /// The file contains a text.
    Holds,
    /// The file is text and contains none of the texts.
    HoldsNothing,
    /// The file cannot be searched: it is not text, or it cannot be read.
    CannotTell,
}

/// Adds to `found` the files that contain a text to forget and the files that may contain one.
/// Skips the files in `seen`, which the caller has searched already.
pub(super) fn find(root: &Path, wanted: &Wanted<'_>, seen: &BTreeSet<PathBuf>, found: &mut ToForget) {
    let finders = wanted.finders();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in entries(&folder) {
            let path = entry.path();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(path),
                Ok(kind) if kind.is_file() && !is_own(root, &path) && !seen.contains(&path) => {
                    match search(&path, &finders) {
                        Search::Holds => found.elsewhere.push(path),
                        Search::HoldsNothing => {}
                        Search::CannotTell => found.may_hold.push(path),
                    }
                }
                _ => {}
            }
        }
    }
    found.elsewhere.sort();
    found.may_hold.sort();
}

/// Whether the search can skip a file that Querist made: it contains no texts, or other code erases
/// its texts.
fn is_own(root: &Path, path: &Path) -> bool {
    let Ok(within) = path.strip_prefix(root) else { return false };
    let names: Vec<_> = within.iter().map(|name| name.to_string_lossy()).collect();
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    match names[..] {
        [name] => DATABASE.contains(&name) || is_backup(name),
        ["features", _] => true,
        ["models", name] => name.strip_suffix(".safetensors").is_some_and(is_hash),
        ["embeddings", _, name] => EMBEDDING.contains(&name),
        [vectors::FOLDER, name] => vectors::part_number(name).is_some(),
        _ => false,
    }
}

/// Whether a name consists of 64 hexadecimal digits, as the hashes of models do.
fn is_hash(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Searches a file, which may be compressed.
fn search(path: &Path, finders: &[Finder<'_>]) -> Search {
    let Some(file) = open_to_look(path) else { return Search::CannotTell };
    if fs::metadata(path).is_ok_and(|there| there.len() == 0) {
        return Search::HoldsNothing;
    }
    let source = Source::of("", Box::new(file), Encoding::default());
    source.and_then(|source| search_in(source, finders)).unwrap_or(Search::CannotTell)
}

/// Searches the bytes of a stream, block by block.
fn search_in(mut from: impl Read, finders: &[Finder<'_>]) -> std::io::Result<Search> {
    let overlap = finders.iter().map(|finder| finder.needle().len()).max().unwrap_or_default();
    // `window` holds the bytes to search. It begins with the last bytes of the block before, so
    // that a text across two blocks is found. Its first `looked_at` bytes have been checked for
    // UTF-8.
    let (mut window, mut looked_at, mut is_text) = (Vec::new(), 0, true);
    loop {
        let before = window.len();
        window.resize(before + BLOCK, 0);
        let n = from.read(&mut window[before..])?;
        window.truncate(before + n);
        if n == 0 {
            break;
        }
        if finders.iter().any(|finder| finder.find(&window).is_some()) {
            return Ok(Search::Holds);
        }
        is_text &= memchr(0, &window[before..]).is_none();
        match std::str::from_utf8(&window[looked_at..]) {
            // A character may be cut off at the end of the block; the next block will complete it.
            Err(error) if error.error_len().is_none() => looked_at += error.valid_up_to(),
            checked => {
                is_text &= checked.is_ok();
                looked_at = window.len();
            }
        }
        let gone = window.len().saturating_sub(overlap).min(looked_at);
        window.drain(..gone);
        looked_at -= gone;
    }
    let is_text = is_text && looked_at == window.len();
    Ok(if is_text { Search::HoldsNothing } else { Search::CannotTell })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_found_across_blocks_and_what_is_no_text_is_told() {
        let finders = [Finder::new("needle\u{e9}")];
        let search = |bytes: &[u8]| search_in(bytes, &finders).unwrap();
        for before in [0, BLOCK - 3, BLOCK, 3 * BLOCK - 7] {
            let text = "x".repeat(before) + "needle\u{e9}" + &"y".repeat(9);
            assert_eq!(search(text.as_bytes()), Search::Holds, "after {before}");
            let text = "x".repeat(before) + "n\u{e9}edle";
            assert_eq!(search(text.as_bytes()), Search::HoldsNothing, "after {before}");
        }
        for bytes in [&b"\xff\xfe"[..], b"a\0b", b"caf\xc3", b"PK\x03\x04\x00"] {
            assert_eq!(search(bytes), Search::CannotTell, "{bytes:?}");
        }
    }
}
