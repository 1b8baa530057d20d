//! Assignments that still wait for an answer.

use std::collections::BTreeMap;

use querist_core::{Assignment, Role, Snapshot};

/// Returns the assignments whose annotator still has to answer. An unanswered assignment is left
/// out in two cases: an expert has decided the document, or the document has as many answers as
/// assignments. The second case does not apply to control items, because each annotator must answer
/// their own.
pub fn awaited(snapshot: &Snapshot) -> Vec<&Assignment> {
    let open = |assignment: &&Assignment| {
        !snapshot.has_answered(&assignment.annotator, assignment.document)
            && snapshot.settled(assignment.document).is_none()
    };
    let open: Vec<&Assignment> = snapshot.assignments.iter().filter(open).collect();
    if open.is_empty() {
        return open;
    }
    // By document: the number of assignments, and the number of answers.
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
