//! The confusion matrix: for each true class and each predicted class, the number of items.
//!
//! Only cells that are not 0 are stored, so time and memory depend on the number of predictions,
//! not on the number of classes.

use querist_core::Class;

use crate::error::{QualityError, checked_index};

/// A cell of the matrix that is not 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// The true class, which is the row.
    pub truth: Class,
    /// The predicted class, which is the column.
    pub predicted: Class,
    /// The number of items of this class with this prediction, at least 1.
    pub count: usize,
}

/// The number of items for each true class (row) and each predicted class (column).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confusion {
    /// The non-zero cells, sorted by (truth, predicted).
    cells: Vec<Cell>,
    n_classes: usize,
    n: usize,
}

impl Confusion {
    /// Counts the items with each pair of true and predicted class. `truth` and `predicted` hold
    /// the classes, below `n_classes`, of n items in the same order.
    ///
    /// # Errors
    /// `truth` and `predicted` differ in length, or a class is not below `n_classes`.
    pub fn new(truth: &[Class], predicted: &[Class], n_classes: usize) -> Result<Self, QualityError> {
        let (expected, found) = (truth.len(), predicted.len());
        if expected != found {
            return Err(QualityError::LengthMismatch { what: "the predictions", expected, found });
        }
        for class in truth.iter().chain(predicted) {
            checked_index(*class, n_classes)?;
        }
        let mut pairs: Vec<(Class, Class)> = truth.iter().copied().zip(predicted.iter().copied()).collect();
        pairs.sort_unstable();
        let cells = pairs
            .chunk_by(|a, b| a == b)
            .map(|run| Cell { truth: run[0].0, predicted: run[0].1, count: run.len() })
            .collect();
        Ok(Self { cells, n_classes, n: expected })
    }

    /// Returns the cells that are not 0, sorted by (truth, predicted).
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// Returns the number of items of class `truth` that were predicted as `predicted`.
    pub fn count(&self, truth: Class, predicted: Class) -> usize {
        let place = self.cells.binary_search_by(|cell| (cell.truth, cell.predicted).cmp(&(truth, predicted)));
        place.map_or(0, |place| self.cells[place].count)
    }

    /// Returns the number of classes, K.
    pub fn n_classes(&self) -> usize {
        self.n_classes
    }

    /// Returns the number of predictions, n.
    pub fn n(&self) -> usize {
        self.n
    }

    /// Returns the number of right predictions, which is the trace of the matrix.
    pub fn correct(&self) -> usize {
        self.cells.iter().filter(|cell| cell.truth == cell.predicted).map(|cell| cell.count).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_true_classes() {
        let truth = [Class(0), Class(1), Class(1), Class(1)];
        let predicted = [Class(0), Class(2), Class(1), Class(2)];
        let confusion = Confusion::new(&truth, &predicted, 3).unwrap();
        assert_eq!(confusion.count(Class(1), Class(2)), 2);
        assert_eq!(confusion.count(Class(2), Class(1)), 0);
        let cells: Vec<_> = confusion.cells().iter().map(|c| (c.truth.0, c.predicted.0, c.count)).collect();
        assert_eq!(cells, [(0, 0, 1), (1, 1, 1), (1, 2, 2)]);
        assert_eq!((confusion.n(), confusion.n_classes(), confusion.correct()), (4, 3, 2));
    }

    #[test]
    fn refuses_what_does_not_fit() {
        assert_eq!(
            Confusion::new(&[Class(0)], &[], 2),
            Err(QualityError::LengthMismatch { what: "the predictions", expected: 1, found: 0 })
        );
        let outside = Err(QualityError::ClassOutOfRange { class: 2, n_classes: 2 });
        assert_eq!(Confusion::new(&[Class(2)], &[Class(0)], 2), outside);
        assert_eq!(Confusion::new(&[Class(0)], &[Class(2)], 2), outside);
    }
}
