//! The people of a workspace: who they are, and what the lead says of them.
//!
//! What the lead says is a fact that later facts take back ([`PeopleAct`]); nothing of a person's
//! answers is changed.

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

/// Somebody.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Somebody {
    /// The name.
    pub name: String,
    /// Answers with a label that count.
    pub answers: usize,
    /// Skips that count.
    pub skips: usize,
    /// Decisions as an expert that stand.
    pub decisions: usize,
    /// Documents and control items that wait for this person's answer.
    pub waiting: usize,
    /// Accuracy on control items, with its 95 % interval.
    pub accuracy: Proportion,
    /// What the thresholds say: "below a threshold", "not below", "too few control answers", "no
    /// control answers", "excluded".
    pub verdict: &'static str,
    /// What is wrong beyond chance, such as `accuracy below 0.90`.
    pub flags: Vec<String>,
    /// Answers an hour, skips included, as the report's section on pace has them; `None` where it
    /// cannot be told.
    pub answers_per_hour: Option<f64>,
    /// Why the pace cannot be told, of somebody who has answered.
    pub pace_unknown: Option<String>,
    /// Why this person's answers do not count; `None`: they count.
    pub excluded: Option<String>,
    /// How many answers and decisions do not count for that.
    pub left_out: usize,
    /// Whether this person gets no new documents.
    pub paused: bool,
    /// What the lead set, by name.
    pub attributes: BTreeMap<String, String>,
}

/// Everybody.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct People {
    /// By name.
    pub people: Vec<Somebody>,
}

impl Session {
    /// Everybody with answers, decisions or assignments, or of whom the lead said something.
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

/// Everybody whom the workspace knows, by name: also who was handed something once and has answered
/// nothing.
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

/// Whether somebody may get documents.
///
/// # Errors
/// This person is excluded or paused.
pub(crate) fn takes_documents(snapshot: &Snapshot, name: &str) -> Result<()> {
    let person = snapshot.person(name).filter(|person| person.paused || person.excluded.is_some());
    person.map_or(Ok(()), |person| {
        Err(SessionError::GetsNone { name: name.to_owned(), excluded: person.excluded.is_some() })
    })
}

/// The name under which the workspace knows somebody, by any name that this person has had.
///
/// # Errors
/// It knows nobody of that name.
pub(crate) fn known(opened: &Opened, snapshot: &Snapshot, name: &str) -> Result<String> {
    let names = everybody(opened, snapshot)?;
    // By a name that this person had, too.
    let called = opened.workspace.called(name)?;
    let key = name_key(&called);
    if let Some(known) = names.iter().find(|known| name_key(known) == key) {
        return Ok(known.clone());
    }
    let nearest = nearest_name(name, names.iter().map(String::as_str)).map(str::to_owned);
    Err(SessionError::NobodyOfThatName { name: name.to_owned(), nearest, known: names.len() })
}
