//! The people of a workspace: who they are, and what the lead says of them.
//!
//! What the lead says is a fact that later facts take back ([`PeopleAct`]); nothing of a person's answers is changed.

mod acts;

use std::collections::BTreeMap;

use querist_core::{Answer, Proportion, Snapshot, name_key, nearest_name};
use querist_report::Annotator;
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
    /// What the thresholds say: "below a threshold", "not below", "too few control answers", "no control answers", "excluded".
    pub verdict: &'static str,
    /// What is wrong beyond chance, such as `accuracy below 0.90`.
    pub flags: Vec<String>,
    /// The median of the seconds that an answer took; `None` where no answer says.
    pub seconds_per_answer: Option<f64>,
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
        let mut answers = vec![Own::default(); snapshot.annotators.len()];
        for answer in &snapshot.answers {
            answers[answer.annotator as usize].take(answer);
        }
        let person = |name: &str| {
            let own = snapshot.annotator(name).map(|own| std::mem::take(&mut answers[own as usize]));
            somebody(&snapshot, name, measured.get(name).copied(), own.unwrap_or_default())
        };
        Ok(People { people: everybody(&snapshot).into_iter().map(person).collect() })
    }
}

/// Somebody's answers, counted.
#[derive(Debug, Clone, Default)]
struct Own {
    answers: usize,
    skips: usize,
    seconds: Vec<f64>,
}

impl Own {
    fn take(&mut self, answer: &Answer) {
        let count = if answer.label.is_some() { &mut self.answers } else { &mut self.skips };
        *count += 1;
        self.seconds.extend(answer.seconds);
    }
}

fn somebody(snapshot: &Snapshot, name: &str, measured: Option<&Annotator>, own: Own) -> Somebody {
    let person = snapshot.person(name).cloned().unwrap_or_default();
    let Own { answers, skips, mut seconds } = own;
    seconds.sort_by(f64::total_cmp);
    let assigned = snapshot.assignments.iter().filter(|assignment| assignment.annotator == name);
    let accuracy = measured.map_or(Proportion::of(0, 0), |measured| measured.control_accuracy);
    let verdict = match measured {
        _ if person.excluded.is_some() => "excluded",
        Some(measured) if measured.below() => "below a threshold",
        Some(measured) if measured.too_few() => "too few control answers",
        Some(measured) if measured.control_accuracy.n > 0 => "not below",
        _ => "no control answers",
    };
    let waits =
        |document: usize| !snapshot.has_answered(name, document) && snapshot.settled(document).is_none();
    Somebody {
        name: name.to_owned(),
        answers,
        skips,
        decisions: snapshot.settled.iter().filter(|settled| settled.expert == name).count(),
        waiting: assigned.filter(|assignment| waits(assignment.document)).count(),
        accuracy,
        verdict,
        flags: measured.map_or_else(Vec::new, |measured| measured.flags.clone()),
        seconds_per_answer: median(&seconds),
        excluded: person.excluded,
        left_out: person.left_out,
        paused: person.paused,
        attributes: person.attributes,
    }
}

/// The median of ascending values.
fn median(values: &[f64]) -> Option<f64> {
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        n if n % 2 == 1 => Some(values[middle]),
        _ => Some(f64::midpoint(values[middle - 1], values[middle])),
    }
}

/// Everybody whom the workspace knows, by name.
fn everybody(snapshot: &Snapshot) -> Vec<&str> {
    let annotators = snapshot.annotators.iter().map(String::as_str);
    let experts = snapshot.settled.iter().map(|settled| settled.expert.as_str());
    let assigned = snapshot.assignments.iter().map(|assignment| assignment.annotator.as_str());
    let said = snapshot.people.iter().map(|person| person.name.as_str());
    let mut names: Vec<&str> = annotators.chain(experts).chain(assigned).chain(said).collect();
    names.sort_unstable();
    names.dedup();
    names
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
    let names = everybody(snapshot);
    // By a name that this person had, too.
    let called = opened.workspace.called(name)?;
    let key = name_key(&called);
    if let Some(known) = names.iter().find(|known| name_key(known) == key) {
        return Ok((*known).to_owned());
    }
    let nearest = nearest_name(name, names.iter().copied()).map(str::to_owned);
    Err(SessionError::NobodyOfThatName { name: name.to_owned(), nearest, known: names.len() })
}
