//! Reads vectors directly from the cells of a Parquet row. Without a detour through JSON, this is
//! faster, the numbers stay exact, and their type is known.

use super::Element;
use crate::format::records::Cell;

/// Reads the id and the vector of a Parquet row into `id` and `values`, if both cells are clearly
/// valid, and returns the type of the numbers. Returns `None` for any other row. The caller then
/// reads the row as JSON, and reports its errors.
pub(super) fn of_cells(
    cells: &[(&str, Cell<'_>)],
    (id_field, vector_field): (&str, &str),
    id: &mut String,
    values: &mut Vec<f32>,
) -> Option<Element> {
    let cell = |name: &str| cells.iter().find(|(column, _)| *column == name).map(|(_, cell)| *cell);
    match cell(id_field)? {
        Cell::Text(text) if !text.trim().is_empty() && !text.chars().any(char::is_control) => {
            text.clone_into(id);
        }
        Cell::Whole(number) => *id = number.to_string(),
        _ => return None,
    }
    let Cell::List(list) = cell(vector_field)? else { return None };
    let (numbers, element) = list.vector()?;
    *values = numbers;
    Some(element)
}
