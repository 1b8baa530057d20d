//! Turns the values of a Parquet file into JSON:
//!
//! - Bytes that are UTF-8 become text. Other bytes are an error in a column that the caller needs,
//!   and become Base64 in any other column.
//! - A time becomes text in RFC 3339, without a time zone if the schema says that it has none.
//!   Durations stay numbers, because the schema does not mark them.
//! - NaN and infinity, which JSON cannot express as numbers, become null in a column that the
//!   caller needs, where they mean a missing value. In any other column, they become words.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use parquet::basic::{Compression, LogicalType, TimeUnit};
use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};
use parquet::record::{Field, Row};
use serde_json::{Map, Value};

use crate::error::{InputProblem, PackingProblem, TableProblem};

/// A column at the schema's top level.
struct Column {
    /// Whether the caller needs the column.
    is_asked: bool,
    /// How the column's numbers express times; `None` if they are not times.
    clock: Option<Clock>,
}

/// How the numbers in a column express times.
#[derive(Clone, Copy)]
struct Clock {
    /// The unit of the numbers, in nanoseconds.
    unit: i128,
    /// Whether the times are in UTC. If not, they are local times whose time zone is unknown.
    has_zone: bool,
    /// Whether the times are times of day, without a date.
    is_time_of_day: bool,
}

/// The columns of a file, in the order of the schema.
pub(super) struct Columns(Vec<Column>);

impl Columns {
    /// Returns the columns of a file. `asked` lists the names of the columns that the caller needs;
    /// if it is empty, the caller needs all.
    ///
    /// # Errors
    /// Two columns have the same name, or a column's compression is not supported.
    pub(super) fn of(metadata: &ParquetMetaData, asked: &[String]) -> Result<Self, InputProblem> {
        for chunk in metadata.row_groups().iter().flat_map(RowGroupMetaData::columns) {
            let name = match chunk.compression() {
                Compression::BROTLI(_) => "brotli",
                Compression::LZO => "LZO",
                _ => continue,
            };
            return Err(PackingProblem::Compression { name: name.to_owned() }.into());
        }
        let mut names = BTreeSet::new();
        let mut columns = Vec::new();
        for field in metadata.file_metadata().schema_descr().root_schema().get_fields() {
            let name = field.name();
            if !names.insert(name) {
                return Err(InputProblem::BadHeader { detail: format!("{name:?} appears twice") });
            }
            let is_asked = asked.is_empty() || asked.iter().any(|asked| asked == name);
            let clock = field.get_basic_info().logical_type_ref().and_then(Clock::of);
            columns.push(Column { is_asked, clock });
        }
        Ok(Self(columns))
    }

    /// Whether the column at this position contains times.
    pub(super) fn tells_time(&self, at: usize) -> bool {
        self.0.get(at).is_some_and(|column| column.clock.is_some())
    }

    /// Returns a row as a JSON object.
    ///
    /// # Errors
    /// A column that the caller needs contains bytes that are not UTF-8.
    pub(super) fn object(&self, row: Row) -> Result<String, InputProblem> {
        let mut object = Map::new();
        for (at, (name, field)) in row.into_columns().into_iter().enumerate() {
            let column = self.0.get(at);
            let is_asked = column.is_none_or(|column| column.is_asked);
            let clock = column.and_then(|column| column.clock);
            let value = value(&name, &field, is_asked, clock)?;
            object.insert(name, value);
        }
        Ok(Value::Object(object).to_string())
    }
}

/// Returns the value of a field as JSON. `name` is the name of the field's column for an error
/// message.
fn value(name: &str, field: &Field, is_asked: bool, clock: Option<Clock>) -> Result<Value, InputProblem> {
    let instant = |unit| Clock { unit, has_zone: true, is_time_of_day: false };
    let number = match (field, clock) {
        (Field::Long(n), Some(clock)) => Some((*n, clock)),
        (Field::TimestampMillis(n), clock) => Some((*n, clock.unwrap_or(instant(1_000_000)))),
        (Field::TimestampMicros(n), clock) => Some((*n, clock.unwrap_or(instant(1_000)))),
        _ => None,
    };
    if let Some((number, clock)) = number {
        return Ok(clock.text(number).map_or_else(|| Value::from(number), Value::from));
    }
    let float = match field {
        Field::Float(n) => Some(f64::from(*n)),
        Field::Double(n) => Some(*n),
        _ => None,
    };
    if let Some(float) = float.filter(|float| !float.is_finite() && !is_asked) {
        return Ok(Value::from(float.to_string()));
    }
    if let Field::Bytes(bytes) = field {
        match std::str::from_utf8(bytes.data()) {
            Ok(text) => return Ok(Value::from(text)),
            Err(error) if is_asked => {
                let (column, byte) = (name.to_owned(), error.valid_up_to() + 1);
                return Err(TableProblem::BytesAreNoText { column, byte }.into());
            }
            Err(_) => {}
        }
    }
    Ok(field.to_json_value())
}

impl Clock {
    /// Returns how numbers with this type express times; `None` if the type is not a time.
    fn of(kind: &LogicalType) -> Option<Self> {
        let (time, is_time_of_day) = match kind {
            LogicalType::Timestamp(time) => (time, false),
            LogicalType::Time(time) => (time, true),
            _ => return None,
        };
        let unit = match time.unit {
            TimeUnit::MILLIS => 1_000_000,
            TimeUnit::MICROS => 1_000,
            TimeUnit::NANOS => 1,
        };
        Some(Self { unit, has_zone: time.is_adjusted_to_u_t_c, is_time_of_day })
    }

    /// Returns the time that `number` expresses, as text; `None` if its year is too far away for
    /// the calendar.
    fn text(self, number: i64) -> Option<String> {
        let time = Timestamp::from_nanosecond(i128::from(number) * self.unit).ok()?;
        let local = || TimeZone::UTC.to_datetime(time);
        Some(match self {
            Self { is_time_of_day: true, .. } => local().time().to_string(),
            Self { has_zone: true, .. } => time.to_string(),
            Self { has_zone: false, .. } => local().to_string(),
        })
    }
}

#[cfg(test)]
mod tests {
    use parquet::data_type::ByteArray;

    use super::*;

    #[test]
    fn times_say_their_zone_where_there_is_one() {
        let text = |number, unit, has_zone, is_time_of_day| {
            Clock { unit, has_zone, is_time_of_day }.text(number).unwrap_or_default()
        };
        let at = 1_777_636_800_000;
        assert_eq!(text(at, 1_000_000, true, false), "2026-05-01T12:00:00Z");
        assert_eq!(text(at, 1_000_000, false, false), "2026-05-01T12:00:00");
        assert_eq!(text(at * 1_000_000 + 5, 1, false, false), "2026-05-01T12:00:00.000000005");
        assert_eq!(text(43_200_000_000_000, 1, false, true), "12:00:00");
    }

    #[test]
    fn bytes_are_text_or_a_fault_of_the_column_that_is_asked_for() {
        let bytes = |bytes: &'static [u8]| Field::Bytes(ByteArray::from(bytes));
        assert_eq!(value("text", &bytes(b"hello"), true, None).unwrap(), "hello");
        let message = value("text", &bytes(b"a\xff"), true, None).unwrap_err().to_string();
        assert!(
            message.starts_with("the column \"text\" has bytes that are not UTF-8 (byte 2)"),
            "{message}"
        );
        assert_eq!(value("picture", &bytes(b"a\xff"), false, None).unwrap(), "Yf8=");
    }

    #[test]
    fn what_json_has_no_number_for_is_a_word_but_in_a_label() {
        let nan = || Field::Double(f64::NAN);
        assert_eq!(value("score", &nan(), false, None).unwrap(), "NaN");
        assert_eq!(value("score", &Field::Float(f32::NEG_INFINITY), false, None).unwrap(), "-inf");
        assert_eq!(value("label", &nan(), true, None).unwrap(), Value::Null);
    }
}
