//! What an import is asked to do.

use querist_core::Role;

use crate::error::FieldOption;
use crate::format::documents::FieldNames;
use crate::format::records::Layout;
use crate::format::rejected::Wording;
use crate::source::Encoding;

/// What documents are imported as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportAs {
    /// A row with a label is a training example; a row without a label joins the pool.
    Guess,
    /// Documents of the pool, from which batches are picked. Labels in the file are ignored.
    Pool,
    /// Training examples; every row needs a label.
    Labeled,
    /// Test documents; every row needs a label.
    Test,
    /// Control items; every row needs a label.
    Control,
}

impl ImportAs {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Guess => "auto",
            Self::Pool => "pool",
            Self::Labeled => "labeled",
            Self::Test => "test",
            Self::Control => "control",
        }
    }

    pub(super) fn role(self) -> Role {
        match self {
            Self::Guess | Self::Pool | Self::Labeled => Role::Pool,
            Self::Test => Role::Test,
            Self::Control => Role::Control,
        }
    }
}

/// How to import.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own, as a user sees it")]
pub struct ImportOptions {
    /// What the documents are imported as.
    pub kind: ImportAs,
    /// The fields that hold the id, the text and the label.
    pub fields: FieldNames,
    /// Whether a different label replaces the stored one.
    pub relabel: bool,
    /// Whether a different text or different fields replace the stored ones.
    pub update: bool,
    /// Whether answers to a replaced text count for the new text.
    pub keep_answers: bool,
    /// Whether the import only reports what it would do.
    pub dry_run: bool,
    /// Whether bad rows are skipped and collected instead of ending the import.
    pub skip_bad_rows: bool,
    /// How the reasons for skipping rows are worded.
    pub wording: Wording,
    /// The format of the files; `None` to guess it for each file.
    pub layout: Option<Layout>,
    /// The encoding of the files.
    pub encoding: Encoding,
    /// The sheet to read in workbooks; `None` for the first one.
    pub sheet: Option<String>,
    /// Whether the user named the id field, so that it must exist.
    pub id_named: bool,
    /// The fields that the user named, each with its option. At least one row must have each of
    /// them.
    pub named: Vec<(FieldOption, String)>,
}

impl Default for ImportOptions {
    /// Guesses everything and replaces nothing.
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
