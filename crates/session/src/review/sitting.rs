//! A sitting of an expert: shows documents that need a decision, and stores the expert's decisions.

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

/// Which documents an expert decides about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Asked {
    /// The documents that need review.
    #[default]
    Review,
    /// The documents whose labels are probably wrong, according to the audit.
    Audit,
}

/// Reasons for a decision from which people can choose: the text that is stored, and its meaning.
pub const REASONS: [(&str, &str); 5] = [
    ("ambiguous text", "the text does not settle it"),
    ("gap in the guidelines", "the guidelines do not cover it"),
    ("slip", "somebody pressed the wrong key"),
    ("several classes", "more than one class fits"),
    ("other", "anything else; explain in a comment"),
];

/// An answer to a document, or its imported label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Vote {
    /// Name of the annotator; "imported" for the imported label.
    pub by: String,
    /// The class; `None` for a skip.
    pub label: Option<Class>,
}

/// A document about which an expert should decide.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// The document. Its `answer` is the expert's decision, if there is one.
    pub document: BatchDocument,
    /// Why the document needs a decision, in words.
    pub why: String,
    /// The imported label, if any, and all answers.
    pub votes: Vec<Vote>,
    /// Annotators' remarks on their answers, one per line.
    pub remarks: Vec<String>,
}

/// The documents of one sitting, and the expert who decides about them.
#[derive(Debug, Clone)]
pub struct Deciding {
    /// The expert's name in the workspace's spelling.
    pub expert: String,
    /// The classes to choose from.
    pub labels: LabelSet,
    /// The documents. The document on which a decision helps most comes first.
    pub cases: Vec<Case>,
}

/// A document (its index), why it needs a decision, and the audit's probability of each class;
/// `None` for a review.
type AskedAbout = (usize, String, Option<Vec<f64>>);

impl Session {
    /// Opens a sitting in which an expert decides about at most `top` documents. Returns the
    /// documents, and the log that stores the decisions. Decisions that wait in the expert's log
    /// are ingested first.
    ///
    /// # Errors
    /// - There is nothing to decide.
    /// - The expert is excluded or paused.
    /// - Another process is deciding under this name.
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
            // The audit's probabilities come from a model trained without the document. A round's
            // model may have learned from the document, so the audit's are preferred.
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

    /// Returns the documents that need a decision, each with the reason. In an audit, each also has
    /// the class probabilities of the model that doubts the label.
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

/// Returns a document as the expert sees it, with the decision about it, if there is one.
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
