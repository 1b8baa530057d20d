//! The options of an import.

use querist_core::Role;

use crate::error::FieldOption;
use crate::format::documents::FieldNames;
use crate::format::records::Layout;
use crate::format::rejected::Wording;
use crate::source::Encoding;

/// The kind of documents that a file contains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportAs {
    /// A row with a label is a training example; a row without a label joins the pool.
    Guess,
    /// Documents of the pool, from which batches are picked. Labels in the file are not stored.
    Pool,
    /// Training examples; every row needs a label.
    Labeled,
    /// Test documents; every row needs a label.
    Test,
    /// Control items; every row needs a label.
    Control,
}

impl ImportAs {
    /// Returns the name of the kind, as in the option `--as`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Guess => "auto",
            Self::Pool => "pool",
            Self::Labeled => "labeled",
            Self::Test => "test",
            Self::Control => "control",
        }
    }

    /// Returns the role that the documents get.
    pub(super) fn role(self) -> Role {
        match self {
            Self::Guess | Self::Pool | Self::Labeled => Role::Pool,
            Self::Test => Role::Test,
            Self::Control => Role::Control,
        }
    }
}

/// The options of an import.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own, as a user sees it")]
pub struct ImportOptions {
    /// The kind of documents that the files contain.
    pub kind: ImportAs,
    /// The names of the fields with the id, the text and the label.
    pub fields: FieldNames,
    /// Whether a label that differs from the stored one replaces it.
    pub relabel: bool,
    /// Whether a row with a known id replaces the stored text and fields, if its own differ.
    pub update: bool,
    /// Whether answers to a replaced text count as answers to the new text.
    pub keep_answers: bool,
    /// Whether the import only reports what it would do.
    pub dry_run: bool,
    /// Whether bad rows are skipped and collected. If not, a bad row ends the import.
    pub skip_bad_rows: bool,
    /// How the file of skipped rows words the reasons.
    pub wording: Wording,
    /// The format of the files; `None` to guess it for each file.
    pub layout: Option<Layout>,
    /// The encoding of the files.
    pub encoding: Encoding,
    /// The name of the sheet to read in workbooks; `None` for the first sheet.
    pub sheet: Option<String>,
    /// Whether the user named the id field. If so, every row with named fields must have it.
    pub id_named: bool,
    /// The fields that the user named, each with the option that named it. Each must occur in some
    /// row.
    pub named: Vec<(FieldOption, String)>,
}

impl Default for ImportOptions {
    /// Returns options with which everything is guessed and nothing is replaced.
    fn default() -> Self {
        Self {
            kind: ImportAs::Guess,
            fields: FieldNames::default(),
            relabel: false,
            update: false,
            keep_answers: false,
            dry_run: false,
            skip_bad_rows: false,
            wording: Wording::default(),
            layout: None,
            encoding: Encoding::default(),
            sheet: None,
            id_named: false,
            named: Vec::new(),
        }
    }
}
