//! Many vectors of the same width: the values of an embedding, in memory or in a mapped file.
//!
//! A table of tens of megabytes is read where it lies, once a model that is applied; so its values
//! stay bytes, in single or half precision, and become numbers a few rows at a time.

use std::ops::Range;
use std::sync::Arc;

use half::{bf16, f16};
use memmap2::Mmap;

/// How many vectors [`Vectors::read`] gives.
pub(super) const QUAD: usize = 4;

/// How a value is stored, little-endian.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// 32 bits.
    Single,
    /// 16 bits, IEEE 754.
    Half,
    /// The upper 16 bits of a single.
    Brain,
    /// A whole number from -127 to 127: a multiple of a step that all values share, and that
    /// lengths take out again.
    Byte,
}

impl Precision {
    /// How many bytes a value takes.
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

/// v vectors of r values.
#[derive(Debug, Clone)]
pub(super) struct Vectors {
    width: usize,
    precision: Precision,
    bytes: Bytes,
}

impl Vectors {
    /// The vectors whose values lie one after the other, `width` each.
    pub(super) fn new(width: usize, values: &[f32]) -> Self {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        Self { width, precision: Precision::Single, bytes: Bytes::Owned(bytes) }
    }

    /// The vectors in those bytes of a file.
    pub(super) fn mapped(width: usize, precision: Precision, map: &Arc<Mmap>, bytes: Range<usize>) -> Self {
        Self { width, precision, bytes: Bytes::Mapped(Arc::clone(map), bytes) }
    }

    /// The vectors in those bytes of the program.
    #[cfg(feature = "english")]
    pub(super) fn compiled(width: usize, precision: Precision, bytes: &'static [u8]) -> Self {
        Self { width, precision, bytes: Bytes::Compiled(bytes) }
    }

    /// The vectors in those bytes.
    pub(super) fn owned(width: usize, precision: Precision, bytes: Vec<u8>) -> Self {
        Self { width, precision, bytes: Bytes::Owned(bytes) }
    }

    /// r.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// How they are stored.
    pub(super) fn precision(&self) -> Precision {
        self.precision
    }

    /// Whether the values of the first `n` are numbers that can be reckoned with.
    pub(super) fn are_finite(&self, n: usize) -> bool {
        let mut finite = true;
        (0..n).for_each(|row| self.for_each(row, |_, value| finite &= value.is_finite()));
        finite
    }

    /// All values, as they are stored.
    pub(super) fn bytes(&self) -> &[u8] {
        match &self.bytes {
            Bytes::Owned(bytes) => bytes,
            Bytes::Compiled(bytes) => bytes,
            Bytes::Mapped(map, range) => &map[range.clone()],
        }
    }

    /// Calls `visit` with each place of a vector and the value there.
    #[inline]
    fn for_each(&self, row: usize, mut visit: impl FnMut(usize, f32)) {
        let length = self.width * self.precision.bytes();
        let bytes = &self.bytes()[row * length..][..length];
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

    /// Adds `factor` times a vector to `sum`, which has its width.
    pub(super) fn add_scaled(&self, row: usize, factor: f32, sum: &mut [f32]) {
        let sum = &mut sum[..self.width];
        self.for_each(row, |j, value| sum[j] += factor * value);
    }

    /// Some vectors; `scratch` has room for them.
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
