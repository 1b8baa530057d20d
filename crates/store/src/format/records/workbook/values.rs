//! Turns the values of cells into text.

use calamine::{DataRef, ExcelDateTime};

use crate::error::{InputProblem, TableProblem};

/// The number of seconds in a day.
const DAY: f64 = 86_400.0;

/// Returns a value as text; `None` for an empty cell.
///
/// # Errors
/// The cell's value is an error.
pub(super) fn text(value: DataRef<'_>) -> Result<Option<String>, InputProblem> {
    Ok(match value {
        DataRef::Empty => None,
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => Some(text),
        DataRef::SharedString(text) => Some(text.to_owned()),
        DataRef::Bool(value) => Some(value.to_string()),
        DataRef::Int(value) => Some(value.to_string()),
        DataRef::Float(value) => Some(number(value)),
        DataRef::DateTime(value) => Some(iso(&value)),
        DataRef::Error(error) => return Err(TableProblem::CellError { error: error.to_string() }.into()),
    })
}

/// Returns a number as text, with as many digits as needed to read the same number back. A whole
/// number has no fraction.
fn number(value: f64) -> String {
    // Adding 0 turns a negative zero into a zero.
    (value + 0.0).to_string()
}

/// Returns a date as `2026-05-01`, a date and time as `2026-05-01T12:30:00`, and a time without a
/// date, or a duration, as `12:30:00`. A duration may be longer than 24 hours.
fn iso(value: &ExcelDateTime) -> String {
    let serial = value.as_f64();
    if value.is_duration() {
        let seconds = (serial.abs() * DAY).round() as u64;
        let sign = if serial < 0.0 { "-" } else { "" };
        return format!("{sign}{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60);
    }
    let (year, month, day, hour, minute, second, milli) = value.to_ymd_hms_milli();
    let fraction = if milli > 0 { format!(".{milli:03}") } else { String::new() };
    let time = format!("{hour:02}:{minute:02}:{second:02}{fraction}");
    if (0.0..1.0).contains(&serial) {
        return time;
    }
    let date = format!("{year:04}-{month:02}-{day:02}");
    if (hour, minute, second, milli) == (0, 0, 0, 0) { date } else { format!("{date}T{time}") }
}

#[cfg(test)]
mod tests {
    use calamine::ExcelDateTimeType::{DateTime, TimeDelta};
    use calamine::{CellErrorType, ExcelDateTime};

    use super::*;

    #[test]
    fn values_are_texts_as_people_write_them() {
        let date = |serial, kind| DataRef::DateTime(ExcelDateTime::new(serial, kind, false));
        for (value, expected) in [
            (DataRef::Float(12.0), "12"),
            (DataRef::Float(-0.0), "0"),
            (DataRef::Float(0.5), "0.5"),
            (DataRef::Float(1e15), "1000000000000000"),
            (DataRef::Int(-3), "-3"),
            (DataRef::Bool(true), "true"),
            (DataRef::SharedString("a b"), "a b"),
            (date(45_943.0, DateTime), "2025-10-13"),
            (date(45_943.541, DateTime), "2025-10-13T12:59:02.400"),
            (date(0.75, DateTime), "18:00:00"),
            (date(1.5, TimeDelta), "36:00:00"),
        ] {
            assert_eq!(text(value.clone()).unwrap().as_deref(), Some(expected), "{value:?}");
        }
        assert_eq!(text(DataRef::Empty).unwrap(), None);
        let message = text(DataRef::Error(CellErrorType::NA)).unwrap_err().to_string();
        assert!(message.starts_with("the cell has the error #N/A"), "{message}");
    }
}
