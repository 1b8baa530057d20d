//! The preconditioner of Newton's equations.
//!
//! For each class it is alpha + c Xᵀ S X, S being the weights of the rows and c the mean curvature of the class in a row of
//! weight 1, but of Xᵀ S X only the diagonal is kept and, whole, the block of the intercept and the few heaviest
//! columns. The mean of the rows is what couples columns most, and it lies in those.
//!
//! The intercepts of all classes together can rise without any effect, and no penalty holds them: that direction is taken
//! out, lest rounding grows in it.

use super::curvature::Curvature;
use super::lanes::{Lanes, Scalar};
use super::objective::Objective;

/// How many columns are in the block.
const HEAVIEST: usize = 16;
/// Those, and the intercept, last.
const SIZE: usize = HEAVIEST + 1;
/// No class counts as flatter than this share of the mean over the classes.
const FLATTEST: f64 = 1e-6;

type Block = [[f64; SIZE]; SIZE];

/// The second moments of the columns, which do not change from step to step.
#[derive(Debug, Clone)]
pub(super) struct Moments {
    /// Σ s x² by shared column and, last, Σ s.
    squares: Vec<f64>,
    /// The heaviest shared columns, at most [`HEAVIEST`].
    heaviest: Vec<u32>,
    /// Σ s x xᵀ of them and of the intercept; 0 where there are fewer.
    products: Block,
}

impl Moments {
    /// The moments of an objective's rows.
    pub(super) fn new<const L: usize>(objective: &Objective<'_, L>) -> Self {
        let by_column = &objective.split.by_column;
        let n = objective.split.private.len();
        let square = |(row, x): &(u32, f32)| objective.weight(*row as usize) * f64::from(*x) * f64::from(*x);
        let column = |column| by_column.row(column).iter().map(square).sum();
        let mut squares: Vec<f64> = (0..by_column.n_rows()).map(column).collect();
        let heaviest = heaviest(&squares);
        let mut one = [0.0; SIZE];
        one[HEAVIEST] = 1.0;
        let mut rows = vec![one; n];
        for (place, column) in heaviest.iter().enumerate() {
            for (row, x) in by_column.row(*column as usize) {
                rows[*row as usize][place] = f64::from(*x);
            }
        }
        let mut products = [[0.0; SIZE]; SIZE];
        for (row, x) in rows.iter().enumerate() {
            let weight = objective.weight(row);
            for (products, a) in products.iter_mut().zip(x) {
                for (product, b) in products.iter_mut().zip(x) {
                    *product += weight * a * b;
                }
            }
        }
        squares.push(products[HEAVIEST][HEAVIEST]);
        Self { squares, heaviest, products }
    }
}

/// The places of the largest squares, ascending; the first of equals.
fn heaviest(squares: &[f64]) -> Vec<u32> {
    let mut places: Vec<u32> = (0..squares.len() as u32).collect();
    if places.len() > HEAVIEST {
        places.select_nth_unstable_by(HEAVIEST, |a, b| {
            squares[*b as usize].total_cmp(&squares[*a as usize]).then(a.cmp(b))
        });
        places.truncate(HEAVIEST);
    }
    places.sort_unstable();
    places
}

/// The inverse of the preconditioner M.
#[derive(Debug, Clone)]
pub(super) struct Preconditioner<T, const L: usize> {
    n_classes: usize,
    /// 1 / M outside the block.
    inverse: Lanes<T, L>,
    /// The heaviest columns, and the intercept, last.
    heaviest: Vec<u32>,
    /// M⁻¹ in the block: (m², K) for m columns.
    block: Lanes<T, L>,
}

impl<T: Scalar, const L: usize> Preconditioner<T, L> {
    /// The preconditioner where the rows have that curvature.
    pub(super) fn new(
        objective: &Objective<'_, L>,
        moments: &Moments,
        curvature: &Curvature<f64, L>,
    ) -> Self {
        let alpha = objective.problem.alpha;
        let intercept = moments.squares.len() - 1;
        let scales = scales(objective.problem.n_classes, moments.squares[intercept], curvature);
        let mut inverse = Lanes::zeros(intercept + 1, scales.len());
        for (panel, scales) in scales.iter().enumerate() {
            for (inverse, square) in inverse.panel_mut(panel)[..intercept].iter_mut().zip(&moments.squares) {
                *inverse = scales.map(|scale| T::rounded(1.0 / (alpha + scale * square)));
            }
        }
        let mut heaviest = moments.heaviest.clone();
        heaviest.push(intercept as u32);
        let m = heaviest.len();
        // The intercept is last in the moments even where there are few columns.
        let place = |place: usize| if place + 1 == m { HEAVIEST } else { place };
        let mut block = Lanes::zeros(m * m, scales.len());
        for class in 0..objective.problem.n_classes {
            let inverted = inverted(moments, alpha, scales[class / L][class % L]);
            for row in 0..m {
                for column in 0..m {
                    *block.get_mut(row * m + column, class) = T::rounded(inverted[place(row)][place(column)]);
                }
            }
        }
        Self { n_classes: objective.problem.n_classes, inverse, heaviest, block }
    }

    /// out = M⁻¹ r, the intercepts of out summing to 0 over the classes.
    pub(super) fn apply(&self, r: &Lanes<T, L>, out: &mut Lanes<T, L>) {
        for ((out, r), inverse) in out.all_mut().iter_mut().zip(r.all()).zip(self.inverse.all()) {
            for lane in 0..L {
                out[lane] = r[lane] * inverse[lane];
            }
        }
        let m = self.heaviest.len();
        let mut own = Lanes::zeros(m, r.panels());
        for panel in 0..r.panels() {
            for (own, place) in own.panel_mut(panel).iter_mut().zip(&self.heaviest) {
                *own = r.panel(panel)[*place as usize];
            }
        }
        own.center_row(m - 1, self.n_classes);
        for panel in 0..r.panels() {
            for (place, block) in self.heaviest.iter().zip(self.block.panel(panel).chunks(m)) {
                let mut total = [T::ZERO; L];
                for (block, own) in block.iter().zip(own.panel(panel)) {
                    for lane in 0..L {
                        total[lane] += block[lane] * own[lane];
                    }
                }
                out.panel_mut(panel)[*place as usize] = total;
            }
        }
        out.center_row(out.rows() - 1, self.n_classes);
    }
}

/// c by lane, 1 where a lane is no class; `weight` is Σ s.
fn scales<const L: usize>(n_classes: usize, weight: f64, curvature: &Curvature<f64, L>) -> Vec<[f64; L]> {
    let mut scales = curvature.diagonal_sums();
    let mean: f64 = scales.iter().flatten().sum::<f64>() / n_classes as f64;
    for (class, scale) in scales.iter_mut().flatten().enumerate() {
        *scale =
            if class < n_classes { scale.max(FLATTEST * mean).max(f64::MIN_POSITIVE) / weight } else { 1.0 };
    }
    scales
}

/// The inverse of alpha + scale × the moments in the block, alpha not for the intercept: by its Cholesky factor.
fn inverted(moments: &Moments, alpha: f64, scale: f64) -> Block {
    let mut factor = moments.products.map(|row| row.map(|product| scale * product));
    for (place, row) in factor.iter_mut().enumerate().take(HEAVIEST) {
        row[place] += alpha;
    }
    for row in 0..SIZE {
        for column in 0..=row {
            let known: f64 = (0..column).map(|place| factor[row][place] * factor[column][place]).sum();
            let rest = factor[row][column] - known;
            factor[row][column] = if row == column {
                rest.max(1e-12 * factor[row][row]).sqrt()
            } else {
                rest / factor[column][column]
            };
        }
    }
    let mut out = [[0.0; SIZE]; SIZE];
    for unit in 0..SIZE {
        let mut x = [0.0; SIZE];
        for row in unit..SIZE {
            let known: f64 = (unit..row).map(|place| factor[row][place] * x[place]).sum();
            x[row] = (f64::from(u8::from(row == unit)) - known) / factor[row][row];
        }
        for row in (0..SIZE).rev() {
            let known: f64 = (row + 1..SIZE).map(|place| factor[place][row] * x[place]).sum();
            x[row] = (x[row] - known) / factor[row][row];
        }
        for (out, x) in out.iter_mut().zip(x) {
            out[unit] = x;
        }
    }
    out
}
