//! Documents of the pool that are neither open nor labelled, by why.

use querist_core::Snapshot;

use crate::situation::Situation;

/// How many documents of the pool are neither open nor labelled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Unlabeled {
    /// A batch had them, and nobody has answered.
    pub waiting: usize,
    /// Everybody who answered skipped them, or an expert found that no class fits.
    pub skipped: usize,
    /// They have answers that come to no label.
    pub undecided: usize,
}

impl Unlabeled {
    /// Counts them.
    pub fn of(snapshot: &Snapshot, situation: &Situation) -> Self {
        let answered = snapshot.answered();
        let mut voted = vec![false; snapshot.documents.len()];
        for answer in snapshot.answers.iter().filter(|answer| answer.label.is_some()) {
            voted[answer.document] = true;
        }
        let mut found = Self::default();
        for (row, &document) in situation.pool.iter().enumerate() {
            if situation.label_of[document].is_some() || situation.open.binary_search(&row).is_ok() {
                continue;
            }
            let left_out = snapshot.settled(document).is_some_and(|settled| settled.label.is_none());
            if left_out || answered[document] && !voted[document] {
                found.skipped += 1;
            } else if voted[document] {
                found.undecided += 1;
            } else {
                found.waiting += 1;
            }
        }
        found
    }

    /// All but those that were only skipped: handed out, and without a label.
    pub fn out(self) -> usize {
        self.waiting + self.undecided
    }

    /// "3 are out with annotators, 2 were only skipped"; empty if there are none.
    pub fn words(self) -> String {
        let one = |n: usize, one: &str, more: &str| {
            (n > 0).then(|| format!("{n} {}", if n == 1 { one } else { more }))
        };
        [
            one(self.waiting, "is out with annotators", "are out with annotators"),
            one(self.skipped, "was only skipped", "were only skipped"),
            one(self.undecided, "has answers that come to no label", "have answers that come to no label"),
        ]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(", ")
    }

    /// The commands that go on from here, with what each does.
    pub fn remedies(self) -> String {
        let mut remedies = Vec::new();
        if self.waiting > 0 {
            remedies.push("`querist ingest ANSWERS` takes their answers in");
        }
        if self.skipped + self.undecided > 0 {
            remedies.push("`querist review` lists what needs somebody");
        }
        remedies.push("`querist import FILE` brings more documents");
        remedies.push("`querist export --labeled labels.jsonl` writes the labels");
        remedies.join("; ")
    }
}

/// Whether a document of the pool may still be picked. It needs no aggregator: whatever has an answer is not open.
pub fn is_any_open(snapshot: &Snapshot) -> bool {
    let mut seen = snapshot.picked();
    for answer in &snapshot.answers {
        seen[answer.document] = true;
    }
    for settled in &snapshot.settled {
        seen[settled.document] = true;
    }
    let pool = snapshot.with_role(querist_core::Role::Pool);
    pool.into_iter().any(|document| !seen[document] && snapshot.known_label(document).is_none())
}
