//! Puts a batch together: a mix of shares, each document carrying why it was picked.
//!
//! The order of filling is part of the meaning. Random comes first, from the whole open pool, so that its slice is an
//! unbiased sample and an accuracy measured on it is honest. Class quotas come second, so that they are exact.
//! Uncertainty takes what it wants of the rest. Control items come from their own stock. Last, the batch is shuffled,
//! so that its order tells annotators nothing.
//!
//! Invariants: no document twice; counts are those of the mix, or a note says why not; each share has its own stream of
//! random numbers, so that changing one share does not redraw another.

use querist_core::{LabelSet, PoolView, Seed, Selected, Share};

use crate::diverse::Diverse;
use crate::error::QueryError;
use crate::measure::Measure;
use crate::mix::Mix;
use crate::novelty::Novelty;
use crate::plan::{Mode, ShareAccount, plan};
use crate::quota::Ratio;
use crate::random::{Random, sample};
use crate::ratio::{Allotment, ClassAllotment, RatioQuota};
use crate::uncertainty::Uncertainty;
use crate::view::{self, Remaining};
use crate::within::Within;

/// What the user wants of a batch.
#[derive(Debug, Clone, PartialEq)]
pub struct Recipe {
    /// How many items.
    pub size: usize,
    /// Which share of them is chosen how.
    pub mix: Mix,
    /// Where the class quotas of the ratio share come from.
    pub ratio: Ratio,
    /// What the uncertainty share ranks by.
    pub measure: Measure,
    /// How many candidates the uncertainty share clusters for each document; 1 is the plain top.
    pub diversity: usize,
    /// How the ratio share chooses among members of a class.
    pub within: Within,
}

/// What there is to choose from.
#[derive(Clone, Copy)]
pub struct Stock<'a> {
    /// The pool.
    pub pool: PoolView<'a>,
    /// The classes.
    pub labels: &'a LabelSet,
    /// How many control items may be given out.
    pub open_controls: usize,
    /// How many documents of each class are labelled (K).
    pub labeled_counts: &'a [usize],
}

/// Where an item of a batch comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// A row of the pool.
    Pool(usize),
    /// One of the open control items, by its index among them.
    Control(usize),
}

/// One item of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// Where it comes from.
    pub source: Source,
    /// The share that it fills.
    pub share: Share,
    /// Why, for people.
    pub reason: String,
    /// Whether it only fills a quota for want of predicted members.
    pub fallback: bool,
}

/// A batch, and an account of how it came to be.
#[derive(Debug, Clone, PartialEq)]
pub struct Composition {
    /// The items in batch order, which is shuffled.
    pub picks: Vec<Chosen>,
    /// One account a share, in the order of [`Share::ALL`].
    pub shares: Vec<ShareAccount>,
    /// One account a class, in label order; empty when no document was chosen by quota.
    pub quotas: Vec<ClassAllotment>,
    /// What the batch was chosen by.
    pub mode: Mode,
}

/// Composes the batch of a round. A pure function of its arguments.
///
/// # Errors
/// Ratio weights or counts that do not fit the classes; a malformed view of the pool; no probabilities although two
/// classes are labelled.
pub fn compose(recipe: &Recipe, stock: Stock<'_>, seed: Seed, round: u32) -> Result<Composition, QueryError> {
    check(recipe, &stock)?;
    let pool = stock.pool;
    let mode = Mode::of(&pool)?;
    let shares = plan(&recipe.mix, recipe.size, mode, pool.open.len(), stock.open_controls);
    let count = |share: Share| shares[share as usize].given;
    let mut filled =
        Filled { picks: Vec::with_capacity(recipe.size), taken: vec![false; pool.features.n_rows()] };

    let random = Random.select(pool, count(Share::Random), &mut seed.rng(round, "random"))?;
    filled.add(Share::Random, random);

    let mut quotas = Vec::new();
    if count(Share::Ratio) > 0 {
        let allotment = by_quota(recipe, &stock, &filled, count(Share::Ratio), seed, round)?;
        filled.add(Share::Ratio, allotment.selected);
        quotas = allotment.classes;
    }
    if count(Share::Uncertainty) > 0 {
        let selected = by_uncertainty(recipe, &pool, &filled, count(Share::Uncertainty), mode, seed, round)?;
        filled.add(Share::Uncertainty, selected);
    }

    let controls: Vec<usize> = (0..stock.open_controls).collect();
    let controls = sample(&controls, count(Share::Control), &mut seed.rng(round, "control"));
    filled.picks.extend(controls.into_iter().map(|control| Chosen {
        source: Source::Control(control),
        share: Share::Control,
        reason: "control".to_owned(),
        fallback: false,
    }));

    let places: Vec<usize> = (0..filled.picks.len()).collect();
    let order = sample(&places, places.len(), &mut seed.rng(round, "order"));
    let picks = order.into_iter().map(|place| filled.picks[place].clone()).collect();
    Ok(Composition { picks, shares: shares.to_vec(), quotas, mode })
}

/// What has been chosen so far.
struct Filled {
    picks: Vec<Chosen>,
    /// By row of the pool.
    taken: Vec<bool>,
}

impl Filled {
    fn add(&mut self, share: Share, selected: Vec<Selected>) {
        for Selected { row, reason, fallback } in selected {
            self.taken[row] = true;
            self.picks.push(Chosen { source: Source::Pool(row), share, reason, fallback });
        }
    }
}

fn check(recipe: &Recipe, stock: &Stock<'_>) -> Result<(), QueryError> {
    view::check(&stock.pool)?;
    let expected = stock.labels.len();
    let probabilities = stock.pool.probabilities.map_or(expected, querist_core::Probabilities::n_classes);
    for (what, found) in [
        ("the count of labelled documents", stock.labeled_counts.len()),
        ("the probabilities", probabilities),
    ] {
        if found != expected {
            return Err(QueryError::ClassCount { what, expected, found });
        }
    }
    if recipe.mix.fraction(Share::Ratio) > 0.0 {
        // Now, rather than in the first round that has a model.
        recipe.ratio.target(expected)?;
    }
    Ok(())
}

fn by_quota(
    recipe: &Recipe,
    stock: &Stock<'_>,
    filled: &Filled,
    n: usize,
    seed: Seed,
    round: u32,
) -> Result<Allotment, QueryError> {
    let strategy = RatioQuota {
        labels: stock.labels.clone(),
        ratio: recipe.ratio.clone(),
        labeled_counts: stock.labeled_counts.to_vec(),
        within: recipe.within,
    };
    let remaining = Remaining::new(&stock.pool, &filled.taken)?;
    strategy.allot(remaining.view(&stock.pool), n, &mut seed.rng(round, "ratio"))
}

fn by_uncertainty(
    recipe: &Recipe,
    pool: &PoolView<'_>,
    filled: &Filled,
    n: usize,
    mode: Mode,
    seed: Seed,
    round: u32,
) -> Result<Vec<Selected>, QueryError> {
    let remaining = Remaining::new(pool, &filled.taken)?;
    let view = remaining.view(pool);
    let rng = &mut seed.rng(round, "uncertainty");
    let diversity = recipe.diversity;
    match mode {
        Mode::Model => Uncertainty { measure: recipe.measure, diversity }.select(view, n, rng),
        Mode::NoLabels => Diverse.select(view, n, rng),
        Mode::OneClass => Novelty { diversity }.select(view, n, rng),
    }
}
