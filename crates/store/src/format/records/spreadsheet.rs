//! Guards cells that a spreadsheet would read as a formula, and restores them exactly.
//!
//! A cell that begins with `=`, `+`, `-`, `@`, a tab or a carriage return, or with apostrophes and
//! then one of these, gets an apostrophe in front. Reading removes one apostrophe from cells that
//! begin with apostrophes and then one of these. So every cell that was written is read back
//! exactly. In files from other programs, only a text such as `'=` loses its first apostrophe.

use std::borrow::Cow;

/// The characters with which a formula begins.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Whether a cell begins with any number of apostrophes, then with the beginning of a formula.
fn looks_like_formula(cell: &str) -> bool {
    cell.trim_start_matches('\'').starts_with(FORMULA)
}

/// The cell in its written form.
pub fn guarded(cell: &str) -> Cow<'_, str> {
    if looks_like_formula(cell) { Cow::Owned(format!("'{cell}")) } else { Cow::Borrowed(cell) }
}

/// The cell as it was before it was guarded.
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
