//! The model of a round: labels texts, is written as a portable file, and is explained by its
//! weights.
//!
//! Hashed features have no names, so the names of terms are read from the texts of the labelled
//! documents. Training changes only the weights of n-grams in these texts. The **top terms** of a
//! class are the terms that add most to its logit, on average over the labelled documents that
//! contain the term. The average also counts three documents to which the term adds nothing.
//! Otherwise a term that occurs in a single document could win.

pub(crate) mod predictor;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use querist_core::{Contribution, DocumentVectors, FittedClassifier, Linear, Rows};
use querist_model::LinearModel;
use querist_predict::Predictor;
use querist_store::write_atomically;
use querist_text::Input;
use querist_text::space::VECTOR;
use serde::Serialize;

use crate::error::{Asked, ModelFault, Result, SessionError, VectorsError};
use crate::next;
use crate::opened::Opened;
use crate::past::Past;
use crate::progress::Progress;
use crate::session::Session;

pub use predictor::of_file;

/// Top terms are read from at most this many labelled documents, spread evenly by id. More
/// documents would yield the same terms.
const MOST_DOCUMENTS: usize = 5_000;

/// Each average counts this many further documents, to which the term adds nothing.
const SHRINKAGE: f64 = 3.0;

/// A term, and how much it adds to the logit of each class.
type Term = (String, Vec<f64>);

/// Which model: its round, its hash and its file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ModelName {
    /// Number of the round.
    pub round: u32,
    /// BLAKE3 hash of the model's file, in hex.
    pub model: String,
    /// Path of the model's file.
    pub model_file: PathBuf,
}

/// Why a model classifies a text as it does.
#[derive(Debug, Clone, Serialize)]
pub struct Explained {
    /// The model.
    #[serde(flatten)]
    pub name: ModelName,
    /// Names of the classes. All lists below have this order.
    pub labels: Vec<String>,
    /// The text that is explained.
    pub text: String,
    /// Index of the most probable class.
    pub likeliest: usize,
    /// Probability of each class.
    pub probabilities: Vec<f64>,
    /// The constant part of each class's logit, which does not depend on the text.
    pub intercept: Vec<f64>,
    /// The terms of the text, with what each adds to each class's logit. Terms that speak most for
    /// the most probable class come first.
    pub terms: Vec<TermWeights>,
}

/// A term, and how much it adds to the logit of each class.
#[derive(Debug, Clone, Serialize)]
pub struct TermWeights {
    /// The term, as it is spelled in the text.
    pub term: String,
    /// How much the term adds to the logit of each class.
    pub adds: Vec<f64>,
}

impl TermWeights {
    /// Returns how much the term speaks for `class`: the number that it adds to the logit of this
    /// class, minus the mean of the numbers that it adds to the logits of all classes. Only
    /// differences between logits matter, so the average is removed.
    pub fn pull(&self, class: usize) -> f64 {
        pull(&self.adds, class)
    }
}

/// The terms that speak most for each class.
#[derive(Debug, Clone, Serialize)]
pub struct TopTerms {
    /// The model.
    #[serde(flatten)]
    pub name: ModelName,
    /// Each class with its terms.
    pub classes: Vec<ClassTerms>,
    /// Whether the documents' vectors count too. They have no words, so no term stands for them.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub has_vectors: bool,
}

/// A class and the terms that speak for it.
#[derive(Debug, Clone, Serialize)]
pub struct ClassTerms {
    /// Name of the class.
    pub label: String,
    /// The terms, each with how much it speaks for the class; the strongest first.
    pub terms: Vec<(String, f64)>,
}

/// What to explain.
#[derive(Debug, Clone, Copy)]
pub enum Explain<'a> {
    /// The text of the document with this id.
    Document(&'a str),
    /// This text.
    Text(&'a str),
}

/// A portable model that was written to a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PortableModel {
    /// Path of the file.
    pub file: PathBuf,
    /// Size of the file in bytes.
    pub bytes: usize,
    /// Number of the round that trained the model.
    pub round: u32,
    /// BLAKE3 hash of the model in the workspace, in hex.
    pub model: String,
}

/// A round's model, and what is needed to use it.
pub(crate) struct LoadedModel {
    /// The round that trained the model, with its inputs.
    pub(crate) past: Past,
    pub(crate) name: ModelName,
    /// The model with its features, ready to label texts.
    pub(crate) predictor: Predictor,
}

impl Session {
    /// Returns the model of `round`, ready to label texts. Without `round` (`None`), it is the last
    /// round that has a model.
    ///
    /// # Errors
    /// There is no model, or the features of its round cannot be computed again.
    pub fn predictor(&self, round: Option<u32>, progress: &dyn Progress) -> Result<(Predictor, ModelName)> {
        let LoadedModel { name, predictor, .. } = self.load_model(round, progress)?;
        Ok((predictor, name))
    }

    /// Writes the model of `round` to `file` in the portable format. Without `round` (`None`), it
    /// is the last round that has a model.
    ///
    /// # Errors
    /// There is no model, its features cannot be computed again, or the file cannot be written.
    pub fn export_model(
        &self,
        round: Option<u32>,
        file: &Path,
        progress: &dyn Progress,
    ) -> Result<PortableModel> {
        let LoadedModel { past, name, predictor } = self.load_model(round, progress)?;
        let model = past.opened.workspace.read_model(&name.model)?;
        let bytes = predictor::portable(&predictor, &model, &past)?;
        write_atomically(file, &bytes)?;
        Ok(PortableModel { file: file.to_owned(), bytes: bytes.len(), round: name.round, model: name.model })
    }

    /// Explains how the model of `round` classifies a text: how much each term of the text adds to
    /// the logit of each class. Without `round` (`None`), it is the last round that has a model.
    ///
    /// # Errors
    /// The round or the document does not exist, the round has no model, or its features cannot be
    /// computed again.
    pub fn explain(&self, round: Option<u32>, of: Explain<'_>, progress: &dyn Progress) -> Result<Explained> {
        let LoadedModel { past, name, predictor } = self.load_model(round, progress)?;
        let (text, vector) = match of {
            Explain::Text(text) => (text.to_owned(), None),
            Explain::Document(id) => {
                (past.opened.workspace.text_by_id(id)?.text, vector_of(&past, &predictor, id)?)
            }
        };
        if let (Some(width), None) = (predictor.space.vector_width(), &vector) {
            let encoder = predictor.vectors.and_then(|encoded| encoded.encoder);
            return Err(VectorsError::Needed { width, encoder }.into());
        }
        let input = Input { text: &text, vector: vector.as_deref() };
        let (space, model) = (&predictor.space, &predictor.model);
        let linear = linear_map(model)?;
        let probabilities = {
            let rows = space.rows_of_inputs(&[input]).map_err(querist_predict::PredictError::from)?;
            let row = rows.gather(&[0]).map_err(SessionError::step("make the features"))?;
            model.predict(&row as &dyn Rows, &[0]).map_err(SessionError::step("predict"))?
        };
        let mut merged = merge(contributions(&predictor, input, linear)?);
        let likeliest = probabilities.likeliest(0).index();
        merged.sort_by(|a, b| b.1[likeliest].total_cmp(&a.1[likeliest]).then(a.0.cmp(&b.0)));
        Ok(Explained {
            name,
            labels: predictor.labels.names().to_vec(),
            likeliest,
            probabilities: probabilities.row(0).to_vec(),
            intercept: linear.intercept.to_vec(),
            terms: merged.into_iter().map(|(term, adds)| TermWeights { term, adds }).collect(),
            text,
        })
    }

    /// Returns for each class the terms that speak most for it, at most `n`, by the model of
    /// `round`. Without `round` (`None`), it is the last round that has a model.
    ///
    /// # Errors
    /// As for [`Self::explain`].
    pub fn top_terms(&self, round: Option<u32>, n: usize, progress: &dyn Progress) -> Result<TopTerms> {
        let loaded = self.load_model(round, progress)?;
        let merged = mean_of_labeled(&loaded)?;
        let classes = loaded.predictor.labels.names().iter().enumerate().map(|(class, label)| {
            let mut ranked: Vec<(f64, &str)> =
                merged.iter().map(|(term, values)| (pull(values, class), term.as_str())).collect();
            ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
            let top = ranked.into_iter().filter(|(pull, _)| *pull > 0.0).take(n);
            ClassTerms {
                label: label.clone(),
                terms: top.map(|(pull, term)| (term.to_owned(), pull)).collect(),
            }
        });
        let classes = classes.collect();
        let has_vectors = loaded.predictor.space.vector_width().is_some();
        Ok(TopTerms { classes, has_vectors, name: loaded.name })
    }

    /// Loads the model of `round`, together with the labels, texts and settings of that round.
    /// Every use case that needs a stored model calls this function.
    pub(crate) fn load_model(&self, round: Option<u32>, progress: &dyn Progress) -> Result<LoadedModel> {
        let past = self.round_with_model(round, progress)?;
        let predictor = predictor::of_round(&past, progress)?;
        let number = past.bench.number;
        let hash = past.round.record.model.clone().ok_or(ModelFault::None { round: number })?;
        let model_file = past.opened.workspace.model_path(&hash);
        Ok(LoadedModel { name: ModelName { round: number, model: hash, model_file }, past, predictor })
    }

    /// Opens the workspace as it was in round `round`. Without `round` (`None`), it is the last
    /// round that has a model.
    fn round_with_model(&self, round: Option<u32>, progress: &dyn Progress) -> Result<Past> {
        if let Some(number) = round {
            return Past::of(self.root(), number, progress);
        }
        let opened = self.read(progress)?;
        match last_with_model(&opened)? {
            Some(number) => {
                drop(opened);
                Past::of(self.root(), number, progress)
            }
            None => match opened.workspace.draft()?.filter(|draft| draft.record.model.is_some()) {
                Some(draft) => Err(ModelFault::NotExported { round: draft.record.number }.into()),
                None => Err(next::none_yet(&opened, Asked::Model)?),
            },
        }
    }
}

/// Returns the number of the last round that has a model and whose files are written.
fn last_with_model(opened: &Opened) -> Result<Option<u32>> {
    let last = opened.workspace.last_round()?.unwrap_or_default();
    for number in (1..=last).rev() {
        if opened.workspace.round(number)?.record.model.is_some() {
            return Ok(Some(number));
        }
    }
    Ok(None)
}

/// Returns the weights and the intercept of the model.
fn linear_map(model: &LinearModel) -> Result<Linear<'_>> {
    model.linear().ok_or_else(SessionError::bug("read the weights of a model"))
}

/// Returns for each occurrence of a term in `text` how much it adds to the logit of each class.
fn contributions(predictor: &Predictor, input: Input<'_>, linear: Linear<'_>) -> Result<Vec<Contribution>> {
    let found = predictor.space.contributions_of(input, linear.weights);
    found.map_err(|error| SessionError::step("explain a text")(error.into()))
}

/// Returns for each term of the labelled documents how much it adds to the logit of each class.
/// This is the mean over the documents that contain the term and [`SHRINKAGE`] further documents
/// with 0.
fn mean_of_labeled(loaded: &LoadedModel) -> Result<Vec<Term>> {
    let LoadedModel { past, predictor, .. } = loaded;
    let linear = linear_map(&predictor.model)?;
    let labeled = &past.bench.situation.labeled;
    let step = labeled.len().div_ceil(MOST_DOCUMENTS).max(1);
    let mut sums: BTreeMap<String, (f64, Vec<f64>)> = BTreeMap::new();
    for (row, _) in labeled.iter().step_by(step) {
        let document = past.bench.situation.pool[*row];
        let record = &past.bench.snapshot.documents[document];
        let text = past.opened.workspace.text_of(record)?.text;
        let vector = vector_at(past, predictor, record.place)?;
        let input = Input { text: &text, vector: vector.as_deref() };
        for (term, values) in merge(contributions(predictor, input, linear)?) {
            // Every document has a vector, so it is no word that distinguishes some of them.
            if term == VECTOR {
                continue;
            }
            let (count, sum) = sums.entry(term).or_insert_with(|| (SHRINKAGE, vec![0.0; values.len()]));
            *count += 1.0;
            sum.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
        }
    }
    let mean = |(term, (count, sum)): (String, (f64, Vec<f64>))| {
        (term, sum.into_iter().map(|sum| sum / count).collect())
    };
    Ok(sums.into_iter().map(mean).collect())
}

/// Returns the vector of the document with this id, if the model needs one.
fn vector_of(past: &Past, predictor: &Predictor, id: &str) -> Result<Option<Vec<f32>>> {
    match past.opened.workspace.place_of(id)? {
        Some(place) => vector_at(past, predictor, place),
        None => Ok(None),
    }
}

/// Returns the vector of the document at this place, if the model needs one and there is one.
fn vector_at(past: &Past, predictor: &Predictor, place: u32) -> Result<Option<Vec<f32>>> {
    let Some(width) = predictor.space.vector_width() else { return Ok(None) };
    let Some(vectors) = past.bench.vectors.any().filter(|vectors| vectors.has(place)) else {
        return Ok(None);
    };
    let mut vector = vec![0.0; width];
    vectors.read(&[place], &mut vector).map_err(SessionError::step("read a vector"))?;
    Ok(Some(vector))
}

/// Adds up the contributions of all occurrences of each term.
fn merge(contributions: Vec<Contribution>) -> Vec<Term> {
    let mut merged: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for Contribution { term, values } in contributions {
        let sums = merged.entry(term).or_insert_with(|| vec![0.0; values.len()]);
        sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
    }
    merged.into_iter().collect()
}

/// Returns the value of `class` minus the mean of all values; there is one value per class.
fn pull(values: &[f64], class: usize) -> f64 {
    values[class] - values.iter().sum::<f64>() / values.len() as f64
}
