//! The status of a workspace: its documents, labels, rounds and warnings, and what to do next.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use querist_core::{Share, Snapshot};
use querist_engine::{Situation, Unlabeled, awaited, doubts};
use querist_report::RoundReport;
use serde::Serialize;

use crate::error::Result;
use crate::journal;
use crate::next::{self, Next};
use crate::opened::Opened;
use crate::progress::Progress;
use crate::round::files;
use crate::session::Session;
use crate::vectors::{Coverage, coverage};

/// The status of a workspace.
#[derive(Debug, Clone, Serialize)]
pub struct Status {
    /// The workspace's folder.
    pub workspace: PathBuf,
    /// Number of documents by state.
    pub documents: Documents,
    /// Number of labelled documents by class, in the order of the classes.
    pub labels: Vec<LabelCount>,
    /// How far each round's batch is answered.
    pub rounds: Vec<RoundCounts>,
    /// What still waits for answers, by round. Rounds that wait for nothing are left out.
    pub out: Vec<Out>,
    /// Number of answers that are missing because an assignment ended or because an answer does not
    /// count. The next batch that is divided among named annotators asks for them.
    pub lacking: usize,
    /// Warnings, as sentences: first the report's, then those about suspicious answers.
    pub warnings: Vec<String>,
    /// Number of the report's warnings, which come first. The report's headlines contain them too.
    pub reported_warnings: usize,
    /// The last round's report, from all answers so far; `None` before the first round.
    pub report: Option<RoundReport>,
    /// How many documents have vectors; `None` if the workspace has no vectors.
    pub vectors: Option<Coverage>,
    /// Annotators' own files whose answers wait to be ingested.
    pub waiting: Vec<Waiting>,
    /// What the user can do next.
    pub next: Next,
}

/// Number of documents in each role and state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Documents {
    /// Number of documents in the pool.
    pub pool: usize,
    /// Number of pool documents that a round may pick.
    pub open: usize,
    /// Number of pool documents that are neither open nor labelled, in each state: out with
    /// annotators, tied, only skipped, left out by an expert.
    #[serde(flatten)]
    pub unlabeled: Unlabeled,
    /// Number of pool documents with a label.
    pub labeled: usize,
    /// Number of control items.
    pub control: usize,
    /// Number of control items that the next batch may contain. New items are used first; when
    /// there are none, so are items that some annotator has not seen.
    #[serde(skip)]
    pub open_controls: usize,
    /// Number of documents in the test set.
    pub test: usize,
}

/// A class, and its number of documents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LabelCount {
    /// Name of the class.
    pub label: String,
    /// Number of documents.
    pub n: usize,
}

/// How far a round's batch is answered. Picks include control items; `labeled` does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct RoundCounts {
    /// Number of the round.
    pub round: u32,
    /// Number of picks.
    pub picks: usize,
    /// Number of picks with an answer.
    pub answered: usize,
    /// Number of picks that are control items.
    pub controls: usize,
    /// Number of control items with an answer.
    pub controls_answered: usize,
    /// Number of picked pool documents that have a label.
    pub labeled: usize,
    /// Number of picks that were returned to the pool without an answer.
    pub returned: usize,
    /// Whether the round has picks and none of them has an answer.
    pub unanswered: bool,
}

/// The documents of a round that wait for answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Out {
    /// Number of the round.
    pub round: u32,
    /// Number of documents and control items that wait. It includes documents of earlier rounds
    /// that this round handed out again.
    pub documents: usize,
    /// When the documents were handed out, in RFC 3339.
    pub since: String,
    /// Number of answers that each annotator still has to give; empty if anybody may answer.
    pub with: BTreeMap<String, usize>,
}

/// An annotator's own file in which answers wait.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Waiting {
    /// Path of the file.
    pub file: PathBuf,
    /// Number of answers.
    pub answers: usize,
    /// Whether the answers are decisions of an expert.
    pub decisions: bool,
}

impl Session {
    /// Returns the status of the workspace. With `check`, SQLite also reads the whole database and
    /// verifies it.
    ///
    /// # Errors
    /// The workspace cannot be read, or its database is damaged.
    pub fn status(&self, check: bool, progress: &dyn Progress) -> Result<Status> {
        let opened = self.read(progress)?;
        if check {
            opened.workspace.check_integrity()?;
        }
        let snapshot = opened.snapshot()?;
        let situation = opened.situation(&snapshot)?;
        let last = snapshot.rounds.last().map(|round| round.number);
        let report = last.map(|number| files::report_of(&opened, &snapshot, number)).transpose()?;
        let (warnings, reported_warnings) = warnings(&opened, &snapshot, report.as_ref())?;
        let labels = opened.labels.names().iter().zip(&situation.labeled_counts);
        let labels = labels.map(|(label, n)| LabelCount { label: label.clone(), n: *n }).collect();
        let waiting = journal::waiting(self.root()).into_iter();
        Ok(Status {
            workspace: self.root().to_owned(),
            documents: Documents {
                pool: situation.pool.len(),
                open: situation.open.len(),
                unlabeled: Unlabeled::of(&snapshot, &situation),
                labeled: situation.labeled.len(),
                control: situation.control.len(),
                open_controls: situation.open_controls.len(),
                test: situation.test.len(),
            },
            labels,
            rounds: rounds(&snapshot, &situation),
            out: out(&snapshot, &opened.workspace.out_since()?),
            lacking: snapshot.rounds.iter().flat_map(|round| &round.lacking).map(|(_, n)| n).sum(),
            warnings,
            reported_warnings,
            vectors: coverage(&opened, &snapshot)?,
            waiting: waiting
                .map(|(file, answers)| Waiting { decisions: journal::has_decisions(&file), file, answers })
                .collect(),
            next: next::step(&opened, &snapshot, &situation)?,
            report,
        })
    }
}

/// Returns all warnings, as sentences, and how many of them (the first ones) the report contains
/// too.
fn warnings(
    opened: &Opened,
    snapshot: &Snapshot,
    report: Option<&RoundReport>,
) -> Result<(Vec<String>, usize)> {
    let mut warnings = match report {
        Some(report) => report.warnings.clone(),
        None => opened.workspace.shared_texts()?.warnings(),
    };
    let reported = if report.is_some() { warnings.len() } else { 0 };
    warnings.extend(doubts(snapshot, crate::ingest::now()));
    Ok((warnings, reported))
}

/// Returns what each round still waits for: the number of documents, and the number of answers that
/// each annotator still has to give. `since` holds the time when each round's batch was handed out.
fn out(snapshot: &Snapshot, since: &BTreeMap<u32, String>) -> Vec<Out> {
    let answered = snapshot.answered();
    let awaited = awaited(snapshot);
    let mut all = Vec::new();
    for round in &snapshot.rounds {
        let waits = |document: &usize| {
            !snapshot.has_answer_for(round, *document, &answered) && !round.has_returned(*document)
        };
        let mut documents: BTreeSet<usize> =
            round.picks.iter().map(|pick| pick.document).filter(waits).collect();
        let mut with = BTreeMap::new();
        for assignment in awaited.iter().filter(|assignment| assignment.round == round.number) {
            documents.insert(assignment.document);
            *with.entry(assignment.annotator.clone()).or_default() += 1;
        }
        if !documents.is_empty() {
            let since = since.get(&round.number).cloned().unwrap_or_default();
            all.push(Out { round: round.number, documents: documents.len(), since, with });
        }
    }
    all
}

/// Counts for each round how many picks are answered and labelled.
fn rounds(snapshot: &Snapshot, situation: &Situation) -> Vec<RoundCounts> {
    let answered = snapshot.answered();
    let counts = |round: &querist_core::RoundRecord| {
        let mut counts = RoundCounts {
            round: round.number,
            picks: round.picks.len(),
            answered: 0,
            controls: 0,
            controls_answered: 0,
            labeled: 0,
            returned: round.returned.len(),
            unanswered: false,
        };
        for pick in &round.picks {
            let is_answered = snapshot.has_answer_for(round, pick.document, &answered);
            let answered = usize::from(is_answered && !round.has_returned(pick.document));
            counts.answered += answered;
            if pick.share == Share::Control {
                counts.controls += 1;
                counts.controls_answered += answered;
            } else {
                counts.labeled += usize::from(situation.label_of[pick.document].is_some());
            }
        }
        RoundCounts { unanswered: counts.picks > 0 && counts.answered == 0, ..counts }
    };
    snapshot.rounds.iter().map(counts).collect()
}
