//! The aggregators by name, as used in `querist.toml` and on the command line.

use querist_core::{Aggregator, Edition};

use crate::judged::Judged;
use crate::legacy;

/// Every aggregator: its name in `querist.toml`, and its usual name.
pub const AGGREGATORS: [(&str, &str); 6] = [
    ("mv", "majority vote"),
    ("wawa", "votes weighted by agreement with the majority"),
    ("ds", "Dawid-Skene"),
    ("onecoin", "one-coin Dawid-Skene"),
    ("glad", "GLAD"),
    ("mace", "MACE"),
];

/// Returns the aggregator with this name and its default settings, as `edition` defines it; `None`
/// for an unknown name.
pub fn aggregator(name: &str, edition: Edition) -> Option<Box<dyn Aggregator>> {
    match edition {
        Edition::First => legacy::aggregator(name),
        _ => Some(Box::new(Judged::named(name)?)),
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
