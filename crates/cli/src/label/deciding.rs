//! What lies beside a document that an expert decides: why it is here, what everybody said, and what the expert says of it.

use querist_session::core::LabelSet;
use querist_session::journal::Beside;
use querist_session::review::{Case, REASONS, Vote};

/// What lies beside each document, and what is said of the one that is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Deciding {
    /// By the document's place on the desk: lines to read.
    pub lines: Vec<Vec<String>>,
    /// The place of the reason in [`REASONS`].
    pub reason: Option<usize>,
    /// The comment; empty for none.
    pub comment: String,
}

impl Deciding {
    /// Of the cases in the order of the desk.
    pub fn of<'a>(cases: impl Iterator<Item = &'a Case>, labels: &LabelSet) -> Self {
        let lines = cases.map(|case| lines(case, labels)).collect();
        Self { lines, reason: None, comment: String::new() }
    }

    /// What is kept beside the decision.
    pub fn beside(&self) -> Beside {
        let comment = self.comment.trim();
        Beside {
            reason: self.reason.and_then(|place| REASONS.get(place)).map(|(reason, _)| (*reason).to_owned()),
            comment: (!comment.is_empty()).then(|| comment.to_owned()),
        }
    }

    /// Forgets what was said.
    pub fn clear(&mut self) {
        self.reason = None;
        self.comment.clear();
    }

    /// What was said so far, in one line; empty if nothing.
    pub fn said(&self) -> String {
        let Beside { reason, comment } = self.beside();
        let reason = reason.map(|reason| format!("reason: {reason}"));
        let comment = comment.map(|comment| format!("comment: {comment}"));
        reason.into_iter().chain(comment).collect::<Vec<_>>().join("; ")
    }
}

fn lines(case: &Case, labels: &LabelSet) -> Vec<String> {
    let said =
        |vote: &Vote| format!("{} {}", vote.by, vote.label.map_or("skipped", |class| labels.name(class)));
    let votes: Vec<String> = case.votes.iter().map(said).collect();
    let votes = if votes.is_empty() { "nobody".to_owned() } else { votes.join(" · ") };
    let mut lines = vec![case.why.clone(), format!("said: {votes}")];
    lines.extend(case.remarks.iter().cloned());
    lines
}

/// "1 ambiguous text  2 gap in the guidelines  …": the keys of the reasons.
pub fn menu() -> String {
    let entries = REASONS.iter().enumerate().map(|(place, (reason, _))| format!("{} {reason}", place + 1));
    entries.collect::<Vec<_>>().join("  ")
}

/// The place of the reason with that key.
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
