//! A model ready to label texts: a round's, with the features of then, or one out of a portable file.

use std::path::Path;

use anyhow::Context;
use querist_core::Learn;
use querist_model::LinearModel;
use querist_predict::{Embedding, Parts, Predictor, is_sealed_whole};
use querist_text::FittedSpace;
use querist_text::space::{Block, english};

use crate::embeddings::{self, Origin};
use crate::failure::Mend;
use crate::next;
use crate::output::{Talk, shown};
use crate::past::Past;
use crate::steps::boxed;

/// The model of a round.
///
/// # Errors
/// The round has no model, or its features cannot be had again.
pub fn of_round(past: &Past, talk: &Talk) -> anyhow::Result<Predictor> {
    let number = past.bench.number;
    let Some(hash) = &past.round.model else {
        return Err(Mend(format!(
            "round {number} trained no model: it had too few labels, or chose by scores that were brought"
        ))
        .into());
    };
    let other = past.other_inputs()?;
    if let Some((input, why)) = other.iter().find(|(input, _)| input == "documents" || input == "featurizer")
    {
        let what = format!("the features of round {number} cannot be had again: {input}: {why}");
        return Err(Mend(what).into());
    }
    let model = LinearModel::from_bytes(&past.session.workspace.read_model(hash)?)?;
    let space = space_of(past, talk)?;
    let predictor = Predictor::new(past.session.labels.clone(), space, model);
    Ok(predictor.map_err(|error| Mend(format!("the model of round {number} does not fit: {error}")))?)
}

/// The model in a portable file.
///
/// # Errors
/// The file is none, is damaged, or is of a later version.
pub fn of_file(path: &Path, talk: &Talk) -> anyhow::Result<Predictor> {
    let (predictor, version) = querist_predict::read(path).map_err(|error| {
        Mend(format!("{}: no portable model that this version reads: {error}", path.display()))
    })?;
    if !is_sealed_whole(version) {
        talk.remark(&format!(
            "{} was written by an earlier Querist: damage to its labels or scales would go unnoticed; export it again",
            shown(path)
        ));
    }
    Ok(predictor)
}

/// The bytes of a portable file with the model of a round, which has those bytes in the workspace.
///
/// # Errors
/// A tokenizer that cannot be read, or what [`of_file`] would refuse, such as vectors that are not finite.
pub fn portable(predictor: &Predictor, model: &[u8], past: &Past) -> anyhow::Result<Vec<u8>> {
    let (workspace, configuration) = (&past.session.workspace, &past.session.configuration);
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
    let parts = Parts {
        labels: &predictor.labels,
        features: past.features()?,
        edition: past.session.edition,
        blocks,
        model,
        tokenizer: tokenizer.map(|name| bytes_of(&workspace.root().join(name))).transpose()?,
        embedding,
    };
    let bytes = querist_predict::write(parts);
    Ok(bytes.map_err(|error| Mend(format!("this model does not go into a file: {error}")))?)
}

/// The bytes of a tokenizer's file.
fn bytes_of(path: &Path) -> anyhow::Result<Vec<u8>> {
    querist_text::tokenizer_file::bytes_of(path).with_context(|| format!("read {}", path.display()))
}

/// The features of a round: fitted to the pool of then, an embedding to its basis.
fn space_of(past: &Past, talk: &Talk) -> anyhow::Result<FittedSpace> {
    let (bench, basis) = (&past.bench, past.round.basis);
    let places: Vec<u32> =
        bench.situation.pool.iter().map(|document| bench.snapshot.documents[*document].place).collect();
    let within: Vec<u32> = places.iter().copied().filter(|place| (*place as usize) < basis).collect();
    let corpus = past.session.workspace.corpus()?;
    talk.progress("reading the texts", |progress| {
        let learn = Learn { pool: &places, basis: &within, progress };
        bench.featurizer.fit_space(&corpus, learn).map_err(boxed)
    })
}

/// The round whose model is meant: that of the number, else the last one that has a model.
///
/// # Errors
/// There is none.
pub fn round_with_model(root: &Path, round: Option<u32>) -> anyhow::Result<Past> {
    if let Some(number) = round {
        return Past::of(root, number);
    }
    let session = crate::session::Session::read(root)?;
    let last = session.workspace.last_round()?.unwrap_or_default();
    for number in (1..=last).rev() {
        if session.workspace.round(number)?.model.is_some() {
            drop(session);
            return Past::of(root, number);
        }
    }
    let Some(draft) = session.workspace.draft()?.filter(|draft| draft.model.is_some()) else {
        return Err(next::none_yet(&session, "model")?.into());
    };
    let what = format!(
        "the model of round {} is trained, but its round is not exported yet; go on with `querist status`",
        draft.number
    );
    Err(Mend(what).into())
}
