//! Checks that a workbook does not unpack to too many bytes, before the library reads any of it.
//!
//! The workbook may claim false sizes for its parts, so each part is unpacked once, without keeping
//! the bytes. A workbook also claims how many strings it has, and the library allocates memory for
//! them. So this number must not be larger than the number of bytes in the part with the strings.

use std::io::{Read, Seek, SeekFrom};

use zip::ZipArchive;

use super::super::archive::{MEMBERS_LIMIT, SIZE_LIMIT};
use super::broken;
use crate::error::{InputError, InputProblem, PackingProblem};
use crate::source::{RATIO_FROM, RATIO_LIMIT};

/// The number of bytes that are unpacked at once.
const BLOCK: usize = 1 << 16;

/// Checks a workbook. Returns the size of its file in bytes.
///
/// # Errors
/// The workbook cannot be read, is damaged, or unpacks to more than the limits allow.
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

/// Returns the number of strings that a list of strings claims to have; `None` if it claims none.
/// `beginning` has the list's first bytes.
fn claimed_strings(beginning: &[u8]) -> Option<u64> {
    let text = String::from_utf8_lossy(beginning);
    let (_, behind) = text.split_once("uniqueCount")?;
    let digits = behind.trim_start_matches([' ', '=', '"', '\'', '\n', '\t', '\r', '+']);
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    // A number that does not fit into 64 bits exceeds the size of any file.
    Some(digits[..end].parse().unwrap_or(if end == 0 { 0 } else { u64::MAX }))
}
