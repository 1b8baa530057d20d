//! The number of picks of each share, given the mix and the documents that exist.
//!
//! Three things can change the mix:
//!
//! - If there are too few control items, uncertainty takes over the missing picks.
//! - If the open pool is too small, all shares shrink in proportion, even the random one.
//! - If there is no model, no class can be predicted, so uncertainty takes over the picks of the
//!   ratio share.
//!
//! Each change adds a note for people.

use querist_core::{Share, ShareAccount};
use serde::Serialize;

use crate::error::QueryError;
use crate::mix::Mix;
use crate::quota::apportion;
use crate::view::PoolView;

/// The knowledge about the pool that the choice of a batch can use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// There are a model's probabilities.
    Model,
    /// There are no labels, so diverse documents are chosen.
    NoLabels,
    /// All labels are of one class, so documents unlike the labelled ones are chosen.
    OneClass,
}

impl Mode {
    /// Returns the mode of a pool.
    ///
    /// # Errors
    /// Two classes are labelled, but the pool has no probabilities: the caller must train a model
    /// first.
    pub fn of(pool: &PoolView<'_>) -> Result<Self, QueryError> {
        if pool.probabilities.is_some() {
            return Ok(Self::Model);
        }
        let Some((_, first)) = pool.labeled.first() else {
            return Ok(Self::NoLabels);
        };
        if pool.labeled.iter().any(|(_, class)| class != first) {
            return Err(QueryError::NoProbabilities { strategy: "uncertainty" });
        }
        Ok(Self::OneClass)
    }
}

/// Returns the planned account of each share, in the order of [`Share::ALL`], for a batch of
/// `size`. `open` and `open_controls` are the numbers of open documents and control items.
/// `strategy` is the name of the user's strategy, or `None` if there is none or the pool does not
/// meet its needs; the note of a round without a model contains this name.
pub(crate) fn plan(
    mix: &Mix,
    size: usize,
    mode: Mode,
    strategy: Option<&str>,
    open: usize,
    open_controls: usize,
) -> [ShareAccount; 4] {
    let counts = mix.counts(size);
    let mut accounts = Share::ALL.map(|share| ShareAccount {
        share,
        asked: counts[share as usize],
        given: 0,
        near_duplicates: 0,
        note: None,
    });
    for account in &mut accounts {
        account.given = account.asked;
    }
    spend_controls(&mut accounts, open_controls);
    shrink_to_pool(&mut accounts, open);
    do_without_model(&mut accounts, mode, strategy);
    accounts
}

/// Moves the picks for which there is no control item from the control share to uncertainty.
fn spend_controls(accounts: &mut [ShareAccount; 4], open_controls: usize) {
    let control = &mut accounts[Share::Control as usize];
    let missing = control.asked.saturating_sub(open_controls);
    if missing == 0 {
        return;
    }
    control.given -= missing;
    let (asked, given) = (control.asked, control.given);
    note(
        control,
        format!(
            "only {given} of {asked} control items were left; {missing} picks went to uncertainty instead"
        ),
    );
    let uncertainty = &mut accounts[Share::Uncertainty as usize];
    uncertainty.given += missing;
    note(uncertainty, format!("{missing} of these picks stand in for control items, which have run out"));
}

/// Shrinks the shares that pick from the pool in proportion, if they want more than `open`
/// documents.
fn shrink_to_pool(accounts: &mut [ShareAccount; 4], open: usize) {
    let from_pool = [Share::Uncertainty, Share::Ratio, Share::Random];
    let wanted = from_pool.map(|share| accounts[share as usize].given);
    let total: usize = wanted.iter().sum();
    if total <= open {
        return;
    }
    let fitting = apportion(open, &wanted.map(|count| count as f64));
    for (share, fitting) in from_pool.into_iter().zip(fitting) {
        let account = &mut accounts[share as usize];
        if account.given > fitting {
            account.given = fitting;
            note(account, format!("only {open} documents are open for {total} picks"));
        }
    }
}

/// Without a model, moves the picks of the ratio share to uncertainty and notes what is picked
/// instead.
fn do_without_model(accounts: &mut [ShareAccount; 4], mode: Mode, strategy: Option<&str>) {
    let (missing, instead) = match mode {
        Mode::Model => return,
        Mode::NoLabels => ("nothing is labelled yet", "typical documents that differ from each other"),
        Mode::OneClass => {
            ("all labels are of the same class", "documents that differ from the labelled ones")
        }
    };
    let ratio = &mut accounts[Share::Ratio as usize];
    let moved = std::mem::take(&mut ratio.given);
    if moved > 0 {
        note(ratio, format!("without a model no class is predicted; {moved} picks went to uncertainty"));
    }
    let uncertainty = &mut accounts[Share::Uncertainty as usize];
    uncertainty.given += moved;
    if moved > 0 {
        note(
            uncertainty,
            format!("{moved} of these picks stand in for the class quotas, which need a model"),
        );
    }
    if uncertainty.given > 0 {
        let instead = strategy.unwrap_or(instead);
        note(uncertainty, format!("no model yet, because {missing}; picked instead: {instead}"));
    }
}

/// Appends `text` to the note of an account.
pub(crate) fn note(account: &mut ShareAccount, text: String) {
    account.note = Some(match account.note.take() {
        Some(before) => format!("{before}; {text}"),
        None => text,
    });
}

#[cfg(test)]
mod tests {
    use querist_core::{Class, Features};

    use super::*;
    use crate::mix::Fractions;

    fn given(mode: Mode, open: usize, controls: usize) -> ([usize; 4], [Option<String>; 4]) {
        let mix = Mix::new(Fractions { uncertainty: 0.4, ratio: 0.3, random: 0.2, control: 0.1 }).unwrap();
        let accounts = plan(&mix, 100, mode, None, open, controls);
        assert_eq!(accounts.each_ref().map(|account| account.asked), [40, 30, 20, 10]);
        assert_eq!(accounts.each_ref().map(|account| account.share), Share::ALL);
        (accounts.each_ref().map(|account| account.given), accounts.map(|account| account.note))
    }

    #[test]
    fn nothing_comes_between() {
        assert_eq!(given(Mode::Model, 90, 10), ([40, 30, 20, 10], [None, None, None, None]));
    }

    #[test]
    fn missing_controls_become_uncertainty() {
        let (given, notes) = given(Mode::Model, 1000, 4);
        assert_eq!(given, [46, 30, 20, 4]);
        assert_eq!(
            notes[0].as_deref(),
            Some("6 of these picks stand in for control items, which have run out")
        );
        assert_eq!(
            notes[3].as_deref(),
            Some("only 4 of 10 control items were left; 6 picks went to uncertainty instead")
        );
    }

    #[test]
    fn a_small_pool_is_shared_in_proportion() {
        let (given, notes) = given(Mode::Model, 45, 10);
        assert_eq!(given, [20, 15, 10, 10]);
        for note in &notes[..3] {
            assert_eq!(note.as_deref(), Some("only 45 documents are open for 90 picks"));
        }
        assert_eq!(notes[3], None);
    }

    #[test]
    fn without_a_model_quotas_become_uncertainty() {
        let (counts, notes) = given(Mode::NoLabels, 1000, 10);
        assert_eq!(counts, [70, 0, 20, 10]);
        assert_eq!(
            notes[1].as_deref(),
            Some("without a model no class is predicted; 30 picks went to uncertainty")
        );
        let expected = "30 of these picks stand in for the class quotas, which need a model; no model yet, \
                        because nothing is labelled yet; picked instead: typical documents that differ from \
                        each other";
        assert_eq!(notes[0].as_deref(), Some(expected));
        let mix = Mix::new(Fractions { uncertainty: 1.0, ratio: 0.0, random: 0.0, control: 0.0 }).unwrap();
        let [uncertainty, ..] = plan(&mix, 9, Mode::NoLabels, Some("core-set"), 50, 0);
        assert_eq!(
            uncertainty.note.as_deref(),
            Some(
                "no model yet, because nothing is labelled yet; \
                                                      picked instead: core-set"
            )
        );
        let (counts, notes) = given(Mode::OneClass, 0, 0);
        assert_eq!(counts, [0, 0, 0, 0]);
        assert!(notes.iter().all(Option::is_some));
    }

    #[test]
    fn the_mode_follows_from_the_labels() {
        let features = Features::Dense(ndarray::Array2::ones((4, 1)));
        let mode =
            |labeled: &[(usize, Class)]| Mode::of(&PoolView::new(&features, &[0]).with_labeled(labeled));
        assert_eq!(mode(&[]), Ok(Mode::NoLabels));
        assert_eq!(mode(&[(1, Class(2)), (2, Class(2))]), Ok(Mode::OneClass));
        let two = mode(&[(1, Class(2)), (2, Class(0))]);
        assert_eq!(two, Err(QueryError::NoProbabilities { strategy: "uncertainty" }));
    }
}
