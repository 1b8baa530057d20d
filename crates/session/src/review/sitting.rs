//! A sitting of an expert: shows documents for review, or labels that the model doubts, and stores
//! the expert's decisions.

use querist_core::{Class, LabelSet, Snapshot};
use querist_engine::review;
use serde::Serialize;

use crate::error::{Result, SessionError};
use crate::journal::Journal;
use crate::label::{BatchDocument, Standing};
use crate::opened::Opened;
use crate::people::takes_documents;
use crate::progress::{Progress, Step};
use crate::remarks;
use crate::session::Session;

/// Which documents an expert is asked about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Asked {
    /// The documents of the review.
    #[default]
    Review,
    /// The documents whose labels the audit suspects.
    Audit,
}

/// Reasons for a decision that people can choose from: the stored text, and what it means.
pub const REASONS: [(&str, &str); 5] = [
    ("ambiguous text", "the text does not settle it"),
    ("gap in the guidelines", "the guidelines do not cover it"),
    ("slip", "somebody pressed the wrong key"),
    ("several classes", "more than one class fits"),
    ("other", "anything else; explain in a comment"),
];

/// A class that an annotator, or the import, gave a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Vote {
    /// Name of the annotator; "imported" for the label that came with the document.
    pub by: String,
    /// The class; `None` for a skip.
    pub label: Option<Class>,
}

/// A document that waits for a decision.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// The document; its `answer` is the expert's standing decision.
    pub document: BatchDocument,
    /// Why the document needs a decision, in words.
    pub why: String,
    /// All answers to the document.
    pub votes: Vec<Vote>,
    /// Annotators' remarks on their answers, one per line.
    pub remarks: Vec<String>,
}

/// The documents of one sitting, and the expert who decides about them.
#[derive(Debug, Clone)]
pub struct Deciding {
    /// The expert's name, as the workspace knows it.
    pub expert: String,
    /// The classes to choose from.
    pub labels: LabelSet,
    /// The documents, the most helpful first.
    pub cases: Vec<Case>,
}

/// Index of a document; why it needs a decision; the audit's probability of each class, `None` for
/// a review.
type AskedAbout = (usize, String, Option<Vec<f64>>);

impl Session {
    /// Opens a sitting in which an expert decides about documents: the documents that need review,
    /// or the suspects of the audit, at most `top`. Decisions that wait in the expert's log are
    /// ingested first. Returns the documents, and the log that stores the decisions.
    ///
    /// # Errors
    /// There is nothing to decide, the expert is excluded or paused, or another process is deciding
    /// under this name.
    pub fn sit_to_decide(
        &self,
        expert: &str,
        asked: Asked,
        top: Option<usize>,
        progress: &dyn Progress,
    ) -> Result<(Deciding, Journal)> {
        let opened = self.read(progress)?;
        let expert = &opened.workspace.called(expert)?;
        let mut journal = Journal::of_expert(self.root(), expert, &opened.labels)?;
        journal.take_in()?;
        let snapshot = opened.snapshot()?;
        let expert = opened.person(&snapshot, expert)?;
        takes_documents(&snapshot, &expert)?;
        let mut asked = self.asked(&opened, &snapshot, asked, progress)?;
        asked.truncate(top.unwrap_or(usize::MAX));
        if asked.is_empty() {
            return Err(SessionError::NothingToDecide);
        }
        let said = remarks::by_document(&opened.workspace.remarks(&snapshot)?);
        let case = |(document, why, believed): (usize, String, Option<Vec<f64>>)| {
            let written = said.get(&document).into_iter().flatten();
            let laid = laid(&opened, &snapshot, document)?;
            // Prefer the audit's probabilities: the audit's model has not seen the document, a
            // round's model may have.
            let probabilities = believed.or(laid.probabilities);
            Ok(Case {
                document: BatchDocument { probabilities, ..laid },
                why,
                votes: votes(&snapshot, document),
                remarks: written.map(querist_report::Remark::line).collect(),
            })
        };
        let cases = asked.into_iter().map(case).collect::<Result<_>>()?;
        Ok((Deciding { expert, labels: opened.labels.clone(), cases }, journal))
    }

    /// Returns the documents to decide about with the reason for each. For the audit, the class
    /// probabilities of the model that doubts the label are added.
    fn asked(
        &self,
        opened: &Opened,
        snapshot: &Snapshot,
        asked: Asked,
        progress: &dyn Progress,
    ) -> Result<Vec<AskedAbout>> {
        if asked == Asked::Audit {
            let found = self.audit(&crate::audit::AuditOptions::default(), progress)?;
            let why = |suspect: crate::audit::Suspect| {
                let document = snapshot.find(&suspect.id)?;
                let of = |label: &str| suspect.probabilities[label].as_f64().unwrap_or_default();
                let [given, first] = [&suspect.given, &suspect.suggested].map(|label| of(label) * 100.0);
                let believed = opened.labels.names().iter().map(|label| of(label)).collect();
                let labels = (suspect.given, suspect.suggested);
                let why = format!(
                    "labelled {} ({given:.1} %), model predicts {} ({first:.1} %)",
                    labels.0, labels.1
                );
                Some((document, why, Some(believed)))
            };
            return Ok(found.documents.into_iter().filter_map(why).collect());
        }
        let (situation, standards) = (opened.situation(snapshot)?, opened.standards()?);
        let cases = progress.step(Step::Weighing, || review(snapshot, &situation, &standards))?;
        Ok(cases.into_iter().map(|case| (case.document, case.reasons.join(", "), None)).collect())
    }
}

/// Returns a document as the expert sees it, with the standing decision about it.
fn laid(opened: &Opened, snapshot: &Snapshot, document: usize) -> Result<BatchDocument> {
    let id = snapshot.documents[document].id.to_string();
    let found = opened.workspace.text_of(&snapshot.documents[document])?;
    let picks = snapshot.rounds.iter().rev().flat_map(|round| &round.picks);
    let predicted =
        picks.filter(|pick| pick.document == document).find_map(|pick| pick.probabilities.clone());
    let answer = snapshot.settled(document).map_or(Standing::Open, |settled| Standing::of(settled.label));
    Ok(BatchDocument { id, text: found.text, meta: found.meta, probabilities: predicted, answer })
}

/// Returns the imported label of a document, if any, and all answers to it.
fn votes(snapshot: &Snapshot, document: usize) -> Vec<Vote> {
    let from = snapshot.answers.partition_point(|answer| answer.document < document);
    let answers = snapshot.answers[from..].iter().take_while(|answer| answer.document == document);
    let vote = |answer: &querist_core::Answer| Vote {
        by: snapshot.annotators[answer.annotator as usize].clone(),
        label: answer.label,
    };
    let imported = snapshot.documents[document].label;
    let imported = imported.map(|class| Vote { by: "imported".to_owned(), label: Some(class) });
    imported.into_iter().chain(answers.map(vote)).collect()
}
