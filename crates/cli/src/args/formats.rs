//! What the user typed of files: how documents stand in them, and what goes out in which format.

use std::path::PathBuf;

use clap::Args as ClapArgs;

/// How files are laid out.
#[derive(Debug, Clone, ClapArgs)]
pub struct FileLayout {
    /// How the files are laid out: jsonl, json, csv, tsv, xlsx, parquet, fasttext, text, folder or
    /// zip [default: guessed, and said, by name and first bytes]
    #[arg(long, value_name = "NAME")]
    pub format: Option<String>,
    /// The files' encoding, by its name in the WHATWG standard (windows-1252, utf-16le, gb18030, …)
    #[arg(long, value_name = "NAME", default_value = "utf-8")]
    pub encoding: String,
    /// The sheet of Excel workbooks [default: the first one]
    #[arg(long, value_name = "NAME")]
    pub sheet: Option<String>,
}

/// How the text of a file of scores is written.
#[derive(Debug, Clone, ClapArgs)]
pub struct ScoresText {
    /// The encoding of the file of --scores, by its name in the WHATWG standard
    #[arg(long, value_name = "NAME", default_value = "utf-8", requires = "scores")]
    pub encoding: String,
    /// The sheet of --scores, if it is an Excel workbook [default: the first one]
    #[arg(long, value_name = "NAME", requires = "scores")]
    pub sheet: Option<String>,
}

impl Default for ScoresText {
    fn default() -> Self {
        Self { encoding: "utf-8".to_owned(), sheet: None }
    }
}

/// Which columns of a file of answers hold what.
#[derive(Debug, Clone, ClapArgs)]
pub struct AnswerColumns {
    /// The field that holds the item, or the document's id [default: item, task or id, or the
    /// platform's]
    #[arg(long, value_name = "FIELD")]
    pub item_field: Option<String>,
    /// The field that holds the annotator [default: annotator, worker or performer, or the
    /// platform's]
    #[arg(long, value_name = "FIELD")]
    pub annotator_field: Option<String>,
    /// The field that holds the label, or the question that has a field for each option [default:
    /// label, or the platform's]
    #[arg(long, value_name = "FIELD")]
    pub label_field: Option<String>,
}

/// How documents stand in files.
#[derive(Debug, Clone, ClapArgs)]
pub struct DocumentColumns {
    /// How the files are laid out.
    #[command(flatten)]
    pub layout: FileLayout,
    /// The field that holds the identifier [default: id; made from the text in files that have
    /// none]
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

/// Write the batch out.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Without a format: step 4 of a round, or an earlier round's files again. With one: the batch of the last round (or --round N)
for a tool, in the round's folder.

Examples:
  querist export --format label-studio                    the tasks, and label-studio.xml, the labelling configuration
  querist export --format csv --annotators ana,ben,cem --answers-per-item 2
                                                          a sheet for each of three people, two answers an item
  querist export --labeled labeled.parquet                what is labelled so far (.jsonl, .csv or .parquet)
  querist export --scores scores.parquet                  what the last model says of the whole pool")]
pub struct Export {
    /// The round [default: the last one; without a format the one that is being made]
    #[arg(long, value_name = "N")]
    pub round: Option<u32>,
    /// Write the batch for a tool: jsonl, label-studio, prodigy, prodigy-binary, doccano, argilla
    /// or csv
    #[arg(long, value_name = "NAME")]
    pub format: Option<String>,
    /// One file for each of these annotators, with about as many items each; kept in the workspace
    #[arg(long, value_name = "A,B,…", value_delimiter = ',', requires = "format")]
    pub annotators: Option<Vec<String>>,
    /// Give every item to N annotators [default: by `overlap` and `answers_per_item` of the
    /// round's settings, a share of the items to several annotators and the others to one]
    #[arg(long, value_name = "N", requires = "annotators")]
    pub answers_per_item: Option<usize>,
    /// Hand a round out anew that was handed to others before
    #[arg(long, requires = "annotators")]
    pub reassign: bool,
    /// The folder to write into [default: the round's]
    #[arg(long, value_name = "DIR", requires = "format")]
    pub out: Option<PathBuf>,
    /// Write the labelled documents with consensus, posterior and annotators
    #[arg(long, value_name = "FILE", conflicts_with_all = ["format", "round", "scores"])]
    pub labeled: Option<PathBuf>,
    /// Write the scores of the whole pool, as Parquet, by the model of the last round (or of
    /// --round N)
    #[arg(long, value_name = "FILE", conflicts_with = "format")]
    pub scores: Option<PathBuf>,
}
