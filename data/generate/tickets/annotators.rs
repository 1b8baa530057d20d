//! Annotators: five simulated people of different skill.
//!
//! Each answers a share of a batch, skips some of it, and otherwise draws an answer from the row of
//! the item's true class in a confusion matrix. Invariant: every row sums to 1 (in thousandths,
//! exactly).

use serde::Serialize;

use super::class::CLASSES;

/// One simulated annotator.
#[derive(Serialize)]
pub(crate) struct Annotator {
    /// The name that signs the answers.
    pub(crate) name: &'static str,
    /// Which share of a batch they are given, in (0, 1].
    pub(crate) share: f64,
    /// How likely they skip an item, in [0, 1).
    pub(crate) skip: f64,
    /// P(answer | true class), (6, 6): a row for each true class, a column for each answer, both in
    /// label order.
    pub(crate) confusion: Vec<Vec<f64>>,
}

/// The file annotators.json.
#[derive(Serialize)]
pub(crate) struct Annotators {
    /// The label order of the matrices.
    pub(crate) labels: Vec<&'static str>,
    /// The five.
    pub(crate) annotators: Vec<Annotator>,
}

/// In thousandths: rows technical, billing, account, shipping, feature, fraud.
type Confusion = [[u16; 6]; 6];

/// Knows the field; confuses what is hard to tell apart.
const EXPERT: Confusion = [
    [976, 4, 8, 4, 8, 0],
    [3, 975, 8, 8, 2, 4],
    [10, 8, 972, 2, 4, 4],
    [4, 10, 4, 978, 3, 1],
    [15, 5, 8, 2, 970, 0],
    [2, 24, 22, 4, 0, 948],
];

/// Good, a little quick with technical.
const GOOD: Confusion = [
    [955, 8, 16, 8, 13, 0],
    [8, 947, 15, 20, 4, 6],
    [24, 18, 942, 4, 8, 4],
    [8, 20, 6, 960, 5, 1],
    [38, 8, 14, 4, 936, 0],
    [4, 66, 60, 10, 0, 860],
];

/// Good, but reads anything with money in it as billing.
const GOOD_WITH_MONEY: Confusion = [
    [940, 25, 14, 8, 13, 0],
    [4, 972, 8, 8, 4, 4],
    [20, 44, 922, 4, 8, 2],
    [8, 50, 6, 930, 5, 1],
    [30, 30, 12, 4, 924, 0],
    [2, 130, 40, 8, 0, 820],
];

/// Mediocre: unsure about account, blind to half of the wishes and most fraud.
const MEDIOCRE: Confusion = [
    [890, 25, 40, 20, 24, 1],
    [35, 865, 50, 40, 6, 4],
    [75, 60, 840, 10, 12, 3],
    [35, 60, 15, 880, 9, 1],
    [150, 30, 40, 15, 764, 1],
    [20, 230, 200, 30, 0, 520],
];

/// Careless: answers technical, the biggest class, when in doubt or in a hurry.
const CARELESS: Confusion = [
    [880, 40, 35, 25, 18, 2],
    [240, 640, 60, 45, 10, 5],
    [290, 70, 590, 25, 20, 5],
    [250, 75, 25, 635, 14, 1],
    [380, 40, 40, 20, 519, 1],
    [170, 270, 230, 40, 10, 280],
];

/// The five annotators, best first.
pub(crate) fn annotators() -> Annotators {
    Annotators {
        labels: CLASSES.iter().map(|class| class.label).collect(),
        annotators: vec![
            annotator("ines", 0.6, 0.01, &EXPERT),
            annotator("tomasz", 0.8, 0.02, &GOOD),
            annotator("wanda", 0.9, 0.015, &GOOD_WITH_MONEY),
            annotator("ravi", 0.7, 0.04, &MEDIOCRE),
            annotator("bo", 1.0, 0.0, &CARELESS),
        ],
    }
}

fn annotator(name: &'static str, share: f64, skip: f64, confusion: &Confusion) -> Annotator {
    let row = |row: &[u16; 6]| row.iter().map(|&value| f64::from(value) / 1000.0).collect();
    Annotator { name, share, skip, confusion: confusion.iter().map(row).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_a_distribution() {
        for matrix in [EXPERT, GOOD, GOOD_WITH_MONEY, MEDIOCRE, CARELESS] {
            assert!(matrix.iter().all(|row| row.iter().sum::<u16>() == 1000), "{matrix:?}");
        }
    }

    #[test]
    fn expected_accuracy_falls_from_the_expert_to_the_careless() {
        let accuracy = |matrix: &Confusion| -> usize {
            (0..6).map(|class| CLASSES[class].share * usize::from(matrix[class][class])).sum::<usize>() / 1000
        };
        let accuracies = [&EXPERT, &GOOD, &GOOD_WITH_MONEY, &MEDIOCRE, &CARELESS].map(accuracy);
        assert_eq!(accuracies, [974, 948, 939, 857, 695]);
    }
}
