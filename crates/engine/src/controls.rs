//! Tracks which annotators have seen which control items. No annotator gets the same control item
//! twice. An item that waits for one annotator's answer may go to another annotator.

use std::collections::{BTreeMap, BTreeSet};

use querist_core::{Role, Share, Snapshot};

/// Which annotators have seen which control items.
#[derive(Debug, Clone, Default)]
pub struct Seen<'a> {
    /// For each control item (by its index in the snapshot), the names of the annotators who have
    /// answered it or to whom it was assigned.
    by: BTreeMap<usize, BTreeSet<&'a str>>,
    /// Unanswered control items in batches without assignments, which anybody may answer.
    out: BTreeSet<usize>,
    /// Documents that fit no class according to an expert.
    left_out: BTreeSet<usize>,
    /// The names of the annotators to whom documents may be assigned.
    people: BTreeSet<&'a str>,
    /// The indices of all control items in the snapshot, ascending.
    items: Vec<usize>,
}

impl<'a> Seen<'a> {
    /// Collects from the snapshot which annotators have seen which control items. Documents may be
    /// assigned to everybody who has answered a document or has an assignment, except annotators
    /// who are excluded or paused.
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

    /// Does the same as [`Self::of`], but ignores the assignments of `round`. So an item that an
    /// annotator got only in that round counts as not seen by this annotator.
    pub fn before(snapshot: &'a Snapshot, round: u32) -> Self {
        let mut seen = Self::of(snapshot);
        let own = snapshot.assignments.iter().filter(|assignment| assignment.round == round);
        for assignment in own {
            let elsewhere = snapshot.assignments.iter().any(|other| {
                other.round != round
                    && (other.document, &other.annotator) == (assignment.document, &assignment.annotator)
            });
            // If another round assigned the item to the same annotator too, it counts as seen.
            if !elsewhere && let Some(names) = seen.by.get_mut(&assignment.document) {
                names.remove(assignment.annotator.as_str());
            }
        }
        seen
    }

    /// Returns whether an annotator has answered a control item or has it assigned.
    pub fn has(&self, name: &str, item: usize) -> bool {
        self.by.get(&item).is_some_and(|names| names.contains(name))
    }

    /// Returns whether a control item of an earlier batch may be used again. It may if some
    /// annotator has not seen it, no expert left it out, and it does not wait for an answer from
    /// anybody.
    pub fn may_go_again(&self, item: usize) -> bool {
        !self.out.contains(&item)
            && !self.left_out.contains(&item)
            && self.people.iter().any(|name| !self.has(name, item))
    }

    /// Returns the names of the annotators who have seen every control item, except items that an
    /// expert left out. Returns no names if there are no such items.
    pub fn exhausted(&self) -> Vec<String> {
        let asked = || self.items.iter().filter(|item| !self.left_out.contains(item));
        let all = |name: &&&str| asked().next().is_some() && asked().all(|item| self.has(name, *item));
        self.people.iter().filter(all).map(|name| (*name).to_owned()).collect()
    }
}

/// Returns the unanswered control items in batches without assignments, which anybody may answer,
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
