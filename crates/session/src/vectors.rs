//! The vectors of documents: adds them to a workspace, and says which documents have none.
//!
//! An encoder of the user's own computes the vectors, so Querist cannot make missing ones. The
//! setting `kind = "auto"` uses vectors only if every document has one. Otherwise half of the
//! documents would look alike to the model, for no other reason than that their vectors are
//! missing.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use querist_core::{Digest, DocumentVectors, Snapshot};
use querist_store::vectors::VectorsByPlace;
use querist_store::workspace::{AddedVectors, VectorAddition, VectorsToAdd, write_atomically_with};
use querist_text::FeatureKind;
use querist_text::space::Block;
use serde::Serialize;
use serde_json::json;

use crate::error::{Result, SessionError, VectorsError};
use crate::opened::Opened;
use crate::progress::{Progress, Step};
use crate::session::Session;

/// An error names at most this many ids.
const EXAMPLES: usize = 3;

/// What was added to a workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VectorsAdded {
    /// What the files brought.
    #[serde(flatten)]
    pub added: AddedVectors,
    /// Which documents have vectors now.
    #[serde(flatten)]
    pub coverage: Coverage,
    /// Whether the next round uses the vectors as soon as every document has one.
    #[serde(skip)]
    pub used: bool,
}

/// How many documents have vectors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// Number of documents, whatever their role.
    pub documents: usize,
    /// Number of documents without a vector.
    pub missing: usize,
    /// Ids of some documents without a vector.
    pub examples: Vec<String>,
}

/// The vectors of a workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VectorsStatus {
    /// The width of the vectors; `None` if there are none.
    pub width: Option<usize>,
    /// The encoder, as the user named it.
    pub encoder: Option<String>,
    /// The additions, in order.
    pub additions: Vec<Addition>,
    /// Which documents have vectors.
    #[serde(flatten)]
    pub coverage: Coverage,
}

/// An addition of vectors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Addition {
    /// Number of vectors that were added.
    pub vectors: u64,
    /// The type of the numbers.
    pub element: String,
    /// The time, in RFC 3339.
    pub at: String,
    /// The files.
    pub files: Vec<String>,
}

impl Coverage {
    /// Counts the documents of the snapshot without a vector.
    fn of(snapshot: &Snapshot, vectors: Option<&VectorsByPlace>) -> Self {
        let lacks = |place| vectors.is_none_or(|vectors| !vectors.has(place));
        let lacking = snapshot.documents.iter().filter(|document| lacks(document.place));
        let mut coverage = Self { documents: snapshot.documents.len(), missing: 0, examples: Vec::new() };
        for document in lacking {
            coverage.missing += 1;
            if coverage.examples.len() < EXAMPLES {
                coverage.examples.push(document.id.to_string());
            }
        }
        coverage
    }

    /// Returns some ids of documents without a vector, in words.
    fn in_words(&self) -> String {
        let more = if self.missing > self.examples.len() { ", …" } else { "" };
        self.examples.join(", ") + more
    }
}

impl Session {
    /// Adds vectors of documents. Either all new vectors are added or none.
    ///
    /// # Errors
    /// A file cannot be read or a row is malformed; an id belongs to no document or comes twice; a
    /// document has a different vector; the vectors have different widths; or the workspace cannot
    /// be written.
    pub fn add_vectors(&self, to_add: &VectorsToAdd, progress: &dyn Progress) -> Result<VectorsAdded> {
        let mut opened = self.write("vectors add", progress)?;
        let added = progress.step(Step::Vectors, || opened.workspace.add_vectors(to_add))?;
        let vectors = opened.workspace.vectors(None)?;
        let coverage = Coverage::of(&opened.snapshot()?, vectors.as_ref());
        let features = opened.features(opened.edition)?;
        let used = features.is_auto() || features.fixed().is_some_and(|kind| kind.has(Block::Vectors));
        Ok(VectorsAdded { added, coverage, used })
    }

    /// Returns which vectors the workspace has, and which documents lack one.
    ///
    /// # Errors
    /// The workspace cannot be read.
    pub fn vectors(&self, progress: &dyn Progress) -> Result<VectorsStatus> {
        let opened = self.read(progress)?;
        let vectors = opened.workspace.vectors(None)?;
        let additions = opened.workspace.vector_additions()?;
        Ok(VectorsStatus {
            width: vectors.as_ref().map(DocumentVectors::width),
            encoder: encoder_of(&additions),
            coverage: Coverage::of(&opened.snapshot()?, vectors.as_ref()),
            additions: additions.into_iter().map(Addition::of).collect(),
        })
    }

    /// Writes the id and the text of each document without a vector to `out`, as JSON Lines. The
    /// user's encoder reads them. Returns the number of documents.
    ///
    /// # Errors
    /// The workspace cannot be read, or `out` cannot be written.
    pub fn write_texts_without_vectors(&self, out: &mut dyn Write, progress: &dyn Progress) -> Result<usize> {
        let opened = self.read(progress)?;
        let (snapshot, vectors) = (opened.snapshot()?, opened.workspace.vectors(None)?);
        let mut missing = 0;
        for document in &snapshot.documents {
            if vectors.as_ref().is_none_or(|vectors| !vectors.has(document.place)) {
                let text = opened.workspace.text_of(document)?.text;
                let line = json!({"id": document.id.as_str(), "text": text});
                writeln!(out, "{line}").map_err(SessionError::Output)?;
                missing += 1;
            }
        }
        Ok(missing)
    }

    /// Does the same as [`Self::write_texts_without_vectors`], but writes to a file, which appears
    /// complete or not at all.
    ///
    /// # Errors
    /// As for [`Self::write_texts_without_vectors`].
    pub fn texts_without_vectors_into(&self, file: &Path, progress: &dyn Progress) -> Result<usize> {
        let mut missing = 0;
        write_atomically_with(file, |out| -> Result<()> {
            missing = self.write_texts_without_vectors(out, progress)?;
            Ok(())
        })?;
        Ok(missing)
    }
}

impl Addition {
    fn of(addition: VectorAddition) -> Self {
        let VectorAddition { vectors, element, at, files, .. } = addition;
        Self { vectors, element, at, files }
    }
}

/// Returns how many documents have vectors; `None` if the workspace has no vectors.
pub(crate) fn coverage(opened: &Opened, snapshot: &Snapshot) -> Result<Option<Coverage>> {
    let vectors = opened.workspace.vectors(None)?;
    Ok(vectors.map(|vectors| Coverage::of(snapshot, Some(&vectors))))
}

/// Returns the encoder that the user named.
pub(crate) fn encoder_of(additions: &[VectorAddition]) -> Option<String> {
    additions.iter().find_map(|addition| addition.encoder.clone())
}

/// The vectors that a round may use.
pub(crate) struct RoundVectors {
    /// The vectors of the workspace; `None` if there are none.
    all: Option<Arc<VectorsByPlace>>,
    coverage: Coverage,
}

impl RoundVectors {
    /// Opens the vectors for round `number`. For a round that was exported, they are the vectors of
    /// that time.
    pub(crate) fn of(opened: &Opened, snapshot: &Snapshot, number: u32) -> Result<Self> {
        let is_past = opened.workspace.last_round()?.is_some_and(|last| number <= last);
        let all = opened.workspace.vectors(is_past.then_some(number))?;
        let coverage = Coverage::of(snapshot, all.as_ref());
        Ok(Self { all: all.map(Arc::new), coverage })
    }

    /// Returns whether there are vectors, and every document has one.
    pub(crate) fn are_complete(&self) -> bool {
        self.all.is_some() && self.coverage.missing == 0
    }

    /// If some documents have vectors and others lack one: the number of those, and of all
    /// documents.
    pub(crate) fn left_out(&self) -> Option<(usize, usize)> {
        let Coverage { documents, missing, .. } = self.coverage;
        (self.all.is_some() && missing > 0).then_some((missing, documents))
    }

    /// Returns the vectors as they are, if there are any.
    pub(crate) fn any(&self) -> Option<&Arc<VectorsByPlace>> {
        self.all.as_ref()
    }

    /// Returns the vectors of all documents, for features of this kind.
    ///
    /// # Errors
    /// A document has no vector.
    pub(crate) fn for_kind(&self, kind: FeatureKind) -> Result<Arc<dyn DocumentVectors>> {
        let name = kind.name().to_owned();
        match &self.all {
            None => Err(VectorsError::None { kind: name }.into()),
            Some(_) if self.coverage.missing > 0 => {
                let Coverage { documents, missing, .. } = self.coverage;
                let examples = self.coverage.in_words();
                Err(VectorsError::Missing { kind: name, missing, documents, examples }.into())
            }
            Some(all) => Ok(Arc::clone(all) as Arc<dyn DocumentVectors>),
        }
    }

    /// Returns the hash of the ids and the vectors of the snapshot's documents, in hexadecimal;
    /// `None` if there are no vectors.
    pub(crate) fn hash(&self, snapshot: &Snapshot) -> Option<String> {
        let all = self.all.as_ref()?;
        let mut hash = Digest::default();
        for document in &snapshot.documents {
            let digest = all.digest(document.place).map_or(&[][..], |digest| &digest[..]);
            hash.extend([document.id.as_bytes(), digest]);
        }
        Some(hash.hex())
    }
}
