//! A batch in front of an annotator: its documents with what this person has answered, and answers
//! kept one by one.

use querist_core::{Class, LabelSet, Pick, Snapshot};
use querist_engine::awaited;

use crate::error::{Asked, Result, SessionError};
use crate::journal::Journal;
use crate::next;
use crate::opened::Opened;
use crate::people::takes_documents;
use crate::progress::Progress;
use crate::session::Session;

/// An annotator's standing answer to a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// None yet.
    Open,
    /// A skip.
    Skip,
    /// This class.
    Class(Class),
}

impl Standing {
    /// As answers are kept: a skip is `None`.
    pub fn of(label: Option<Class>) -> Self {
        label.map_or(Self::Skip, Self::Class)
    }

    /// The class, if there is one.
    pub fn class(self) -> Option<Class> {
        match self {
            Self::Class(class) => Some(class),
            Self::Open | Self::Skip => None,
        }
    }
}

/// A document of the batch.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchDocument {
    /// Its id.
    pub id: String,
    /// Its text.
    pub text: String,
    /// The user's own fields, as a JSON object.
    pub meta: Option<String>,
    /// What the round's model predicted, by class; `None` without a model.
    pub probabilities: Option<Vec<f64>>,
    /// The annotator's standing answer.
    pub answer: Standing,
}

/// Which batch is laid in front of an annotator, and how much of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SitOptions {
    /// The round; `None`: the last one.
    pub round: Option<u32>,
    /// Whether a batch that was shared out among people is laid out whole, whoever it was handed
    /// to.
    pub any: bool,
}

/// A batch in front of an annotator.
#[derive(Debug, Clone)]
pub struct Sitting {
    /// The annotator, under the name that the workspace knows.
    pub annotator: String,
    /// The round.
    pub round: u32,
    /// The classes.
    pub labels: LabelSet,
    /// The documents, in the order of the batch.
    pub documents: Vec<BatchDocument>,
    /// How long the annotator's answers took so far, in seconds.
    pub durations: Vec<f64>,
}

impl Session {
    /// Lays a batch in front of an annotator, the last one if no round is named. A batch that was
    /// shared out among people is each one's own part of it, unless the options ask for any.
    /// Answers that an earlier sitting could not take in are taken in first.
    ///
    /// # Errors
    /// There is no such batch, nothing of it is for this annotator or out at all, or somebody
    /// labels under this name already.
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
        // Who is paused gets nothing of the last round, and goes on with what there is of an
        // earlier one.
        let is_paused = snapshot.person(&annotator).is_some_and(|person| person.paused);
        let own = awaited(&snapshot).into_iter().filter(|assignment| assignment.annotator == annotator);
        let own = own
            .map(|assignment| assignment.round)
            .max()
            .filter(|_| is_paused && options.round.is_none() && !options.any);
        Ok((laid(&opened, &snapshot, annotator, own.unwrap_or(last), options.any)?, journal))
    }
}

fn laid(opened: &Opened, snapshot: &Snapshot, annotator: String, number: u32, any: bool) -> Result<Sitting> {
    let Some(round) = snapshot.rounds.iter().find(|round| round.number == number) else {
        // Says which rounds there are, or that this one is not out yet.
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
    // Documents of earlier rounds may lack this person's answer.
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
    // Who is paused finishes what was handed out, and the lead may ask for all of it; nothing new
    // goes to this person.
    let is_excluded = snapshot.person(&annotator).is_some_and(|person| person.excluded.is_some());
    if is_excluded || !(any || shared_out) {
        takes_documents(snapshot, &annotator)?;
    }
    let own = snapshot.annotator(&annotator);
    let own = snapshot.answers.iter().filter(|answer| Some(answer.annotator) == own);
    let durations = own.filter_map(|answer| answer.seconds).collect();
    Ok(Sitting { annotator, round: number, labels: opened.labels.clone(), documents, durations })
}

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
