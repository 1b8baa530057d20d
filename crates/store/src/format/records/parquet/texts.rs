//! Computes the lengths of the texts on a page, before the library makes the texts. The size of the
//! page does not limit these lengths, because a dictionary stores a text once, and a row may
//! contain it many times.

use parquet::basic::Encoding;
use parquet::errors::{ParquetError, Result};

use super::groups::Column;
use super::levels::{Hybrid, deltas, level_width};

/// The parts of a data page.
pub(super) struct Parts<'a> {
    /// How many values the page has, including nulls.
    pub(super) values: u64,
    /// The encoding of the values in `rest`.
    pub(super) encoding: Encoding,
    /// The levels that say which values continue a list.
    pub(super) repeated: &'a [u8],
    /// The levels that say which values are null.
    pub(super) present: &'a [u8],
    /// The values.
    pub(super) rest: &'a [u8],
}

/// Whether a page with this encoding stores the lengths of all texts before the texts.
pub(super) fn has_lengths(encoding: Encoding) -> bool {
    matches!(encoding, Encoding::DELTA_LENGTH_BYTE_ARRAY | Encoding::DELTA_BYTE_ARRAY)
}

impl Parts<'_> {
    /// Fails if the page claims to have more texts than values, because the library would allocate
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

    /// Returns the length of each text on a page with the encoding `DELTA_BYTE_ARRAY`, in which a
    /// text repeats the beginning of the previous text. The length is the length of the
    /// repeated beginning plus the length of the rest.
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

/// Returns the length of each text in a dictionary of `count` texts, in bytes.
pub(super) fn lengths(mut bytes: &[u8], count: usize) -> Vec<u32> {
    let mut lengths = Vec::new();
    while let (true, Some((length, rest))) = (lengths.len() < count, bytes.split_first_chunk()) {
        let length = u32::from_le_bytes(*length);
        lengths.push(length);
        bytes = rest.get(length as usize..).unwrap_or_default();
    }
    lengths
}

/// Computes the lengths of the texts on a page, in order. A value that is null has no text.
pub(super) struct Texts<'a> {
    /// The levels of the values, and the level that means "not null"; `None` if no value can be
    /// null.
    present: Option<(Hybrid<'a>, u64)>,
    /// Where the lengths come from.
    source: Source<'a>,
}

/// The source of the lengths of a page's texts.
enum Source<'a> {
    /// Each text is an entry of a dictionary. `places` are the positions of the entries, and
    /// `lengths` has the length of each entry.
    Dictionary { places: Hybrid<'a>, lengths: &'a [u32] },
    /// The page contains the texts; these are their lengths.
    Lengths(std::vec::IntoIter<u32>),
}

impl<'a> Texts<'a> {
    /// Returns a reader for the lengths of a page's texts. Returns `None` if the column has no
    /// texts, or if the page stores every text in full. In that case, the size of the page limits
    /// the length of the texts.
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

    /// Reads past the next `values` values. Returns the total length of the texts among them, in
    /// bytes; a null has no text.
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
    /// Returns the total length of the next `texts` texts, in bytes.
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
