//! Defines the errors of text tables and workbooks. Each message says what is wrong and what to do.

use thiserror::Error;

/// What is wrong with a table.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TableProblem {
    /// A quoted cell has no closing quote.
    #[error(
        "the quote that opens cell {cell} is never closed; close it, and write a quote inside a quoted cell twice"
    )]
    UnclosedQuote {
        /// The cell's number in the record, from 1.
        cell: usize,
    },
    /// Characters follow the closing quote of a quoted cell.
    #[error(
        "characters follow the closing quote of cell {cell}, which opens on this line; write a quote inside a quoted cell twice"
    )]
    BehindQuote {
        /// The cell's number in the record, from 1.
        cell: usize,
    },
    /// A column without a name has a value.
    #[error(
        "cell {cell} is not empty, and its column has no name; name the column in the header, or empty the cell"
    )]
    UnnamedCell {
        /// The cell's number in the record, from 1.
        cell: usize,
    },
    /// A column that should contain text contains bytes that are not UTF-8.
    #[error(
        "the column \"{column}\" has bytes that are not UTF-8 (byte {byte}); expected text: write the \
         column as strings"
    )]
    BytesAreNoText {
        /// The column's name.
        column: String,
        /// The position in the value of the first byte that is not UTF-8, from 1.
        byte: usize,
    },
    /// An Excel workbook is cut off or damaged.
    #[error("this Excel workbook is damaged ({detail}); save it again")]
    BrokenWorkbook {
        /// The reader's error.
        detail: String,
    },
    /// The workbook lacks the sheet that the user named.
    #[error("the workbook has no sheet \"{name}\"; expected one of: {known}")]
    NoSuchSheet {
        /// The name that the user gave.
        name: String,
        /// The names of the sheets, joined by commas.
        known: String,
    },
    /// The user named a sheet of a file without sheets.
    #[error("the file is {layout}, which has no sheets")]
    NoSheets {
        /// The description of the file's layout.
        layout: &'static str,
    },
    /// A cell's value is an error.
    #[error("the cell has the error {error}; correct its formula, or empty the cell")]
    CellError {
        /// The error as Excel shows it.
        error: String,
    },
    /// A cell has a formula but no computed value.
    #[error(
        "the cell has a formula that was never computed; open the workbook in a spreadsheet program and \
         save it, or replace the formula by its value"
    )]
    NotComputed,
    /// The first sheet has no rows below a header, but there are other sheets.
    #[error(
        "the sheet \"{sheet}\", which is read because it is the first one, has no rows below a header; \
         the others are: {others}"
    )]
    EmptySheet {
        /// The name of the first sheet.
        sheet: String,
        /// The names of the other sheets, joined by commas.
        others: String,
    },
    /// The file has a layout that this build cannot read.
    #[error(
        "this is {layout}, which this build of Querist cannot read; build Querist with the feature {feature}"
    )]
    NotInThisBuild {
        /// The description of the file's layout.
        layout: &'static str,
        /// The feature with which a build can read the layout.
        feature: &'static str,
    },
    /// A file from an office program cannot be read.
    #[error("this is {kind}, which is not supported; save it as an Excel workbook (.xlsx) or as CSV")]
    OfficeFile {
        /// The description of the kind of file.
        kind: &'static str,
    },
}
