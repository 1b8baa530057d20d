//! Finds the vectors of texts that a model labels, by id: in files that the user names, and among
//! the vectors of the workspace.

use querist_core::DocumentVectors;
use querist_predict::Predictor;
use querist_store::format::texts::TextRow;
use querist_store::format::vectors::VectorFiles;
use querist_store::vectors::{SpooledVectors, VectorsByPlace};
use querist_store::{InputError, Place, Workspace};

use crate::error::{Result, SessionError, VectorsError};
use crate::progress::{Progress, Step};
use crate::session::Session;

/// The vectors of texts. A vector in the user's files comes first.
#[derive(Default)]
pub struct TextVectors {
    given: Option<SpooledVectors>,
    stored: Option<StoredVectors>,
}

/// The vectors of a workspace's documents.
pub struct StoredVectors {
    workspace: Workspace,
    vectors: VectorsByPlace,
}

impl TextVectors {
    /// Reads the files with vectors, if there are any. `stored` has the vectors of the workspace
    /// whose model labels the texts.
    ///
    /// # Errors
    /// A file cannot be read, or a row is malformed.
    pub fn read(
        files: Option<&VectorFiles>,
        stored: Option<StoredVectors>,
        progress: &dyn Progress,
    ) -> Result<Self> {
        let read = |files: &VectorFiles| progress.step(Step::Vectors, || SpooledVectors::read(files.clone()));
        Ok(Self { given: files.map(read).transpose()?, stored })
    }

    /// Checks that the model needs the given vectors, and that they fit.
    pub(super) fn check(&self, predictor: &Predictor) -> Result<()> {
        let encoder = encoder(predictor);
        match (predictor.space.vector_width(), &self.given) {
            (None, Some(_)) => Err(VectorsError::NotNeeded.into()),
            (Some(width), None) if self.stored.is_none() => {
                Err(VectorsError::Needed { width, encoder }.into())
            }
            (Some(expected), Some(given)) if given.width() != expected => {
                Err(VectorsError::Width { found: given.width(), expected, encoder }.into())
            }
            _ => Ok(()),
        }
    }

    /// Returns the vector of a text; `None` if the model needs none.
    pub(super) fn of(&self, predictor: &Predictor, row: &TextRow) -> Result<Option<Vec<f32>>, Lacking> {
        let Some(width) = predictor.space.vector_width() else { return Ok(None) };
        let Some(id) = &row.id else { return Err(VectorsError::NoId.into()) };
        let mut vector = vec![0.0; width];
        if let Some((given, at)) = self.given.as_ref().and_then(|given| Some((given, given.row(id)?))) {
            given
                .read_row(at, &mut vector)
                .map_err(|error| SessionError::step("read a vector")(error.into()))?;
            return Ok(Some(vector));
        }
        if let Some(stored) = &self.stored
            && stored.read(id, &row.text, &mut vector)?
        {
            return Ok(Some(vector));
        }
        Err(VectorsError::NoVector { id: id.clone(), width, encoder: encoder(predictor) }.into())
    }
}

/// Returns the encoder of the vectors that a model needs, as the user named it.
fn encoder(predictor: &Predictor) -> Option<String> {
    predictor.vectors.as_ref().and_then(|encoded| encoded.encoder.clone())
}

impl StoredVectors {
    /// Reads the vector of the document with this id into `vector`. Returns whether there is one.
    /// Fails if the document has another text.
    fn read(&self, id: &str, text: &str, vector: &mut [f32]) -> Result<bool, Lacking> {
        let place = self.workspace.place_of(id).map_err(SessionError::from)?;
        let Some(place) = place.filter(|place| self.vectors.has(*place)) else { return Ok(false) };
        let known = self.workspace.text_by_id(id).map_err(SessionError::from)?;
        if known.text != text {
            return Err(VectorsError::OtherText { id: id.to_owned() }.into());
        }
        self.vectors.read(&[place], vector).map_err(SessionError::step("read a vector"))?;
        Ok(true)
    }
}

/// Why a text has no vector.
pub(super) enum Lacking {
    /// The row is at fault.
    Row(VectorsError),
    /// Something else failed.
    Other(SessionError),
}

impl From<VectorsError> for Lacking {
    fn from(error: VectorsError) -> Self {
        Self::Row(error)
    }
}

impl From<SessionError> for Lacking {
    fn from(error: SessionError) -> Self {
        Self::Other(error)
    }
}

impl Lacking {
    /// Returns the failure of a use case. If the row is at fault, it names the row's place.
    pub(super) fn at(self, file: &str, place: Place) -> SessionError {
        match self {
            Self::Other(error) => error,
            Self::Row(error) => {
                let at = InputError::at(file, place, querist_store::InputProblem::NoRows).whereabouts();
                VectorsError::AtRow { at, error: Box::new(error) }.into()
            }
        }
    }
}

impl Session {
    /// Returns the vectors of the workspace's documents; `None` if it has none.
    ///
    /// # Errors
    /// The workspace or its vectors cannot be read.
    pub fn stored_vectors(&self, progress: &dyn Progress) -> Result<Option<StoredVectors>> {
        let workspace = self.read(progress)?.workspace;
        let vectors = workspace.vectors(None)?;
        Ok(vectors.map(|vectors| StoredVectors { workspace, vectors }))
    }
}
