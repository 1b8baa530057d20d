//! Any strategy behind the near-duplicate guard.
//!
//! Rows of the pool that are not open count as labelled or out, so nothing that resembles them is picked. A pool
//! without shingles is not guarded, and the first ask is the strategy's own, so that where nothing is refused,
//! nothing changes. This is the one strategy that may give fewer documents than are open.

use querist_core::error::BoxError;
use querist_core::{Needs, PoolView, QueryStrategy, Selected};
use rand_chacha::ChaCha8Rng;

use crate::catalog::Strategy;
use crate::error::QueryError;
use crate::guard::Guard;
use crate::view::{self, Remaining};

/// A strategy that never picks near-duplicates.
pub struct Guarded {
    /// What chooses.
    pub inner: Strategy,
    /// The resemblance from which documents are near-duplicates, in (0, 1].
    pub threshold: f64,
}

impl Guarded {
    /// Chooses min(n, distinct open) open rows; also how many near-duplicates were left out on the way.
    ///
    /// # Errors
    /// Those of the strategy; a malformed view; shingles that cannot be read.
    pub fn select(
        &self,
        pool: PoolView<'_>,
        n: usize,
        rng: &mut ChaCha8Rng,
    ) -> Result<(Vec<Selected>, usize), QueryError> {
        view::check(&pool)?;
        let of_inner = |error| QueryError::of_strategy(self.inner.name(), error);
        let Some(shingles) = pool.shingles else {
            return Ok((self.inner.query(pool, n, rng).map_err(of_inner)?, 0));
        };
        let mut guard = Guard::new(shingles, self.threshold, &view::not_open(&pool))?;
        let picks = guard.choose(pool.open, n, rng, &mut |left, n, rng| {
            let remaining = Remaining::among(&pool, left)?;
            self.inner.query(remaining.view(&pool), n, rng).map_err(of_inner)
        })?;
        Ok((picks, guard.refused().len()))
    }
}

impl QueryStrategy for Guarded {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn needs(&self) -> Needs {
        self.inner.needs()
    }

    fn query(&self, pool: PoolView<'_>, n: usize, rng: &mut ChaCha8Rng) -> Result<Vec<Selected>, BoxError> {
        Ok(self.select(pool, n, rng)?.0)
    }
}
