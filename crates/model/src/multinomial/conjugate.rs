//! Newton's equations in the shared columns and the intercept, solved by conjugate gradients.
//!
//! H = alpha (0 for the intercept) + Xᵀ D X with D from [`Curvature`]. Solved only as far as asked:
//! the direction need not be exact (Dembo, Eisenstat and Steihaug, "Inexact Newton Methods", 1982).

use super::curvature::Curvature;
use super::lanes::{BLOCK, Lanes, Scalar, dot, lane_sum, scaled};
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
    /// Its length, sqrt(xᵀ M x) with the preconditioner M.
    pub(super) length: f64,
    /// How many products with H it took.
    pub(super) products: usize,
}

impl<T: Scalar, const L: usize> Hessian<'_, T, L> {
    /// Solves H x = b from 0 until |b - H x| ≤ `share` |b|, rounding permitting, with `most`
    /// products at most.
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
        // xᵀ M x, xᵀ M p and pᵀ M p, M being the preconditioner.
        let (mut xx, mut xp, mut pp) = (0.0, 0.0, along);
        while products < most.min(MOST_PRODUCTS) {
            let curvature = self.multiply(&p, &mut margins, &mut product) + self.alpha.widened() * square;
            products += 1;
            let length = along / curvature;
            // H is positive, so this is rounding: what there is of x has to do.
            if !length.is_finite() || length <= 0.0 {
                break;
            }
            let longer = xx + length * (2.0 * xp + length * pp);
            if longer > radius * radius {
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

    /// out = H p; gives pᵀ Xᵀ D X p. `margins`, (n, K), are overwritten.
    fn multiply(&self, p: &Lanes<T, L>, margins: &mut Lanes<T, L>, out: &mut Lanes<T, L>) -> f64 {
        let d = self.split.shared.len();
        self.split.multiply(p, p.row(d), margins);
        let form = self.curvature.apply(margins);
        self.split.multiply_transposed(margins, |row, array| scaled(self.alpha, &p.row(row)[array]), out);
        out.row_mut(d).copy_from_slice(&margins.sum());
        form
    }
}

/// x += length p and r -= length q; gives |r|².
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

/// p = z + ratio p; gives |p|² without the intercept, the last row.
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
