//! Assignments whose answer is still waited for.

use std::collections::BTreeMap;

use querist_core::{Assignment, Role, Snapshot};

/// Assignments without an answer of their own, less those of documents that an expert decided or
/// that as many people have answered as were to: somebody else's answer took the place. A control
/// item is for each person alike.
pub fn awaited(snapshot: &Snapshot) -> Vec<&Assignment> {
    let open = |assignment: &&Assignment| {
        !snapshot.has_answered(&assignment.annotator, assignment.document)
            && snapshot.settled(assignment.document).is_none()
    };
    let open: Vec<&Assignment> = snapshot.assignments.iter().filter(open).collect();
    if open.is_empty() {
        return open;
    }
    // By document: how many people were to answer it, and how many have.
    let mut people: BTreeMap<usize, (usize, usize)> =
        open.iter().map(|assignment| (assignment.document, (0, 0))).collect();
    for assignment in &snapshot.assignments {
        if let Some((asked, _)) = people.get_mut(&assignment.document) {
            *asked += 1;
        }
    }
    for answer in &snapshot.answers {
        if let Some((_, answered)) = people.get_mut(&answer.document) {
            *answered += 1;
        }
    }
    let is_due = |assignment: &&Assignment| {
        let (asked, answered) = people[&assignment.document];
        let role = snapshot.documents[assignment.document].role;
        role == Role::Control || role == Role::Pool && answered < asked
    };
    open.into_iter().filter(is_due).collect()
}
