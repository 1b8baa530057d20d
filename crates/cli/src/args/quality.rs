//! Arguments of `querist quality`.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::AnswerColumns;
use crate::files::name;

/// Say whose answers to believe, of a plain file of answers.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
No workspace is needed. ANSWERS is JSON or a table (comma, semicolon, tab, Excel or Parquet) with a header, gzip or plain:
  {\"item\": \"t-1\", \"annotator\": \"ana\", \"label\": \"billing\"}
  task,worker,label

item may also be called task or id, and annotator may be called worker or performer. Results of Mechanical Turk, Toloka \
and Appen are recognised by their headers; --item-field, --annotator-field and --label-field name other columns. Any \
labels are allowed. If an annotator answers an item more than once, the last answer counts; a row without a label is a skip.

Examples:
  querist quality answers.jsonl
  querist quality answers.csv --method glad --gold gold.csv --out crowd
  querist quality toloka.tsv --gold toloka.tsv          the golden tasks have the true labels
  querist quality ratings.csv --ordered --labels poor,fair,good
  querist quality survey.xlsx --item-field Ticket --annotator-field Name --label-field Topic
  zcat answers.csv.gz | querist quality - --json

Writes OUT/consensus.jsonl (label and posterior of each item), annotators.csv (skill and flags of each annotator), \
report.html, report.md and report.json.")]
pub struct Quality {
    /// Answers as JSON or tables; - is standard input
    #[arg(required = true, value_name = "ANSWERS", value_parser = name())]
    pub answers: Vec<String>,
    /// True labels of some items (item, label), as JSON or a table, to measure annotators and
    /// method
    #[arg(long, value_name = "FILE", value_parser = name())]
    pub gold: Option<String>,
    /// Which columns hold what.
    #[command(flatten)]
    pub columns: AnswerColumns,
    /// Encoding of the files, by its name in the WHATWG standard
    #[arg(long, value_name = "NAME", default_value = "utf-8")]
    pub encoding: String,
    /// Sheet to read in Excel workbooks [default: the first one]
    #[arg(long, value_name = "NAME")]
    pub sheet: Option<String>,
    /// Control whose answers count, if one cell holds a whole form (Mechanical Turk) [default: the
    /// only one]
    #[arg(long, value_name = "NAME")]
    pub control: Option<String>,
    /// Also give the true labels to the method, as control items: it learns from them, and they no
    /// longer measure it
    #[arg(long, requires = "gold")]
    pub use_gold: bool,
    /// Method that turns answers into labels: ds, mv, wawa, onecoin, glad or mace
    #[arg(long, value_name = "NAME", default_value = "ds")]
    pub method: String,
    /// Treat the classes as ranks: also measure how far apart answers are
    #[arg(long)]
    pub ordered: bool,
    /// The classes from low to high, separated by commas [default: by number, where all labels are
    /// numbers]
    #[arg(long, value_delimiter = ',', requires = "ordered", value_name = "A,B,…")]
    pub labels: Vec<String>,
    /// Flag annotators whose accuracy is surely below this [default: half-way between guessing and
    /// always right]
    #[arg(long, value_name = "SHARE", allow_negative_numbers = true)]
    pub min_accuracy: Option<f64>,
    /// Folder to write to; created if missing
    #[arg(long, value_name = "DIR", default_value = "quality")]
    pub out: PathBuf,
}
