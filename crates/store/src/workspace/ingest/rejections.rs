//! Adds labels to rejections. A rejection is an answer such as "not b". If the same person also
//! chose "a" for the document, the rejection is stored with the label "a".
//!
//! Some tools ask a yes-or-no question for each class. They export one acceptance and several
//! rejections for a document, in any order, and only the last of these entries is current. Because
//! the rejections carry the label too, the current entry always has it. Only a rejection of the
//! label itself removes the label.

use super::super::ledger::Entry;

/// Adds to each rejection the label that the person chose. That is the last choice before the
/// rejection, in the file or in the history. Without such a choice, it is the first choice after
/// the rejection.
pub(super) fn with_labels(history: &[Entry], entries: &mut [Entry]) {
    if !entries.iter().any(is_bare) {
        return;
    }
    // These entries may have been ingested before. At that time, the history did not contain them.
    // So first compute the labels without the history. If all results are stored already, keep
    // them, so that they do not count as changed.
    let mut alone = entries.to_vec();
    choose(&[], &mut alone);
    if alone.iter().all(|entry| history.iter().any(|stored| entry.says(stored))) {
        entries.clone_from_slice(&alone);
    } else {
        choose(history, entries);
    }
}

/// Adds to each rejection in `entries` the label that the person chose, as [`with_labels`] says.
/// The entries of `history` come before `entries`. If all of `entries` have times, the times give
/// their order; otherwise they keep the order of the file.
fn choose(history: &[Entry], entries: &mut [Entry]) {
    let mut order: Vec<usize> = (0..entries.len()).collect();
    if entries.iter().all(|entry| entry.time.is_some()) {
        order.sort_by_key(|at| entries[*at].time);
    }
    let mut label: Option<String> = None;
    let mut is_settled = false;
    for entry in history {
        follow(entry, &mut label, &mut is_settled);
    }
    for (place, at) in order.iter().enumerate() {
        if is_bare(&entries[*at]) && !is_settled {
            // The person has chosen nothing so far, so the first later choice counts. If this entry
            // rejects that very label, the code below leaves it without a label.
            label = order[place..].iter().find_map(|behind| entries[*behind].label.clone());
        }
        let entry = &mut entries[*at];
        if is_bare(entry) && label.is_some() && label != entry.rejects {
            entry.label.clone_from(&label);
        } else {
            follow(entry, &mut label, &mut is_settled);
        }
    }
}

/// Whether an entry rejects a class and has no label.
fn is_bare(entry: &Entry) -> bool {
    entry.label.is_none() && entry.rejects.is_some()
}

/// Updates `label`, the label that the person has chosen so far, with the next entry. Sets
/// `is_settled` if the entry chooses a label or is a skip.
fn follow(entry: &Entry, label: &mut Option<String>, is_settled: &mut bool) {
    if entry.label.is_some() {
        label.clone_from(&entry.label);
        *is_settled = true;
    } else if entry.rejects.is_none() || entry.rejects == *label {
        // A skip, or a rejection of the label itself.
        *label = None;
        *is_settled |= entry.rejects.is_none();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::answers::Remarks;

    /// Parses entries: `a` chooses the class a, `-a` rejects the class a, and `.` is a skip.
    fn entries(words: &str) -> Vec<Entry> {
        let entry = |word: &str| Entry {
            label: Some(word.to_owned()).filter(|word| !word.starts_with(['-', '.'])),
            time: None,
            seconds: None,
            rejects: word.strip_prefix('-').map(str::to_owned),
            remarks: Remarks::default(),
            line: 1,
            number: 0,
        };
        words.split_whitespace().map(entry).collect()
    }

    #[test]
    fn a_rejection_of_another_class_leaves_the_label() {
        for (history, file, expected) in [
            ("", "a -b", "a a"),
            ("", "-b a", "a a"),
            ("", "-b -c a", "a a a"),
            ("", "-b -c", ". ."),
            ("", "a -a", "a ."),
            ("", "-a a", ". a"),
            ("", "a -a -b", "a . ."),
            ("", "a c -b", "a c c"),
            ("", "a . -b", "a . ."),
            ("a", "-b", "a"),
            ("a", "-a", "."),
            ("-b", "a", "a"),
            ("a -a", "-b c", ". c"),
        ] {
            let mut read = entries(file);
            with_labels(&entries(history), &mut read);
            let labels: Vec<String> =
                read.iter().map(|entry| entry.label.clone().unwrap_or(".".to_owned())).collect();
            assert_eq!(labels.join(" "), expected, "{history:?} then {file:?}");
        }
    }

    #[test]
    fn times_stand_above_the_order_of_rows() {
        let mut read = entries("-b a");
        let at = |second: i64| jiff::Timestamp::from_second(second).ok();
        (read[0].time, read[1].time) = (at(10), at(5));
        with_labels(&[], &mut read);
        assert_eq!(read[0].label.as_deref(), Some("a"));
    }
}
