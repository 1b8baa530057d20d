//! What can be wrong with the vectors of documents, apart from the files that they come from.

use querist_core::visible::visible;
use thiserror::Error;

/// Why vectors are unusable.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum VectorsError {
    /// The kind of features needs vectors, but the workspace has none.
    #[error("features of kind \"{kind}\" need a vector for each document, but the workspace has no vectors")]
    None {
        /// The kind of features.
        kind: String,
    },
    /// The kind of features needs vectors, but some documents have none.
    #[error(
        "features of kind \"{kind}\" need a vector for each document, but {missing} of {documents} documents \
         have none: {examples}"
    )]
    Missing {
        /// The kind of features.
        kind: String,
        /// Number of documents without a vector.
        missing: usize,
        /// Number of all documents.
        documents: usize,
        /// Some of their ids, separated by commas.
        examples: String,
    },
    /// A simulation has a kind of features that needs vectors, but the caller gave none.
    #[error("features of kind \"{kind}\" need vectors, but no file with vectors is given")]
    NoneForSimulation {
        /// The kind of features.
        kind: String,
    },
    /// The files of vectors lack some documents of a simulation.
    #[error("{missing} of {documents} documents have no vector: {examples}")]
    MissingForSimulation {
        /// Number of documents without a vector.
        missing: usize,
        /// Number of all documents.
        documents: usize,
        /// Some of their ids, separated by commas.
        examples: String,
    },
    /// The same id stands for different texts in both files of a simulation, so its vector is
    /// ambiguous.
    #[error(
        "the id \"{}\" is in the training file and in the test file, with different texts, so its vector \
         could be of either; make the ids differ",
        visible(id)
    )]
    Ambiguous {
        /// The id.
        id: String,
    },
    /// The model needs a vector for each text, but none are given.
    #[error(
        "this model needs a vector of {width} numbers for each text{}",
        by_encoder(encoder.as_deref())
    )]
    Needed {
        /// The width of the vectors.
        width: usize,
        /// The encoder, as the user named it.
        encoder: Option<String>,
    },
    /// A text has no vector.
    #[error(
        "no vector has the id \"{}\", and this model needs a vector of {width} numbers for each text{}",
        visible(id),
        by_encoder(encoder.as_deref())
    )]
    NoVector {
        /// The text's id.
        id: String,
        /// The width of the vectors.
        width: usize,
        /// The encoder, as the user named it.
        encoder: Option<String>,
    },
    /// A text has no id, so its vector cannot be found.
    #[error("the row has no id, by which its vector could be found; give each row an id")]
    NoId,
    /// The text has the id of a document, but is not the document's text.
    #[error(
        "the text differs from the text of the document \"{}\", so that document's vector is not its vector",
        visible(id)
    )]
    OtherText {
        /// The id.
        id: String,
    },
    /// The given vectors have another width than the model needs.
    #[error(
        "the vectors have {found} numbers, but this model needs {expected}{}",
        by_encoder(encoder.as_deref())
    )]
    Width {
        /// The width of the given vectors.
        found: usize,
        /// The width that the model needs.
        expected: usize,
        /// The encoder, as the user named it.
        encoder: Option<String>,
    },
    /// A row of a file has no vector that fits.
    #[error("{at}: {error}")]
    AtRow {
        /// The file and the place in it.
        at: String,
        /// What is wrong with the row.
        error: Box<VectorsError>,
    },
    /// Vectors are given, but the model needs none.
    #[error("this model needs no vectors")]
    NotNeeded,
}

/// Returns words that name the encoder.
fn by_encoder(encoder: Option<&str>) -> String {
    encoder.map_or_else(String::new, |encoder| format!(" by the encoder \"{}\"", visible(encoder)))
}
