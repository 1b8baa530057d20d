//! The one source of randomness: a seed, split by round and purpose.
//!
//! Each purpose in each round has its own stream, so an additional draw for one purpose does not
//! change the draws for another. The generator is `ChaCha` with 8 rounds, whose output is the same
//! on every machine.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

/// The user's seed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seed(pub u64);

impl Seed {
    /// Returns the generator for one purpose in one round. Its key is the BLAKE3 hash of (seed,
    /// round, purpose).
    pub fn rng(self, round: u32, purpose: &str) -> ChaCha8Rng {
        let mut hash = blake3::Hasher::new_derive_key("querist seed 1");
        hash.update(&self.0.to_le_bytes());
        hash.update(&round.to_le_bytes());
        hash.update(purpose.as_bytes());
        ChaCha8Rng::from_seed(*hash.finalize().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use rand::Rng;

    use super::*;

    #[test]
    fn streams_differ_by_every_part_and_repeat_exactly() {
        let first = |seed: u64, round, purpose: &str| Seed(seed).rng(round, purpose).next_u64();
        assert_eq!(first(1, 1, "random"), first(1, 1, "random"));
        let all = [first(1, 1, "random"), first(2, 1, "random"), first(1, 2, "random"), first(1, 1, "order")];
        for (i, a) in all.iter().enumerate() {
            assert!(all[i + 1..].iter().all(|b| a != b));
        }
    }
}
