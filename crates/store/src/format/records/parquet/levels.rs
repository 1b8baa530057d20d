//! Decodes the parts of a page that show where its rows end, before the library decodes the page.
//! So the memory for the values of a row can be estimated, and a row that needs too much can be
//! refused.
//!
//! A page stores small numbers (levels, and positions in a dictionary) in the encoding that Parquet
//! calls the RLE/bit-packing hybrid. It consists of runs: either one number and how often it is
//! repeated, or groups of eight numbers with a few bits each. So a few bytes may stand for millions
//! of values. The level of a value tells whether it continues a list or begins a new row.

use parquet::basic::Encoding;
use parquet::errors::ParquetError;

/// A reader of small numbers in the RLE hybrid encoding.
pub(super) struct Hybrid<'a> {
    bytes: &'a [u8],
    width: u32,
    /// What is left of the current run of a repeated number: how often it follows, and the number.
    run: (u64, u64),
    /// What is left of the current run of packed numbers: how many follow, and the bit in `bytes`
    /// at which the next one begins.
    packed: (u64, usize),
}

impl<'a> Hybrid<'a> {
    /// Returns a reader of numbers with `width` bits, at most 32.
    pub(super) fn new(bytes: &'a [u8], width: u32) -> Self {
        Self { bytes, width: width.min(32), run: (0, 0), packed: (0, 0) }
    }

    /// Returns the next number and how often it follows, as (count, number). The count is at most
    /// `most`; the rest is returned by later calls. Returns `None` at the end of the bytes.
    pub(super) fn next_run(&mut self, most: u64) -> Option<(u64, u64)> {
        if self.run.0 == 0 && self.packed.0 == 0 {
            self.begin()?;
        }
        if self.run.0 > 0 {
            let count = self.run.0.min(most);
            self.run.0 -= count;
            return Some((count, self.run.1));
        }
        let number = bits(self.bytes, self.packed.1, self.width);
        self.packed.0 -= 1;
        self.packed.1 += self.width as usize;
        if self.packed.0 == 0 {
            self.bytes = self.bytes.get(self.packed.1.div_ceil(8)..).unwrap_or_default();
        }
        Some((1, number))
    }

    /// Reads the beginning of the next run that is not empty. Returns `None` at the end of the
    /// bytes.
    fn begin(&mut self) -> Option<()> {
        loop {
            let head = varint(&mut self.bytes)?;
            let count = head >> 1;
            if head & 1 == 1 {
                self.packed = (count.saturating_mul(8), 0);
                // The last groups may be incomplete, so count only the numbers that are there.
                let there = (self.bytes.len() as u64 * 8).checked_div(u64::from(self.width));
                self.packed.0 = self.packed.0.min(there.unwrap_or(u64::MAX));
            } else {
                let width = self.width.div_ceil(8) as usize;
                let (number, rest) = self.bytes.split_at_checked(width)?;
                self.run = (count, number.iter().rev().fold(0, |all, byte| all << 8 | u64::from(*byte)));
                self.bytes = rest;
            }
            if self.run.0 > 0 || self.packed.0 > 0 {
                return Some(());
            }
            if self.bytes.is_empty() {
                return None;
            }
        }
    }
}

/// Returns the number that begins at bit `from` and has `width` bits, at most 64. Bits after the
/// end of `bytes` count as 0.
fn bits(bytes: &[u8], from: usize, width: u32) -> u64 {
    // A number of 64 bits that begins in the middle of a byte is spread over nine bytes, so compute
    // with 128 bits.
    let of = |byte: usize| u128::from(bytes.get(from / 8 + byte).copied().unwrap_or_default());
    let length = (from % 8 + width as usize).div_ceil(8);
    let word = (0..length).fold(0, |word, at| word | of(at) << (8 * at));
    ((word >> (from % 8)) & ((1 << width) - 1)) as u64
}

/// Reads a number that is stored with seven bits in each byte, the lowest bits first. The highest
/// bit of a byte says whether another byte follows. Returns `None` if the number does not end.
pub(super) fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for place in 0..10 {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << (7 * place);
        if *byte < 0x80 {
            return Some(value);
        }
    }
    None
}

/// Returns the number of bits that can represent all levels from 0 to `most`.
pub(super) fn level_width(most: i16) -> u32 {
    16 - most.max(0).leading_zeros()
}

/// Reads the levels of a page of version 1, which are stored at the beginning of its `bytes`.
/// Returns the bytes of the levels; `bytes` then begins behind them. `most` is the largest level;
/// if it is 0, no levels are stored.
///
/// # Errors
/// The levels are cut off, or have an encoding that no current writer uses.
pub(super) fn levels<'a>(
    bytes: &mut &'a [u8],
    most: i16,
    encoding: Encoding,
) -> Result<&'a [u8], ParquetError> {
    if most == 0 {
        return Ok(&[]);
    }
    if encoding != Encoding::RLE {
        return Err(ParquetError::NYI(format!("levels encoded as {encoding}")));
    }
    let early = || ParquetError::EOF("the levels of a page end early".to_owned());
    let (length, rest) = bytes.split_first_chunk().ok_or_else(early)?;
    let length = u32::from_le_bytes(*length) as usize;
    let (levels, rest) = rest.split_at_checked(length).ok_or_else(early)?;
    *bytes = rest;
    Ok(levels)
}

/// Decodes whole numbers, such as the lengths of texts, from the beginning of `bytes`, and passes
/// each of them to `take`. Each number is stored as its difference from the previous one. Returns
/// how many numbers the page claims to have; if it claims more than `most`, `take` is not called.
///
/// Returns `None` if the bytes are cut off. That is no error here, because the library reports it
/// with a better message.
pub(super) fn deltas(bytes: &mut &[u8], most: u64, mut take: impl FnMut(i64)) -> Option<u64> {
    let (block, minis) = (varint(bytes)?, varint(bytes)?);
    let claimed = varint(bytes)?;
    let mut number = signed(bytes)?;
    // The format divides a block of numbers into parts, whose size is a multiple of 32. If a page
    // breaks this rule or claims absurd sizes, the library refuses it later.
    let each = block.checked_div(minis)?;
    if claimed > most || each == 0 || each % 32 != 0 || minis > 1 << 16 || each > 1 << 32 {
        return Some(claimed);
    }
    if claimed > 0 {
        take(number);
    }
    let mut left = claimed.saturating_sub(1);
    while left > 0 {
        let least = signed(bytes)?;
        let (widths, rest) = bytes.split_at_checked(minis as usize)?;
        *bytes = rest;
        for width in widths {
            let width = u32::from(*width).min(64);
            for at in 0..left.min(each) {
                let delta = bits(bytes, at as usize * width as usize, width).cast_signed();
                number = number.wrapping_add(least).wrapping_add(delta);
                take(number);
            }
            // The parts after the last number take no bytes.
            let length = if left > 0 { each / 8 * u64::from(width) } else { 0 };
            *bytes = bytes.get(length as usize..).unwrap_or_default();
            left = left.saturating_sub(each);
        }
    }
    Some(claimed)
}

/// Reads a number with a sign. The lowest bit holds the sign (zigzag encoding).
fn signed(bytes: &mut &[u8]) -> Option<i64> {
    let value = varint(bytes)?;
    Some((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8], width: u32, most: usize) -> Vec<u64> {
        let (mut hybrid, mut numbers) = (Hybrid::new(bytes, width), Vec::new());
        while let Some((count, number)) = hybrid.next_run((most - numbers.len()) as u64) {
            numbers.extend(std::iter::repeat_n(number, count as usize));
            if numbers.len() >= most {
                break;
            }
        }
        numbers
    }

    #[test]
    fn runs_and_packed_numbers_by_the_example_of_the_format() {
        // 0 to 7 in three bits, packed as in the format's Encodings.md, after a run of four ones
        // and an empty run.
        let bytes = [0x08, 1, 0x00, 5, 0x03, 0b1000_1000, 0b1100_0110, 0b1111_1010];
        assert_eq!(all(&bytes, 3, 12), [1, 1, 1, 1, 0, 1, 2, 3, 4, 5, 6, 7]);
        // Numbers of zero bits take no bytes.
        assert_eq!(all(&[0x80, 0x01], 0, 64), [0; 64]);
        assert_eq!(all(&[0x11], 0, 64), [0; 64]);
        assert!(all(&[], 1, 8).is_empty() && all(&[0x00, 0x00], 1, 8).is_empty());
        assert_eq!([0, 1, 2, 3, 4, 255].map(level_width), [0, 1, 2, 2, 3, 8]);
    }

    /// Returns the decoded numbers, how many the page claims to have, and how many bytes are left.
    fn decoded(mut bytes: &[u8]) -> (Vec<i64>, Option<u64>, usize) {
        let mut numbers = Vec::new();
        let claimed = deltas(&mut bytes, 1000, |number| numbers.push(number));
        (numbers, claimed, bytes.len())
    }

    #[test]
    fn deltas_are_passed_over_to_the_byte() {
        // 1, 2, 3, 4, 5 in blocks of 128 with four parts, from the format's Encodings.md. All
        // deltas are 1, so no part has any bits.
        let bytes = [0x80, 0x01, 4, 5, 2, 2, 0, 0, 0, 0, 99];
        assert_eq!(decoded(&bytes), (vec![1, 2, 3, 4, 5], Some(5), 1));
        // 7, 5, 3, 1, 2, 3, 4, 5, from the same place: the least delta is -2, and the first part
        // has two bits for each.
        let bytes = [0x80, 0x01, 4, 8, 14, 3, 2, 0, 0, 0, 0xc0, 0x3f, 0, 0, 0, 0, 0, 0, 99];
        assert_eq!(decoded(&bytes), (vec![7, 5, 3, 1, 2, 3, 4, 5], Some(8), 1));
        // The page claims many numbers, but none follow.
        let bytes = [0x80, 0x01, 4, 0xff, 0xff, 0xff, 0xff, 0x0f, 0];
        assert_eq!(decoded(&bytes), (vec![], Some(u64::from(u32::MAX)), 0));
        assert_eq!(decoded(&[0x80]).1, None);
    }
}
