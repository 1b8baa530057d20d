//! The simplest classifier for calculations by hand: the softmax of minus the squared distances to
//! the classes' weighted means. Classes without an example have probability 0.

use ndarray::Array2;
use querist_core::error::BoxError;
use querist_core::{
    Classifier, Examples, FitReport, Fitted, FittedClassifier, Linear, Probabilities, Rows, Start,
};

/// The centroid classifier, not yet fitted.
pub(crate) struct Centroid;

struct FittedCentroid {
    /// The mean of each class; `None` without examples.
    means: Vec<Option<Vec<f64>>>,
}

impl Classifier for Centroid {
    fn fit(&self, examples: Examples<'_>, _: Start<'_>) -> Result<Fitted, BoxError> {
        let d = examples.features.n_columns();
        let mut sums = vec![(0.0, vec![0.0; d]); examples.n_classes];
        for (row, class) in examples.targets.iter().enumerate() {
            let weight = examples.weights.map_or(1.0, |weights| weights[row]);
            if weight <= 0.0 {
                return Err(format!("the weight of row {row} is {weight}").into());
            }
            let (total, sum) = &mut sums[class.index()];
            *total += weight;
            examples.features.for_each_entry(row, |column, value| sum[column] += weight * value);
        }
        let mean = |(total, sum): (f64, Vec<f64>)| {
            (total > 0.0).then(|| sum.into_iter().map(|value| value / total).collect())
        };
        let means: Vec<Option<Vec<f64>>> = sums.into_iter().map(mean).collect();
        if means.iter().flatten().count() < 2 {
            return Err("fewer than two classes".into());
        }
        let report = FitReport {
            solver: "centroid".to_owned(),
            examples: examples.targets.len(),
            columns: d,
            iterations: Some(1),
            warm: false,
            gradient_norm: 0.0,
            tolerance: 0.0,
            converged: true,
            c: Some(1.0),
            penalties: Vec::new(),
            calibration: None,
        };
        Ok(Fitted { model: Box::new(FittedCentroid { means }), report, out_of_fold: None })
    }

    fn fingerprint(&self) -> String {
        "centroid".to_owned()
    }
}

impl FittedClassifier for FittedCentroid {
    fn predict(&self, features: &dyn Rows, rows: &[usize]) -> Result<Probabilities, BoxError> {
        let gathered = features.gather(rows)?;
        // Far below any squared distance, so that the probability is 0.
        let mut logits = Array2::from_elem((rows.len(), self.means.len()), -1e6);
        for row in 0..rows.len() {
            let mut values = vec![0.0; gathered.n_columns()];
            gathered.for_each_entry(row, |column, value| values[column] = value);
            for (class, mean) in self.means.iter().enumerate() {
                if let Some(mean) = mean {
                    let squares = values.iter().zip(mean).map(|(a, b)| (a - b) * (a - b));
                    logits[(row, class)] = -squares.sum::<f64>();
                }
            }
        }
        Ok(Probabilities::softmax(logits)?)
    }

    fn linear(&self) -> Option<Linear<'_>> {
        None
    }

    fn to_bytes(&self) -> Result<Vec<u8>, BoxError> {
        Err("it is never kept".into())
    }
}
