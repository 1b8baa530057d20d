//! The people of a workspace: their answers, their skills, and the team lead's decisions about
//! them.
//!
//! Each decision of the lead is stored as a fact, and a later fact can undo it ([`PeopleAct`]). No
//! decision changes stored answers.

mod acts;

use std::collections::BTreeMap;

use querist_core::{Assignment, Proportion, Snapshot, name_key, nearest_name};
use querist_engine::awaited;
use querist_engine::pace::rates;
use querist_report::{Annotator, PaceRate};
use serde::Serialize;

pub use self::acts::{PeopleAct, PersonChanged, Said};
use crate::error::{Result, SessionError};
use crate::opened::Opened;
use crate::progress::Progress;
use crate::session::Session;

/// A person, and what the workspace knows about them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Somebody {
    /// The person's name.
    pub name: String,
    /// Number of this person's answers that count, without skips.
    pub answers: usize,
    /// Number of this person's skips that count.
    pub skips: usize,
    /// Number of decisions in force that this person made as an expert.
    pub decisions: usize,
    /// Number of documents and control items that this person still has to answer.
    pub waiting: usize,
    /// The person's accuracy on control items, with its 95 % interval.
    pub accuracy: Proportion,
    /// Whether the person reaches the thresholds: "below a threshold", "not below", "too few
    /// control answers", "no control answers" or "excluded".
    pub verdict: &'static str,
    /// The thresholds that the person is below, beyond chance, such as `accuracy below 0.90`.
    pub flags: Vec<String>,
    /// Answers per hour, skips included, as in the report's section on pace; `None` if unknown.
    pub answers_per_hour: Option<f64>,
    /// Why the pace is unknown, if the person has answered.
    pub pace_unknown: Option<String>,
    /// Why this person's answers do not count; `None` if they count.
    pub excluded: Option<String>,
    /// Number of answers and decisions that do not count, because the person is excluded.
    pub left_out: usize,
    /// Whether this person gets no new documents.
    pub paused: bool,
    /// Attributes that the lead set, by key.
    pub attributes: BTreeMap<String, String>,
}

/// All people of a workspace.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct People {
    /// The people, sorted by name.
    pub people: Vec<Somebody>,
}

impl Session {
    /// Lists everybody who has answers, decisions or assignments, or about whom the lead has
    /// decided something.
    ///
    /// # Errors
    /// The workspace cannot be read.
    pub fn people(&self, progress: &dyn Progress) -> Result<People> {
        let opened = self.read(progress)?;
        let snapshot = opened.snapshot()?;
        let situation = opened.situation(&snapshot)?;
        let measured =
            querist_engine::measured_annotators(&snapshot, &situation, opened.standards()?.thresholds)?;
        let measured: BTreeMap<&str, &Annotator> =
            measured.annotators.iter().map(|annotator| (annotator.annotator.as_str(), annotator)).collect();
        let rates = rates(&snapshot);
        let awaited = awaited(&snapshot);
        let person = |name: &str| {
            let rate = snapshot.annotator(name).map(|own| &rates[own as usize]);
            somebody(&snapshot, name, measured.get(name).copied(), (rate, &awaited))
        };
        let names = everybody(&opened, &snapshot)?;
        Ok(People { people: names.iter().map(|name| person(name)).collect() })
    }
}

/// Describes a person. `measured` holds the results on control items, `rate` the person's pace, and
/// `awaited` all assignments that wait for an answer.
fn somebody(
    snapshot: &Snapshot,
    name: &str,
    measured: Option<&Annotator>,
    (rate, awaited): (Option<&PaceRate>, &[&Assignment]),
) -> Somebody {
    let person = snapshot.person(name).cloned().unwrap_or_default();
    let accuracy = measured.map_or(Proportion::of(0, 0), |measured| measured.control_accuracy);
    let verdict = match measured {
        _ if person.excluded.is_some() => "excluded",
        Some(measured) if measured.below() => "below a threshold",
        Some(measured) if measured.too_few() => "too few control answers",
        Some(measured) if measured.control_accuracy.n > 0 => "not below",
        _ => "no control answers",
    };
    Somebody {
        name: name.to_owned(),
        answers: measured.map_or(0, |measured| measured.answers),
        skips: measured.map_or(0, |measured| measured.skips),
        decisions: snapshot.settled.iter().filter(|settled| settled.expert == name).count(),
        waiting: awaited.iter().filter(|assignment| assignment.annotator == name).count(),
        accuracy,
        verdict,
        flags: measured.map_or_else(Vec::new, |measured| measured.flags.clone()),
        answers_per_hour: rate.and_then(|rate| rate.answers_per_hour),
        pace_unknown: rate.and_then(|rate| rate.why_none.clone()),
        excluded: person.excluded,
        left_out: person.left_out,
        paused: person.paused,
        attributes: person.attributes,
    }
}

/// Returns the names of everybody whom the workspace knows, sorted. People who have documents
/// assigned but never answered are included.
fn everybody(opened: &Opened, snapshot: &Snapshot) -> Result<Vec<String>> {
    let stored = opened.workspace.people_named()?;
    let annotators = snapshot.annotators.iter().map(String::as_str);
    let experts = snapshot.settled.iter().map(|settled| settled.expert.as_str());
    let assigned = snapshot.assignments.iter().map(|assignment| assignment.annotator.as_str());
    let said = snapshot.people.iter().map(|person| person.name.as_str());
    let named = stored.iter().map(String::as_str);
    let all = annotators.chain(experts).chain(assigned).chain(said).chain(named);
    let mut names: Vec<String> = all.map(str::to_owned).collect();
    names.sort_unstable();
    names.dedup();
    Ok(names)
}

/// Checks that new documents may be assigned to the person `name`.
///
/// # Errors
/// The person is excluded or paused.
pub(crate) fn takes_documents(snapshot: &Snapshot, name: &str) -> Result<()> {
    let person = snapshot.person(name).filter(|person| person.paused || person.excluded.is_some());
    person.map_or(Ok(()), |person| {
        Err(SessionError::GetsNone { name: name.to_owned(), excluded: person.excluded.is_some() })
    })
}

/// Returns the name of a person in the workspace's spelling. `name` may also be a former name.
///
/// # Errors
/// The workspace knows nobody by this name.
pub(crate) fn known(opened: &Opened, snapshot: &Snapshot, name: &str) -> Result<String> {
    let names = everybody(opened, snapshot)?;
    // Replace a former name by the current one.
    let called = opened.workspace.called(name)?;
    let key = name_key(&called);
    if let Some(known) = names.iter().find(|known| name_key(known) == key) {
        return Ok(known.clone());
    }
    let nearest = nearest_name(name, names.iter().map(String::as_str)).map(str::to_owned);
    Err(SessionError::NobodyOfThatName { name: name.to_owned(), nearest, known: names.len() })
}
