//! The solver as a whole: worked optima, scikit-learn's optima, properties, hard problems, threads.

use ndarray::{Array2, array};
use proptest::prelude::*;
use querist_core::{Csr, Features};
use serde_json::Value;

use super::*;

/// Numbers in [0, 1) from a linear congruential generator, which is good enough for tests.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as f64 / (1_u64 << 31) as f64
    }
}

/// Keeps the features until the tests end, because a design refers to them.
fn kept(features: Features) -> &'static Features {
    Box::leak(Box::new(features))
}

/// A made-up problem.
pub(super) struct Sample {
    pub(super) design: Design<'static>,
    pub(super) features: &'static Features,
    pub(super) targets: Vec<u32>,
    pub(super) weights: Vec<f64>,
    pub(super) n_classes: usize,
}

impl Sample {
    /// n rows of a few of `d` common columns and up to two own columns; some repeat or are empty.
    pub(super) fn new(seed: u64, n: usize, d: usize, n_classes: usize) -> Self {
        let mut numbers = Numbers(seed);
        let mut csr = Csr::empty(d + 2 * n);
        let mut targets = Vec::new();
        for row in 0..n {
            let class = row % n_classes;
            let mut entries: Vec<(u32, f32)> = Vec::new();
            for column in 0..d {
                let share = if column % n_classes == class { 0.5 } else { 0.15 };
                if numbers.next() < share {
                    entries.push((column as u32, numbers.next() as f32));
                }
            }
            for own in 0..(numbers.next() * 3.0) as usize {
                entries.push(((d + 2 * row + own) as u32, 0.1 + numbers.next() as f32));
            }
            match row % 11 {
                7 => entries.clear(),
                9 => entries = vec![(0, 0.5), (1, 0.25)],
                _ => {}
            }
            let (columns, values): (Vec<u32>, Vec<f32>) = entries.into_iter().unzip();
            csr.push_row(&columns, &values).unwrap();
            targets.push(class as u32);
        }
        let weights = (0..n).map(|_| 0.1 + 3.0 * numbers.next()).collect();
        let features = kept(Features::Sparse(csr));
        Self { design: Design::new(features), features, targets, weights, n_classes }
    }

    pub(super) fn problem(&self, alpha: f64) -> Problem<'_> {
        Problem {
            design: &self.design,
            targets: &self.targets,
            weights: Some(&self.weights),
            n_classes: self.n_classes,
            alpha,
        }
    }
}

/// The probabilities of the design's rows, with the standard library's functions.
fn probabilities(design: &Design<'_>, parameters: &Array2<f64>) -> Array2<f64> {
    let mut out = design.logits(parameters);
    for mut row in out.outer_iter_mut() {
        let top = row.fold(f64::NEG_INFINITY, |a, b| a.max(*b));
        row.mapv_inplace(|z| (z - top).exp());
        let sum = row.sum();
        row /= sum;
    }
    out
}

/// The norm of the gradient by its formula, on a dense matrix.
fn gradient_norm(problem: &Problem<'_>, parameters: &Array2<f64>) -> f64 {
    let design = problem.design;
    let d = design.n_columns();
    let mut gradient = parameters * problem.alpha;
    gradient.row_mut(d).fill(0.0);
    let p = probabilities(design, parameters);
    for row in 0..design.n_rows() {
        let mut residual = p.row(row).to_owned();
        residual[problem.targets[row] as usize] -= 1.0;
        residual *= problem.weights.map_or(1.0, |weights| weights[row]);
        design.for_each_entry(row, |column, value| {
            gradient.row_mut(column as usize).scaled_add(f64::from(value), &residual);
        });
        gradient.row_mut(d).scaled_add(1.0, &residual);
    }
    gradient.iter().map(|g| g * g).sum::<f64>().sqrt()
}

fn solve(problem: &Problem<'_>, start: Option<&Array2<f64>>, tolerance: f64) -> Solution {
    let solution = minimise(problem, start, Effort { max_iterations: 20_000, tolerance }).unwrap();
    assert!(solution.converged, "norm {} after {}", solution.gradient_norm, solution.iterations);
    let norm = gradient_norm(problem, &solution.parameters);
    assert!((norm - solution.gradient_norm).abs() <= 0.01 * tolerance + 1e-9, "{norm}, said {solution:?}");
    solution
}

fn assert_close(a: &Array2<f64>, b: &Array2<f64>, within: f64) {
    assert_eq!(a.dim(), b.dim());
    let worst = a.iter().zip(b).fold(0.0_f64, |worst, (a, b)| worst.max((a - b).abs()));
    assert!(worst <= within, "{worst}");
}

fn dense(rows: Array2<f32>) -> Design<'static> {
    Design::new(kept(Features::Dense(rows)))
}

#[test]
fn two_rows_worked_by_hand() {
    // By symmetry W = (a, -a), b = 0, and f = 2 ln(1 + e^(-2a)) + alpha a², so a (1 + e^(2a)) = 2 /
    // alpha: with alpha = 4 / (1 + e) that is a = 1/2, and the first row has p = 1 / (1 + 1/e).
    let design = dense(array![[1.0], [-1.0]]);
    let e = std::f64::consts::E;
    let problem =
        Problem { design: &design, targets: &[0, 1], weights: None, n_classes: 2, alpha: 4.0 / (1.0 + e) };
    let solution = solve(&problem, None, 1e-10);
    assert_close(&solution.parameters, &array![[0.5, -0.5], [0.0, 0.0]], 1e-9);
    let p = 1.0 / (1.0 + 1.0 / e);
    assert_close(&probabilities(&design, &solution.parameters), &array![[p, 1.0 - p], [1.0 - p, p]], 1e-9);
}

#[test]
fn rows_without_entries_have_the_shares_of_the_classes() {
    let mut csr = Csr::empty(3);
    (0..4).for_each(|_| csr.push_row(&[], &[]).unwrap());
    let design = Design::new(kept(Features::Sparse(csr)));
    let weights = [1.0, 2.0, 3.0, 4.0];
    let problem = Problem {
        design: &design,
        targets: &[0, 1, 2, 1],
        weights: Some(&weights),
        n_classes: 3,
        alpha: 1.0,
    };
    let solution = solve(&problem, None, 1e-10);
    let expected = Array2::from_shape_fn((4, 3), |(_, class)| [0.1, 0.6, 0.3][class]);
    assert_close(&probabilities(&design, &solution.parameters), &expected, 1e-10);
}

#[test]
fn a_private_column_worked_by_hand() {
    // Only row 0 has columns 4 (value 3) and 7 (value 4): its W is (3, 4) times one vector.
    let mut csr = Csr::empty(9);
    csr.push_row(&[4, 7], &[3.0, 4.0]).unwrap();
    csr.push_row(&[], &[]).unwrap();
    let design = Design::new(kept(Features::Sparse(csr)));
    assert_eq!(design.columns(), [4, 7]);
    let problem = Problem { design: &design, targets: &[1, 0], weights: None, n_classes: 2, alpha: 2.0 };
    let w = solve(&problem, None, 1e-10).parameters;
    for class in 0..2 {
        assert!((w[(0, class)] * 4.0 - w[(1, class)] * 3.0).abs() < 1e-12);
    }
    assert!(w[(0, 1)] > 0.1);
}

#[test]
fn agrees_with_scikit_learn() {
    let file: Value = serde_json::from_str(include_str!("../../tests/reference/multinomial.json")).unwrap();
    let numbers = |value: &Value| -> Vec<f64> {
        value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
    };
    let problems = file["problems"].as_array().unwrap();
    assert_eq!(problems.len(), 16);
    for problem in problems {
        let n_classes = problem["n_classes"].as_u64().unwrap() as usize;
        let mut csr = Csr::empty(problem["n_columns"].as_u64().unwrap() as usize);
        for row in problem["rows"].as_array().unwrap() {
            let entries = row.as_array().unwrap().iter().map(&numbers);
            let (columns, values): (Vec<u32>, Vec<f32>) = entries.map(|e| (e[0] as u32, e[1] as f32)).unzip();
            csr.push_row(&columns, &values).unwrap();
        }
        let design = Design::new(kept(Features::Sparse(csr)));
        let targets: Vec<u32> = numbers(&problem["targets"]).into_iter().map(|y| y as u32).collect();
        let weights = numbers(&problem["weights"]);
        let c = problem["c"].as_f64().unwrap();
        // With two classes scikit-learn penalises one vector, the difference.
        let alpha = if n_classes == 2 { 2.0 } else { 1.0 } / c;
        let problem_ =
            Problem { design: &design, targets: &targets, weights: Some(&weights), n_classes, alpha };
        let solution = solve(&problem_, None, 1e-8);
        let found = probabilities(&design, &solution.parameters);
        let rows = problem["probabilities"].as_array().unwrap();
        let expected: Vec<f64> = rows.iter().flat_map(&numbers).collect();
        let expected = Array2::from_shape_vec(found.dim(), expected).unwrap();
        assert_close(&found, &expected, 1e-6);
    }
}

#[test]
fn hard_problems_converge() {
    for n_classes in [2, 3, 5, 9, 17] {
        for c in [1e-4, 1e-2, 1.0, 1e2, 1e4, 1e6] {
            let sample = Sample::new(5, 3 * n_classes + 20, 40, n_classes);
            solve(&sample.problem(1.0 / c), None, 1e-4);
        }
    }
}

#[test]
fn separable_rows_with_wide_weights_converge() {
    let design = dense(array![[1.0, 0.0], [0.9, 0.1], [0.0, 1.0], [-1.0, 0.5], [-1.0, 0.5]]);
    for weights in [[1e-6, 1e3, 1e-6, 1e3, 1.0], [1e3; 5], [1e-6; 5], [1.0, 1e-6, 1e3, 1.0, 1e-6]] {
        for alpha in [1e4, 1.0, 1e-3, 1e-6] {
            let problem = Problem {
                design: &design,
                targets: &[0, 0, 1, 2, 2],
                weights: Some(&weights),
                n_classes: 3,
                alpha,
            };
            solve(&problem, None, 1e-5);
        }
    }
}

#[test]
fn rows_of_great_length_converge() {
    // Logits reach the hundreds on the way, and no plane separates the rows.
    let design =
        dense(array![[300.0, 10.0], [-200.0, 400.0], [250.0, -300.0], [300.0, 11.0], [-10.0, 500.0]]);
    let problem =
        Problem { design: &design, targets: &[0, 1, 2, 1, 0], weights: None, n_classes: 3, alpha: 1e-3 };
    solve(&problem, None, 1e-6);
}

#[test]
fn many_classes_with_one_example_each_converge() {
    for alpha in [10.0, 1.0, 0.01] {
        let sample = Sample::new(8, 150, 60, 150);
        solve(&sample.problem(alpha), None, 1e-4);
    }
}

#[test]
fn what_did_not_converge_says_so() {
    let sample = Sample::new(3, 60, 30, 4);
    let problem = sample.problem(0.01);
    let solution = minimise(&problem, None, Effort { max_iterations: 3, tolerance: 1e-9 }).unwrap();
    assert!(!solution.converged && solution.gradient_norm > 1e-9, "{solution:?}");
    assert!((gradient_norm(&problem, &solution.parameters) - solution.gradient_norm).abs() < 1e-9);
    // Below the norm that rounding allows, no effort helps.
    let solution = minimise(&problem, None, Effort { max_iterations: 100_000, tolerance: 1e-300 }).unwrap();
    assert!(!solution.converged && solution.iterations < 100_000);
    assert!(solution.gradient_norm < 1e-9, "{solution:?}");
}

#[test]
fn a_warm_start_does_not_hide_new_labels() {
    let sample = Sample::new(4, 50, 30, 3);
    let old = solve(&sample.problem(0.1), None, 1e-8);
    let targets: Vec<u32> = sample.targets.iter().map(|target| (target + 1) % 3).collect();
    let problem = Problem { targets: &targets, ..sample.problem(0.1) };
    let cold = solve(&problem, None, 1e-8);
    let warm = solve(&problem, Some(&old.parameters), 1e-8);
    assert_close(
        &probabilities(&sample.design, &warm.parameters),
        &probabilities(&sample.design, &cold.parameters),
        1e-8,
    );
    // At the optimum itself no step remains.
    let again = solve(&sample.problem(0.1), Some(&old.parameters), 1e-7);
    assert_eq!(again.iterations, 1);
}

#[test]
fn a_part_of_the_rows_keeps_the_columns() {
    let sample = Sample::new(6, 40, 20, 3);
    let rows: Vec<usize> = (0..40).filter(|row| row % 4 != 0).collect();
    let part = sample.design.select(&rows);
    assert_eq!((part.columns(), part.n_rows()), (sample.design.columns(), 30));
    let targets: Vec<u32> = rows.iter().map(|row| sample.targets[*row]).collect();
    let problem = Problem { design: &part, targets: &targets, weights: None, n_classes: 3, alpha: 1.0 };
    let solution = solve(&problem, None, 1e-8);
    // The same result as for a design of these rows alone, without columns that none of them has.
    let alone = Design::new(kept(sample.features.select(&rows)));
    let solution_alone = solve(&Problem { design: &alone, ..problem }, None, 1e-8);
    assert_close(&part.logits(&solution.parameters), &alone.logits(&solution_alone.parameters), 1e-7);
    for (column, weights) in part.columns().iter().zip(solution.parameters.outer_iter()) {
        assert!(alone.columns().contains(column) || weights.iter().all(|weight| *weight == 0.0));
    }
    // It can also start a fit of all rows.
    solve(&sample.problem(1.0), Some(&solution.parameters), 1e-8);
}

/// An embedding beside a few words: 40 columns that every row has, and one of 30 others.
fn embedded(n: usize, n_classes: usize) -> (Features, Vec<u32>) {
    let mut numbers = Numbers(21);
    let mut csr = Csr::empty(70);
    for row in 0..n {
        let signal = |column: usize| if column % n_classes == row % n_classes { 0.3 } else { 0.0 };
        let mut values: Vec<f32> =
            (0..40).map(|column| (numbers.next() - 0.5 + signal(column)) as f32).collect();
        values.push(0.5);
        let word = 40 + (numbers.next() * 30.0) as u32;
        csr.push_row(&(0..40).chain([word]).collect::<Vec<u32>>(), &values).unwrap();
    }
    (Features::Sparse(csr), (0..n).map(|row| (row % n_classes) as u32).collect())
}

#[test]
fn embeddings_converge() {
    for n_classes in [2, 6, 20] {
        let (features, targets) = embedded(300, n_classes);
        let design = Design::new(&features);
        for alpha in [1.0, 0.01, 1e-4] {
            let problem = Problem { design: &design, targets: &targets, weights: None, n_classes, alpha };
            let solution = solve(&problem, None, 1e-6);
            let probabilities = probabilities(&design, &solution.parameters);
            assert!(probabilities.iter().all(|p| (0.0..=1.0).contains(p)));
        }
    }
}

#[test]
fn threads_change_no_bit() {
    let sample = Sample::new(9, 2500, 300, 5);
    let (embedded, targets) = embedded(5200, 5);
    let fit = |threads, features: &Features, targets: &[u32]| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let design = Design::new(features);
        let problem = Problem { design: &design, targets, weights: None, n_classes: 5, alpha: 0.1 };
        pool.install(|| solve(&problem, None, 1e-4).parameters.mapv(f64::to_bits))
    };
    for (features, targets) in [(sample.features, &sample.targets), (&embedded, &targets)] {
        let one = fit(1, features, targets);
        assert_eq!(one, fit(2, features, targets));
        assert_eq!(one, fit(8, features, targets));
    }
}

#[test]
fn refuses_what_does_not_fit() {
    let sample = Sample::new(1, 12, 10, 3);
    let effort = Effort { max_iterations: 10, tolerance: 1e-3 };
    let problem = sample.problem(1.0);
    let fails = |problem: Problem<'_>| minimise(&problem, None, effort).is_err();
    assert!(!fails(problem));
    assert!(fails(Problem { alpha: 0.0, ..problem }));
    assert!(fails(Problem { alpha: f64::NAN, ..problem }));
    assert!(fails(Problem { n_classes: 2, ..problem }));
    assert!(fails(Problem { targets: &sample.targets[1..], ..problem }));
    assert!(fails(Problem { weights: Some(&sample.weights[1..]), ..problem }));
    assert!(fails(Problem { weights: Some(&[0.0; 12]), ..problem }));
    assert!(fails(Problem { n_classes: 1, targets: &[0; 12], ..problem }));
    let start = |start: Array2<f64>| minimise(&problem, Some(&start), effort).is_err();
    let rows = sample.design.n_columns() + 1;
    assert!(!start(Array2::zeros((rows, 3))));
    assert!(start(Array2::zeros((rows, 2))) && start(Array2::zeros((rows - 1, 3))));
    assert!(start(Array2::from_elem((rows, 3), f64::INFINITY)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_way_leads_to_the_same_optimum(
        seed in 0_u64..1_000_000, n in 6_usize..60, d in 1_usize..40, n_classes in 2_usize..6, exponent in -3_i32..4,
    ) {
        let sample = Sample::new(seed, n.max(n_classes), d, n_classes);
        let n = sample.targets.len();
        let alpha = 10.0_f64.powi(-exponent);
        let tolerance = 1e-11 * (1.0 + alpha);
        let problem = sample.problem(alpha);
        let effort = Effort { max_iterations: 20_000, tolerance };
        let cold = minimise(&problem, None, effort).unwrap();
        prop_assert!(cold.gradient_norm < 1e-8);
        prop_assert!(gradient_norm(&problem, &cold.parameters) < 1e-8);
        let p = probabilities(&sample.design, &cold.parameters);
        let order: Vec<usize> = (0..n).map(|row| (row * 7 + 3) % n).collect();
        prop_assume!(!n.is_multiple_of(7));
        let permuted = sample.design.select(&order);
        let targets: Vec<u32> = order.iter().map(|row| sample.targets[*row]).collect();
        let weights: Vec<f64> = order.iter().map(|row| sample.weights[*row]).collect();
        let problem = Problem { design: &permuted, targets: &targets, weights: Some(&weights), ..problem };
        let other = minimise(&problem, None, effort).unwrap();
        assert_close(&probabilities(&sample.design, &other.parameters), &p, 1e-9);
        let mut numbers = Numbers(seed);
        let start = cold.parameters.mapv(|value| value + numbers.next() - 0.5);
        let warm = minimise(&problem, Some(&start), effort).unwrap();
        assert_close(&probabilities(&sample.design, &warm.parameters), &p, 1e-9);
    }
}
