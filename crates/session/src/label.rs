//! Labelling: shows an annotator the documents of a batch with the answers so far, and stores new
//! answers one by one.

use querist_core::{Class, LabelSet, Pick, Snapshot};
use querist_engine::awaited;

use crate::error::{Asked, Result, SessionError};
use crate::journal::Journal;
use crate::next;
use crate::opened::Opened;
use crate::people::takes_documents;
use crate::progress::Progress;
use crate::session::Session;

/// An annotator's current answer to a document, if any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The annotator has not answered yet.
    Open,
    /// The annotator skipped the document.
    Skip,
    /// The annotator chose this class.
    Class(Class),
}

impl Standing {
    /// Converts a stored answer, in which `None` is a skip.
    pub fn of(label: Option<Class>) -> Self {
        label.map_or(Self::Skip, Self::Class)
    }

    /// Returns the chosen class; `None` if the document was skipped or has no answer.
    pub fn class(self) -> Option<Class> {
        match self {
            Self::Class(class) => Some(class),
            Self::Open | Self::Skip => None,
        }
    }
}

/// A document of the batch, as the annotator sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchDocument {
    /// The document's id.
    pub id: String,
    /// The document's text.
    pub text: String,
    /// The user's own fields, as a JSON object.
    pub meta: Option<String>,
    /// The probability of each class, as the round predicted it; `None` without a prediction.
    pub probabilities: Option<Vec<f64>>,
    /// The annotator's current answer.
    pub answer: Standing,
}

/// Which batch an annotator labels, and how much of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SitOptions {
    /// Number of the round; `None`: the last round.
    pub round: Option<u32>,
    /// Whether to show the whole batch, even if it was divided among annotators.
    pub any: bool,
}

/// The documents that an annotator labels in one sitting.
#[derive(Debug, Clone)]
pub struct Sitting {
    /// The annotator's name in the workspace's spelling.
    pub annotator: String,
    /// Number of the round.
    pub round: u32,
    /// The classes to choose from.
    pub labels: LabelSet,
    /// The documents, in the batch's order.
    pub documents: Vec<BatchDocument>,
    /// How long each of the annotator's earlier answers took, in seconds.
    pub durations: Vec<f64>,
}

impl Session {
    /// Returns the documents that an annotator should label, and the log that stores the answers.
    /// Without a round number, the documents come from the batch of the last round. If the batch
    /// was divided among annotators, the annotator gets their own part, or the whole batch if
    /// `options.any` is true. Answers that wait in the annotator's log are ingested first.
    ///
    /// # Errors
    /// - The batch does not exist, or it has nothing for this annotator.
    /// - The annotator is paused or excluded.
    /// - Another process is labelling under this name.
    pub fn sit(
        &self,
        annotator: &str,
        options: SitOptions,
        progress: &dyn Progress,
    ) -> Result<(Sitting, Journal)> {
        let opened = self.read(progress)?;
        let Some(last) = options.round.or(opened.workspace.last_round()?) else {
            return Err(next::none_yet(&opened, Asked::Batch)?);
        };
        let annotator = &opened.workspace.called(annotator)?;
        let mut journal = Journal::open(self.root(), annotator, &opened.labels)?;
        journal.take_in()?;
        let snapshot = opened.snapshot()?;
        let annotator = opened.person(&snapshot, annotator)?;
        // A paused annotator may finish an earlier round, but gets nothing from the last one.
        let is_paused = snapshot.person(&annotator).is_some_and(|person| person.paused);
        let own = awaited(&snapshot).into_iter().filter(|assignment| assignment.annotator == annotator);
        let own = own
            .map(|assignment| assignment.round)
            .max()
            .filter(|_| is_paused && options.round.is_none() && !options.any);
        Ok((laid(&opened, &snapshot, annotator, own.unwrap_or(last), options.any)?, journal))
    }
}

/// Collects the documents of round `number` for an annotator: the annotator's part of the batch, or
/// the whole batch if `any` is true.
fn laid(opened: &Opened, snapshot: &Snapshot, annotator: String, number: u32, any: bool) -> Result<Sitting> {
    let Some(round) = snapshot.rounds.iter().find(|round| round.number == number) else {
        // If the round does not exist, this fails with the rounds that do. If it exists, its files
        // are not written yet.
        opened.workspace.round(number)?;
        return Err(SessionError::NotExported { round: number });
    };
    let shared_out = !any && snapshot.assignments.iter().any(|assignment| assignment.round == number);
    let handed = |pick: &&Pick| {
        !shared_out
            || snapshot.assignments.iter().any(|assignment| {
                (assignment.round, assignment.document) == (number, pick.document)
                    && assignment.annotator == annotator
            })
    };
    let handed = |pick: &&Pick| handed(pick) && !round.has_returned(pick.document);
    // Add documents of earlier rounds that were assigned to this annotator because they lack
    // answers.
    let of_earlier = snapshot.assignments.iter().filter(|assignment| {
        (assignment.round, &assignment.annotator) == (number, &annotator)
            && !round.picks.iter().any(|pick| pick.document == assignment.document)
    });
    let earlier = |document: usize| {
        let rounds = snapshot.rounds.iter().flat_map(|round| &round.picks);
        rounds.rev().find(|pick| pick.document == document)
    };
    let of_earlier = of_earlier.filter_map(|assignment| earlier(assignment.document));
    let documents = round.picks.iter().filter(handed).chain(of_earlier);
    let documents: Vec<BatchDocument> =
        documents.map(|pick| document(opened, snapshot, &annotator, pick)).collect::<Result<_>>()?;
    if documents.is_empty() {
        return Err(match takes_documents(snapshot, &annotator) {
            Err(gets_none) => gets_none,
            Ok(()) if round.picks.iter().all(|pick| round.has_returned(pick.document)) => {
                SessionError::NothingOut { round: number }
            }
            Ok(()) => SessionError::NotHandedTo { round: number, annotator },
        });
    }
    // A paused annotator may finish their own part of a batch, or label the whole batch if asked
    // to, but gets no undivided batch. An excluded annotator gets nothing at all.
    let is_excluded = snapshot.person(&annotator).is_some_and(|person| person.excluded.is_some());
    if is_excluded || !(any || shared_out) {
        takes_documents(snapshot, &annotator)?;
    }
    let own = snapshot.annotator(&annotator);
    let own = snapshot.answers.iter().filter(|answer| Some(answer.annotator) == own);
    let durations = own.filter_map(|answer| answer.seconds).collect();
    Ok(Sitting { annotator, round: number, labels: opened.labels.clone(), documents, durations })
}

/// Returns a document as the annotator sees it, with the annotator's current answer.
fn document(opened: &Opened, snapshot: &Snapshot, annotator: &str, pick: &Pick) -> Result<BatchDocument> {
    let record = &snapshot.documents[pick.document];
    let (id, found) = (record.id.to_string(), opened.workspace.text_of(record)?);
    let found_answer = snapshot.annotator(annotator).and_then(|annotator| {
        let own = (pick.document, annotator);
        snapshot.answers.binary_search_by_key(&own, |answer| (answer.document, answer.annotator)).ok()
    });
    let answer = found_answer.map_or(Standing::Open, |at| Standing::of(snapshot.answers[at].label));
    Ok(BatchDocument {
        id,
        text: found.text,
        meta: found.meta,
        probabilities: pick.probabilities.clone(),
        answer,
    })
}
