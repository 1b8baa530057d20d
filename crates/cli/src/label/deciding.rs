//! What the desk has for an expert besides the document: why the document needs a decision, all
//! answers, and the expert's own remarks.

use std::collections::BTreeMap;

use querist_session::core::{Class, LabelSet};
use querist_session::journal::Beside;
use querist_session::review::{Asked, Case, REASONS, Vote};

/// What an expert reads about a document before deciding.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Read {
    /// Why the document needs a decision.
    pub why: String,
    /// All answers, with the annotators' names.
    pub said: String,
    /// The number of answers of each class, for a screen without room for names.
    pub counts: String,
    /// Annotators' remarks on their answers, one per line.
    pub remarks: Vec<String>,
}

/// What an expert reads about each document, and the expert's remarks on the document on the
/// screen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Deciding {
    /// Which documents the expert decides about.
    pub asked: Asked,
    /// What the expert reads about each document, in the order of the desk.
    pub read: Vec<Read>,
    /// The last decision of another expert that this expert was told about: the document's index,
    /// the decision's number, and this expert's own answer at that time.
    pub told: Option<(usize, i64, Option<Class>)>,
    /// The reason that the expert chose, as an index into [`REASONS`].
    pub reason: Option<usize>,
    /// The comment that the expert wrote; empty if there is none.
    pub comment: String,
}

impl Deciding {
    /// Starts a sitting. `cases` must be in the order of the desk.
    pub fn of<'a>(asked: Asked, cases: impl Iterator<Item = &'a Case>, labels: &LabelSet) -> Self {
        let read = cases.map(|case| read(case, labels)).collect();
        Self { asked, read, ..Self::default() }
    }

    /// Returns the title on the screen, which says which documents these are.
    pub fn title(&self) -> &'static str {
        match self.asked {
            Asked::Review => "review",
            Asked::Audit => "audit",
        }
    }

    /// Returns the remarks that are to be stored with the decision.
    pub fn beside(&self) -> Beside {
        let comment = self.comment.trim();
        Beside {
            reason: self.reason.and_then(|place| REASONS.get(place)).map(|(reason, _)| (*reason).to_owned()),
            comment: (!comment.is_empty()).then(|| comment.to_owned()),
        }
    }

    /// Removes the reason and the comment.
    pub fn clear(&mut self) {
        self.reason = None;
        self.comment.clear();
    }

    /// Returns the reason and the comment on one line; empty without them.
    pub fn said(&self) -> String {
        let Beside { reason, comment } = self.beside();
        let reason = reason.map(|reason| format!("reason: {reason}"));
        let comment = comment.map(|comment| format!("comment: {comment}"));
        reason.into_iter().chain(comment).collect::<Vec<_>>().join("; ")
    }
}

/// Collects what an expert reads about one document.
fn read(case: &Case, labels: &LabelSet) -> Read {
    let name = |vote: &Vote| vote.label.map_or("skipped", |class| labels.name(class)).to_owned();
    let votes: Vec<String> = case.votes.iter().map(|vote| format!("{} {}", vote.by, name(vote))).collect();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for vote in &case.votes {
        *counts.entry(name(vote)).or_default() += 1;
    }
    let counts: Vec<String> = counts.iter().map(|(name, n)| format!("{n} {name}")).collect();
    let line = |parts: &[String]| {
        format!("said: {}", if parts.is_empty() { "nobody".to_owned() } else { parts.join(" · ") })
    };
    Read { why: case.why.clone(), said: line(&votes), counts: line(&counts), remarks: case.remarks.clone() }
}

/// Returns the reasons, each with its key, such as "1 ambiguous text".
pub fn entries() -> impl Iterator<Item = String> {
    REASONS.iter().enumerate().map(|(place, (reason, _))| format!("{} {reason}", place + 1))
}

/// Returns the reasons with their keys, all on one line.
pub fn menu() -> String {
    entries().collect::<Vec<_>>().join("  ")
}

/// Returns the index of the reason with this key; `None` if no reason has it.
pub fn reason_of(key: char) -> Option<usize> {
    let place = key.to_digit(10)?.checked_sub(1)? as usize;
    (place < REASONS.len()).then_some(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_kept_and_forgotten() {
        let mut deciding =
            Deciding { reason: reason_of('3'), comment: " keys ".to_owned(), ..Deciding::default() };
        assert_eq!(deciding.said(), "reason: slip; comment: keys");
        let kept = Beside { reason: Some("slip".to_owned()), comment: Some("keys".to_owned()) };
        assert_eq!(deciding.beside(), kept);
        deciding.clear();
        assert_eq!((deciding.said(), deciding.beside()), (String::new(), Beside::default()));
        assert_eq!([reason_of('0'), reason_of('6'), reason_of('x')], [None; 3]);
        assert!(menu().starts_with("1 ambiguous text  2 gap"));
    }
}
