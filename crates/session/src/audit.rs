//! The audit: finds the labels that are probably wrong, and estimates how many there are.
//!
//! A model is trained as in the next round, but from scratch. The probabilities of a document come
//! from a model that was trained without this document. Nothing is stored.

use querist_core::Start;
use querist_engine::{AuditCase, audit, train};
use querist_model::Purpose;
use querist_report::markdown::excerpt;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::bench::Bench;
use crate::error::{Result, SessionError};
use crate::export::OutFile;
use crate::opened::Opened;
use crate::progress::{Progress, Step};
use crate::review::{To, send};
use crate::round::MODEL_SEED;
use crate::session::Session;
use crate::weak::WeakLabels;

/// Number of characters of a document's text that a front end shows, at most.
const EXCERPT: usize = 160;

/// What the estimate takes for granted about wrong labels, in words for the user.
pub const ASSUMED: &str = "every document with the same probability; errors that depend on the text are not \
                           counted";

/// What an audit found.
#[derive(Debug, Clone, Serialize)]
pub struct Audited {
    /// Number of labelled documents.
    pub labeled: usize,
    /// Number of labels that could be checked. Some cannot: for example, if a class has only one
    /// label, no model can be trained without it.
    pub asked: usize,
    /// Number of checked labels that are probably wrong.
    pub suspects: usize,
    /// Estimated number of wrong labels; `None` if there are too few labels for an estimate.
    pub estimated: Option<Whole>,
    /// Number of checked labels that an estimate needs.
    pub estimate_needs: usize,
    /// The listed labels, the most probable error first.
    pub documents: Vec<Suspect>,
    /// Number of documents written to a file; `None` if no file was asked for.
    pub written: Option<usize>,
    /// The files for experts; empty unless [`AuditOptions::to`] names a tool's format.
    pub files: Vec<OutFile>,
}

/// A number of labels with its 95 % interval, in whole numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Whole {
    /// The estimate, rounded to the nearest whole number.
    pub value: u64,
    /// Lower end of the interval, rounded down.
    pub low: u64,
    /// Upper end of the interval, rounded up.
    pub high: u64,
}

/// A checked label, and what the model predicts for its document.
#[derive(Debug, Clone, Serialize)]
pub struct Suspect {
    /// The document's id.
    pub id: String,
    /// The beginning of the document's text.
    pub text: String,
    /// The label that the document has.
    pub given: String,
    /// Name of the class that the model considers most probable.
    pub suggested: String,
    /// Whether the label is probably wrong.
    pub suspected: bool,
    /// The probability of the document's label, from 0 to 1, by a model trained without the
    /// document.
    pub self_confidence: f64,
    /// This probability minus the largest probability of another class, from -1 to 1.
    pub margin: f64,
    /// The probability that the label is wrong, from 0 to 1.
    pub wrong: f64,
    /// The model's probability of each class, by the class's name.
    pub probabilities: Map<String, Value>,
}

/// Which labels an audit lists, and where it writes them.
#[derive(Debug, Clone, Copy, Default)]
pub struct AuditOptions<'a> {
    /// Whether to list every checked label, not only the labels that are probably wrong.
    pub all: bool,
    /// Number of labels to list, at most; without it (`None`), all.
    pub top: Option<usize>,
    /// Where to write the documents of the listed labels.
    pub to: To<'a>,
}

impl Session {
    /// Lists the labels that are probably wrong, and estimates how many there are. If `options`
    /// asks for it, also writes the documents with these labels to a file.
    ///
    /// # Errors
    /// The workspace cannot be read, it has too few labels for an audit, or the file cannot be
    /// written.
    pub fn audit(&self, options: &AuditOptions<'_>, progress: &dyn Progress) -> Result<Audited> {
        let opened = self.read(progress)?;
        let bench = opened.bench(&[])?;
        let prepared = opened.prepare(&bench, progress)?;
        let classifier = opened.classifier(Purpose::Audit)?;
        let weak = opened.weak_labels(&bench, progress)?;
        let (situation, labels) = (&bench.situation, &opened.labels);
        let start = Start { warm: None, seed: MODEL_SEED };
        let learning = (bench.settings.quality.training, weak.as_ref().map(WeakLabels::as_weak));
        let trained = progress
            .step(Step::Training, || train(&classifier, &prepared, situation, labels, learning, start))?;
        let Some(found) = audit(&bench.snapshot, situation, &trained)? else {
            let why = trained.why_none.unwrap_or_else(|| {
                format!("{} labelled documents are too few to hold some out", situation.labeled.len())
            });
            return Err(SessionError::TooFewLabels { why });
        };
        let chosen = found.cases.iter().filter(|case| options.all || case.rated.suspected);
        let chosen: Vec<&AuditCase> = chosen.take(options.top.unwrap_or(usize::MAX)).collect();
        let documents = chosen.iter().map(|case| suspect(&opened, &bench, case)).collect::<Result<_>>()?;
        let to_write: Vec<usize> = chosen.iter().map(|case| case.document).collect();
        let (written, files) = send(&opened, &bench.snapshot, &to_write, options.to)?;
        Ok(Audited {
            labeled: found.labeled,
            asked: found.cases.len(),
            suspects: found.suspects,
            estimated: found.estimated.map(|number| Whole {
                value: number.value.round() as u64,
                low: number.low.floor() as u64,
                high: number.high.ceil() as u64,
            }),
            estimate_needs: found.needed,
            documents,
            written,
            files,
        })
    }
}

/// Returns a checked label in the form for front ends, with the beginning of its document's text.
fn suspect(opened: &Opened, bench: &Bench, case: &AuditCase) -> Result<Suspect> {
    let record = &bench.snapshot.documents[case.document];
    let rated = &case.rated;
    let names = opened.labels.names().iter();
    Ok(Suspect {
        id: record.id.to_string(),
        text: excerpt(&opened.workspace.text_of(record)?.text, EXCERPT),
        given: opened.labels.name(rated.given).to_owned(),
        suggested: opened.labels.name(rated.suggested).to_owned(),
        suspected: rated.suspected,
        self_confidence: rated.self_confidence,
        margin: rated.margin,
        wrong: rated.wrong,
        probabilities: names.zip(&case.probabilities).map(|(name, p)| (name.clone(), json!(p))).collect(),
    })
}
