//! The table of the catalog, with one entry for each strategy.

use super::{Entry, Ingredients, Strategy};
use crate::anchors::Anchors;
use crate::badge::Badge;
use crate::committee::{Committee, Disagreement};
use crate::contrastive::Contrastive;
use crate::core_set::CoreSet;
use crate::density::InformationDensity;
use crate::discriminative::Discriminative;
use crate::diverse::Diverse;
use crate::epsilon::Epsilon;
use crate::error::QueryError;
use crate::expected_mass::ExpectedMass;
use crate::gradient::ExpectedGradientLength;
use crate::lightweight_core_set::LightweightCoreSet;
use crate::measure::Measure;
use crate::novelty::Novelty;
use crate::power::Power;
use crate::prob_cover::ProbCover;
use crate::random::Random;
use crate::ranked_batch::RankedBatch;
use crate::ratio::RatioQuota;
use crate::representatives::Representatives;
use crate::typiclust::TypiClust;
use crate::uncertainty::Uncertainty;
use crate::variance_reduction::VarianceReduction;

/// The strategy of an entry, or the error that its ingredients do not suffice.
type Built = Result<Strategy, QueryError>;

/// All strategies.
pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        name: "entropy",
        description: "documents whose prediction has the highest entropy, spread over groups of similar texts",
        build: |with| uncertainty(with, Measure::Entropy),
    },
    Entry {
        name: "least-confidence",
        description: "documents whose likeliest class has the lowest probability, spread over groups of \
                      similar texts",
        build: |with| uncertainty(with, Measure::LeastConfidence),
    },
    Entry {
        name: "margin",
        description: "documents whose two likeliest classes differ least, spread over groups of similar texts",
        build: |with| uncertainty(with, Measure::Margin),
    },
    Entry {
        name: "ratio-of-confidence",
        description: "documents whose two likeliest classes have the closest ratio, spread over groups of \
                      similar texts",
        build: |with| uncertainty(with, Measure::RatioOfConfidence),
    },
    Entry {
        name: "power-entropy",
        description: "random documents, drawn in proportion to a power of the entropy",
        build: |_| power(Measure::Entropy),
    },
    Entry {
        name: "power-least-confidence",
        description: "random documents, drawn in proportion to a power of least confidence",
        build: |_| power(Measure::LeastConfidence),
    },
    Entry {
        name: "power-margin",
        description: "random documents, drawn in proportion to a power of the margin",
        build: |_| power(Measure::Margin),
    },
    Entry {
        name: "power-ratio-of-confidence",
        description: "random documents, drawn in proportion to a power of the ratio of confidence",
        build: |_| power(Measure::RatioOfConfidence),
    },
    Entry {
        name: "vote-entropy",
        description: "documents on which the votes of a committee of models are most divided",
        build: |with| committee(with, Disagreement::VoteEntropy),
    },
    Entry {
        name: "consensus-entropy",
        description: "documents on which a committee of models is least sure on average",
        build: |with| committee(with, Disagreement::ConsensusEntropy),
    },
    Entry {
        name: "kl-divergence",
        description: "documents on which the members of a committee of models contradict each other most",
        build: |with| committee(with, Disagreement::KlDivergence),
    },
    Entry {
        name: "expected-gradient-length",
        description: "documents whose label would change the model most",
        build: |with| Ok(Box::new(ExpectedGradientLength { diversity: with.batch.diversity })),
    },
    Entry {
        name: "contrastive",
        description: "documents predicted differently from their nearest neighbours",
        build: contrastive,
    },
    Entry {
        name: "information-density",
        description: "uncertain documents that are typical of the pool",
        build: |with| {
            Ok(Box::new(InformationDensity {
                measure: with.batch.measure,
                weight: InformationDensity::WEIGHT,
                diversity: with.batch.diversity,
                limits: with.limits,
            }))
        },
    },
    Entry {
        name: "badge",
        description: "uncertain documents that differ from each other, by the gradients of the model",
        build: |with| Ok(Box::new(Badge { measure: with.batch.measure, limits: with.limits })),
    },
    Entry {
        name: "variance-reduction",
        description: "documents whose labels would make the model surest about the rest of the pool",
        build: |with| Ok(Box::new(VarianceReduction { limits: with.limits })),
    },
    Entry {
        name: "representatives",
        description: "the most typical document of each group of uncertain documents",
        build: |with| Ok(Box::new(Representatives { measure: with.batch.measure, limits: with.limits })),
    },
    Entry {
        name: "ranked-batch",
        description: "uncertain documents that differ from those labelled or ranked before",
        build: |with| Ok(Box::new(RankedBatch { measure: with.batch.measure, limits: with.limits })),
    },
    Entry {
        name: "core-set",
        description: "documents farthest from those labelled or picked",
        build: |with| Ok(Box::new(CoreSet { limits: with.limits })),
    },
    Entry {
        name: "lightweight-core-set",
        description: "a random sample that prefers documents far from the mean",
        build: |with| Ok(Box::new(LightweightCoreSet { limits: with.limits })),
    },
    Entry {
        name: "prob-cover",
        description: "documents in the densest part of the pool that no labelled document covers yet",
        build: |with| Ok(Box::new(ProbCover { groups: with.labels.len(), limits: with.limits })),
    },
    Entry {
        name: "typiclust",
        description: "documents typical of groups without a labelled document",
        build: |with| Ok(Box::new(TypiClust { limits: with.limits })),
    },
    Entry {
        name: "discriminative",
        description: "documents that a classifier can most surely tell apart from the labelled ones",
        build: discriminative,
    },
    Entry {
        name: "diverse",
        description: "documents typical of the pool that differ from each other",
        build: |_| Ok(Box::new(Diverse)),
    },
    Entry {
        name: "novelty",
        description: "documents that differ from the labelled ones",
        build: |with| Ok(Box::new(Novelty { diversity: with.batch.diversity })),
    },
    Entry {
        name: "ratio",
        description: "class quotas; a document counts for its likeliest class",
        build: ratio,
    },
    Entry {
        name: "expected-mass",
        description: "class quotas; a document counts for every class, by its probability",
        build: expected_mass,
    },
    Entry {
        name: "anchors",
        description: "documents most similar to the labelled documents of the rarest classes",
        build: |_| Ok(Box::new(Anchors)),
    },
    Entry {
        name: "random",
        description: "a uniform sample of the open pool",
        build: |_| Ok(Box::new(Random)),
    },
    Entry {
        name: "epsilon",
        description: "the uncertainty measure with a share of random picks; `epsilon:NAME` does the same \
                      for any other strategy",
        build: |with| Ok(Box::new(Epsilon::new(uncertainty(with, with.batch.measure)?, Epsilon::SHARE)?)),
    },
];

/// Builds uncertainty sampling with this measure and the diversity of the settings.
#[expect(clippy::unnecessary_wraps, reason = "the shape of every entry")]
fn uncertainty(with: &Ingredients, measure: Measure) -> Built {
    Ok(Box::new(Uncertainty { measure, diversity: with.batch.diversity }))
}

/// Builds power sampling with this measure and the exponent of the paper.
#[expect(clippy::unnecessary_wraps, reason = "the shape of every entry")]
fn power(measure: Measure) -> Built {
    Ok(Box::new(Power { measure, exponent: Power::EXPONENT }))
}

/// Builds class quotas by the likeliest class; fails if the settings' quotas do not fit the
/// classes.
fn ratio(with: &Ingredients) -> Built {
    Ok(Box::new(RatioQuota {
        labels: with.labels.clone(),
        ratio: with.batch.ratio.by_class(&with.labels)?,
        labeled_counts: with.labeled_counts.clone(),
        within: with.batch.within,
        measure: with.batch.measure,
    }))
}

/// Builds a committee that ranks documents by this measure of disagreement; fails without a
/// classifier.
fn committee(with: &Ingredients, disagreement: Disagreement) -> Built {
    Ok(Box::new(Committee {
        classifier: with.classifier(disagreement.name())?,
        members: Committee::MEMBERS,
        disagreement,
        measure: with.batch.measure,
        diversity: with.batch.diversity,
        limits: with.limits,
    }))
}

/// Builds contrastive learning with the number of neighbours of the paper.
#[expect(clippy::unnecessary_wraps, reason = "the shape of every entry")]
fn contrastive(with: &Ingredients) -> Built {
    Ok(Box::new(Contrastive {
        neighbors: Contrastive::NEIGHBORS,
        model: with.model.clone(),
        measure: with.batch.measure,
        diversity: with.batch.diversity,
        limits: with.limits,
    }))
}

/// Builds discriminative learning; fails without a classifier.
fn discriminative(with: &Ingredients) -> Built {
    Ok(Box::new(Discriminative {
        classifier: with.classifier("discriminative")?,
        sub_batches: Discriminative::SUB_BATCHES,
        limits: with.limits,
    }))
}

/// Builds class quotas by expected mass; fails if the settings' quotas do not fit the classes.
fn expected_mass(with: &Ingredients) -> Built {
    Ok(Box::new(ExpectedMass {
        labels: with.labels.clone(),
        ratio: with.batch.ratio.by_class(&with.labels)?,
        labeled_counts: with.labeled_counts.clone(),
    }))
}
