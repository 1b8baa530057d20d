//! The strength of the penalty: fixed, or chosen by cross-validation.

use crate::error::ModelError;

/// The fewest examples from which cross-validation chooses a penalty: with fewer, its choice would
/// be no better than a fixed one.
pub const FEWEST_EXAMPLES: usize = 50;

/// The C that is used with too few examples for a choice. With 15 to 50 labels of four sets, on
/// n-grams and on embeddings, the accuracy was one point higher on average with 100 than with 10.
const WITHOUT_CHOICE: f64 = 100.0;

/// The most examples for which [`Penalty::Auto`] chooses C.
const MOST_EXAMPLES: usize = 1_500;
/// The C of [`Penalty::Auto`] with more examples than that.
const BEYOND: f64 = 10.0;

/// The inverse strength C of the penalty.
#[derive(Debug, Clone, PartialEq)]
pub enum Penalty {
    /// With 50 to 1,500 examples, chosen among 10, 30 … 1000 as [`Penalty::CrossValidated`] does;
    /// 100 with fewer examples, or if none can be held out; 10 with more, because a choice costs
    /// several fits. Smaller values of C are not tried: with 1 and 3 among the candidates, SST-2
    /// lost one to two points of accuracy (docs/model.md).
    Auto,
    /// This C, above 0.
    Fixed(f64),
    /// The C in a grid for which the held-out log-loss, after scaling all logits by one
    /// temperature, is least. With fewer than [`FEWEST_EXAMPLES`] examples, or if none can be held
    /// out, it is the C nearest to 100, and the report's `penalties` are empty.
    CrossValidated {
        /// The values to try, each above 0.
        grid: Vec<f64>,
    },
}

impl Penalty {
    /// Cross-validation over the usual grid: 1, 3, 10 … 1000. Embeddings usually end up at 1 to 30.
    /// Hashed n-grams, whose rows have unit length over many columns, end up at 300 and more.
    pub fn cross_validated() -> Self {
        Self::CrossValidated { grid: vec![1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0] }
    }

    /// Returns the C of a fit to this many examples that does not choose C by cross-validation.
    pub(crate) fn otherwise(&self, examples: usize) -> f64 {
        match self {
            Self::Fixed(c) => *c,
            Self::Auto if examples > MOST_EXAMPLES => BEYOND,
            Self::Auto => WITHOUT_CHOICE,
            Self::CrossValidated { grid } => {
                let distance = |c: &f64| (c / WITHOUT_CHOICE).ln().abs();
                let nearest = |best: f64, c: &f64| if distance(c) < distance(&best) { *c } else { best };
                grid.iter().fold(f64::INFINITY, nearest)
            }
        }
    }

    /// Checks that every C is a positive finite number, and that a grid is not empty.
    pub(crate) fn check(&self) -> Result<(), ModelError> {
        match self {
            Self::Auto => Ok(()),
            Self::Fixed(c) => check_c(*c),
            Self::CrossValidated { grid } if grid.is_empty() => Err(ModelError::InvalidParameter {
                name: "penalty.grid",
                value: 0.0,
                needed: "a grid of at least one value",
            }),
            Self::CrossValidated { grid } => grid.iter().try_for_each(|c| check_c(*c)),
        }
    }

    /// Returns the values of C to try with this many examples, ascending and without repetitions;
    /// empty if the penalty is not to be chosen.
    pub(crate) fn path(&self, examples: usize) -> Vec<f64> {
        let mut path = match self {
            Self::Auto if examples > MOST_EXAMPLES => return Vec::new(),
            _ if examples < FEWEST_EXAMPLES => return Vec::new(),
            Self::Fixed(_) => return Vec::new(),
            Self::Auto => vec![10.0, 30.0, 100.0, 300.0, 1000.0],
            Self::CrossValidated { grid } => grid.clone(),
        };
        path.sort_by(f64::total_cmp);
        path.dedup_by(|a, b| a.to_bits() == b.to_bits());
        path
    }

    /// Returns the text for this penalty in the fingerprint of a classifier.
    pub(crate) fn fingerprint(&self) -> String {
        match self {
            Self::Fixed(c) => format!("{c}"),
            Self::Auto => format!("auto{:?} up to {MOST_EXAMPLES}", self.path(FEWEST_EXAMPLES)),
            Self::CrossValidated { .. } => format!("cross-validated{:?}", self.path(FEWEST_EXAMPLES)),
        }
    }
}

/// Checks that C, and also alpha = 2 / C, is a positive finite number.
fn check_c(c: f64) -> Result<(), ModelError> {
    let valid = c.is_finite() && c > 0.0 && (2.0 / c).is_finite();
    let needed = "a positive finite number";
    if valid { Ok(()) } else { Err(ModelError::InvalidParameter { name: "c", value: c, needed }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_goes_from_strong_to_weak() {
        let penalty = Penalty::CrossValidated { grid: vec![30.0, 0.5, 3.0, 30.0] };
        assert_eq!(penalty.path(50), [0.5, 3.0, 30.0]);
        assert!(penalty.path(49).is_empty());
        assert_eq!(penalty.otherwise(49).to_bits(), 30.0_f64.to_bits());
        assert_eq!(Penalty::cross_validated().otherwise(49).to_bits(), WITHOUT_CHOICE.to_bits());
        assert_eq!(Penalty::Fixed(2.0).otherwise(49).to_bits(), 2.0_f64.to_bits());
        assert!(Penalty::Fixed(2.0).path(500).is_empty());
    }

    #[test]
    fn auto_chooses_where_examples_are_neither_too_few_nor_many() {
        let auto = Penalty::Auto;
        assert_eq!((auto.path(49).len(), auto.path(50).len()), (0, 5));
        assert_eq!((auto.path(1_500).len(), auto.path(1_501).len()), (5, 0));
        assert_eq!(auto.otherwise(49).to_bits(), 100.0_f64.to_bits());
        assert_eq!(auto.otherwise(1_501).to_bits(), 10.0_f64.to_bits());
        assert!(auto.check().is_ok());
    }

    #[test]
    fn refuses_what_is_no_strength() {
        for c in [0.0, -1.0, f64::NAN, f64::INFINITY, f64::MIN_POSITIVE / 8.0] {
            assert!(Penalty::Fixed(c).check().is_err(), "{c}");
            assert!(Penalty::CrossValidated { grid: vec![1.0, c] }.check().is_err(), "{c}");
        }
        assert!(Penalty::CrossValidated { grid: vec![] }.check().is_err());
        assert!(Penalty::cross_validated().check().is_ok());
    }
}
