//! Reads predictions directly from the cells of a Parquet row. Without a detour through JSON, this
//! is faster, and the numbers stay exact.

use querist_core::LabelSet;

use super::{FLAT, PredictionRow, VECTOR, check};
use crate::format::records::Cell;

/// Returns the prediction in a Parquet row, if all cells that it needs are clearly valid. Returns
/// `None` for any other row. The caller then reads the row as JSON, and reports its errors.
pub(super) fn of_cells(cells: &[(&str, Cell<'_>)], labels: &LabelSet) -> Option<PredictionRow> {
    let cell = |name: &str| cells.iter().find(|(column, _)| *column == name).map(|(_, cell)| *cell);
    let id = match cell("id")? {
        Cell::Text(text) if !text.trim().is_empty() && !text.chars().any(char::is_control) => text.to_owned(),
        Cell::Whole(number) => number.to_string(),
        _ => return None,
    };
    let given = match cell("probabilities") {
        Some(Cell::List(list)) => list.doubles().filter(|given| given.len() == labels.len())?,
        Some(Cell::Group(group)) => cells_of_classes(group.cells().into_iter(), labels)?,
        None | Some(Cell::Null) => {
            let flat = cells.iter().filter_map(|(name, cell)| Some((name.strip_prefix(FLAT)?, *cell)));
            cells_of_classes(flat, labels)?
        }
        Some(_) => return None,
    };
    check(&given, labels).ok()?;
    let mut vector = None;
    for cell in VECTOR.into_iter().filter_map(cell) {
        match cell {
            Cell::List(list) if vector.is_none() => {
                vector = Some(list.singles().filter(|numbers| !numbers.is_empty())?);
            }
            Cell::Null => {}
            _ => return None,
        }
    }
    Some(PredictionRow::of(id, &given, vector))
}

/// Returns the probabilities in label order. Each of `cells` is (label, cell). Returns `None`
/// unless each class has exactly one cell with a finite number.
fn cells_of_classes<'a>(
    cells: impl Iterator<Item = (&'a str, Cell<'a>)>,
    labels: &LabelSet,
) -> Option<Vec<f64>> {
    let mut given: Vec<Option<f64>> = vec![None; labels.len()];
    for (label, cell) in cells {
        let (class, Cell::Number(number)) = (labels.class(label)?, cell) else { return None };
        if !number.is_finite() || given[class.index()].replace(number).is_some() {
            return None;
        }
    }
    given.into_iter().collect()
}
