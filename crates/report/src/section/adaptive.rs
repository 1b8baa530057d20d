//! Why the shares of an adaptive mix are as large as they are.

use serde::{Deserialize, Serialize};

use crate::markdown::{decimal, percent, table};

/// An adaptive mix, explained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Adaptive {
    /// How many earlier rounds say something: they had a model, and some of their picks have a label.
    pub rounds: usize,
    /// How much a difference counts, at least 0.
    pub learning_rate: f64,
    /// What a round counts for against the one after it, in (0, 1].
    pub discount: f64,
    /// The part that is shared out evenly, in [0, 1].
    pub exploration: f64,
    /// How many documents it takes to believe half of a difference.
    pub prior_documents: f64,
    /// The shares that adapt.
    pub arms: Vec<ArmRow>,
}

/// One share that adapts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ArmRow {
    /// The share.
    pub share: String,
    /// In how many of those rounds it had documents with a label.
    pub rounds: usize,
    /// How many they were.
    pub answered: usize,
    /// The part of them that the model of their round was wrong about; `None` without any.
    pub wrong: Option<f64>,
    /// Its weight, at most 1: relative to the heaviest.
    pub weight: f64,
    /// Its part of this batch, in [0, 1].
    pub fraction: f64,
}

impl Adaptive {
    /// The table as Markdown, with what it means.
    pub fn markdown(&self) -> String {
        if self.rounds == 0 {
            return "The mix is adaptive; nothing is answered yet that it could adapt to.".to_owned();
        }
        let rows: Vec<Vec<String>> = self.arms.iter().map(ArmRow::cells).collect();
        let head = ["Share", "Rounds", "Answered", "Model was wrong", "Weight", "Part of this batch"];
        let (rounds, discount) = (self.rounds, self.discount);
        let words = format!(
            "The mix is adaptive: a share grows with the part of its documents that the model was wrong about before it was \
             trained on them, over {rounds} rounds, each counting {discount} times the one after it; {} of the batch \
             explores.",
            percent(Some(self.exploration))
        );
        [words, table(&head, &rows)].join("\n\n")
    }
}

impl ArmRow {
    fn cells(&self) -> Vec<String> {
        vec![
            self.share.clone(),
            self.rounds.to_string(),
            self.answered.to_string(),
            percent(self.wrong),
            decimal(Some(self.weight)),
            percent(Some(self.fraction)),
        ]
    }
}
