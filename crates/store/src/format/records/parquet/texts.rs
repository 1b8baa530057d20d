//! How long the texts of a page of lists are, before they are made: a dictionary has a text once
//! that a row may have many times.

use parquet::basic::Encoding;
use parquet::errors::{ParquetError, Result};

use super::groups::Column;
use super::levels::{Hybrid, deltas, level_width};

/// The parts of a data page.
pub(super) struct Parts<'a> {
    /// How many values it has, those that are nothing too.
    pub(super) values: u64,
    pub(super) encoding: Encoding,
    /// The levels, and what is behind them.
    pub(super) repeated: &'a [u8],
    pub(super) present: &'a [u8],
    pub(super) rest: &'a [u8],
}

/// Whether texts of this encoding are told apart by lengths that stand before them.
pub(super) fn has_lengths(encoding: Encoding) -> bool {
    matches!(encoding, Encoding::DELTA_LENGTH_BYTE_ARRAY | Encoding::DELTA_BYTE_ARRAY)
}

impl Parts<'_> {
    /// Refuses a page whose texts claim to be more than its values: the library makes room for all
    /// of them.
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

    /// How long each text is that repeats the beginning of the one before: that and its own end.
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

/// How long each entry of a dictionary of texts is.
pub(super) fn lengths(mut bytes: &[u8], count: usize) -> Vec<u32> {
    let mut lengths = Vec::new();
    while let (true, Some((length, rest))) = (lengths.len() < count, bytes.split_first_chunk()) {
        let length = u32::from_le_bytes(*length);
        lengths.push(length);
        bytes = rest.get(length as usize..).unwrap_or_default();
    }
    lengths
}

/// The lengths of a page's texts, one value after the other; only values that are present have one.
pub(super) struct Texts<'a> {
    /// The levels, and the one of a value that is present.
    present: Option<(Hybrid<'a>, u64)>,
    source: Source<'a>,
}

enum Source<'a> {
    /// By their places in the dictionary.
    Dictionary { places: Hybrid<'a>, lengths: &'a [u32] },
    /// Each by itself.
    Lengths(std::vec::IntoIter<u32>),
}

impl<'a> Texts<'a> {
    /// `None` where the page itself has every text as often as a row has it.
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

    /// The length of the texts of the next values, together.
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
