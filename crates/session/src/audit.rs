//! The labels that are probably wrong, and how many are.
//!
//! Trains as the next round would, from nothing and always with probabilities of documents held
//! out; keeps nothing of it.

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

/// How many characters of a text are shown.
const EXCERPT: usize = 160;

/// What the estimate takes for granted.
pub const ASSUMED: &str = "any document alike; errors that follow the text are not counted";

/// What an audit found.
#[derive(Debug, Clone, Serialize)]
pub struct Audited {
    /// How many documents are labelled.
    pub labeled: usize,
    /// How many of the labels could be asked about: some cannot, such as the only one of its class.
    pub asked: usize,
    /// How many labels are suspected to be wrong.
    pub suspects: usize,
    /// How many labels are wrong, estimated; `None` where there are too few labels to say.
    pub estimated: Option<Whole>,
    /// How many labels an estimate needs.
    pub estimate_needs: usize,
    /// The labels, the most suspect first.
    pub documents: Vec<Suspect>,
    /// How many documents were written; `None` without a file.
    pub written: Option<usize>,
    /// The files for experts, where a tool's format was named.
    pub files: Vec<OutFile>,
}

/// A number of labels with its 95 % interval, the interval rounded outwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Whole {
    /// The estimate.
    pub value: u64,
    /// The lower end.
    pub low: u64,
    /// The upper end.
    pub high: u64,
}

/// A label and what the model says of it.
#[derive(Debug, Clone, Serialize)]
pub struct Suspect {
    /// The document.
    pub id: String,
    /// The beginning of its text.
    pub text: String,
    /// Its label.
    pub given: String,
    /// The model's first class.
    pub suggested: String,
    /// Whether the label is suspected to be wrong.
    pub suspected: bool,
    /// The probability of the given label, 0 to 1, by a model that did not see the document.
    pub self_confidence: f64,
    /// The given label's probability less the largest of the others, -1 to 1.
    pub margin: f64,
    /// The probability that the label is wrong, 0 to 1.
    pub wrong: f64,
    /// The probability of each class.
    pub probabilities: Map<String, Value>,
}

/// What of an audit is wanted.
#[derive(Debug, Clone, Copy, Default)]
pub struct AuditOptions<'a> {
    /// Rank every label, not only the suspects.
    pub all: bool,
    /// At most so many.
    pub top: Option<usize>,
    /// Where they go.
    pub to: To<'a>,
}

impl Session {
    /// Finds suspected label errors.
    ///
    /// # Errors
    /// The workspace cannot be read, there are too few labels, or the file cannot be written.
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
