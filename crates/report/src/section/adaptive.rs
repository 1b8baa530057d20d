//! The part of the section on the batch that explains the shares of an adaptive mix.

use querist_core::round::{Adaptive, ArmRow};

use super::{Row, Section};
use crate::markdown::{decimal, percent, table};

impl Section for Adaptive {
    /// Renders the table of shares, and says how to read it.
    fn markdown(&self) -> String {
        if self.rounds == 0 {
            return "The mix is adaptive, but there are no answers to adapt to yet.".to_owned();
        }
        let rows: Vec<Vec<String>> = self.arms.iter().map(ArmRow::cells).collect();
        let head = ["Share", "Rounds", "Answered", "Model was wrong", "Weight", "Share of this batch"];
        let (rounds, discount) = (self.rounds, self.discount);
        let words = format!(
            "The mix is adaptive: a share of the batch grows if the model was often wrong about that share's \
             documents before it was trained on them. {rounds} rounds count, each {discount} times as much \
             as the round after it. For exploration, {} of the adaptive part is divided evenly among the \
             shares.",
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
