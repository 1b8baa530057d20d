//! The aggregators by name, as `querist.toml` and the command line have them.

use querist_core::{Aggregator, Edition};

use crate::dawid_skene::DawidSkene;
use crate::glad::Glad;
use crate::mace::Mace;
use crate::majority::MajorityVote;
use crate::one_coin::OneCoin;
use crate::wawa::Wawa;

/// Every aggregator: its name and what it is in a line.
pub const AGGREGATORS: [(&str, &str); 6] = [
    ("mv", "majority vote: everybody counts the same"),
    ("wawa", "vote weighted by agreement with the majority"),
    ("ds", "Dawid-Skene: a confusion matrix for each annotator"),
    ("onecoin", "one-coin Dawid-Skene: an accuracy for each annotator"),
    ("glad", "GLAD: an ability for each annotator, a difficulty for each item"),
    ("mace", "MACE: annotators who know, or else answer by a habit of their own"),
];

/// The aggregator of that name, with its defaults, as it was in that edition of the rules.
pub fn aggregator(name: &str, _edition: Edition) -> Option<Box<dyn Aggregator>> {
    match name {
        "mv" => Some(Box::new(MajorityVote)),
        "wawa" => Some(Box::new(Wawa)),
        "ds" => Some(Box::new(DawidSkene::default())),
        "onecoin" => Some(Box::new(OneCoin::default())),
        "glad" => Some(Box::new(Glad::default())),
        "mace" => Some(Box::new(Mace::default())),
        _ => None,
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
