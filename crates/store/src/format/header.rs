//! Reads the header of a table, in the same way for every kind of table.
//!
//! White space at the ends of a name is removed. So is an apostrophe that keeps a spreadsheet from
//! reading the cell as a formula ([`unguarded`]). If a name differs only in upper and lower case
//! from a name that the caller needs, it gets the name that the caller needs. All other names are
//! the user's own and stay as they are.

use super::records::unguarded;
use crate::error::InputProblem;

/// Returns the names of the columns, as the file spells them; empty for a column without a name.
/// Names may repeat.
///
/// # Errors
/// A name is not UTF-8.
pub(super) fn as_they_stand<'a>(cells: impl Iterator<Item = &'a [u8]>) -> Result<Vec<String>, InputProblem> {
    let name = |(at, cell)| {
        let name = std::str::from_utf8(cell).map_err(|error| {
            let problem = InputProblem::InvalidUtf8 { byte: error.valid_up_to() + 1 };
            bad(format!("column {} of the header: {problem}", at + 1))
        })?;
        Ok(unguarded(name).trim().to_owned())
    };
    cells.enumerate().map(name).collect()
}

/// Returns the names of the columns; `None` for a column without a name. `wanted` lists the names
/// that the caller needs. They replace names that differ from them only in upper and lower case.
///
/// # Errors
/// A name is not UTF-8, two columns have the same name, or two names could both be replaced by the
/// same wanted name.
pub(super) fn names<'a>(
    cells: impl Iterator<Item = &'a [u8]>,
    wanted: &[String],
) -> Result<Vec<Option<String>>, InputProblem> {
    let names = as_they_stand(cells)?.into_iter();
    let mut names: Vec<Option<String>> =
        names.map(|name| Some(name).filter(|name| !name.is_empty())).collect();
    fold(&mut names, wanted)?;
    for (at, name) in names.iter().enumerate() {
        if let Some(name) = name
            && names[..at].iter().flatten().any(|earlier| earlier == name)
        {
            return Err(bad(format!("{name:?} appears twice")));
        }
    }
    Ok(names)
}

/// Replaces each name that differs from a wanted name only in upper and lower case by the wanted
/// name.
fn fold(names: &mut [Option<String>], wanted: &[String]) -> Result<(), InputProblem> {
    for wanted in wanted {
        if names.iter().flatten().any(|name| name == wanted) {
            continue;
        }
        let folded = wanted.to_lowercase();
        let mut alike = names.iter_mut().flatten().filter(|name| name.to_lowercase() == folded);
        if let (Some(name), second) = (alike.next(), alike.next()) {
            if let Some(second) = second {
                return Err(bad(format!("{name:?} and {second:?} differ only in case")));
            }
            name.clone_from(wanted);
        }
    }
    Ok(())
}

/// Returns the error for a header. `detail` says what is wrong.
fn bad(detail: String) -> InputProblem {
    InputProblem::BadHeader { detail }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_are_asked_for_in_any_case() {
        let read = |cells: &[&str]| {
            let wanted = ["id", "text", "Note"].map(str::to_owned);
            names(cells.iter().map(|cell| cell.as_bytes()), &wanted).map_err(|problem| problem.to_string())
        };
        let some = |names: &[&str]| names.iter().map(|name| Some((*name).to_owned())).collect::<Vec<_>>();
        assert_eq!(
            read(&[" ID ", "\u{a0}Text", "note", "Other"]),
            Ok(some(&["id", "text", "Note", "Other"]))
        );
        assert_eq!(read(&["ID", "id", "TEXT"]), Ok(some(&["ID", "id", "text"])));
        assert_eq!(read(&["", "id"]), Ok(vec![None, Some("id".to_owned())]));
        assert!(read(&["a", "a "]).unwrap_err().contains("\"a\" appears twice"));
        assert!(read(&["ID", "Id"]).unwrap_err().contains("\"ID\" and \"Id\" differ only in case"));
    }
}
