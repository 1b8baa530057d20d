//! Many vectors of the same width: the values of an embedding, in memory or in a mapped file.
//!
//! A table may have tens of megabytes, and a model is often applied only once. So the values are
//! kept as bytes in their stored precision and place; only a few rows at a time are converted to
//! numbers.

use std::ops::Range;
use std::sync::Arc;

use half::{bf16, f16};
use memmap2::Mmap;

/// The number of vectors that [`Vectors::read`] returns at once.
pub(super) const QUAD: usize = 4;

/// How a value is stored, little-endian.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// 32 bits, IEEE 754.
    Single,
    /// 16 bits, IEEE 754.
    Half,
    /// The upper 16 bits of a 32-bit float (bfloat16).
    Brain,
    /// A signed whole number from -127 to 127, in multiples of a step that all values share. The
    /// step is not stored: dividing a row by its length cancels it.
    Byte,
}

impl Precision {
    /// Returns the number of bytes of a value.
    pub fn bytes(self) -> usize {
        match self {
            Self::Single => 4,
            Self::Half | Self::Brain => 2,
            Self::Byte => 1,
        }
    }
}

#[derive(Debug, Clone)]
enum Bytes {
    Owned(Vec<u8>),
    #[cfg_attr(not(feature = "english"), expect(dead_code, reason = "only the English vectors are"))]
    Compiled(&'static [u8]),
    Mapped(Arc<Mmap>, Range<usize>),
}

/// v vectors of r values each, row by row.
#[derive(Debug, Clone)]
pub(super) struct Vectors {
    width: usize,
    precision: Precision,
    bytes: Bytes,
}

impl Vectors {
    /// Returns vectors of `width` values each, given one after the other in `values`.
    pub(super) fn new(width: usize, values: &[f32]) -> Self {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        Self { width, precision: Precision::Single, bytes: Bytes::Owned(bytes) }
    }

    /// Returns the vectors in the range `bytes` of a mapped file.
    pub(super) fn mapped(width: usize, precision: Precision, map: &Arc<Mmap>, bytes: Range<usize>) -> Self {
        Self { width, precision, bytes: Bytes::Mapped(Arc::clone(map), bytes) }
    }

    /// Returns vectors that are compiled into the program.
    #[cfg(feature = "english")]
    pub(super) fn compiled(width: usize, precision: Precision, bytes: &'static [u8]) -> Self {
        Self { width, precision, bytes: Bytes::Compiled(bytes) }
    }

    /// Returns vectors that own their bytes.
    pub(super) fn owned(width: usize, precision: Precision, bytes: Vec<u8>) -> Self {
        Self { width, precision, bytes: Bytes::Owned(bytes) }
    }

    /// Returns the width r of each vector.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// Returns the format in which each value is stored.
    pub(super) fn precision(&self) -> Precision {
        self.precision
    }

    /// Returns whether all values of the first `n` vectors are finite.
    pub(super) fn are_finite(&self, n: usize) -> bool {
        let mut finite = true;
        (0..n).for_each(|row| self.for_each(row, |_, value| finite &= value.is_finite()));
        finite
    }

    /// Returns all values as stored, little-endian, row by row.
    pub(super) fn bytes(&self) -> &[u8] {
        match &self.bytes {
            Bytes::Owned(bytes) => bytes,
            Bytes::Compiled(bytes) => bytes,
            Bytes::Mapped(map, range) => &map[range.clone()],
        }
    }

    /// Calls `visit` with each index of a vector and the value at that index.
    #[inline]
    fn for_each(&self, row: usize, mut visit: impl FnMut(usize, f32)) {
        let length = self.width * self.precision.bytes();
        let bytes = &self.bytes()[row * length..][..length];
        // There is one loop for each precision, so that there is no branch for each value.
        match self.precision {
            Precision::Single => {
                bytes
                    .as_chunks()
                    .0
                    .iter()
                    .enumerate()
                    .for_each(|(j, value)| visit(j, f32::from_le_bytes(*value)));
            }
            Precision::Half => {
                let values = bytes.as_chunks().0.iter().enumerate();
                values.for_each(|(j, value)| visit(j, f16::from_le_bytes(*value).to_f32()));
            }
            Precision::Brain => {
                let values = bytes.as_chunks().0.iter().enumerate();
                values.for_each(|(j, value)| visit(j, bf16::from_le_bytes(*value).to_f32()));
            }
            Precision::Byte => {
                let values = bytes.iter().enumerate();
                values.for_each(|(j, value)| visit(j, f32::from(value.cast_signed())));
            }
        }
    }

    /// Adds `factor` times the vector of `row` to the first r values of `sum`.
    pub(super) fn add_scaled(&self, row: usize, factor: f32, sum: &mut [f32]) {
        let sum = &mut sum[..self.width];
        self.for_each(row, |j, value| sum[j] += factor * value);
    }

    /// Converts the vectors of `rows` to numbers in `scratch`, which must have at least `QUAD` · r
    /// values, and returns them.
    pub(super) fn read<'a>(&self, rows: [usize; QUAD], scratch: &'a mut [f32]) -> [&'a [f32]; QUAD] {
        for (row, out) in rows.iter().zip(scratch.chunks_exact_mut(self.width.max(1))) {
            self.for_each(*row, |j, value| out[j] = value);
        }
        let scratch: &'a [f32] = scratch;
        std::array::from_fn(|lane| &scratch[lane * self.width..][..self.width])
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these sums are exact")]
mod tests {
    use super::*;

    #[test]
    fn precisions_by_hand() {
        // 1.5 and -2 in every precision.
        let single = Vectors::new(1, &[1.5, -2.0]);
        let half = Vectors::owned(1, Precision::Half, vec![0x00, 0x3e, 0x00, 0xc0]);
        let brain = Vectors::owned(1, Precision::Brain, vec![0xc0, 0x3f, 0x00, 0xc0]);
        for vectors in [single, half, brain] {
            let mut sum = [1.0];
            vectors.add_scaled(1, 0.5, &mut sum);
            assert_eq!(sum, [0.0]);
            assert_eq!(vectors.read([0, 1, 1, 0], &mut [0.0; 4]), [&[1.5][..], &[-2.0], &[-2.0], &[1.5]]);
        }
        let byte = Vectors::compiled(1, Precision::Byte, &[0x7f, 0x81]);
        assert_eq!(byte.read([0, 1, 1, 0], &mut [0.0; 4]), [&[127.0][..], &[-127.0], &[-127.0], &[127.0]]);
    }
}
