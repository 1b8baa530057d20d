//! Puts a batch together: a mix of shares, each document carrying why it was picked.
//!
//! The order of filling is part of the meaning. Random comes first, from the whole open pool, so
//! that its slice is an unbiased sample and an accuracy measured on it is honest. Class quotas come
//! second, so that they are exact. Uncertainty takes what it wants of the rest. Control items come
//! from their own stock. Last, the batch is shuffled, so that its order tells annotators nothing.
//!
//! With shingles and a threshold the near-duplicate guard ([`crate::guard`]) stands before the
//! whole batch: no two documents from the pool are nearly the same, and none is nearly the same as
//! what is labelled or out. The random slice is then a uniform sample of distinct texts. Control
//! items are not compared: their stock is the user's.
//!
//! Invariants: no document twice; counts are those of the mix, or a note says why not; each share
//! has its own stream of random numbers, so that changing one share does not redraw another.

use querist_core::{LabelSet, Named, Pick, Seed, Share, ShareAccount};
use rand_chacha::ChaCha8Rng;

use crate::diverse::Diverse;
use crate::error::QueryError;
use crate::guard::{Ask, Guard};
use crate::mix::Mix;
use crate::novelty::Novelty;
use crate::plan::{Mode, note, plan};
use crate::quota::Ratio;
use crate::random::{Random, sample};
use crate::ratio::{ClassAllotment, RatioQuota};
use crate::settings::BatchSettings;
use crate::strategy::{QueryStrategy, Selected, check_selected};
use crate::uncertainty::Uncertainty;
use crate::view::{Pool, PoolView, Remaining};

/// What a batch is made by.
#[derive(Clone, Copy)]
pub struct Order<'a> {
    /// What the user sets. The mix and the strategy are those of the two other fields.
    pub batch: &'a BatchSettings,
    /// The shares of this batch.
    pub mix: Mix,
    /// What fills the uncertainty share; `None`: the measure and the diversity of the settings, and
    /// without a model documents that are diverse or novel. Those also stand in where the pool
    /// lacks what the strategy needs.
    pub strategy: Option<&'a dyn QueryStrategy>,
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
    /// How many of these, the last ones, earlier batches had: they are drawn once the others are
    /// spent.
    pub again_controls: usize,
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

/// A batch, and an account of how it came to be.
#[derive(Debug, Clone, PartialEq)]
pub struct Composition {
    /// The items in batch order, which is shuffled; without scores and probabilities.
    pub picks: Vec<Pick<Source>>,
    /// One account a share, in the order of [`Share::ALL`].
    pub shares: Vec<ShareAccount>,
    /// One account a class, in label order; empty when no document was chosen by quota.
    pub quotas: Vec<ClassAllotment>,
    /// What the batch was chosen by.
    pub mode: Mode,
    /// How many near-duplicates were left out on the way; 0 without a guard.
    pub near_duplicates: usize,
}

/// Composes the batch of a round. A pure function of its arguments.
///
/// # Errors
/// Ratio weights or counts that do not fit the classes; a malformed view of the pool; no
/// probabilities although two classes are labelled.
pub fn compose(
    order: Order<'_>,
    stock: Stock<'_>,
    seed: Seed,
    round: u32,
) -> Result<Composition, QueryError> {
    let pool = stock.pool.check()?;
    let ratio = ratio_of(&order, &stock)?;
    let Order { batch, strategy, .. } = order;
    let mode = Mode::of(&pool)?;
    let usable = strategy.filter(|strategy| strategy.needs().met_by(&pool));
    let mut shares = plan(
        &order.mix,
        batch.size,
        mode,
        usable.map(QueryStrategy::name),
        pool.open.len(),
        stock.open_controls,
    );
    if let (Some(unmet), None) = (strategy, usable) {
        note(&mut shares[Share::Uncertainty as usize], unmet_note(unmet, batch, mode));
    }
    let guard = match (pool.shingles, batch.near_duplicates.resemblance()) {
        (Some(shingles), Some(threshold)) => Some(Guard::new(shingles, threshold, &pool.taken())?),
        _ => None,
    };
    let mut filled =
        Filled { picks: Vec::with_capacity(batch.size), taken: vec![false; pool.features.n_rows()], guard };

    let account = &mut shares[Share::Random as usize];
    let rng = &mut seed.rng(round, "random");
    filled.fill(pool, account, rng, &mut |left, n, rng| Random.select(left, n, rng))?;

    let mut quotas = Vec::new();
    let account = &mut shares[Share::Ratio as usize];
    if account.given > 0 {
        let left = Remaining::new(pool, &filled.taken)?;
        let rng = &mut seed.rng(round, "ratio");
        let quota = ratio_quota(batch, ratio, &stock);
        let allotment = quota.allot_guarded(left.pool(), account.given, filled.guard.as_mut(), rng)?;
        let before = filled.picks.len();
        filled.add(account, allotment.selected);
        for (pick, class) in filled.picks[before..].iter_mut().zip(allotment.quotas) {
            pick.quota = Some(class);
        }
        quotas = allotment.classes;
    }
    let account = &mut shares[Share::Uncertainty as usize];
    if account.given > 0 {
        let rng = &mut seed.rng(round, "uncertainty");
        filled.fill(pool, account, rng, &mut |left, n, rng| {
            by_uncertainty(batch, usable, left, n, mode, rng)
        })?;
    }

    let n = shares[Share::Control as usize].given;
    let fresh = stock.open_controls - stock.again_controls;
    filled.picks.extend(controls(fresh, stock.open_controls, n, &mut seed.rng(round, "control")));

    let places: Vec<usize> = (0..filled.picks.len()).collect();
    let order = sample(&places, places.len(), &mut seed.rng(round, "order"));
    let ranked = |(at, place): (usize, usize)| Pick { rank: at as u32 + 1, ..filled.picks[place].clone() };
    let picks = order.into_iter().enumerate().map(ranked).collect();
    let near_duplicates = filled.guard.map_or(0, |guard| guard.refused().len());
    Ok(Composition { picks, shares: shares.to_vec(), quotas, mode, near_duplicates })
}

/// n of the control items, the `fresh` first ones first.
fn controls(fresh: usize, all: usize, n: usize, rng: &mut ChaCha8Rng) -> impl Iterator<Item = Pick<Source>> {
    let first: Vec<usize> = (0..fresh).collect();
    let mut drawn = sample(&first, n.min(fresh), rng);
    if n > fresh {
        let again: Vec<usize> = (fresh..all).collect();
        drawn.extend(sample(&again, n - fresh, rng));
    }
    let again = |control| pick(Source::Control(control), Share::Control, "control".to_owned(), false);
    drawn.into_iter().map(again)
}

/// A pick whose place in the batch is still open.
fn pick(document: Source, share: Share, reason: String, fallback: bool) -> Pick<Source> {
    Pick { document, rank: 0, share, quota: None, reason, fallback, score: None, probabilities: None }
}

/// Why the strategy did not fill its share.
fn unmet_note(strategy: &dyn QueryStrategy, batch: &BatchSettings, mode: Mode) -> String {
    let needs = strategy.needs();
    let mut wanted = Vec::new();
    if needs.probabilities {
        wanted.push("a model".to_owned());
    }
    if needs.labeled_classes > 0 {
        wanted.push(format!("labels of at least {} classes", needs.labeled_classes));
    }
    let instead = match mode {
        Mode::Model => batch.measure.name(),
        Mode::NoLabels => "diverse",
        Mode::OneClass => "novelty",
    };
    format!("{} needs {}, so {instead} was used instead", strategy.name(), wanted.join(" and "))
}

/// Chooses n documents of the rest of the pool.
type Choice<'a> = dyn FnMut(Pool<'_>, usize, &mut ChaCha8Rng) -> Result<Vec<Selected>, QueryError> + 'a;

/// What has been chosen so far.
struct Filled<'a> {
    picks: Vec<Pick<Source>>,
    /// By row of the pool: chosen or refused.
    taken: Vec<bool>,
    guard: Option<Guard<'a>>,
}

impl Filled<'_> {
    /// Fills a share from what is left of the pool.
    fn fill(
        &mut self,
        pool: Pool<'_>,
        account: &mut ShareAccount,
        rng: &mut ChaCha8Rng,
        choice: &mut Choice<'_>,
    ) -> Result<(), QueryError> {
        let n = account.given;
        let selected = match &mut self.guard {
            None => choice(Remaining::new(pool, &self.taken)?.pool(), n, rng)?,
            Some(guard) => {
                // What is left is copied once, and not what is left of what was left.
                let open: Vec<usize> = pool.open.iter().copied().filter(|row| !self.taken[*row]).collect();
                let ask: &mut Ask<'_> =
                    &mut |left, n, rng| choice(Remaining::among(pool, left)?.pool(), n, rng);
                guard.choose(&open, n, rng, ask)?
            }
        };
        self.add(account, selected);
        Ok(())
    }

    /// Takes what a share chose, and what the guard refused meanwhile, into the accounts.
    fn add(&mut self, account: &mut ShareAccount, selected: Vec<Selected>) {
        for &row in self.guard.iter().flat_map(Guard::refused) {
            account.near_duplicates += usize::from(!self.taken[row]);
            self.taken[row] = true;
        }
        if account.near_duplicates > 0 {
            let skipped = match account.near_duplicates {
                1 => "1 near-duplicate was skipped".to_owned(),
                n => format!("{n} near-duplicates were skipped"),
            };
            note(account, skipped);
        }
        if selected.len() < account.given {
            note(account, format!("only {} documents are left that are not near-duplicates", selected.len()));
        }
        account.given = selected.len();
        for Selected { row, reason, fallback } in selected {
            self.taken[row] = true;
            self.picks.push(pick(Source::Pool(row), account.share, reason, fallback));
        }
    }
}

/// The class quotas; whether everything fits together.
fn ratio_of(order: &Order<'_>, stock: &Stock<'_>) -> Result<Ratio, QueryError> {
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
    // Now, rather than in the first round that has a model.
    Ok(order.batch.ratio.by_class(stock.labels)?)
}

fn ratio_quota(batch: &BatchSettings, ratio: Ratio, stock: &Stock<'_>) -> RatioQuota {
    RatioQuota {
        labels: stock.labels.clone(),
        ratio,
        labeled_counts: stock.labeled_counts.to_vec(),
        within: batch.within,
        measure: batch.measure,
    }
}

fn by_uncertainty(
    batch: &BatchSettings,
    strategy: Option<&dyn QueryStrategy>,
    pool: Pool<'_>,
    n: usize,
    mode: Mode,
    rng: &mut ChaCha8Rng,
) -> Result<Vec<Selected>, QueryError> {
    if let Some(strategy) = strategy {
        return check_selected(pool, n, strategy.name(), strategy.select(pool, n, rng)?);
    }
    let diversity = batch.diversity;
    match mode {
        Mode::Model => Uncertainty { measure: batch.measure, diversity }.select(pool, n, rng),
        Mode::NoLabels => Diverse.select(pool, n, rng),
        Mode::OneClass => Novelty { diversity }.select(pool, n, rng),
    }
}
