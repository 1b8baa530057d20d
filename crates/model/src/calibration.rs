//! Calibration: changes logits so that probabilities mean what they say.
//!
//! A penalised fit to few examples gives probabilities that are too even; a weak penalty gives
//! probabilities that are too extreme. Both methods of calibration are from Guo, Pleiss, Sun and
//! Weinberger, "On Calibration of Modern Neural Networks" (ICML 2017). They are learned from
//! held-out logits: the logits of each example by a model that did not see it.
//!
//! Here each example has its own weight, but not the weight of its class. So if a fit weights the
//! classes, the offset of each class moves its probabilities back towards the frequency of the
//! class.

mod temperature;
mod vector;

use ndarray::{Array2, ArrayView2};
use querist_core::{Calibrated, Named};

use crate::held_out::HeldOut;
use crate::probabilities::softmax_in_place;

/// The fewest held-out examples from which a calibration is learned.
pub const FEWEST_EXAMPLES: usize = 20;

/// The method by which probabilities are calibrated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Calibration {
    /// No calibration.
    #[default]
    None,
    /// One temperature T divides all logits, which never changes the likeliest class.
    Temperature,
    /// Each class has a scale and an offset, which can change the likeliest class. On n-grams with
    /// a few hundred labels, the change mostly raises the accuracy.
    Vector,
}

/// The name in settings, reports, fingerprints and saved models.
impl Named for Calibration {
    const ALL: &'static [Self] = &[Self::None, Self::Temperature, Self::Vector];

    fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Temperature => "temperature",
            Self::Vector => "vector",
        }
    }
}

/// A learned calibration: it multiplies the logit of each class by the scale of the class and then
/// adds the offset of the class.
#[derive(Debug, Clone, PartialEq)]
pub struct Scaling {
    /// The method by which the scales and offsets were learned; [`Calibration::None`] if all scales
    /// are 1 and all offsets 0.
    pub calibration: Calibration,
    /// The scale (inverse temperature) of each class, above 0, in the order of the classes.
    pub scales: Vec<f64>,
    /// The offset of each class, in the order of the classes.
    pub offsets: Vec<f64>,
}

impl Scaling {
    /// Returns the scaling of `n_classes` classes that changes no logit.
    pub fn identity(n_classes: usize) -> Self {
        Self { calibration: Calibration::None, scales: vec![1.0; n_classes], offsets: vec![0.0; n_classes] }
    }

    /// Learns a scaling of the classes seen in training, by the method `calibration`, from held-out
    /// logits. Returns the identity for [`Calibration::None`], or with fewer than
    /// [`FEWEST_EXAMPLES`] held-out examples.
    pub(crate) fn learn(calibration: Calibration, held_out: &HeldOut) -> Self {
        let k = held_out.logits.ncols();
        if calibration == Calibration::None || held_out.rows.len() < FEWEST_EXAMPLES {
            return Self::identity(k);
        }
        let scale = temperature::scale(held_out);
        let even =
            Self { calibration: Calibration::Temperature, scales: vec![scale; k], offsets: vec![0.0; k] };
        match calibration {
            Calibration::Vector => vector::scaling(held_out, scale).unwrap_or(even),
            Calibration::None | Calibration::Temperature => even,
        }
    }

    /// Returns the temperatures of this scaling and the held-out loss before and after it, for a
    /// report; `None` for the identity. Vector scaling has a temperature for each of `n_classes`
    /// classes; `classes` are the classes seen in training, which this scaling covers.
    pub(crate) fn report(
        &self,
        held_out: &HeldOut,
        classes: &[usize],
        n_classes: usize,
    ) -> Option<Calibrated> {
        let temperatures = match self.calibration {
            Calibration::None => return None,
            Calibration::Temperature => vec![1.0 / self.scales[0]],
            Calibration::Vector => {
                self.scatter(classes, n_classes).scales.iter().map(|scale| 1.0 / scale).collect()
            }
        };
        Some(Calibrated {
            method: self.calibration.name().to_owned(),
            temperatures,
            log_loss_before: held_out.mean_loss(held_out.logits.view()),
            log_loss_after: held_out.mean_loss(self.apply(held_out.logits.view()).view()),
        })
    }

    /// Returns the calibrated logits of n rows, in the shape (n, K) of `logits`.
    pub(crate) fn apply(&self, logits: ArrayView2<'_, f64>) -> Array2<f64> {
        let mut out = logits.to_owned();
        out.outer_iter_mut().for_each(|mut row| {
            row.iter_mut().enumerate().for_each(|(class, z)| *z = self.logit(class, *z));
        });
        out
    }

    /// Returns the calibrated value of a logit of the class with index `class`.
    pub(crate) fn logit(&self, class: usize, logit: f64) -> f64 {
        self.scales[class] * logit + self.offsets[class]
    }

    /// Returns the calibrated probabilities of n rows, in the shape (n, K) of `logits`.
    pub(crate) fn probabilities(&self, logits: ArrayView2<'_, f64>) -> Array2<f64> {
        let (n, k) = logits.dim();
        let mut row = vec![0.0; k];
        let mut out = Array2::zeros((n, k));
        for (logits, mut out) in logits.outer_iter().zip(out.outer_iter_mut()) {
            row.iter_mut().zip(logits).for_each(|(to, z)| *to = *z);
            self.softmax_in_place(&mut row);
            out.iter_mut().zip(&row).for_each(|(to, p)| *to = *p);
        }
        out
    }

    /// Replaces the K logits of a row by the row's calibrated probabilities.
    pub(crate) fn softmax_in_place(&self, row: &mut [f64]) {
        if self.calibration != Calibration::None {
            row.iter_mut().enumerate().for_each(|(class, z)| *z = self.logit(class, *z));
        }
        softmax_in_place(row);
    }

    /// Expands this scaling, which covers only the classes seen in training (`classes`), to all
    /// `n_classes` classes: any other class gets scale 1 and offset 0.
    pub(crate) fn scatter(&self, classes: &[usize], n_classes: usize) -> Self {
        let mut out = Self { calibration: self.calibration, ..Self::identity(n_classes) };
        for (rank, class) in classes.iter().enumerate() {
            out.scales[*class] = self.scales[rank];
            out.offsets[*class] = self.offsets[rank];
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn scalings_apply_class_by_class() {
        let scaling =
            Scaling { calibration: Calibration::Vector, scales: vec![2.0, 0.5], offsets: vec![0.0, 1.0] };
        assert_eq!(scaling.apply(array![[3.0, 4.0]].view()), array![[6.0, 3.0]]);
        let p = scaling.probabilities(array![[0.5, 0.0]].view());
        assert_eq!(p, array![[0.5, 0.5]]);
        let wide = scaling.scatter(&[1, 2], 4);
        assert_eq!((wide.scales, wide.offsets), (vec![1.0, 2.0, 0.5, 1.0], vec![0.0, 0.0, 1.0, 0.0]));
    }

    #[test]
    fn too_few_examples_are_left_as_they_are() {
        let held = |n: usize| HeldOut {
            rows: (0..n).collect(),
            logits: Array2::from_shape_fn((n, 2), |(row, class)| f64::from(u8::from(row % 2 == class))),
            ranks: (0..n).map(|row| row % 2).collect(),
            weights: vec![1.0; n],
        };
        let few = Scaling::learn(Calibration::Vector, &held(FEWEST_EXAMPLES - 1));
        assert_eq!(few, Scaling::identity(2));
        assert_eq!(few.report(&held(19), &[0, 1], 2), None);
        let enough = Scaling::learn(Calibration::Temperature, &held(FEWEST_EXAMPLES));
        assert!(enough.scales[0] > 1.5, "{enough:?}");
        let report = enough.report(&held(FEWEST_EXAMPLES), &[0, 1], 2).unwrap();
        assert!(report.log_loss_after < report.log_loss_before && report.temperatures.len() == 1);
    }

    #[test]
    fn names_lead_back() {
        for one in [Calibration::None, Calibration::Temperature, Calibration::Vector] {
            assert_eq!(Calibration::named(one.name()), Some(one));
        }
        assert_eq!(Calibration::named("isotonic"), None);
    }
}
