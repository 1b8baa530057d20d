//! The classifier as a citizen of linfa: a `Fit` over linfa's data sets, and a `Predict`.

use std::error::Error;

use linfa::DatasetBase;
use linfa::traits::{Fit, Predict};
use querist_core::ndarray::{Array1, Array2};
use querist_model::{LinearModel, LogisticRegression, ModelError};

/// Points of three groups, each around a corner of a triangle.
fn points(n: usize) -> (Array2<f32>, Array1<usize>) {
    let corner = [[0.0, 0.0], [4.0, 0.0], [2.0, 3.0]];
    let records = Array2::from_shape_fn((n, 2), |(row, column)| {
        corner[row % 3][column] + ((row * 7 + column * 3) % 11) as f32 / 10.0
    });
    (records, Array1::from_shape_fn(n, |row| row % 3))
}

#[expect(clippy::print_stdout, reason = "an example shows what it found")]
fn main() -> Result<(), Box<dyn Error>> {
    let (records, targets) = points(60);
    let training = DatasetBase::new(records, targets);
    // linfa's pattern: parameters are set, then checked by the fit.
    let model: LinearModel = LogisticRegression::parameters().fit(&training)?;
    let (unseen, truth) = points(9);
    let predicted: Array1<usize> = model.predict(&unseen);
    println!("predicted {predicted}");
    println!("truth     {truth}");
    let refused: Result<LinearModel, ModelError> = LogisticRegression::parameters().c(-1.0).fit(&training);
    println!("C = -1 is refused: {}", refused.is_err());
    Ok(())
}
