//! What kind of file a packed one is, and whether a workbook keeps the limits, before the library
//! reads any of it.
//!
//! A directory may lie about sizes, so every part is unpacked once, into nothing. The count of
//! strings that a workbook claims is compared with their size, because the library reserves memory
//! for them.

use std::io::{Read, Seek, SeekFrom};

use zip::ZipArchive;

use super::super::archive::{MEMBERS_LIMIT, SIZE_LIMIT};
use super::broken;
use crate::error::{InputError, InputProblem, PackingProblem};
use crate::source::{RATIO_FROM, RATIO_LIMIT};

/// How much is unpacked at once, in bytes.
const BLOCK: usize = 1 << 16;

/// What a packed file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Kind {
    /// A workbook that is read here.
    Workbook,
    /// Something that an office program wrote, and that is not read: what it is.
    Other(&'static str),
    /// An archive.
    Archive,
}

/// Tells by the names of the parts. What cannot be opened is an archive, which says what is wrong.
pub(in super::super) fn kind(source: impl Read + Seek) -> Kind {
    let Ok(archive) = ZipArchive::new(source) else { return Kind::Archive };
    let has = |name: &str| archive.index_for_name(name).is_some();
    if has("xl/workbook.bin") {
        Kind::Other("a binary Excel workbook (.xlsb)")
    } else if has("[Content_Types].xml")
        && archive.file_names().any(|name| name.is_ok_and(|name| is_part_of_workbook(&name)))
    {
        Kind::Workbook
    } else if has("[Content_Types].xml") {
        Kind::Other("an Office file that is not a workbook")
    } else if has("mimetype") && has("content.xml") {
        Kind::Other("an OpenDocument file")
    } else {
        Kind::Archive
    }
}

fn is_part_of_workbook(name: &str) -> bool {
    name.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("xl/"))
}

/// Checks a workbook. Gives the file's size in bytes.
///
/// # Errors
/// It is damaged, or unpacks to more than the limits allow.
pub(super) fn check(file: &str, source: &mut (impl Read + Seek)) -> Result<u64, InputError> {
    let fault = |problem| InputError::of_file(file, problem);
    let unreadable = |error: std::io::Error| fault(InputProblem::Unreadable { detail: error.to_string() });
    let size = source.seek(SeekFrom::End(0)).map_err(unreadable)?;
    source.rewind().map_err(unreadable)?;
    let mut archive = ZipArchive::new(source).map_err(|error| fault(broken(&error)))?;
    if archive.len() > MEMBERS_LIMIT {
        let what = format!("has {} files, more than {MEMBERS_LIMIT}", archive.len());
        return Err(fault(PackingProblem::ArchiveTooLarge { what }.into()));
    }
    let most = RATIO_LIMIT.saturating_mul(size).clamp(RATIO_FROM, SIZE_LIMIT);
    let mut unpacked = 0;
    let mut block = vec![0; BLOCK];
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).map_err(|error| fault(broken(&error)))?;
        let is_strings = part.name().is_ok_and(|name| name.to_lowercase().ends_with("sharedstrings.xml"));
        let (mut length, mut claimed) = (0_u64, None);
        loop {
            let read = part.read(&mut block).map_err(|error| fault(broken(&error)))?;
            if read == 0 {
                break;
            }
            if length == 0 && is_strings {
                claimed = claimed_strings(&block[..read]);
            }
            length += read as u64;
            unpacked += read as u64;
            if unpacked > most {
                return Err(fault(InputProblem::Bomb { ratio: RATIO_LIMIT }));
            }
        }
        if claimed.is_some_and(|claimed| claimed > length) {
            return Err(fault(broken(&"it claims more strings than it has bytes")));
        }
    }
    Ok(size)
}

/// How many strings the list of strings claims to have, in its first element.
fn claimed_strings(beginning: &[u8]) -> Option<u64> {
    let text = String::from_utf8_lossy(beginning);
    let (_, behind) = text.split_once("uniqueCount")?;
    let digits = behind.trim_start_matches([' ', '=', '"', '\'', '\n', '\t', '\r', '+']);
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    // More digits than a number has are more strings than any file has.
    Some(digits[..end].parse().unwrap_or(if end == 0 { 0 } else { u64::MAX }))
}
