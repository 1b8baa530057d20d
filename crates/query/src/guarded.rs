//! Any strategy behind the near-duplicate guard.
//!
//! Rows of the pool that are not open count as labelled or out, so nothing that resembles them is
//! picked. A pool without shingles is not guarded, and the first ask is the strategy's own, so that
//! where nothing is refused, nothing changes. This is the one strategy that may give fewer
//! documents than are open.

use rand_chacha::ChaCha8Rng;

use crate::catalog::Strategy;
use crate::error::QueryError;
use crate::guard::Guard;
use crate::strategy::{Needs, QueryStrategy, Selected};
use crate::view::{Pool, Remaining};

/// A strategy that never picks near-duplicates.
pub struct Guarded {
    /// What chooses.
    pub inner: Strategy,
    /// The resemblance from which documents are near-duplicates, in (0, 1].
    pub threshold: f64,
}

impl Guarded {
    /// Chooses min(n, distinct open) open rows; also how many near-duplicates were left out on the
    /// way.
    ///
    /// # Errors
    /// Those of the strategy; shingles that cannot be read.
    pub fn select_distinct(
        &self,
        pool: Pool<'_>,
        n: usize,
        rng: &mut ChaCha8Rng,
    ) -> Result<(Vec<Selected>, usize), QueryError> {
        let Some(shingles) = pool.shingles else {
            return Ok((self.inner.select(pool, n, rng)?, 0));
        };
        let mut guard = Guard::new(shingles, self.threshold, &pool.taken())?;
        let picks = guard.choose(pool.open, n, rng, &mut |left, n, rng| {
            self.inner.select(Remaining::among(pool, left)?.pool(), n, rng)
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

    fn select(&self, pool: Pool<'_>, n: usize, rng: &mut ChaCha8Rng) -> Result<Vec<Selected>, QueryError> {
        Ok(self.select_distinct(pool, n, rng)?.0)
    }
}
