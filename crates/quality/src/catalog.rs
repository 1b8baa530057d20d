//! The aggregators by name, as used in `querist.toml` and on the command line.

use querist_core::{Aggregator, Edition};

use crate::judged::Judged;
use crate::legacy;

/// Every aggregator: its name and a description of one line.
pub const AGGREGATORS: [(&str, &str); 6] = [
    ("mv", "majority vote: every annotator counts the same"),
    ("wawa", "votes weighted by each annotator's agreement with the majority"),
    ("ds", "Dawid-Skene: a confusion matrix for each annotator"),
    ("onecoin", "one-coin Dawid-Skene: an accuracy for each annotator"),
    ("glad", "GLAD: an ability for each annotator, a difficulty for each item"),
    ("mace", "MACE: annotators either know the answer or guess by a habit of their own"),
];

/// Returns the aggregator with this name and its default settings, as `edition` defines it; `None`
/// for an unknown name.
pub fn aggregator(name: &str, edition: Edition) -> Option<Box<dyn Aggregator>> {
    match edition {
        Edition::First => legacy::aggregator(name),
        Edition::Second | Edition::Third => Some(Box::new(Judged::named(name)?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_that_of_its_aggregator() {
        for (name, _) in AGGREGATORS {
            assert_eq!(aggregator(name, Edition::CURRENT).unwrap().name(), name);
        }
        assert!(aggregator("majority", Edition::CURRENT).is_none());
    }
}
