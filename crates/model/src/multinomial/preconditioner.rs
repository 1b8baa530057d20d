//! The preconditioner of Newton's equations.
//!
//! alpha + c Xᵀ S X with c the mean curvature of a class, S the weights of the rows, and of Xᵀ S X only the diagonal and
//! the block of the few columns that weigh most, the intercept among them: it is there that columns go together.

use super::lanes::{Lanes, Scalar};
use super::objective::Objective;

/// Σ s x² and, of the heaviest columns, Σ s x xᵀ.
pub(super) struct Moments {
    /// Σ s x² by shared column and, last, Σ s.
    pub(super) squares: Vec<f64>,
    /// The heaviest columns, and the intercept, last.
    heaviest: Vec<u32>,
    /// Their Σ s x xᵀ, row by row.
    products: Vec<f64>,
}

impl Moments {
    pub(super) fn new<const L: usize>(objective: &Objective<'_, L>) -> Self {
        let split = objective.split;
        let n = split.by_row.n_rows();
        let square = |(row, x): &(u32, f32)| objective.weight(*row as usize) * f64::from(*x) * f64::from(*x);
        let columns = 0..split.by_column.n_rows();
        let mut squares: Vec<f64> =
            columns.map(|column| split.by_column.row(column).iter().map(square).sum()).collect();
        let d = squares.len();
        squares.push((0..n).map(|row| objective.weight(row)).sum());
        let size: usize = std::env::var("F").map_or(64, |f| f.parse().unwrap());
        let mut heaviest: Vec<u32> = (0..d as u32).collect();
        if size < d {
            heaviest.select_nth_unstable_by(size, |a, b| {
                squares[*b as usize].total_cmp(&squares[*a as usize]).then(a.cmp(b))
            });
            heaviest.truncate(size);
        }
        heaviest.sort_unstable();
        heaviest.push(d as u32);
        let m = heaviest.len();
        let mut places = vec![u32::MAX; d];
        for (place, column) in heaviest[..m - 1].iter().enumerate() {
            places[*column as usize] = place as u32;
        }
        let mut products = vec![0.0; m * m];
        let mut own: Vec<(usize, f64)> = Vec::new();
        for row in 0..n {
            own.clear();
            for (column, x) in split.by_row.row(row) {
                if places[*column as usize] != u32::MAX {
                    own.push((places[*column as usize] as usize, f64::from(*x)));
                }
            }
            own.push((m - 1, 1.0));
            let s = objective.weight(row);
            for (a, x) in &own {
                for (b, y) in &own {
                    products[a * m + b] += s * x * y;
                }
            }
        }
        Self { squares, heaviest, products }
    }
}

pub(super) struct Preconditioner<T, const L: usize> {
    inverse: Lanes<T, L>,
    heaviest: Vec<u32>,
    block: Vec<T>,
}

impl<T: Scalar, const L: usize> Preconditioner<T, L> {
    pub(super) fn new(
        moments: &Moments,
        alpha: f64,
        mean: f64,
        split: &super::split::Split,
        w: &Lanes<f64, L>,
        rows: &[(f64, u32)],
    ) -> Self {
        let d = moments.squares.len() - 1;
        let m = moments.heaviest.len();
        let mut inverse: Lanes<T, L> = Lanes::zeros(d + 1, w.panels());
        let exact = std::env::var("X").is_ok();
        for panel in 0..w.panels() {
            let mut diag = w.panel(panel).to_vec();
            for (w, r) in diag.iter_mut().zip(rows) {
                for w in w.iter_mut() {
                    *w = *w * (1.0 - *w * r.0);
                }
            }
            for j in 0..=d {
                for lane in 0..L {
                    let v = if exact {
                        if j < d {
                            alpha
                                + split
                                    .by_column
                                    .row(j)
                                    .iter()
                                    .map(|(i, x)| diag[*i as usize][lane] * f64::from(*x) * f64::from(*x))
                                    .sum::<f64>()
                        } else {
                            diag.iter().map(|d| d[lane]).sum::<f64>()
                        }
                    } else {
                        (if j < d { alpha } else { 0.0 }) + mean * moments.squares[j]
                    };
                    inverse.panel_mut(panel)[j][lane] = T::rounded(1.0 / v.max(1e-10));
                }
            }
        }
        // Cholesky, inverse.
        let mut a: Vec<f64> = moments.products.iter().map(|p| p * mean).collect();
        for i in 0..m - 1 {
            a[i * m + i] += alpha;
        }
        let mut l = vec![0.0; m * m];
        for i in 0..m {
            for j in 0..=i {
                let dot: f64 = l[i * m..i * m + j].iter().zip(&l[j * m..j * m + j]).map(|(a, b)| a * b).sum();
                let rest = a[i * m + j] - dot;
                l[i * m + j] =
                    if i == j { rest.max(1e-12 * a[i * m + i]).sqrt() } else { rest / l[j * m + j] };
            }
        }
        // Inverse of L (lower), rows.
        let mut li = vec![0.0; m * m];
        for c in 0..m {
            li[c * m + c] = 1.0 / l[c * m + c];
            for i in c + 1..m {
                let mut s = 0.0;
                for j in c..i {
                    s += l[i * m + j] * li[j * m + c];
                }
                li[i * m + c] = -s / l[i * m + i];
            }
        }
        let mut block = vec![0.0; m * m];
        for k in 0..m {
            for i in 0..=k {
                let f = li[k * m + i];
                for j in 0..=k {
                    block[i * m + j] += f * li[k * m + j];
                }
            }
        }
        Self {
            inverse,
            heaviest: moments.heaviest.clone(),
            block: block.into_iter().map(T::rounded).collect(),
        }
    }

    /// out = M⁻¹ r.
    pub(super) fn apply(&self, r: &Lanes<T, L>, out: &mut Lanes<T, L>) {
        let m = self.heaviest.len();
        for panel in 0..r.panels() {
            let r = r.panel(panel);
            let out = out.panel_mut(panel);
            for ((out, r), inverse) in out.iter_mut().zip(r).zip(self.inverse.panel(panel)) {
                for lane in 0..L {
                    out[lane] = r[lane] * inverse[lane];
                }
            }
            if m == 1 {
                continue;
            }
            let own: Vec<[T; L]> = self.heaviest.iter().map(|h| r[*h as usize]).collect();
            for (place, row) in self.heaviest.iter().zip(self.block.chunks(m)) {
                let mut total = [T::ZERO; L];
                for (value, own) in row.iter().zip(&own) {
                    for lane in 0..L {
                        total[lane] += *value * own[lane];
                    }
                }
                out[*place as usize] = total;
            }
        }
    }
}
