//! Budget: stop when a fixed number of answers or labelled documents is reached. The rule ignores
//! the model.

use querist_core::{Advice, History, Judgment, Named, StoppingRule};

/// What a budget counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Answers without skips: a document that two people answer counts twice.
    Answers,
    /// Labelled documents of the pool, including those imported with their label.
    Documents,
}

impl Named for Unit {
    const ALL: &'static [Self] = &[Self::Answers, Self::Documents];

    fn name(self) -> &'static str {
        match self {
            Self::Answers => "answers",
            Self::Documents => "documents",
        }
    }
}

/// The rule that stops when the budget is spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// The budget, at least 1.
    pub most: usize,
    /// The unit of the budget.
    pub unit: Unit,
}

impl StoppingRule for Budget {
    fn name(&self) -> &'static str {
        "budget"
    }

    /// Says stop once the budget is spent, and go on until then.
    fn judge(&self, history: &History<'_>) -> Judgment {
        let spent = match self.unit {
            Unit::Answers => history.answers,
            Unit::Documents => history.labeled,
        };
        let advice = if spent >= self.most { Advice::Stop } else { Advice::GoOn };
        let reason = format!("{spent} of {} {} are spent", self.most, self.unit.name());
        Judgment { advice, reason, numbers: vec![("spent", spent as f64), ("budget", self.most as f64)] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_answer_that_is_paid_for_ends_it() {
        let advice = |most, unit| {
            let history = History { rounds: &[], pool: 90, labeled: 40, answers: 80 };
            Budget { most, unit }.judge(&history).advice
        };
        assert_eq!((advice(80, Unit::Answers), advice(81, Unit::Answers)), (Advice::Stop, Advice::GoOn));
        assert_eq!((advice(40, Unit::Documents), advice(41, Unit::Documents)), (Advice::Stop, Advice::GoOn));
    }
}
