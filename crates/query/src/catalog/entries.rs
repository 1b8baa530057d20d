//! The table of the catalog: a line a strategy.

use super::{Entry, Ingredients, Strategy};
use crate::core_set::CoreSet;
use crate::diverse::Diverse;
use crate::epsilon::Epsilon;
use crate::error::QueryError;
use crate::gradient::ExpectedGradientLength;
use crate::lightweight_core_set::LightweightCoreSet;
use crate::measure::Measure;
use crate::novelty::Novelty;
use crate::power::Power;
use crate::random::Random;
use crate::ratio::RatioQuota;
use crate::uncertainty::Uncertainty;

type Built = Result<Strategy, QueryError>;

/// All strategies.
pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        name: "entropy",
        description: "the highest entropy of the prediction, spread over groups",
        build: |with| uncertainty(with, Measure::Entropy),
    },
    Entry {
        name: "least-confidence",
        description: "the lowest probability of the likeliest class, spread over groups",
        build: |with| uncertainty(with, Measure::LeastConfidence),
    },
    Entry {
        name: "margin",
        description: "the smallest difference of the two likeliest classes, spread over groups",
        build: |with| uncertainty(with, Measure::Margin),
    },
    Entry {
        name: "ratio-of-confidence",
        description: "the second likeliest class closest to the likeliest by ratio, spread over groups",
        build: |with| uncertainty(with, Measure::RatioOfConfidence),
    },
    Entry {
        name: "power-entropy",
        description: "drawn in proportion to a power of the entropy",
        build: |with| power(with, Measure::Entropy),
    },
    Entry {
        name: "power-least-confidence",
        description: "drawn in proportion to a power of least confidence",
        build: |with| power(with, Measure::LeastConfidence),
    },
    Entry {
        name: "power-margin",
        description: "drawn in proportion to a power of the margin",
        build: |with| power(with, Measure::Margin),
    },
    Entry {
        name: "power-ratio-of-confidence",
        description: "drawn in proportion to a power of the ratio of confidence",
        build: |with| power(with, Measure::RatioOfConfidence),
    },
    Entry {
        name: "expected-gradient-length",
        description: "whose label would change the model most",
        build: |with| Ok(Box::new(ExpectedGradientLength { diversity: with.diversity })),
    },
    Entry {
        name: "core-set",
        description: "farthest from what is labelled and picked",
        build: |with| Ok(Box::new(CoreSet { limits: with.limits })),
    },
    Entry {
        name: "lightweight-core-set",
        description: "a sample that prefers what is far from the mean",
        build: |with| Ok(Box::new(LightweightCoreSet { limits: with.limits })),
    },
    Entry {
        name: "diverse",
        description: "typical of the pool and unlike each other",
        build: |_| Ok(Box::new(Diverse)),
    },
    Entry {
        name: "novelty",
        description: "unlike what is labelled",
        build: |with| Ok(Box::new(Novelty { diversity: with.diversity })),
    },
    Entry { name: "ratio", description: "class quotas, by the likeliest class", build: ratio },
    Entry { name: "random", description: "a uniform sample", build: |_| Ok(Box::new(Random)) },
    Entry {
        name: "epsilon",
        description: "the uncertainty measure, with a share of chance; `epsilon:NAME` for any other strategy",
        build: |with| Ok(Box::new(Epsilon::new(uncertainty(with, with.measure)?, with.epsilon)?)),
    },
];

#[expect(clippy::unnecessary_wraps, reason = "the shape of every entry")]
fn uncertainty(with: &Ingredients, measure: Measure) -> Built {
    Ok(Box::new(Uncertainty { measure, diversity: with.diversity }))
}

#[expect(clippy::unnecessary_wraps, reason = "the shape of every entry")]
fn power(with: &Ingredients, measure: Measure) -> Built {
    Ok(Box::new(Power { measure, exponent: with.exponent }))
}

#[expect(clippy::unnecessary_wraps, reason = "the shape of every entry")]
fn ratio(with: &Ingredients) -> Built {
    Ok(Box::new(RatioQuota {
        labels: with.labels.clone(),
        ratio: with.ratio.clone(),
        labeled_counts: with.labeled_counts.clone(),
        within: with.within,
    }))
}
