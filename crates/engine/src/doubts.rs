//! Finds suspicious answers in a workspace: answers that were probably downloaded and imported
//! twice, answers dated in the future, and labels that look like missing values.

use querist_core::{Class, Snapshot, looks_missing, missing_warning, second_downloads};

const DAY: i64 = 86_400_000_000;

/// Returns a warning, as a sentence, for each kind of suspicious answers. `now` is the current time
/// in microseconds since 1970.
pub fn doubts(snapshot: &Snapshot, now: i64) -> Vec<String> {
    let mut warnings = Vec::new();
    let ahead: Vec<i64> =
        snapshot.answers.iter().filter_map(|answer| answer.time).filter(|time| *time > now + DAY).collect();
    if let Some(latest) = ahead.iter().max() {
        let days = (latest - now) / DAY;
        warnings.push(format!(
            "{} of {} answers are dated more than a day ahead of this computer's clock (the latest by {days} \
             days), so a correction that is made today will count as older than these answers; correct the \
             clocks and the times in the file",
            ahead.len(),
            snapshot.answers.len()
        ));
    }
    for (at, label) in snapshot.labels.names().iter().enumerate().filter(|(_, label)| looks_missing(label)) {
        let class = Some(Class::from_index(at));
        let count = snapshot.answers.iter().filter(|answer| answer.label == class).count();
        if count > 0 {
            warnings.push(missing_warning("answers", count as u64, label));
        }
    }
    let names: Vec<&str> = snapshot.annotators.iter().map(String::as_str).collect();
    warnings.extend(duplicate_annotators(&names));
    warnings
}

/// Returns a warning for each annotator who is probably another annotator under a second name,
/// because a file was downloaded twice. `names` must be ascending.
pub fn duplicate_annotators(names: &[&str]) -> Vec<String> {
    let pairs = second_downloads(names).into_iter();
    pairs
        .map(|(name, other)| {
            format!(
                "the annotators \"{name}\" and \"{other}\" may be the same person, from two downloads of \
                 one file: their answers count twice"
            )
        })
        .collect()
}
