//! Measures of how much the members of a committee disagree about a document. All are in nats; a
//! document with a higher value is picked sooner.

use querist_core::Probabilities;

/// A measure of the disagreement between M members about K classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Disagreement {
    /// `-Σ_k V_k/M ln (V_k/M)`, with `V_k` the number of members that find class k likeliest; in
    /// [0, ln min(K, M)]. Dagan and Engelson (1995), "Committee-Based Sampling for Training
    /// Probabilistic Classifiers".
    VoteEntropy,
    /// The entropy of the consensus, which is the mean of the members' probabilities; in [0, ln K].
    /// It is also high if all members are equally unsure. Settles (2009), "Active Learning
    /// Literature Survey" ("soft vote entropy").
    ConsensusEntropy,
    /// `1/M Σ_m KL(p_m ‖ consensus)`, in [0, ln min(K, M)]. It is high only if members contradict
    /// each other. McCallum and Nigam (1998), "Employing EM and Pool-Based Active Learning for Text
    /// Classification".
    KlDivergence,
}

impl Disagreement {
    /// All measures, in the order of their declaration.
    pub const ALL: [Self; 3] = [Self::VoteEntropy, Self::ConsensusEntropy, Self::KlDivergence];

    /// Returns the name of the strategy that ranks documents by this measure.
    pub fn name(self) -> &'static str {
        match self {
            Self::VoteEntropy => "vote-entropy",
            Self::ConsensusEntropy => "consensus-entropy",
            Self::KlDivergence => "kl-divergence",
        }
    }

    /// Returns the disagreement about one document, in nats. `members` has the probabilities of at
    /// least one member, and `row` is the document's row in each of them.
    pub fn score(self, members: &[Probabilities], row: usize) -> f64 {
        let m = members.len() as f64;
        let k = members.first().map_or(0, Probabilities::n_classes);
        match self {
            Self::VoteEntropy => {
                let mut votes = vec![0.0; k];
                for member in members {
                    votes[member.likeliest(row).index()] += 1.0 / m;
                }
                entropy(&votes)
            }
            Self::ConsensusEntropy => entropy(&consensus(members, row)),
            Self::KlDivergence => {
                let consensus = consensus(members, row);
                let of_member = |member: &Probabilities| {
                    let row = member.row(row);
                    let terms = row.iter().zip(&consensus).filter(|(p, _)| **p > 0.0);
                    terms.map(|(p, c)| p * (p / c).ln()).sum::<f64>()
                };
                (members.iter().map(of_member).sum::<f64>() / m).max(0.0)
            }
        }
    }
}

/// Returns the mean of the members' probabilities for a row: one value for each class.
fn consensus(members: &[Probabilities], row: usize) -> Vec<f64> {
    let m = members.len() as f64;
    let k = members.first().map_or(0, Probabilities::n_classes);
    (0..k).map(|class| members.iter().map(|member| member.view()[(row, class)]).sum::<f64>() / m).collect()
}

/// Returns the entropy of a distribution, in nats.
fn entropy(p: &[f64]) -> f64 {
    crate::measure::entropy(ndarray::aview1(p))
}

#[cfg(test)]
mod tests {
    use std::f64::consts::LN_2;

    use ndarray::array;

    use super::*;

    #[test]
    fn by_hand() {
        // On row 0 the two members contradict each other. On row 1 both are equally unsure, and on
        // row 2 both are equally sure.
        let members = [
            Probabilities::new(array![[1.0, 0.0], [0.5, 0.5], [1.0, 0.0]]).unwrap(),
            Probabilities::new(array![[0.0, 1.0], [0.5, 0.5], [1.0, 0.0]]).unwrap(),
        ];
        let scores = |disagreement: Disagreement| [0, 1, 2].map(|row| disagreement.score(&members, row));
        for (disagreement, expected) in [
            (Disagreement::VoteEntropy, [LN_2, 0.0, 0.0]),
            (Disagreement::ConsensusEntropy, [LN_2, LN_2, 0.0]),
            (Disagreement::KlDivergence, [LN_2, 0.0, 0.0]),
        ] {
            for (found, expected) in scores(disagreement).into_iter().zip(expected) {
                assert!((found - expected).abs() < 1e-12, "{disagreement:?}: {found} is not {expected}");
            }
        }
    }

    #[test]
    fn kl_is_the_entropy_of_the_consensus_less_the_mean_entropy() {
        let members = [
            Probabilities::new(array![[0.7, 0.2, 0.1]]).unwrap(),
            Probabilities::new(array![[0.1, 0.6, 0.3]]).unwrap(),
            Probabilities::new(array![[0.3, 0.3, 0.4]]).unwrap(),
        ];
        let mean = members.iter().map(|member| crate::measure::entropy(member.row(0))).sum::<f64>() / 3.0;
        let expected = Disagreement::ConsensusEntropy.score(&members, 0) - mean;
        assert!((Disagreement::KlDivergence.score(&members, 0) - expected).abs() < 1e-12);
        // The three members vote for three different classes.
        assert!((Disagreement::VoteEntropy.score(&members, 0) - 3f64.ln()).abs() < 1e-12);
    }
}
