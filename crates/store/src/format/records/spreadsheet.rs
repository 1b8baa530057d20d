//! Cells that a spreadsheet would take for a formula, written so that it does not, and read back
//! exactly.
//!
//! A cell that begins with `=`, `+`, `-`, `@`, a tab or a carriage return, or with apostrophes and
//! then one of these, gets one more apostrophe in front. Reading takes one away from cells that
//! begin with apostrophes and then one of these. So whatever is written comes back to the letter.
//! Of files that another program wrote, only a text such as `'=` loses its first apostrophe.

use std::borrow::Cow;

/// What makes a spreadsheet compute.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Whether the cell begins with apostrophes, or none, and then with what a formula begins with.
fn looks_like_formula(cell: &str) -> bool {
    cell.trim_start_matches('\'').starts_with(FORMULA)
}

/// The cell as it is written.
pub fn guarded(cell: &str) -> Cow<'_, str> {
    if looks_like_formula(cell) { Cow::Owned(format!("'{cell}")) } else { Cow::Borrowed(cell) }
}

/// The cell as it was before it was written.
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
