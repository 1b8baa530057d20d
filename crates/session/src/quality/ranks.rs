//! Orders labels that are ranks, either as the user lists them or by their numbers.

use std::collections::BTreeMap;

use querist_core::name_key;
use querist_core::visible::visible;

use super::Ranks;
use crate::error::{Result, SessionError};

impl Ranks {
    /// Returns all labels from low to high. `found` holds the labels in the answers and among the
    /// true labels. Labels that only the user's list has are included.
    ///
    /// # Errors
    /// - By number: a label is not a number, or two labels are the same number.
    /// - By list: the list has an empty or repeated label, or lacks a label in `found`.
    pub(super) fn order(&self, found: &[String]) -> Result<Vec<String>> {
        match self {
            Self::ByNumber => by_number(found),
            Self::Listed(list) => listed(list, found),
        }
    }
}

/// Sorts the labels by their numbers. Fails if a label is not a number, or if two labels are the
/// same number.
fn by_number(found: &[String]) -> Result<Vec<String>> {
    let mut ranks: Vec<(f64, &String)> = Vec::new();
    for label in found {
        match label.trim().parse::<f64>() {
            Ok(number) if number.is_finite() => ranks.push((number, label)),
            _ => {
                let label = visible(label);
                return Err(wrong(format!(
                    "\"{label}\" is not a number, so the order is unknown; {EXPECTED}"
                )));
            }
        }
    }
    ranks.sort_by(|one, other| one.0.total_cmp(&other.0));
    // Compare the numbers, so that 0 and -0 count as the same rank.
    if let Some(same) = ranks.windows(2).find(|pair| pair[0].0 >= pair[1].0) {
        let [one, other] = [same[0].1, same[1].1].map(|label| visible(label));
        return Err(wrong(format!(
            "\"{one}\" and \"{other}\" are the same number; write it in one way in all answers"
        )));
    }
    Ok(ranks.into_iter().map(|(_, label)| label.clone()).collect())
}

/// Checks that the user's list has each label only once and lacks none in `found`. Returns the
/// list.
fn listed(list: &[String], found: &[String]) -> Result<Vec<String>> {
    let mut ranks: BTreeMap<String, usize> = BTreeMap::new();
    let list: Vec<String> = list.iter().map(|label| label.trim().to_owned()).collect();
    for (rank, label) in list.iter().enumerate() {
        if label.is_empty() {
            return Err(wrong(format!("a label is empty; {EXPECTED}")));
        }
        if ranks.insert(name_key(label).into_owned(), rank).is_some() {
            return Err(wrong(format!("\"{}\" is named twice; name each label once", visible(label))));
        }
    }
    if let Some(stranger) = found.iter().find(|label| !ranks.contains_key(name_key(label).as_ref())) {
        let stranger = visible(stranger);
        return Err(wrong(format!("\"{stranger}\" is a label of the files and is not named; {EXPECTED}")));
    }
    Ok(list)
}

const EXPECTED: &str = "expected all labels, from low to high";

fn wrong(problem: String) -> SessionError {
    SessionError::option("labels", problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(labels: &[&str]) -> Vec<String> {
        labels.iter().map(|label| (*label).to_owned()).collect()
    }

    #[test]
    fn numbers_sort_by_their_value() {
        let order = |labels: &[&str]| Ranks::ByNumber.order(&texts(labels));
        assert_eq!(order(&["-1", "1", "10", "2.5"]).unwrap(), ["-1", "1", "2.5", "10"]);
        for (labels, words) in [
            (["1", "1.0"], "\"1\" and \"1.0\" are the same number"),
            (["-0", "0"], "are the same number"),
            (["1", "good"], "\"good\" is not a number"),
            (["1", "NaN"], "\"NaN\" is not a number"),
            (["1", "inf"], "\"inf\" is not a number"),
        ] {
            let message = order(&labels).unwrap_err().to_string();
            assert!(message.contains(words), "{labels:?}: {message}");
        }
    }

    #[test]
    fn a_list_names_every_label_once() {
        let order = |list: &[&str]| Ranks::Listed(texts(list)).order(&texts(&["fair", "good"]));
        assert_eq!(order(&[" poor", "fair", "good"]).unwrap(), ["poor", "fair", "good"]);
        for (list, words) in [
            (vec!["poor", "fair"], "\"good\" is a label of the files"),
            (vec!["fair", "good", "fair "], "\"fair\" is named twice"),
            (vec!["fair", "", "good"], "a label is empty"),
        ] {
            let message = order(&list).unwrap_err().to_string();
            assert!(message.contains(words), "{list:?}: {message}");
        }
    }
}
