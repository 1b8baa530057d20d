//! Returns the cells of a Parquet row as numbers and texts, for callers that read many numbers.
//! This avoids writing each number as JSON and parsing it again.
//!
//! Only cells that need no special rule have a variant of [`Cell`]. Any other cell is
//! [`Cell::Other`]; the caller then reads the row as JSON, for which [`super::values`] has the
//! rules.
//!
//! Invariant: each number is equal, in every bit, to the number that results from reading the row
//! as JSON.

use parquet::record::{Field, Row};

use super::values::Columns;
use crate::format::vectors::Element;

/// A cell of a row.
#[derive(Debug, Clone, Copy)]
pub(in crate::format) enum Cell<'a> {
    /// Null.
    Null,
    /// A text.
    Text(&'a str),
    /// A whole number.
    Whole(i128),
    /// A floating-point number, which may be NaN or infinite.
    Number(f64),
    /// A list, whatever its elements are.
    List(List<'a>),
    /// A struct.
    Group(Group<'a>),
    /// A time, or a value of any other type.
    Other,
}

/// A list in a cell.
#[derive(Debug, Clone, Copy)]
pub(in crate::format) struct List<'a>(&'a [Field]);

/// A struct in a cell.
#[derive(Debug, Clone, Copy)]
pub(in crate::format) struct Group<'a>(&'a Row);

/// Returns the cells of a row, each with the name of its column.
pub(super) fn cells<'a>(columns: &Columns, row: &'a Row) -> Vec<(&'a str, Cell<'a>)> {
    let cell = |(at, (name, field)): (usize, (&'a String, &'a Field))| {
        (name.as_str(), if columns.tells_time(at) { Cell::Other } else { Cell::of(field) })
    };
    row.get_column_iter().enumerate().map(cell).collect()
}

impl<'a> Cell<'a> {
    /// Returns the cell with the value of a field that is not a time.
    fn of(field: &'a Field) -> Self {
        match field {
            Field::Null => Self::Null,
            Field::Str(text) => Self::Text(text),
            Field::Byte(n) => Self::Whole(i128::from(*n)),
            Field::Short(n) => Self::Whole(i128::from(*n)),
            Field::Int(n) => Self::Whole(i128::from(*n)),
            Field::Long(n) => Self::Whole(i128::from(*n)),
            Field::UByte(n) => Self::Whole(i128::from(*n)),
            Field::UShort(n) => Self::Whole(i128::from(*n)),
            Field::UInt(n) => Self::Whole(i128::from(*n)),
            Field::ULong(n) => Self::Whole(i128::from(*n)),
            Field::ListInternal(list) => Self::List(List(list.elements())),
            Field::Group(row) => Self::Group(Group(row)),
            other => float(other).map_or(Self::Other, Self::Number),
        }
    }
}

impl List<'_> {
    /// Returns the elements, if all of them are finite floating-point numbers.
    pub(in crate::format) fn doubles(self) -> Option<Vec<f64>> {
        self.0.iter().map(|field| float(field).filter(|number| number.is_finite())).collect()
    }

    /// Returns the elements in single precision, if all of them are finite floating-point numbers.
    pub(in crate::format) fn singles(self) -> Option<Vec<f32>> {
        let single = |field: &Field| match field {
            Field::Float(number) => Some(*number),
            other => float(other).map(narrowed),
        };
        self.0.iter().map(|field| single(field).filter(|number| number.is_finite())).collect()
    }
}

impl List<'_> {
    /// Returns the elements in single precision and their type, if all of them are numbers of one
    /// type: floats of any size, or signed bytes. They need not be finite.
    pub(in crate::format) fn vector(self) -> Option<(Vec<f32>, Element)> {
        let element = match self.0.first()? {
            Field::Byte(_) => Element::Int8,
            Field::Float16(_) => Element::Float16,
            _ => Element::Float32,
        };
        let single = |field: &Field| match (field, element) {
            (Field::Byte(number), Element::Int8) => Some(f32::from(*number)),
            (Field::Float16(number), Element::Float16) => Some(number.to_f32()),
            (Field::Float(number), Element::Float32) => Some(*number),
            (Field::Double(number), Element::Float32) if number.is_finite() => Some(narrowed(*number)),
            (Field::Double(_), Element::Float32) => Some(f32::NAN),
            _ => None,
        };
        Some((self.0.iter().map(single).collect::<Option<_>>()?, element))
    }
}

impl<'a> Group<'a> {
    /// Returns the struct's fields, each with its name. A time in a struct is returned as a whole
    /// number, because times are recognized only in columns at the top level.
    pub(in crate::format) fn cells(self) -> Vec<(&'a str, Cell<'a>)> {
        self.0.get_column_iter().map(|(name, field)| (name.as_str(), Cell::of(field))).collect()
    }
}

/// Returns the number in a field of a floating-point type; `None` for other types.
fn float(field: &Field) -> Option<f64> {
    match field {
        Field::Float16(number) => Some(f64::from(*number)),
        Field::Float(number) => Some(f64::from(*number)),
        Field::Double(number) => Some(*number),
        _ => None,
    }
}

/// Returns the single-precision number that results if `number` is written as JSON and read back.
///
/// Usually that is the single-precision number nearest to `number`. In two cases, the decimal form
/// may be rounded in another way, so the number is really converted through JSON:
///
/// - `number` is exactly halfway between two single-precision numbers.
/// - `number` is below the smallest normal single-precision number, where the gaps between numbers
///   are wider.
fn narrowed(number: f64) -> f32 {
    /// The bits of a double-precision mantissa that single precision cannot hold.
    const LOST: u64 = (1 << 29) - 1;
    /// The value of these bits in a number that is exactly halfway between two single-precision
    /// numbers.
    const BETWEEN: u64 = 1 << 28;
    let is_between = number.to_bits() & LOST == BETWEEN;
    let is_tiny = number != 0.0 && number.abs() < f64::from(f32::MIN_POSITIVE);
    if is_between || is_tiny {
        let text = serde_json::to_string(&number);
        return text.ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or(f32::NAN);
    }
    #[expect(clippy::cast_possible_truncation, reason = "rounding to single precision is what is wanted")]
    let single = number as f32;
    single
}

/// Returns the approximate length of a row as JSON, in bytes. A number counts as 8 bytes.
pub(super) fn length(row: &Row) -> usize {
    row.get_column_iter().map(|(name, field)| name.len() + of_field(field)).sum()
}

/// Returns the approximate length of a field as JSON, in bytes.
fn of_field(field: &Field) -> usize {
    match field {
        Field::Str(text) => text.len() + 4,
        Field::Bytes(bytes) => bytes.len() + 4,
        Field::Group(row) => length(row) + 4,
        Field::ListInternal(list) => list.elements().iter().map(of_field).sum::<usize>() + 4,
        Field::MapInternal(map) => {
            map.entries().iter().map(|(key, value)| of_field(key) + of_field(value)).sum::<usize>() + 4
        }
        _ => 8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes a number as JSON and reads it back in single precision.
    fn over_text(number: f64) -> f32 {
        let text = serde_json::to_string(&number).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn single_precision_is_that_of_the_decimal_to_the_bit() {
        let mut bits = 0x9e37_79b9_7f4a_7c15_u64;
        let mut checked = 0;
        for round in 0..400_000_u64 {
            bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let random = f64::from_bits(bits);
            // Numbers of any size, of the size of embeddings, exactly between two, and tiny.
            let between = f64::from_bits((bits & !((1 << 29) - 1)) | (1 << 28));
            let usual = (bits >> 11) as f64 / (1_u64 << 53) as f64 - 0.5;
            let usual_between = f64::from_bits((usual.to_bits() & !((1 << 29) - 1)) | (1 << 28));
            let tiny = usual * 1e-38 / (1.0 + (round % 1_000) as f64);
            for number in [random, between, usual, usual_between, tiny] {
                if number.is_finite() && number.abs() < f64::from(f32::MAX) {
                    assert_eq!(narrowed(number).to_bits(), over_text(number).to_bits(), "{number:e}");
                    checked += 1;
                }
            }
        }
        assert!(checked > 1_000_000, "{checked}");
        for number in [0.0, -0.0, 1.0, 1e-46, -1e-46, f64::from(f32::MIN_POSITIVE), f64::from(f32::MAX)] {
            assert_eq!(narrowed(number).to_bits(), over_text(number).to_bits(), "{number:e}");
        }
        assert!(!narrowed(1e300).is_finite() && narrowed(f64::NAN).is_nan());
    }
}
