//! Documents for review, or labels that the model does not believe, in front of an expert who
//! decides.

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
    /// Those of the review.
    #[default]
    Review,
    /// The suspects of the audit.
    Audit,
}

/// Why a decision, for people to choose from: a word to keep, and what it means.
pub const REASONS: [(&str, &str); 5] = [
    ("ambiguous text", "the text does not settle it"),
    ("gap in the guidelines", "the guidelines do not cover it"),
    ("slip", "somebody pressed the wrong key"),
    ("several classes", "more than one class fits"),
    ("other", "anything else; explain in a comment"),
];

/// What somebody answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Vote {
    /// Who; "imported" for the label that came with the document.
    pub by: String,
    /// The class; `None` is a skip.
    pub label: Option<Class>,
}

/// A document that waits for a decision.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// The document, with the expert's standing decision as its answer.
    pub document: BatchDocument,
    /// Why it is here, in words.
    pub why: String,
    /// What everybody said.
    pub votes: Vec<Vote>,
    /// What people wrote beside their answers, a line each.
    pub remarks: Vec<String>,
}

/// Documents in front of an expert.
#[derive(Debug, Clone)]
pub struct Deciding {
    /// The expert, under the name that the workspace knows.
    pub expert: String,
    /// The classes.
    pub labels: LabelSet,
    /// The documents, the most helpful first.
    pub cases: Vec<Case>,
}

/// A document, why it is here, and its probabilities by the model if that has been asked already.
type AskedAbout = (usize, String, Option<Vec<f64>>);

impl Session {
    /// Lays documents in front of an expert: those of the review, or the suspects of the audit, at
    /// most `top`. Decisions that an earlier sitting could not take in are taken in first.
    ///
    /// # Errors
    /// There is nothing to decide, the expert is excluded or paused, or somebody decides under this
    /// name already.
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

    /// The documents with why each is here, and what a model that was trained for the question
    /// predicts.
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

/// A document with the decision that stands.
fn laid(opened: &Opened, snapshot: &Snapshot, document: usize) -> Result<BatchDocument> {
    let id = snapshot.documents[document].id.to_string();
    let found = opened.workspace.text_of(&snapshot.documents[document])?;
    let picks = snapshot.rounds.iter().rev().flat_map(|round| &round.picks);
    let predicted =
        picks.filter(|pick| pick.document == document).find_map(|pick| pick.probabilities.clone());
    let answer = snapshot.settled(document).map_or(Standing::Open, |settled| Standing::of(settled.label));
    Ok(BatchDocument { id, text: found.text, meta: found.meta, probabilities: predicted, answer })
}

/// What everybody said of a document.
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
