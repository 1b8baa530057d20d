//! A model ready to label texts: a round's, with the features of then, or one out of a portable file.
//!
//! Texts are counted and multiplied as the pool is ([`querist_core::FittedFeaturizer::rows_of`]), so a document gets the
//! very probabilities that its round gave it.

use std::path::Path;

use querist_core::{FittedClassifier, FittedFeaturizer, LabelSet, Learn, Probabilities};
use querist_model::LinearModel;
use querist_text::FittedSpace;

use crate::failure::Mend;
use crate::next;
use crate::output::Talk;
use crate::past::Past;
use crate::steps::boxed;

/// A model with its features and its classes.
pub struct Predictor {
    /// The classes, in the order of the probabilities.
    pub labels: LabelSet,
    /// Text to features.
    pub space: FittedSpace,
    /// Features to probabilities.
    pub model: LinearModel,
    /// Where it comes from, for people.
    pub origin: String,
}

impl Predictor {
    /// The model of a round.
    ///
    /// # Errors
    /// The round has no model, or its features cannot be had again.
    pub fn of_round(past: &Past, talk: &Talk) -> anyhow::Result<Self> {
        let number = past.bench.number;
        let Some(hash) = &past.round.model else {
            return Err(Mend(format!(
                "round {number} trained no model: it had too few labels, or chose by scores that were brought"
            ))
            .into());
        };
        let other = past.other_inputs()?;
        if let Some((input, why)) =
            other.iter().find(|(input, _)| input == "documents" || input == "featurizer")
        {
            let what = format!("the features of round {number} cannot be had again: {input}: {why}");
            return Err(Mend(what).into());
        }
        let model = LinearModel::from_bytes(&past.session.workspace.read_model(hash)?)?;
        let space = space_of(past, talk)?;
        if space.n_columns() != model.parts().weights.n_columns() {
            let what = format!("the model of round {number} was trained on features of another width");
            return Err(Mend(what).into());
        }
        let labels = past.session.labels.clone();
        Ok(Self { labels, space, model, origin: format!("round {number}") })
    }

    /// The probabilities of texts, (n, K).
    ///
    /// # Errors
    /// A text that the features cannot read.
    pub fn predict(&self, texts: &[&str]) -> anyhow::Result<Probabilities> {
        let rows = self.space.rows_of(texts).map_err(boxed)?;
        let all: Vec<usize> = (0..texts.len()).collect();
        self.model.predict(&*rows, &all).map_err(boxed)
    }
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
