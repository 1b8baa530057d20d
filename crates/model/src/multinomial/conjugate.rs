//! Solves Newton's equations in the shared columns and the intercept by conjugate gradients.
//!
//! H = alpha I (0 for the intercept) + Xᵀ D X, with D from [`Curvature`]. A solve ends as soon as
//! it reaches the requested accuracy, because the direction need not be exact (Dembo, Eisenstat and
//! Steihaug, "Inexact Newton Methods", 1982).

use super::curvature::Curvature;
use super::lanes::{BLOCK, Lanes, Scalar, dot, lane_sum, scaled};
use super::preconditioner::Preconditioner;
use super::split::Split;

/// The most products with H in one solve. After this many, the direction is good enough.
const MOST_PRODUCTS: usize = 1000;

/// The matrix H and its preconditioner.
pub(super) struct Hessian<'a, T, const L: usize> {
    /// The rows X.
    pub(super) split: &'a Split,
    /// The curvature D of the loss in the logits.
    pub(super) curvature: Curvature<T, L>,
    /// The weight alpha of the penalty.
    pub(super) alpha: T,
    /// The preconditioner M of H.
    pub(super) preconditioner: Preconditioner<T, L>,
}

/// An approximate solution of H x = b.
pub(super) struct Approximation<T, const L: usize> {
    /// The solution x, (shared columns + 1, K).
    pub(super) x: Lanes<T, L>,
    /// The length sqrt(xᵀ M x) of x, with the preconditioner M.
    pub(super) length: f64,
    /// The products with H that the solve took.
    pub(super) products: usize,
}

impl<T: Scalar, const L: usize> Hessian<'_, T, L> {
    /// Solves H x = b by conjugate gradients, from x = 0 until |b - H x| ≤ `share` |b|, as far as
    /// rounding permits.
    ///
    /// The solve ends early after `most` products, or when x reaches the length `radius` in the
    /// norm of the preconditioner.
    pub(super) fn solve(&self, b: Lanes<T, L>, share: f64, radius: f64, most: usize) -> Approximation<T, L> {
        let (rows, arrays) = (b.n_rows(), b.arrays());
        let mut x = Lanes::zeros(rows, arrays);
        let mut p = Lanes::zeros(rows, arrays);
        let mut product = Lanes::zeros(rows, arrays);
        let mut turned = Lanes::zeros(rows, arrays);
        let mut margins = Lanes::zeros(self.split.private.len(), arrays);
        let mut products = 0;
        let mut residual = b;
        let goal = share * share * dot(residual.all(), residual.all());
        let mut along = self.preconditioner.apply(&residual, &mut turned);
        let mut square = turn(&turned, T::ZERO, &mut p);
        // With the preconditioner M: xᵀ M x, xᵀ M p and pᵀ M p. They follow by recurrence, so the
        // length of x costs no product with M.
        let (mut xx, mut xp, mut pp) = (0.0, 0.0, along);
        while products < most.min(MOST_PRODUCTS) {
            let curvature = self.multiply(&p, &mut margins, &mut product) + self.alpha.widened() * square;
            products += 1;
            let length = along / curvature;
            // H is positive definite, so only rounding can lead here. Return x as it is.
            if !length.is_finite() || length <= 0.0 {
                break;
            }
            let longer = xx + length * (2.0 * xp + length * pp);
            if longer > radius * radius {
                // Shorten the step so that x ends at the radius: the length is the positive root of
                // |x + length p|² = radius², computed without cancellation.
                let rest = radius * radius - xx;
                let length = rest / (xp + (xp * xp + pp * rest).sqrt());
                x.add_scaled(T::rounded(length), &p);
                xx = radius * radius;
                break;
            }
            xp += length * pp;
            xx = longer;
            if advance(T::rounded(length), &p, &product, &mut x, &mut residual) <= goal {
                break;
            }
            let next = self.preconditioner.apply(&residual, &mut turned);
            let ratio = next / along;
            square = turn(&turned, T::rounded(ratio), &mut p);
            xp *= ratio;
            pp = next + ratio * ratio * pp;
            along = next;
        }
        Approximation { x, length: xx.sqrt(), products }
    }

    /// Computes `out` = H p, and returns pᵀ Xᵀ D X p. Overwrites `margins`, (n, K), which is
    /// working memory.
    fn multiply(&self, p: &Lanes<T, L>, margins: &mut Lanes<T, L>, out: &mut Lanes<T, L>) -> f64 {
        let d = self.split.shared.len();
        self.split.multiply(p, p.row(d), margins);
        let form = self.curvature.apply(margins);
        self.split.multiply_transposed(margins, |row, array| scaled(self.alpha, &p.row(row)[array]), out);
        out.row_mut(d).copy_from_slice(&margins.sum());
        form
    }
}

/// Computes x += length p and r -= length q in one pass, and returns |r|².
fn advance<T: Scalar, const L: usize>(
    length: T,
    p: &Lanes<T, L>,
    q: &Lanes<T, L>,
    x: &mut Lanes<T, L>,
    r: &mut Lanes<T, L>,
) -> f64 {
    let mut total = 0.0;
    let from = p.all().chunks(BLOCK).zip(q.all().chunks(BLOCK));
    let to = x.all_mut().chunks_mut(BLOCK).zip(r.all_mut().chunks_mut(BLOCK));
    for ((p, q), (x, r)) in from.zip(to) {
        let mut squares = [T::ZERO; L];
        for ((p, q), (x, r)) in p.iter().zip(q).zip(x.iter_mut().zip(r)) {
            for lane in 0..L {
                x[lane] += length * p[lane];
                r[lane] = r[lane] - length * q[lane];
                squares[lane] += r[lane] * r[lane];
            }
        }
        total += lane_sum(&squares).widened();
    }
    total
}

/// Replaces p by z + ratio · p. Returns the squared norm of the new p without its last row, which
/// belongs to the intercept.
fn turn<T: Scalar, const L: usize>(z: &Lanes<T, L>, ratio: T, p: &mut Lanes<T, L>) -> f64 {
    let mut total = 0.0;
    for (z, p) in z.all().chunks(BLOCK).zip(p.all_mut().chunks_mut(BLOCK)) {
        let mut squares = [T::ZERO; L];
        for (z, p) in z.iter().zip(p) {
            for lane in 0..L {
                p[lane] = z[lane] + ratio * p[lane];
                squares[lane] += p[lane] * p[lane];
            }
        }
        total += lane_sum(&squares).widened();
    }
    let intercept = p.row(p.n_rows() - 1);
    total - dot(intercept, intercept)
}
