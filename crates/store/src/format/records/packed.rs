//! Finds out what kind of file a file in the ZIP format is: a workbook, another office file, or an
//! archive.

use std::io::{Read, Seek};

/// The kind of a ZIP file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(feature = "zip"), expect(dead_code, reason = "without a reader there are only archives"))]
pub(super) enum Kind {
    /// An Excel workbook (.xlsx).
    Workbook,
    /// A file of an office program that Querist cannot read, with a description of its kind.
    Other(&'static str),
    /// An archive of files, or a damaged file.
    Archive,
}

/// Returns the kind of a ZIP file, which the names of its parts show. A damaged file counts as an
/// archive, because the reader of archives then reports what is wrong.
#[cfg(feature = "zip")]
pub(super) fn kind(source: impl Read + Seek) -> Kind {
    let Ok(archive) = zip::ZipArchive::new(source) else { return Kind::Archive };
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

/// Returns `Archive`, because this build cannot read ZIP files and so refuses all of them.
#[cfg(not(feature = "zip"))]
pub(super) fn kind(_: impl Read + Seek) -> Kind {
    Kind::Archive
}

#[cfg(feature = "zip")]
fn is_part_of_workbook(name: &str) -> bool {
    name.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("xl/"))
}
