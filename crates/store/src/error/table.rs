//! What can be wrong with a table of text or a workbook: what, and what to do.

use thiserror::Error;

/// What is wrong with a table.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TableProblem {
    /// A quoted cell without an end.
    #[error(
        "the quote that opens cell {cell} is never closed; close it, and write a quote inside a quoted cell twice"
    )]
    UnclosedQuote {
        /// The cell of the record, from 1.
        cell: usize,
    },
    /// A quoted cell that goes on behind its closing quote.
    #[error(
        "characters follow the closing quote of cell {cell}, which opens on this line; write a quote inside a quoted cell twice"
    )]
    BehindQuote {
        /// The cell of the record, from 1.
        cell: usize,
    },
    /// Something in a column that has no name.
    #[error(
        "cell {cell} is not empty, and its column has no name; name the column in the header, or empty the cell"
    )]
    UnnamedCell {
        /// The cell of the record, from 1.
        cell: usize,
    },
    /// A column of bytes where text is wanted.
    #[error(
        "the column \"{column}\" has bytes that are not UTF-8 (byte {byte}); expected text: write the \
         column as strings"
    )]
    BytesAreNoText {
        /// The column.
        column: String,
        /// The first bad byte of the value, from 1.
        byte: usize,
    },
    /// An Excel workbook that breaks off or is none inside.
    #[error("this Excel workbook is damaged ({detail}); save it again")]
    BrokenWorkbook {
        /// The reader's words.
        detail: String,
    },
    /// A sheet that the workbook does not have.
    #[error("the workbook has no sheet \"{name}\"; expected one of: {known}")]
    NoSuchSheet {
        /// The name as given.
        name: String,
        /// The sheets.
        known: String,
    },
    /// A sheet of a file that has none.
    #[error("the file is {layout}, which has no sheets")]
    NoSheets {
        /// What it is.
        layout: &'static str,
    },
    /// A cell whose value is an error.
    #[error("the cell has the error {error}; correct its formula, or empty the cell")]
    CellError {
        /// The error as Excel shows it.
        error: String,
    },
    /// A formula without the value that it comes to.
    #[error(
        "the cell has a formula that was never computed; open the workbook in a spreadsheet program and \
         save it, or replace the formula by its value"
    )]
    NotComputed,
    /// A sheet without rows beside others.
    #[error(
        "the sheet \"{sheet}\", which is read because it is the first one, has no rows below a header; \
         the others are: {others}"
    )]
    EmptySheet {
        /// The sheet.
        sheet: String,
        /// The others.
        others: String,
    },
    /// A file of an office program that is not read.
    #[error("this is {kind}, which is not supported; save it as an Excel workbook (.xlsx) or as CSV")]
    OfficeFile {
        /// What it is.
        kind: &'static str,
    },
}
