//! Composes a batch: a mix of shares, each document with the reason why it was picked.
//!
//! The shares are filled in an order that matters:
//!
//! 1. Random comes first, from the whole open pool. So its slice is an unbiased sample, and an
//!    accuracy measured on it is honest.
//! 2. Class quotas come second, so that they are exact.
//! 3. The uncertainty share is chosen from the rest.
//! 4. Control items are drawn from a separate stock.
//!
//! Last, the batch is shuffled, so that its order tells annotators nothing.
//!
//! Invariants: no document occurs twice. Each share has as many documents as the mix says, or a
//! note says why not. Each share has its own stream of random numbers, so that changing one share
//! does not redraw another.

use querist_core::{LabelSet, Named, Pick, Seed, Share, ShareAccount};
use rand::Rng;

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

/// How to compose a batch.
#[derive(Clone, Copy)]
pub struct Order<'a> {
    /// The user's settings. The other two fields override their mix and strategy.
    pub batch: &'a BatchSettings,
    /// The shares of this batch.
    pub mix: Mix,
    /// The strategy for the uncertainty share. Without a strategy, or if the pool lacks what the
    /// strategy needs, documents are picked by the measure and the diversity of the settings.
    /// Without a model, diverse documents are picked, or novel ones if one class is labelled.
    pub strategy: Option<&'a dyn QueryStrategy>,
}

impl<'a> Order<'a> {
    /// Makes an order with the mix of the settings; for an adaptive mix, with the shares of its
    /// first round. `strategy` fills the uncertainty share.
    ///
    /// # Errors
    /// The mix is not valid, or the settings name a strategy and `strategy` is `None`:
    /// [`catalog::by_name`](crate::catalog::by_name) builds it.
    pub fn new(
        batch: &'a BatchSettings,
        strategy: Option<&'a dyn QueryStrategy>,
    ) -> Result<Self, QueryError> {
        if let (Some(name), None) = (batch.strategy.name(), strategy) {
            return Err(QueryError::Strategy {
                strategy: name.to_owned(),
                problem: "the settings name it, but the order was made without it; build it with \
                          catalog::by_name, or set the strategy to Measure"
                    .to_owned(),
            });
        }
        Ok(Self { batch, mix: batch.mix.shares()?, strategy })
    }
}

/// The documents that a batch is chosen from.
#[derive(Clone, Copy)]
pub struct Stock<'a> {
    /// The pool.
    pub pool: PoolView<'a>,
    /// The classes.
    pub labels: &'a LabelSet,
    /// The number of control items that may be given out.
    pub open_controls: usize,
    /// The number of these control items that were in earlier batches. They are the last items of
    /// the stock, and are drawn only after all others.
    pub again_controls: usize,
    /// The number of labelled documents of each class, in label order.
    pub labeled_counts: &'a [usize],
}

impl<'a> Stock<'a> {
    /// Returns a stock of the open documents of `pool`, without control items.
    pub fn new(pool: PoolView<'a>, labels: &'a LabelSet, labeled_counts: &'a [usize]) -> Self {
        Self { pool, labels, open_controls: 0, again_controls: 0, labeled_counts }
    }
}

/// Where an item of a batch was taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// A row of the pool.
    Pool(usize),
    /// An open control item, by its index among them.
    Control(usize),
}

/// A batch, and an account of how it was composed.
#[derive(Debug, Clone, PartialEq)]
pub struct Composition {
    /// The items in the shuffled order of the batch; their scores and probabilities are `None`.
    pub picks: Vec<Pick<Source>>,
    /// The account of each share, in the order of [`Share::ALL`].
    pub shares: Vec<ShareAccount>,
    /// The account of each class quota, in label order; empty if no document was chosen by quota.
    pub quotas: Vec<ClassAllotment>,
    /// What the choice could use.
    pub mode: Mode,
    /// The number of near-duplicates that were left out; 0 without a guard.
    pub near_duplicates: usize,
}

/// Composes the batch of a round and returns it with the accounts of its shares. The result depends
/// on the arguments alone.
///
/// With shingles and a threshold, the near-duplicate guard ([`crate::guard`]) applies to the whole
/// batch: no two documents from the pool are nearly the same, and none is nearly the same as a
/// labelled or given-out document. The random slice is then a uniform sample of distinct texts.
/// Control items are not compared, because the user chose them.
///
/// # Errors
/// The quota weights or the counts do not fit the classes, the view of the pool is malformed, or
/// two classes are labelled but the pool has no probabilities. Errors of strategies are passed on.
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
    // Control items that were in no earlier batch are drawn first.
    let fresh = stock.open_controls - stock.again_controls;
    filled.picks.extend(controls(fresh, stock.open_controls, n, &mut seed.rng(round, "control")));

    // Shuffle the batch and number its picks.
    let places: Vec<usize> = (0..filled.picks.len()).collect();
    let order = sample(&places, places.len(), &mut seed.rng(round, "order"));
    let ranked = |(at, place): (usize, usize)| Pick { rank: at as u32 + 1, ..filled.picks[place].clone() };
    let picks = order.into_iter().enumerate().map(ranked).collect();
    let near_duplicates = filled.guard.map_or(0, |guard| guard.refused().len());
    Ok(Composition { picks, shares: shares.to_vec(), quotas, mode, near_duplicates })
}

/// Draws n of the `all` control items and returns them as picks. The first `fresh` items are drawn
/// before any of the others.
fn controls(fresh: usize, all: usize, n: usize, rng: &mut dyn Rng) -> impl Iterator<Item = Pick<Source>> {
    let first: Vec<usize> = (0..fresh).collect();
    let mut drawn = sample(&first, n.min(fresh), rng);
    if n > fresh {
        let again: Vec<usize> = (fresh..all).collect();
        drawn.extend(sample(&again, n - fresh, rng));
    }
    let again = |control| pick(Source::Control(control), Share::Control, "control".to_owned(), false);
    drawn.into_iter().map(again)
}

/// Returns a pick with rank 0, because the batch has no order yet.
fn pick(document: Source, share: Share, reason: String, fallback: bool) -> Pick<Source> {
    Pick { document, rank: 0, share, quota: None, reason, fallback, score: None, probabilities: None }
}

/// Returns the note that says what the strategy needs, and what was used instead.
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

/// A function that chooses n documents from the rest of the pool.
type Choice<'a> = dyn FnMut(Pool<'_>, usize, &mut dyn Rng) -> Result<Vec<Selected>, QueryError> + 'a;

/// The picks of the batch so far.
struct Filled<'a> {
    picks: Vec<Pick<Source>>,
    /// For each row of the pool, whether it was chosen or refused.
    taken: Vec<bool>,
    guard: Option<Guard<'a>>,
}

impl Filled<'_> {
    /// Chooses the documents of one share from the rest of the pool with `choice`, and adds them to
    /// the picks.
    fn fill(
        &mut self,
        pool: Pool<'_>,
        account: &mut ShareAccount,
        rng: &mut dyn Rng,
        choice: &mut Choice<'_>,
    ) -> Result<(), QueryError> {
        let n = account.given;
        let selected = match &mut self.guard {
            None => choice(Remaining::new(pool, &self.taken)?.pool(), n, rng)?,
            Some(guard) => {
                // Copied once here, so that the guard need not copy the rest of the pool for each
                // request.
                let open: Vec<usize> = pool.open.iter().copied().filter(|row| !self.taken[*row]).collect();
                let ask: &mut Ask<'_> =
                    &mut |left, n, rng| choice(Remaining::among(pool, left)?.pool(), n, rng);
                guard.choose(&open, n, rng, ask)?
            }
        };
        self.add(account, selected);
        Ok(())
    }

    /// Adds the documents chosen for a share to the picks. Marks them and the near-duplicates that
    /// the guard refused as taken, and counts the refused ones in the share's account.
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

/// Returns the class quotas of the settings, after checking that the counts of labelled documents
/// and the probabilities fit the classes.
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
    // Wrong weights fail now, and not only in the first round with a model.
    Ok(order.batch.ratio.by_class(stock.labels)?)
}

/// Builds the strategy that fills the class quotas of the ratio share.
fn ratio_quota(batch: &BatchSettings, ratio: Ratio, stock: &Stock<'_>) -> RatioQuota {
    RatioQuota {
        labels: stock.labels.clone(),
        ratio,
        labeled_counts: stock.labeled_counts.to_vec(),
        within: batch.within,
        measure: batch.measure,
    }
}

/// Picks n documents for the uncertainty share, by `strategy` if there is one. Otherwise the picks
/// depend on `mode`: with a model, uncertain documents by the measure of the settings; without
/// labels, diverse documents; with labels of one class alone, documents unlike the labelled ones.
fn by_uncertainty(
    batch: &BatchSettings,
    strategy: Option<&dyn QueryStrategy>,
    pool: Pool<'_>,
    n: usize,
    mode: Mode,
    rng: &mut dyn Rng,
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
