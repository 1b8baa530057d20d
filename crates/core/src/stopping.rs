//! Stopping rules: whether more labels are worth asking for.
//!
//! A rule looks at the history of rounds and at nothing else: it is a pure function, and answers with what it advises, why,
//! and the numbers that it went by. "Cannot tell yet" is an answer of its own: too few rounds are no reason to go on or to
//! stop. Left out: how a history comes about; the engine knows.

/// A share of right answers as it was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Trials {
    /// How many were looked at.
    pub n: usize,
    /// How many of them were right; at most `n`.
    pub correct: usize,
}

/// Two successive models on the documents of the stop set that both predicted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Agreement {
    /// How many documents.
    pub n: usize,
    /// How many of them changed their class.
    pub changed: usize,
    /// Cohen's kappa, in [-1, 1]; `None` where both models gave one and the same class to all.
    pub kappa: Option<f64>,
}

/// What there is to know of one round's model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PastRound {
    /// Its number.
    pub round: u32,
    /// Documents that were labelled when it was trained.
    pub labeled: usize,
    /// How it agrees with the model of the round before; `None` where one of the two is not known.
    pub agreement: Option<Agreement>,
    /// Mean normalised entropy of its predictions of the stop set, in [0, 1]; `None` where it is not known.
    pub mean_entropy: Option<f64>,
    /// On its random slice, which it predicted before anybody labelled it.
    pub audit: Trials,
    /// On the test set.
    pub test: Trials,
}

/// The rounds so far, and where things stand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct History<'a> {
    /// By number, ascending.
    pub rounds: &'a [PastRound],
    /// Documents of the pool.
    pub pool: usize,
    /// Documents of the pool that are labelled by now.
    pub labeled: usize,
    /// Answers by now, skips left out.
    pub answers: usize,
}

/// What a rule advises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Advice {
    /// More labels are worth it.
    GoOn,
    /// They are not.
    Stop,
    /// There is too little to go by.
    CannotTell,
}

impl Advice {
    /// As people read it.
    pub fn name(self) -> &'static str {
        match self {
            Self::GoOn => "go on",
            Self::Stop => "stop",
            Self::CannotTell => "cannot tell yet",
        }
    }
}

/// What a rule comes to.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgment {
    /// What it advises.
    pub advice: Advice,
    /// Why, as a sentence without its full stop.
    pub reason: String,
    /// What it went by: names and finite values, in the order of the reason.
    pub numbers: Vec<(&'static str, f64)>,
}

/// A rule that says whether to stop.
///
/// Contract, checked by one suite for all: the same history gives the same judgment; of no rounds it cannot tell, unless it
/// looks at cost alone; its numbers are finite and its reason is not empty.
pub trait StoppingRule {
    /// Its name, as in `querist.toml`.
    fn name(&self) -> &'static str;

    /// Judges a history.
    fn judge(&self, history: &History<'_>) -> Judgment;
}
