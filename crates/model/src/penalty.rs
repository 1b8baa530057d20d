//! The strength of the penalty: fixed, or chosen by cross-validation.

use crate::error::ModelError;

/// With fewer examples than this no penalty is chosen by cross-validation: its choice would be no
/// better than a fixed one.
pub const FEWEST_EXAMPLES: usize = 50;

/// C where the examples are too few to choose it. From 15 to 50 labels of four sets, on n-grams and
/// on embeddings, 100 did better than 10 by a point of accuracy on average.
const WITHOUT_CHOICE: f64 = 100.0;

/// Up to as many examples [`Penalty::Auto`] chooses; the C that it has beyond.
const MOST_EXAMPLES: usize = 1_500;
const BEYOND: f64 = 10.0;

/// The inverse strength C of the penalty.
#[derive(Debug, Clone, PartialEq)]
pub enum Penalty {
    /// Chosen among 10, 30 … 1000 as by [`Penalty::CrossValidated`] up to 1,500 examples (100 where
    /// there is no choosing), 10 beyond: a choice costs several fits. Stronger penalties are left
    /// out: with a choice from 1 on, SST-2 lost one to two points of accuracy (docs/model.md).
    Auto,
    /// This C.
    Fixed(f64),
    /// The C of a grid whose held-out log-loss, after one temperature for all classes, is least.
    /// With fewer than [`FEWEST_EXAMPLES`], or where none can be held out, the one of the grid that
    /// is nearest to 100, and the report's `penalties` are empty.
    CrossValidated {
        /// The values to try, each above 0.
        grid: Vec<f64>,
    },
}

impl Penalty {
    /// Cross-validation over the usual grid: 1, 3, 10 … 1000. Embeddings end up at 1 to 30; hashed
    /// n-grams, whose rows are of unit length over many columns, at 300 and more.
    pub fn cross_validated() -> Self {
        Self::CrossValidated { grid: vec![1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0] }
    }

    /// The C of so many examples that needs no choice.
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

    /// Refuses a C that is no positive finite number, and a grid without any.
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

    /// The values to try on so many examples, from the strongest penalty to the weakest, each once;
    /// none where nothing is chosen.
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

    /// The choice as a fingerprint names it.
    pub(crate) fn fingerprint(&self) -> String {
        match self {
            Self::Fixed(c) => format!("{c}"),
            Self::Auto => format!("auto{:?} up to {MOST_EXAMPLES}", self.path(FEWEST_EXAMPLES)),
            Self::CrossValidated { .. } => format!("cross-validated{:?}", self.path(FEWEST_EXAMPLES)),
        }
    }
}

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
