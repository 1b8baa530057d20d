//! The audit: which labels are probably wrong, and an estimate of how many.
//!
//! It trains as the next round would, but from scratch, and takes every probability from a model
//! that did not see the document. It stores nothing.

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

/// Longest excerpt of a text that is shown, in characters.
const EXCERPT: usize = 160;

/// The assumption behind the estimate, in words for the user.
pub const ASSUMED: &str = "every document with the same probability; errors that depend on the text are not \
                           counted";

/// What an audit found.
#[derive(Debug, Clone, Serialize)]
pub struct Audited {
    /// Number of labelled documents.
    pub labeled: usize,
    /// Number of labels that could be checked. Some cannot, such as the only label of a class.
    pub asked: usize,
    /// Number of labels that are suspected to be wrong.
    pub suspects: usize,
    /// Estimated number of wrong labels; `None` if there are too few labels for an estimate.
    pub estimated: Option<Whole>,
    /// Number of labels that an estimate needs.
    pub estimate_needs: usize,
    /// The ranked labels, the most suspect first.
    pub documents: Vec<Suspect>,
    /// Number of documents written to a file; `None` if no file was asked for.
    pub written: Option<usize>,
    /// The files for experts, if a tool's format was named.
    pub files: Vec<OutFile>,
}

/// A number of labels with its 95 % interval; the interval's ends are rounded outwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Whole {
    /// The estimate, rounded.
    pub value: u64,
    /// Lower end of the interval.
    pub low: u64,
    /// Upper end of the interval.
    pub high: u64,
}

/// A label and what the model predicts for its document.
#[derive(Debug, Clone, Serialize)]
pub struct Suspect {
    /// The document's id.
    pub id: String,
    /// The beginning of its text.
    pub text: String,
    /// The label that the document has.
    pub given: String,
    /// The model's most probable class.
    pub suggested: String,
    /// Whether the label is suspected to be wrong.
    pub suspected: bool,
    /// The probability of the given label, from 0 to 1, by a model that did not see the document.
    pub self_confidence: f64,
    /// The given label's probability minus the largest probability of another class, from -1 to 1.
    pub margin: f64,
    /// The probability that the label is wrong, from 0 to 1.
    pub wrong: f64,
    /// The model's probability of each class, by the class's name.
    pub probabilities: Map<String, Value>,
}

/// What an audit returns, and where it writes the labels.
#[derive(Debug, Clone, Copy, Default)]
pub struct AuditOptions<'a> {
    /// Whether to rank every label, not only the suspects.
    pub all: bool,
    /// Number of labels to return, at most; `None`: all.
    pub top: Option<usize>,
    /// The file or files to which the ranked labels are written.
    pub to: To<'a>,
}

impl Session {
    /// Finds the labels of the workspace that are probably wrong, and returns them with an estimate
    /// of how many there are. Also writes the documents to a file, if `options` names one.
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

/// Describes a rated label, with the beginning of its document's text.
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
