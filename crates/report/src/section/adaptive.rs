//! Explains the shares of an adaptive mix.

use querist_core::round::{Adaptive, ArmRow};

use super::{Row, Section};
use crate::markdown::{decimal, percent, table};

impl Section for Adaptive {
    /// The table, and how to read it.
    fn markdown(&self) -> String {
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

impl Row for ArmRow {
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
