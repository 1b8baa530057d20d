//! Loads models that can label texts: the model of a round with its features, or the model in a
//! portable file.

use std::path::Path;

use querist_core::{Learn, Named};
use querist_model::LinearModel;
use querist_predict::{Embedding, Encoded, Parts, Predictor, is_sealed_whole};
use querist_text::space::{Block, english};
use querist_text::{FittedSpace, Units};

use crate::embeddings::{self, Origin};
use crate::error::{Doing, ModelFault, Result, SessionError};
use crate::past::Past;
use crate::progress::{Progress, Remark, Step};
use crate::vectors::encoder_of;

/// Names of the inputs on which features depend.
const FEATURES: [&str; 3] = ["documents", "featurizer", "vectors"];

/// Loads the model of a round, and computes the features with which it was trained.
///
/// # Errors
/// The round has no model, or its features cannot be computed again.
pub(crate) fn of_round(past: &Past, progress: &dyn Progress) -> Result<Predictor> {
    let number = past.bench.number;
    let Some(hash) = &past.round.record.model else {
        return Err(ModelFault::None { round: number }.into());
    };
    let other = past.other_inputs()?;
    if let Some((input, why)) = other.iter().find(|(input, _)| FEATURES.contains(&input.as_str())) {
        return Err(ModelFault::OtherFeatures { round: number, input: input.clone(), why }.into());
    }
    let model = LinearModel::from_bytes(&past.opened.workspace.read_model(hash)?)?;
    let space = space_of(past, progress)?;
    let predictor = Predictor::new(past.opened.labels.clone(), space, model);
    let predictor = predictor.map_err(|source| ModelFault::DoesNotFit { round: number, source })?;
    Ok(predictor.with_encoded(Some(encoded(past)?)))
}

/// Returns what is known of the vectors of a round.
fn encoded(past: &Past) -> Result<Encoded> {
    let encoder = encoder_of(&past.opened.workspace.vector_additions()?);
    Ok(Encoded { encoder, blake3: past.bench.inputs.vectors.clone() })
}

/// Loads the model in a portable file.
///
/// # Errors
/// The file cannot be read, is no portable model, is damaged, or was written by a later version.
pub fn of_file(path: &Path, progress: &dyn Progress) -> Result<Predictor> {
    let (predictor, version) = querist_predict::read(path)
        .map_err(|source| ModelFault::NotPortable { file: path.to_owned(), source })?;
    if !is_sealed_whole(version) {
        progress.remark(Remark::UnsealedModel { file: path.to_owned() });
    }
    Ok(predictor)
}

/// Returns the bytes of a portable file for a round's model. `model` holds the model as the
/// workspace stores it.
///
/// # Errors
/// The tokenizer cannot be read; or [`of_file`] could not read the result, for example because a
/// vector has a value that is not finite.
pub(crate) fn portable(predictor: &Predictor, model: &[u8], past: &Past) -> Result<Vec<u8>> {
    let (workspace, configuration) = (&past.opened.workspace, &past.opened.configuration);
    let blocks = predictor.space.learned();
    let tokenizer = configuration.settings.features.tokenizer_file();
    let embedding = if blocks.iter().any(|block| block.block == Block::Static) {
        Some(match embeddings::chosen(workspace, configuration)? {
            Origin::Folder(folder) => Embedding::Tokenizer(bytes_of(&folder.join(embeddings::TOKENIZER))?),
            Origin::Nowhere | Origin::English => Embedding::Words(english::WORDS.into()),
        })
    } else {
        None
    };
    let mut features = past.features()?;
    // The file has no pool whose text could decide again.
    let units = predictor.space.units();
    if units != Units::Words {
        features.insert("units".to_owned(), units.name().into());
    }
    let parts = Parts {
        labels: &predictor.labels,
        features,
        edition: past.opened.edition,
        blocks,
        model,
        tokenizer: tokenizer.map(|name| bytes_of(&workspace.root().join(name))).transpose()?,
        embedding,
        vectors: predictor.vectors.clone(),
    };
    let bytes = querist_predict::write(parts);
    Ok(bytes.map_err(|source| ModelFault::NotWritable { source })?)
}

/// Returns the content of the tokenizer file at `path`.
fn bytes_of(path: &Path) -> Result<Vec<u8>> {
    querist_text::tokenizer_file::bytes_of(path).doing("read", path)
}

/// Computes the feature space of a round. The features are fitted to the pool of that round; an
/// embedding is learned from the round's basis alone.
fn space_of(past: &Past, progress: &dyn Progress) -> Result<FittedSpace> {
    let (bench, basis) = (&past.bench, past.round.record.basis);
    let places: Vec<u32> =
        bench.situation.pool.iter().map(|document| bench.snapshot.documents[*document].place).collect();
    let within: Vec<u32> = places.iter().copied().filter(|place| (*place as usize) < basis).collect();
    let corpus = past.opened.workspace.corpus()?;
    progress.counted(Step::Texts, |progress| {
        let learn = Learn { pool: &places, basis: &within, progress };
        bench.featurizer.fit_space(&corpus, learn).map_err(SessionError::step("make the features"))
    })
}
