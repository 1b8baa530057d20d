//! Where things stand.

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

/// Where things stand.
#[derive(Debug, Clone, Serialize)]
pub struct Status {
    /// The workspace's folder.
    pub workspace: PathBuf,
    /// Its documents, by what they are.
    pub documents: Documents,
    /// How many documents have each class, in the order of the classes.
    pub labels: Vec<LabelCount>,
    /// What came of each round's batch.
    pub rounds: Vec<RoundCounts>,
    /// What is out, by round: nothing of rounds of which nothing is.
    pub out: Vec<Out>,
    /// How many answers documents lack that were handed to people whose assignments ended, or whose
    /// answers do not count: a later batch that is shared out by name asks for them.
    pub lacking: usize,
    /// What makes figures doubtful, as sentences: first what the report says, then what is odd
    /// about the answers.
    pub warnings: Vec<String>,
    /// How many of the warnings are among the report's headlines: the first ones.
    pub reported_warnings: usize,
    /// The report of the last round with all answers so far; `None` before the first round.
    pub report: Option<RoundReport>,
    /// Answers that wait in annotators' own files.
    pub waiting: Vec<Waiting>,
    /// What comes next.
    pub next: Next,
}

/// How many documents there are, by what they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Documents {
    /// Those that may be picked, were picked or are labelled.
    pub pool: usize,
    /// Of the pool: those that may be picked.
    pub open: usize,
    /// Of the pool: out with annotators, tied, only skipped, left out by an expert.
    #[serde(flatten)]
    pub unlabeled: Unlabeled,
    /// Of the pool: those with a label.
    pub labeled: usize,
    /// Control items.
    pub control: usize,
    /// Control items that the next batch may have: those that no batch had, else those that
    /// somebody has not seen.
    #[serde(skip)]
    pub open_controls: usize,
    /// Documents of the test set.
    pub test: usize,
}

/// A class and how many documents have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LabelCount {
    /// The class.
    pub label: String,
    /// How many documents.
    pub n: usize,
}

/// What came of a round's batch. Picks are documents of the pool and control items; what is
/// labelled, are documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct RoundCounts {
    /// The round.
    pub round: u32,
    /// How many picks it has.
    pub picks: usize,
    /// How many of the picks have an answer.
    pub answered: usize,
    /// How many of the picks are control items.
    pub controls: usize,
    /// How many of the control items have an answer.
    pub controls_answered: usize,
    /// How many of its documents have a label.
    pub labeled: usize,
    /// How many of its picks went back to the pool unanswered.
    pub returned: usize,
    /// Whether it has picks, and none of them an answer.
    pub unanswered: bool,
}

/// What is out by a round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Out {
    /// The round.
    pub round: u32,
    /// How many documents and control items, those of earlier rounds that it handed out again among
    /// them, wait for an answer.
    pub documents: usize,
    /// Since when, in RFC 3339.
    pub since: String,
    /// Whose answers wait, by name; empty where the batch is for everybody.
    pub with: BTreeMap<String, usize>,
}

/// Answers that wait in an annotator's own file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Waiting {
    /// The file.
    pub file: PathBuf,
    /// How many answers.
    pub answers: usize,
    /// Whether they are decisions of an expert.
    pub decisions: bool,
}

impl Session {
    /// Describes the workspace. With `check`, SQLite reads the whole database and says whether it
    /// is sound.
    ///
    /// # Errors
    /// The workspace cannot be read, or is damaged.
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
            waiting: waiting
                .map(|(file, answers)| Waiting { decisions: journal::has_decisions(&file), file, answers })
                .collect(),
            next: next::step(&opened, &snapshot, &situation)?,
            report,
        })
    }
}

/// What makes figures doubtful, and how much of that the report says.
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

/// What is out by each round.
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

/// What came of the batch of each round.
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
