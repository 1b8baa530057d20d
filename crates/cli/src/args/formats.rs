//! Arguments about files: how documents are laid out in them, and in which format files are
//! written.

use std::path::PathBuf;

use clap::Args as ClapArgs;

/// How files are laid out.
#[derive(Debug, Clone, ClapArgs)]
pub struct FileLayout {
    /// Format of the files: jsonl, json, csv, tsv, xlsx, parquet, fasttext, text, folder or zip
    /// [default: guessed from name and first bytes, and reported]
    #[arg(long, value_name = "NAME")]
    pub format: Option<String>,
    /// Encoding of the files, by its name in the WHATWG standard (windows-1252, utf-16le, gb18030,
    /// …)
    #[arg(long, value_name = "NAME", default_value = "utf-8")]
    pub encoding: String,
    /// Sheet to read in Excel workbooks [default: the first one]
    #[arg(long, value_name = "NAME")]
    pub sheet: Option<String>,
}

/// How the text of a file of scores is written.
#[derive(Debug, Clone, ClapArgs)]
pub struct ScoresText {
    /// Encoding of the --scores file, by its name in the WHATWG standard
    #[arg(long, value_name = "NAME", default_value = "utf-8", requires = "scores")]
    pub encoding: String,
    /// Sheet of the --scores file, if it is an Excel workbook [default: the first one]
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
    /// Field with the item or the document's id [default: item, task or id, or the platform's own]
    #[arg(long, value_name = "FIELD")]
    pub item_field: Option<String>,
    /// Field with the annotator [default: annotator, worker or performer, or the platform's own]
    #[arg(long, value_name = "FIELD")]
    pub annotator_field: Option<String>,
    /// Field with the label, or question with one field per option [default: label, or the
    /// platform's own]
    #[arg(long, value_name = "FIELD")]
    pub label_field: Option<String>,
}

/// How documents stand in files.
#[derive(Debug, Clone, ClapArgs)]
pub struct DocumentColumns {
    /// How the files are laid out.
    #[command(flatten)]
    pub layout: FileLayout,
    /// Field with the id [default: id; made from the text in files without ids]
    #[arg(long, value_name = "FIELD")]
    pub id: Option<String>,
    /// Field with the text
    #[arg(long, value_name = "FIELD", default_value = "text")]
    pub text: String,
    /// Field with the label
    #[arg(long, value_name = "FIELD", default_value = "label")]
    pub label: String,
    /// Other fields to keep and to write with the batch; "" keeps none [default: all]
    #[arg(long, value_name = "FIELD,…", value_delimiter = ',')]
    pub meta: Option<Vec<String>>,
}

/// Write the batch out.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Without --format: step 4 of a round, or an earlier round's files again. With --format: the batch of the last round (or of \
--round N) for a tool, in the round's folder.

Examples:
  querist export --format label-studio                    the tasks and label-studio.xml
  querist export --format csv --annotators ana,ben,cem --answers-per-item 2
                                                          a sheet per person, two answers per item
  querist export --labeled labeled.parquet                labelled documents (or .jsonl, .csv)
  querist export --scores scores.parquet                  the last model's scores of the whole pool")]
pub struct Export {
    /// Round [default: the last one; without a format, the round in progress]
    #[arg(long, value_name = "N")]
    pub round: Option<u32>,
    /// Tool to write the batch for: jsonl, label-studio, prodigy, prodigy-binary, doccano, argilla
    /// or csv
    #[arg(long, value_name = "NAME")]
    pub format: Option<String>,
    /// Share the items out evenly among these annotators, one file each; the workspace remembers
    /// who got what
    #[arg(long, value_name = "A,B,…", value_delimiter = ',', requires = "format")]
    pub annotators: Option<Vec<String>>,
    /// Annotators per item [default: a share of the items goes to several annotators and the rest
    /// to one, by the round's `overlap` and `answers_per_item`]
    #[arg(long, value_name = "N", requires = "annotators")]
    pub answers_per_item: Option<usize>,
    /// Hand out a round again that was handed to others before
    #[arg(long, requires = "annotators")]
    pub reassign: bool,
    /// Folder to write to [default: the round's folder]
    #[arg(long, value_name = "DIR", requires = "format")]
    pub out: Option<PathBuf>,
    /// Write the labelled documents with consensus, posterior and annotators to this file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["format", "round", "scores"])]
    pub labeled: Option<PathBuf>,
    /// Write the scores of the whole pool from the model of the last round (or of --round N) to
    /// this Parquet file
    #[arg(long, value_name = "FILE", conflicts_with = "format")]
    pub scores: Option<PathBuf>,
}
