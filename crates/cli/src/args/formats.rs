//! What the user typed of files: how they are laid out and encoded, and which columns hold what.

use clap::Args as ClapArgs;

/// How documents stand in files.
#[derive(Debug, Clone, ClapArgs)]
pub struct DocumentColumns {
    /// How the files are laid out: jsonl, json, csv, tsv, parquet, fasttext, text, folder or zip [default: guessed, and
    /// said, by name and first bytes]
    #[arg(long, value_name = "NAME")]
    pub format: Option<String>,
    /// The files' encoding, by its name in the WHATWG standard (windows-1252, utf-16le, shift_jis, …)
    #[arg(long, value_name = "NAME", default_value = "utf-8")]
    pub encoding: String,
    /// The field that holds the identifier [default: id; made from the text in files that have none]
    #[arg(long, value_name = "FIELD")]
    pub id: Option<String>,
    /// The field that holds the text
    #[arg(long, value_name = "FIELD", default_value = "text")]
    pub text: String,
    /// The field that holds the label
    #[arg(long, value_name = "FIELD", default_value = "label")]
    pub label: String,
    /// The other fields to keep, which go out again with the batch; "" keeps none [default: all]
    #[arg(long, value_name = "FIELD,…", value_delimiter = ',')]
    pub meta: Option<Vec<String>>,
}
