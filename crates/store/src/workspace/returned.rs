//! Applies the facts to a snapshot: removes answers of excluded people and assignments that ended,
//! and records which picked documents went back to the pool.

use std::collections::{BTreeMap, BTreeSet};

use querist_core::{Answer, Assignment, Person, Role, RoundRecord, Settled, Snapshot, name_key};
use rusqlite::Connection;

use super::asked_again;
use super::facts::Facts;
use super::indices::Indices;
use super::people::People;
use crate::error::StoreError;

/// The parts of a workspace's state that are needed to apply the facts to a snapshot.
pub(super) struct Read<'a> {
    pub(super) database: &'a Connection,
    /// The number of the last ingest whose answers count.
    pub(super) last_ingest: i64,
    pub(super) facts: &'a Facts,
    pub(super) people: &'a People,
    /// Maps document numbers to indices in the snapshot.
    pub(super) indices: &'a Indices,
    /// Decisions that do not count because their expert is excluded.
    pub(super) decisions_left_out: Vec<Settled>,
    /// For each round of the snapshot, the number of the last fact before it.
    pub(super) known_by: Vec<i64>,
}

impl Read<'_> {
    /// Applies the facts to `snapshot`, which must still contain all answers and assignments.
    ///
    /// # Errors
    /// A fact or an answer names a document that never existed (the database is damaged), or the
    /// database cannot be read.
    pub(super) fn lay_over(self, snapshot: &mut Snapshot) -> Result<(), StoreError> {
        let left_out = self.leave_out(snapshot);
        let mut people = self.people_of(snapshot, &left_out);
        people.sort_by(|a, b| a.name.cmp(&b.name));
        snapshot.people = people;
        let mut live = self.live_assignments(snapshot)?;
        // If two people with the same assignment were merged into one person, the person now has it
        // twice; one is removed.
        live.dedup();
        // For each pick, as (round, document), the number of its assignments, including assignments
        // that have ended.
        let mut handed: BTreeMap<(u32, usize), usize> = BTreeMap::new();
        for assignment in &snapshot.assignments {
            *handed.entry(of_pick(assignment)).or_default() += 1;
        }
        snapshot.assignments = live;
        asked_again::note(snapshot, &handed, &self)?;
        let nothing_ended = self.facts.withdrawn.is_empty() && self.facts.ended.is_empty();
        if self.facts.excludes() || !nothing_ended || self.people.has_several_names() {
            self.note_returned(snapshot, &left_out, &handed)?;
        }
        Ok(())
    }

    /// Removes the answers of excluded people from the snapshot. Returns these answers and the
    /// decisions of excluded experts, each as (the document's index, the person's name).
    fn leave_out(&self, snapshot: &mut Snapshot) -> Vec<(usize, String)> {
        if !self.facts.excludes() {
            return Vec::new();
        }
        let excluded: Vec<bool> =
            snapshot.annotators.iter().map(|name| self.facts.is_excluded(name)).collect();
        let mut places = Vec::with_capacity(excluded.len());
        let mut place = 0;
        for excluded in &excluded {
            places.push(place);
            place += u32::from(!excluded);
        }
        let mut left_out = Vec::new();
        let names = std::mem::take(&mut snapshot.annotators);
        snapshot.answers.retain_mut(|answer: &mut Answer| {
            let annotator = answer.annotator as usize;
            if excluded[annotator] {
                left_out.push((answer.document, names[annotator].clone()));
                return false;
            }
            answer.annotator = places[annotator];
            true
        });
        let named = names.into_iter().zip(excluded);
        snapshot.annotators = named.filter(|(_, excluded)| !excluded).map(|(name, _)| name).collect();
        left_out
            .extend(self.decisions_left_out.iter().map(|settled| (settled.document, settled.expert.clone())));
        left_out
    }

    /// Returns each person who is excluded or paused or has attributes, with the number of the
    /// person's answers and decisions in `left_out`.
    fn people_of(&self, snapshot: &Snapshot, left_out: &[(usize, String)]) -> Vec<Person> {
        let shown = |key: &String| {
            let named = snapshot.annotators.iter().map(String::as_str).chain(self.people.everybody());
            named.into_iter().find(|name| name_key(name) == *key).map_or_else(|| key.clone(), str::to_owned)
        };
        let person = |(key, standing): (&String, &super::facts::Standing)| {
            let name = shown(key);
            Person {
                left_out: left_out.iter().filter(|(_, who)| *who == name).count(),
                name,
                excluded: standing.excluded.clone(),
                paused: standing.paused,
                attributes: standing.attributes.clone(),
            }
        };
        self.facts.people().map(person).collect()
    }

    /// Returns the assignments that have not ended. An assignment ends if its annotator is
    /// excluded, or if it was withdrawn before the annotator answered.
    fn live_assignments(&self, snapshot: &Snapshot) -> Result<Vec<Assignment>, StoreError> {
        let mut ended: BTreeSet<(u32, usize, &str)> = BTreeSet::new();
        for (round, number, key) in &self.facts.ended {
            if let Some(document) = self.indices.of(*number)? {
                ended.insert((*round, document, key.as_str()));
            }
        }
        let answered =
            |assignment: &Assignment| snapshot.has_answered(&assignment.annotator, assignment.document);
        let lives = |assignment: &&Assignment| {
            let key = name_key(&assignment.annotator);
            let withdrawn =
                !ended.is_empty() && ended.contains(&(assignment.round, assignment.document, key.as_ref()));
            !self.facts.is_excluded(&assignment.annotator) && (!withdrawn || answered(assignment))
        };
        Ok(snapshot.assignments.iter().filter(lives).cloned().collect())
    }

    /// Records in each round which of its picks went back to the pool, and which picks need more
    /// annotators. `handed` counts all assignments of each pick (round, document).
    fn note_returned(
        &self,
        snapshot: &mut Snapshot,
        left_out: &[(usize, String)],
        handed: &BTreeMap<(u32, usize), usize>,
    ) -> Result<(), StoreError> {
        let mut withdrawn: BTreeSet<(u32, usize)> = BTreeSet::new();
        for (round, number) in &self.facts.withdrawn {
            withdrawn.extend(self.indices.of(*number)?.map(|document| (*round, document)));
        }
        // For each document, the number of the last fact that excluded a person who had answered
        // it. A round that is newer than the fact picked the document although the exclusion was
        // known. So the exclusion does not send the document back to the pool.
        let mut excluded: BTreeMap<usize, i64> = BTreeMap::new();
        for (document, who) in left_out {
            let since = self.facts.of_person(who).map_or(0, |standing| standing.since);
            let last = excluded.entry(*document).or_default();
            *last = since.max(*last);
        }
        let live: BTreeSet<(u32, usize)> = snapshot.assignments.iter().map(of_pick).collect();
        let mut known = snapshot.answered();
        snapshot.settled.iter().for_each(|settled| known[settled.document] = true);
        let returns = |round: &RoundRecord, known_by: i64, document: usize| {
            let pick = (round.number, document);
            let nobody_has_it = handed.contains_key(&pick) && !live.contains(&pick);
            let is_back = withdrawn.contains(&pick)
                || nobody_has_it
                || excluded.get(&document).is_some_and(|since| *since > known_by);
            let is_known = known[document] && !round.asks_again(document);
            !is_known && is_back && !live.contains(&pick)
        };
        // For each document, the people who are assigned to it or have answered it, even if nobody
        // asked for the answer.
        let mut with: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
        for assignment in &snapshot.assignments {
            with.entry(assignment.document).or_default().insert(&assignment.annotator);
        }
        let asked: BTreeSet<usize> = handed.keys().map(|(_, document)| *document).collect();
        for answer in snapshot.answers.iter().filter(|answer| asked.contains(&answer.document)) {
            let name = &snapshot.annotators[answer.annotator as usize];
            with.entry(answer.document).or_default().insert(name);
        }
        // Control items never need more annotators, because later batches contain them again.
        let is_of_pool: Vec<bool> =
            snapshot.documents.iter().map(|document| document.role == Role::Pool).collect();
        let is_settled: BTreeSet<usize> = snapshot.settled.iter().map(|settled| settled.document).collect();
        for (round, known_by) in snapshot.rounds.iter_mut().zip(&self.known_by) {
            let documents = round.picks.iter().map(|pick| pick.document);
            let mut returned: Vec<usize> =
                documents.filter(|document| returns(round, *known_by, *document)).collect();
            returned.sort_unstable();
            let lacks = |document: usize| {
                let asked = handed.get(&(round.number, document)).copied().unwrap_or(0);
                asked.saturating_sub(with.get(&document).map_or(0, BTreeSet::len))
            };
            let kept = round.picks.iter().map(|pick| pick.document);
            let kept = kept.filter(|document| {
                returned.binary_search(document).is_err()
                    && !is_settled.contains(document)
                    && is_of_pool[*document]
            });
            let mut lacking: Vec<(usize, usize)> =
                kept.map(|document| (document, lacks(document))).filter(|(_, n)| *n > 0).collect();
            lacking.sort_unstable();
            (round.returned, round.lacking) = (returned, lacking);
        }
        Ok(())
    }
}

/// Returns the pick (round, document) to which an assignment belongs.
fn of_pick(assignment: &Assignment) -> (u32, usize) {
    (assignment.round, assignment.document)
}
