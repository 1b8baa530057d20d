//! Newton's equations in the shared columns and the intercept, solved by conjugate gradients.
//!
//! H = alpha (0 for the intercept) + Xᵀ D X with D from [`Curvature`]; the preconditioner is diagonal and the same for all
//! classes. Solved only as far as asked: the direction need not be exact (Dembo, Eisenstat and Steihaug, "Inexact Newton
//! Methods", 1982).

use super::curvature::Curvature;
use super::lanes::{Lanes, Scalar, dot};
use super::preconditioner::Preconditioner;
use super::split::Split;

/// The most products of one solve: a direction that takes longer is good enough as it is.
const MOST_PRODUCTS: usize = 1000;

/// H and its preconditioner.
pub(super) struct Hessian<'a, T, const L: usize> {
    /// X.
    pub(super) split: &'a Split,
    /// D.
    pub(super) curvature: Curvature<T, L>,
    /// The weight of the penalty.
    pub(super) alpha: T,
    /// Its preconditioner.
    pub(super) preconditioner: Preconditioner<T, L>,
}

/// An approximate solution.
pub(super) struct Approximation<T, const L: usize> {
    /// x.
    pub(super) x: Lanes<T, L>,
    /// How many products with H it took.
    pub(super) products: usize,
}

impl<T: Scalar, const L: usize> Hessian<'_, T, L> {
    /// Solves H x = b from 0 until |b - H x| ≤ `share` |b|, rounding permitting, with `most` products at most.
    pub(super) fn solve(&self, b: Lanes<T, L>, share: f64, most: usize) -> Approximation<T, L> {
        let (rows, panels) = (b.rows(), b.panels());
        let mut x = Lanes::zeros(rows, panels);
        let mut p = Lanes::zeros(rows, panels);
        let mut product = Lanes::zeros(rows, panels);
        let mut margins = Lanes::zeros(self.split.by_row.n_rows(), panels);
        let mut products = 0;
        let mut residual = b;
        let goal = share * share * dot(residual.all(), residual.all());
        let mut turned = Lanes::zeros(rows, panels);
        self.preconditioner.apply(&residual, &mut p);
        let mut along = dot(residual.all(), p.all());
        while products < most.min(MOST_PRODUCTS) {
            self.multiply(&p, &mut margins, &mut product);
            products += 1;
            let curvature = dot(p.all(), product.all());
            // H is positive, so this is rounding: what there is of x has to do.
            let length = along / curvature;
            if !length.is_finite() || length <= 0.0 {
                break;
            }
            let length = T::rounded(length);
            x.add_scaled(length, &p);
            residual.add_scaled(T::ZERO - length, &product);
            if dot(residual.all(), residual.all()) <= goal {
                break;
            }
            self.preconditioner.apply(&residual, &mut turned);
            let next = dot(residual.all(), turned.all());
            let ratio = T::rounded(next / along);
            for (p, z) in p.all_mut().iter_mut().zip(turned.all()) {
                for lane in 0..L {
                    p[lane] = z[lane] + ratio * p[lane];
                }
            }
            along = next;
        }
        Approximation { x, products }
    }

    /// out = H p; `margins` are overwritten.
    fn multiply(&self, p: &Lanes<T, L>, margins: &mut Lanes<T, L>, out: &mut Lanes<T, L>) {
        let d = p.rows() - 1;
        for panel in 0..p.panels() {
            margins.panel_mut(panel).fill(p.panel(panel)[d]);
        }
        self.split.by_row.multiply(p, margins);
        self.curvature.apply(margins);
        for panel in 0..p.panels() {
            let (p, out) = (p.panel(panel), out.panel_mut(panel));
            for (out, p) in out[..d].iter_mut().zip(p) {
                for lane in 0..L {
                    out[lane] = self.alpha * p[lane];
                }
            }
            out[d] = sum(margins.panel(panel));
        }
        self.split.by_column.multiply(margins, out);
    }
}

/// The sum of rows.
pub(super) fn sum<T: Scalar, const L: usize>(rows: &[[T; L]]) -> [T; L] {
    let mut total = [T::ZERO; L];
    for row in rows {
        for lane in 0..L {
            total[lane] += row[lane];
        }
    }
    total
}
