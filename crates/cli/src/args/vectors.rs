//! Arguments of `querist vectors`, and of the commands that take files of vectors.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};
use querist_session::store::format::documents::FieldNames;
use querist_session::store::format::vectors::VectorFiles;
use querist_session::store::source::Encoding;

use crate::files::name;

/// Vectors of documents.
#[derive(Debug, Subcommand)]
pub enum Vectors {
    /// Add vectors of documents; `kind = "auto"` uses them once every document has one
    Add(VectorsAdd),
    /// Show which vectors the workspace has, and how many documents lack one
    List,
    /// Print the id and text of each document without a vector, for your encoder
    Missing(VectorsMissing),
}

/// Add vectors of documents.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
A vector is what an encoder of yours, such as a sentence transformer, computes for a text. Each document of the workspace \
needs one: those of the pool, control items and the test set. Files can have:
  .npy           one row for each document: float32, float16, float64 or int8; with --ids
  JSON Lines     {\"id\": \"t-1\", \"vector\": [0.12, -0.5, 0.03]}
  Parquet        columns id and vector, a list of floats, half floats or bytes
All may be compressed with gzip or zstd. A vector has up to 4,096 numbers. Adding the same vector again changes nothing.

Examples:
  querist vectors missing --out todo.jsonl        then encode the texts of todo.jsonl
  querist vectors add vectors.npy --ids todo.jsonl --encoder all-MiniLM-L6-v2
  querist vectors add vectors.parquet --vector embedding")]
pub struct VectorsAdd {
    /// Files or quoted patterns
    #[arg(required = true, value_name = "FILE", value_parser = name())]
    pub files: Vec<String>,
    /// What the files have, and where.
    #[command(flatten)]
    pub fields: VectorFields,
    /// Name of the encoder, for messages and for model files
    #[arg(long, value_name = "NAME")]
    pub encoder: Option<String>,
}

/// Print the texts without vectors.
#[derive(Debug, ClapArgs)]
pub struct VectorsMissing {
    /// Write to this file, completely or not at all [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Where the ids and vectors are in files.
#[derive(Debug, ClapArgs)]
pub struct VectorFields {
    /// File with the id of each row of the .npy files: one id on each line, or any file that
    /// `querist import` reads
    #[arg(long, value_name = "FILE", value_parser = name())]
    pub ids: Option<String>,
    /// Field with the id
    #[arg(long, value_name = "FIELD", default_value = "id")]
    pub id: String,
    /// Field with the vector
    #[arg(long, value_name = "FIELD", default_value = "vector")]
    pub vector: String,
}

impl VectorFields {
    /// Returns what to read from these files.
    pub fn of(&self, files: Vec<String>) -> VectorFiles {
        let (ids, id, vector) = (self.ids.clone(), self.id.clone(), self.vector.clone());
        VectorFiles { files, ids, id, vector, encoding: Encoding::default() }
    }
}

/// Files with the vectors of texts, for a command that reads the texts from other files.
#[derive(Debug, ClapArgs)]
pub struct GivenVectors {
    /// Vectors of the texts, in files as `querist vectors add` reads them; rows are joined by id
    #[arg(long, value_name = "FILE", num_args = 1.., value_parser = name())]
    pub vectors: Vec<String>,
    /// File with the id of each row of the .npy files of --vectors: one id on each line, or any
    /// file that `querist import` reads
    #[arg(long, value_name = "FILE", value_parser = name(), requires = "vectors")]
    pub ids: Option<String>,
}

impl GivenVectors {
    /// Returns the files to read; `None` if there are none.
    pub fn files(&self) -> Option<VectorFiles> {
        if self.vectors.is_empty() {
            return None;
        }
        Some(VectorFiles {
            files: self.vectors.clone(),
            ids: self.ids.clone(),
            id: FieldNames::default().id,
            vector: VectorFiles::FIELD.to_owned(),
            encoding: Encoding::default(),
        })
    }
}
