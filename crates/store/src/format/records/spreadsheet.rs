//! Writes cells so that a spreadsheet does not read them as formulas, and reads them back exactly.
//!
//! A cell is dangerous if it begins with `=`, `+`, `-`, `@`, a tab or a carriage return, perhaps
//! with apostrophes before it. Writing puts one apostrophe, the guard, in front of a dangerous
//! cell. Reading removes one apostrophe from the beginning of a cell if the rest is dangerous. So
//! every cell that was written is read back exactly. In the files of other programs, only a text
//! such as `'=` loses an apostrophe.

use std::borrow::Cow;

/// The first characters by which spreadsheets recognize a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Whether a cell begins with any number of apostrophes, followed by the first character of a
/// formula.
fn looks_like_formula(cell: &str) -> bool {
    cell.trim_start_matches('\'').starts_with(FORMULA)
}

/// Returns the cell with a guard (an apostrophe) in front if a spreadsheet could read it as a
/// formula, and otherwise unchanged.
pub fn guarded(cell: &str) -> Cow<'_, str> {
    if looks_like_formula(cell) { Cow::Owned(format!("'{cell}")) } else { Cow::Borrowed(cell) }
}

/// Returns the cell without the apostrophe that keeps a spreadsheet from computing it as a formula.
/// A cell without such an apostrophe is returned as it is.
pub fn unguarded(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(behind) if looks_like_formula(behind) => behind,
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_what_would_be_a_formula_is_changed() {
        for cell in ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "'=1"] {
            assert_eq!(guarded(cell), format!("'{cell}"));
        }
        for cell in ["", "'tis", "a=b", "''quoted''", " =1"] {
            assert_eq!((guarded(cell).as_ref(), unguarded(cell)), (cell, cell));
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(cell in "['=+@\\-\\t\\rab]{0,6}") {
            let written = guarded(&cell).into_owned();
            prop_assert!(!written.starts_with(FORMULA));
            prop_assert_eq!(unguarded(&written), cell);
        }
    }
}
