//! Finds the lengths of the texts on a page of lists, before the texts are made: a dictionary
//! stores a text once, and a row may have it many times.

use parquet::basic::Encoding;
use parquet::errors::{ParquetError, Result};

use super::groups::Column;
use super::levels::{Hybrid, deltas, level_width};

/// The parts of a data page.
pub(super) struct Parts<'a> {
    /// How many values the page has, including nulls.
    pub(super) values: u64,
    pub(super) encoding: Encoding,
    /// The levels, and the bytes after the levels.
    pub(super) repeated: &'a [u8],
    pub(super) present: &'a [u8],
    pub(super) rest: &'a [u8],
}

/// Whether an encoding of texts stores their lengths before the texts.
pub(super) fn has_lengths(encoding: Encoding) -> bool {
    matches!(encoding, Encoding::DELTA_LENGTH_BYTE_ARRAY | Encoding::DELTA_BYTE_ARRAY)
}

impl Parts<'_> {
    /// Refuses a page that claims more texts than it has values, because the library allocates
    /// memory for all of them.
    pub(super) fn check(&self) -> Result<()> {
        let sequences = match self.encoding {
            Encoding::DELTA_LENGTH_BYTE_ARRAY => 1,
            Encoding::DELTA_BYTE_ARRAY => 2,
            _ => 0,
        };
        let mut rest = self.rest;
        for _ in 0..sequences {
            if deltas(&mut rest, self.values, |_| ()).is_some_and(|claimed| claimed > self.values) {
                return Err(ParquetError::General("a page claims more texts than it has".to_owned()));
            }
        }
        Ok(())
    }

    /// The length of each text, in the encoding that repeats the beginning of the previous text:
    /// the repeated part plus the text's own end.
    fn repeating(&self) -> Vec<u32> {
        let (mut rest, mut lengths) = (self.rest, Vec::new());
        let length = |number: i64| u32::try_from(number).unwrap_or_default();
        deltas(&mut rest, self.values, |number| lengths.push(length(number)));
        let mut at = 0;
        deltas(&mut rest, self.values, |number| {
            if let Some(all) = lengths.get_mut(at) {
                *all = all.saturating_add(length(number));
            }
            at += 1;
        });
        lengths
    }
}

/// The length of each entry in a dictionary of texts, in bytes.
pub(super) fn lengths(mut bytes: &[u8], count: usize) -> Vec<u32> {
    let mut lengths = Vec::new();
    while let (true, Some((length, rest))) = (lengths.len() < count, bytes.split_first_chunk()) {
        let length = u32::from_le_bytes(*length);
        lengths.push(length);
        bytes = rest.get(length as usize..).unwrap_or_default();
    }
    lengths
}

/// The lengths of a page's texts, value by value. Only values that are not null have a text.
pub(super) struct Texts<'a> {
    /// The levels, and the level of a value that is not null; `None` if no value can be null.
    present: Option<(Hybrid<'a>, u64)>,
    source: Source<'a>,
}

enum Source<'a> {
    /// The texts are in the dictionary, at these places.
    Dictionary { places: Hybrid<'a>, lengths: &'a [u32] },
    /// The page has each text, with its length.
    Lengths(std::vec::IntoIter<u32>),
}

impl<'a> Texts<'a> {
    /// The lengths of a page's texts. `None` if the page stores each text as often as a row has it,
    /// because then the page's size bounds them.
    pub(super) fn of(parts: &Parts<'a>, column: &Column, lengths: &'a [u32]) -> Option<Self> {
        let source = match parts.encoding {
            _ if !column.has_texts => return None,
            Encoding::RLE_DICTIONARY | Encoding::PLAIN_DICTIONARY => {
                let (width, places) = parts.rest.split_first()?;
                Source::Dictionary { places: Hybrid::new(places, u32::from(*width)), lengths }
            }
            Encoding::DELTA_BYTE_ARRAY => Source::Lengths(parts.repeating().into_iter()),
            _ => return None,
        };
        let most = u64::try_from(column.most_present).unwrap_or_default();
        let levels = || Hybrid::new(parts.present, level_width(column.most_present));
        Some(Self { present: (most > 0).then(|| (levels(), most)), source })
    }

    /// The total length of the texts of the next `values` values, in bytes.
    pub(super) fn length(&mut self, mut values: u64) -> u64 {
        let mut length = 0_u64;
        while values > 0 {
            let (count, is_there) = match &mut self.present {
                Some((levels, most)) => match levels.next_run(values) {
                    Some((count, level)) => (count, level == *most),
                    None => break,
                },
                None => (values, true),
            };
            values -= count;
            if is_there {
                length = length.saturating_add(self.source.length(count));
            }
        }
        length
    }
}

impl Source<'_> {
    fn length(&mut self, mut texts: u64) -> u64 {
        match self {
            Self::Lengths(lengths) => lengths.by_ref().take(texts as usize).map(u64::from).sum(),
            Self::Dictionary { places, lengths } => {
                let mut length = 0_u64;
                while texts > 0 {
                    let Some((run, place)) = places.next_run(texts) else { break };
                    texts -= run;
                    let each = lengths.get(place as usize).copied().unwrap_or_default();
                    length = length.saturating_add(run.saturating_mul(u64::from(each)));
                }
                length
            }
        }
    }
}
