//! What an import is asked to do.

use querist_core::Role;

use crate::error::FieldOption;
use crate::format::documents::FieldNames;
use crate::format::records::Layout;
use crate::format::rejected::Wording;
use crate::source::Encoding;

/// What the documents are imported as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportAs {
    /// A row with a label trains the model, a row without one joins the pool.
    Guess,
    /// To be chosen from. Labels in the file are left out.
    Pool,
    /// Training examples; every row needs its label.
    Labeled,
    /// Held out; every row needs its label.
    Test,
    /// Control items; every row needs its label.
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
    /// As what.
    pub kind: ImportAs,
    /// Which fields hold what.
    pub fields: FieldNames,
    /// Whether a label other than the stored one replaces it.
    pub relabel: bool,
    /// Whether a text or fields other than the stored ones replace them.
    pub update: bool,
    /// Whether answers to a text that is replaced count for the new one.
    pub keep_answers: bool,
    /// Whether nothing is to be changed.
    pub dry_run: bool,
    /// Whether bad rows are collected instead of ending the import.
    pub skip_bad_rows: bool,
    /// How it is said why they are bad.
    pub wording: Wording,
    /// How the files are laid out; `None`: guessed, file by file.
    pub layout: Option<Layout>,
    /// How they are encoded.
    pub encoding: Encoding,
    /// The sheet of workbooks; `None`: the first one.
    pub sheet: Option<String>,
    /// Whether the user named the field of the id, so that it must be there.
    pub id_named: bool,
    /// The fields that the user named, each with its option: some row must have them.
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
