//! The part of the splitter that processes every byte: it normalises ASCII and finds runs, 64 bytes
//! at a time.
//!
//! A run is a maximal sequence of ASCII letters, digits and bytes outside ASCII. A pure ASCII run
//! is a word; [`super::unicode`] cuts the others. The loops over a block have no branches, so that
//! the compiler turns them into vector instructions. The bits of a mask say where runs begin and
//! end (after Mula and Lemire, "Faster Base64 Encoding and Decoding Using AVX2 Instructions", 2018,
//! and simdjson's way to find its structural characters).

use super::{Normalization, Numbers};

/// The number of bytes in one step; a mask has one bit for each.
const BLOCK: usize = 64;

/// Writes `text`, with its ASCII letters and digits normalised, to the beginning of `bytes`.
/// Replaces `runs` by one bit for each byte, which is 1 if the byte belongs to a run.
pub(super) fn normalise(text: &str, normalization: Normalization, bytes: &mut Vec<u8>, runs: &mut Vec<u64>) {
    let to_lower = if normalization.lowercase { 0x20 } else { 0 };
    // '0' is 0x30 and '9' is 0x39: the upper four bits turn every digit into '0'.
    let digit_bits = if normalization.numbers == Numbers::Mask { 0xf0 } else { 0xff };
    let n_blocks = text.len().div_ceil(BLOCK);
    if bytes.len() < n_blocks * BLOCK {
        bytes.resize(n_blocks * BLOCK, 0);
    }
    runs.clear();
    let (whole, rest) = text.as_bytes().as_chunks::<BLOCK>();
    let (out, _) = bytes.as_chunks_mut::<BLOCK>();
    for (block, out) in whole.iter().zip(&mut *out) {
        runs.push(normalise_block(block, out, to_lower, digit_bits));
    }
    if !rest.is_empty() {
        let mut block = [0; BLOCK];
        block[..rest.len()].copy_from_slice(rest);
        runs.push(normalise_block(&block, &mut out[whole.len()], to_lower, digit_bits));
    }
}

#[inline]
fn normalise_block(block: &[u8; BLOCK], out: &mut [u8; BLOCK], to_lower: u8, digit_bits: u8) -> u64 {
    let mut belongs = [0_u8; BLOCK];
    for place in 0..BLOCK {
        let byte = block[place];
        let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
        let digit = byte.wrapping_sub(b'0') < 10;
        let lowered = byte | if letter { to_lower } else { 0 };
        out[place] = lowered & if digit { digit_bits } else { 0xff };
        let foreign = byte >= 0x80;
        belongs[place] = u8::from(letter) | u8::from(digit) | u8::from(foreign);
    }
    pack(&belongs)
}

/// Packs 64 bytes of 0 or 1 into 64 bits and returns them. The product moves the lowest bit of
/// byte i of eight to bit 56 + i. No two of its terms meet, so nothing is carried.
#[inline]
fn pack(flags: &[u8; BLOCK]) -> u64 {
    let (eights, _) = flags.as_chunks::<8>();
    let mut mask = 0;
    for (place, eight) in eights.iter().enumerate() {
        let bits = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        mask |= bits << (8 * place);
    }
    mask
}

/// Calls `visit` with each run of the normalised text, in order. `runs` has one bit for each byte.
#[inline]
pub(super) fn for_each_run(normal: &str, runs: &[u64], mut visit: impl FnMut(&str)) {
    let mut last_bit = 0;
    let mut start = None;
    for (block, &mask) in runs.iter().enumerate() {
        // A bit is 1 if a run begins or ends at its byte.
        let mut edges = mask ^ (mask << 1 | last_bit);
        last_bit = mask >> 63;
        while edges != 0 {
            let place = block * BLOCK + edges.trailing_zeros() as usize;
            edges &= edges - 1;
            match start.take() {
                None => start = Some(place),
                Some(start) => visit(&normal[start..place]),
            }
        }
    }
    if let Some(start) = start {
        visit(&normal[start..]);
    }
}
