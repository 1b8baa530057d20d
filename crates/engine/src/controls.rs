//! Tracks who has seen which control items. No annotator gets an item twice; an item that is out
//! with one annotator may go to another.

use std::collections::{BTreeMap, BTreeSet};

use querist_core::{Role, Share, Snapshot};

/// Which annotators have seen which control items.
#[derive(Debug, Clone, Default)]
pub struct Seen<'a> {
    /// For each control item, the annotators who have answered it or been given it.
    by: BTreeMap<usize, BTreeSet<&'a str>>,
    /// Unanswered items that are out in batches without assignments, which anybody may answer.
    out: BTreeSet<usize>,
    /// Documents that an expert left out.
    left_out: BTreeSet<usize>,
    /// Annotators who may get documents.
    people: BTreeSet<&'a str>,
    /// All control items.
    items: Vec<usize>,
}

impl<'a> Seen<'a> {
    /// Collects from the snapshot who has seen which control items. Everybody who has answered or
    /// been given a document may get documents, unless excluded or paused.
    pub fn of(snapshot: &'a Snapshot) -> Self {
        let is_control = |document: usize| snapshot.documents[document].role == Role::Control;
        let mut seen = Self { items: snapshot.with_role(Role::Control), ..Self::default() };
        for answer in snapshot.answers.iter().filter(|answer| is_control(answer.document)) {
            let name = snapshot.annotators[answer.annotator as usize].as_str();
            seen.by.entry(answer.document).or_default().insert(name);
        }
        for assignment in snapshot.assignments.iter().filter(|assignment| is_control(assignment.document)) {
            seen.by.entry(assignment.document).or_default().insert(&assignment.annotator);
        }
        seen.out = out_to_everybody(snapshot);
        let settled = snapshot.settled.iter().filter(|settled| settled.label.is_none());
        seen.left_out = settled.map(|settled| settled.document).collect();
        let assigned = snapshot.assignments.iter().map(|assignment| assignment.annotator.as_str());
        let works = |name: &&str| {
            snapshot.person(name).is_none_or(|person| !person.paused && person.excluded.is_none())
        };
        seen.people = snapshot.annotators.iter().map(String::as_str).chain(assigned).filter(works).collect();
        seen
    }

    /// Collects who had seen which control items before `round` was handed out. An item that an
    /// annotator got only in that round counts as not seen by this annotator.
    pub fn before(snapshot: &'a Snapshot, round: u32) -> Self {
        let mut seen = Self::of(snapshot);
        let own = snapshot.assignments.iter().filter(|assignment| assignment.round == round);
        for assignment in own {
            let elsewhere = snapshot.assignments.iter().any(|other| {
                other.round != round
                    && (other.document, &other.annotator) == (assignment.document, &assignment.annotator)
            });
            if !elsewhere && let Some(names) = seen.by.get_mut(&assignment.document) {
                names.remove(assignment.annotator.as_str());
            }
        }
        seen
    }

    /// Returns whether an annotator has answered an item or been given it.
    pub fn has(&self, name: &str, item: usize) -> bool {
        self.by.get(&item).is_some_and(|names| names.contains(name))
    }

    /// Returns whether an item of earlier batches may go into another batch: it is not out for
    /// anybody to answer, no expert left it out, and some annotator has not seen it.
    pub fn may_go_again(&self, item: usize) -> bool {
        !self.out.contains(&item)
            && !self.left_out.contains(&item)
            && self.people.iter().any(|name| !self.has(name, item))
    }

    /// Returns the names of the annotators who have seen all control items; empty without control
    /// items.
    pub fn exhausted(&self) -> Vec<String> {
        let asked = || self.items.iter().filter(|item| !self.left_out.contains(item));
        let all = |name: &&&str| asked().next().is_some() && asked().all(|item| self.has(name, *item));
        self.people.iter().filter(all).map(|name| (*name).to_owned()).collect()
    }
}

/// Returns the control items that are out in batches without assignments, which anybody may answer,
/// ascending.
fn out_to_everybody(snapshot: &Snapshot) -> BTreeSet<usize> {
    let answered = snapshot.answered();
    let with: BTreeSet<(u32, usize)> =
        snapshot.assignments.iter().map(|assignment| (assignment.round, assignment.document)).collect();
    let of_round = |round: &querist_core::RoundRecord| -> Vec<usize> {
        let controls =
            round.picks.iter().filter(|pick| pick.share == Share::Control).map(|pick| pick.document);
        let is_out = |item: &usize| {
            (!answered[*item] || round.asks_again(*item))
                && !round.has_returned(*item)
                && !with.contains(&(round.number, *item))
        };
        controls.filter(is_out).collect()
    };
    snapshot.rounds.iter().flat_map(of_round).collect()
}
