//! One pass over counts: the product of all rows with weights.
//!
//! The weights of every block are converted ("folded") to weights w of the counts' columns. So a
//! row's product is, for each block, Σ tf(c(t)) w(t) over its columns t with counts c(t), divided
//! at the end by the row's length in the block.
//!
//! The speed is limited by the look-up of a column's weights, not by reading counts. N-grams are
//! hashed, so a row's columns are scattered over a table that is larger than a core's cache.
//!
//! Invariant: the order of a row's sum depends only on the number of outputs.

use std::borrow::Cow;

use super::tfidf::Damping;
use crate::entry::Entry;

/// The maximum number of outputs that are summed at once, so that their sums stay in registers.
const WIDEST: usize = 32;

/// The folded weights of a block: some columns of the counts, ascending, and for each of them one
/// value for each output.
pub(super) struct Folded<'a> {
    pub(super) columns: Cow<'a, [u32]>,
    pub(super) values: Vec<f32>,
}

/// The place of each column's weights. Place 0 has zeros and is used for the columns without
/// weights. So the look-up needs no branch, which a processor could not predict. Places take 16
/// bits if they fit, because a smaller table stays in the cache.
#[derive(Debug)]
enum Places {
    Short(Vec<u16>),
    Long(Vec<u32>),
}

/// The weights of the counts' columns for the outputs of one or more blocks.
#[derive(Debug)]
pub(super) struct Pass {
    places: Places,
    tiles: Vec<Tile>,
    tf: Damping,
}

/// The weights of at most [`WIDEST`] consecutive outputs.
#[derive(Debug)]
pub(super) struct Tile {
    /// Returns the first output of the tile.
    first: usize,
    /// The number of outputs in the tile.
    width: usize,
    /// The number of values for each place, at least `width`; the values beyond `width` are 0.
    stride: usize,
    /// For each place, `stride` values; those of place 0 are 0.
    weights: Vec<f32>,
}

impl Places {
    /// Assigns the places 1, 2, 3 and so on to the columns, which must ascend.
    fn new(n_columns: usize, columns: &[u32]) -> Self {
        // The system provides zeroed memory lazily, so only the parts that are written cost time.
        if columns.len() < usize::from(u16::MAX) {
            let mut places = vec![0; n_columns];
            (1..).zip(columns).for_each(|(place, column)| places[*column as usize] = place);
            Self::Short(places)
        } else {
            let mut places = vec![0; n_columns];
            (1..).zip(columns).for_each(|(place, column)| places[*column as usize] = place);
            Self::Long(places)
        }
    }

    fn of(&self, column: u32) -> usize {
        match self {
            Self::Short(places) => usize::from(places[column as usize]),
            Self::Long(places) => places[column as usize] as usize,
        }
    }
}

impl Tile {
    /// Returns the first output of the tile.
    pub(super) fn first(&self) -> usize {
        self.first
    }
}

impl Pass {
    /// Prepares a pass over counts of `n_columns` columns with the weights of the blocks, which
    /// have `k` outputs each.
    pub(super) fn new(n_columns: usize, blocks: &[Folded<'_>], k: usize, tf: &Damping) -> Self {
        let union = blocks.iter().fold(Vec::new(), |union, block| merged(union, &block.columns));
        let places = Places::new(n_columns, &union);
        let outputs = k * blocks.len();
        let tiles = (0..outputs).step_by(WIDEST).map(|first| {
            let width = WIDEST.min(outputs - first);
            let stride = stride(width);
            Tile { first, width, stride, weights: vec![0.0; (union.len() + 1) * stride] }
        });
        let mut tiles: Vec<Tile> = tiles.collect();
        for (number, block) in blocks.iter().enumerate() {
            for (column, values) in block.columns.iter().zip(block.values.chunks_exact(k.max(1))) {
                let place = places.of(*column);
                for (output, value) in (number * k..).zip(values) {
                    let tile = &mut tiles[output / WIDEST];
                    tile.weights[place * tile.stride + output % WIDEST] = *value;
                }
            }
        }
        Self { places, tiles, tf: *tf }
    }

    /// Returns the tiles, which cover the outputs of one block after the other.
    pub(super) fn tiles(&self) -> &[Tile] {
        &self.tiles
    }

    /// Iterates over the numbers that an entry adds to each output, before the division by the
    /// row's length.
    pub(super) fn terms(&self, entry: Entry) -> impl Iterator<Item = f32> {
        let place = self.places.of(entry.column());
        let tf = self.tf[entry.count() as usize];
        let weights = move |tile: &'_ Tile| tile.weights[place * tile.stride..][..tile.width].to_vec();
        self.tiles.iter().flat_map(weights).map(move |weight| tf * weight)
    }

    /// Computes a row's sums for the outputs of a tile and calls `done` with them.
    #[inline]
    pub(super) fn sum(&self, tile: &Tile, row: &[Entry], done: impl FnOnce(&[f32])) {
        match &self.places {
            Places::Short(places) => {
                self.sum_by(tile, row, |column| usize::from(places[column as usize]), done);
            }
            Places::Long(places) => self.sum_by(tile, row, |column| places[column as usize] as usize, done),
        }
    }

    #[inline]
    fn sum_by(&self, tile: &Tile, row: &[Entry], place: impl Fn(u32) -> usize, done: impl FnOnce(&[f32])) {
        let give = |sums: &[f32]| done(&sums[..tile.width]);
        match tile.stride {
            1 => give(&self.few::<1>(tile, row, place)),
            2 => give(&self.few::<2>(tile, row, place)),
            4 => give(&self.few::<4>(tile, row, place)),
            8 => give(&self.few::<8>(tile, row, place)),
            12 => give(&self.many::<12>(tile, row, place)),
            16 => give(&self.many::<16>(tile, row, place)),
            24 => give(&self.many::<24>(tile, row, place)),
            _ => give(&self.many::<WIDEST>(tile, row, place)),
        }
    }

    /// Sums the entries at even and at odd positions separately, adds both sums at the end, and
    /// returns the result. With few outputs, each addition to a single sum would have to wait for
    /// the one before.
    #[inline]
    fn few<const N: usize>(&self, tile: &Tile, row: &[Entry], place: impl Fn(u32) -> usize) -> [f32; N] {
        let (weights, _) = tile.weights.as_chunks::<N>();
        let (mut even, mut odd) = ([0.0_f32; N], [0.0_f32; N]);
        let add = |sums: &mut [f32; N], entry: Entry| {
            let tf = self.tf[entry.count() as usize];
            for (sum, weight) in sums.iter_mut().zip(&weights[place(entry.column())]) {
                *sum += tf * weight;
            }
        };
        let (pairs, last) = row.as_chunks::<2>();
        for [first, second] in pairs {
            add(&mut even, *first);
            add(&mut odd, *second);
        }
        for entry in last {
            add(&mut even, *entry);
        }
        even.iter_mut().zip(odd).for_each(|(even, odd)| *even += odd);
        even
    }

    /// Sums the entries one after the other and returns the sums. Many outputs keep the processor
    /// busy without a second sum.
    #[inline]
    fn many<const N: usize>(&self, tile: &Tile, row: &[Entry], place: impl Fn(u32) -> usize) -> [f32; N] {
        let (weights, _) = tile.weights.as_chunks::<N>();
        let mut sums = [0.0_f32; N];
        for entry in row {
            let tf = self.tf[entry.count() as usize];
            for (sum, weight) in sums.iter_mut().zip(&weights[place(entry.column())]) {
                *sum += tf * weight;
            }
        }
        sums
    }
}

/// Returns the union of two ascending lists, ascending.
fn merged(left: Vec<u32>, right: &[u32]) -> Vec<u32> {
    if left.is_empty() {
        return right.to_vec();
    }
    let mut all = Vec::with_capacity(left.len() + right.len());
    let mut right = right.iter().copied().peekable();
    for own in left {
        while let Some(other) = right.next_if(|other| *other <= own) {
            // An equal column is dropped here, because it follows as `own`.
            all.extend((other < own).then_some(other));
        }
        all.push(own);
    }
    all.extend(right);
    all
}

/// Returns the number of values for each place of a tile: the smallest size, at least `width`, that
/// `sum_by` is compiled for.
fn stride(width: usize) -> usize {
    [1, 2, 4, 8, 12, 16, 24].into_iter().find(|stride| width <= *stride).unwrap_or(WIDEST)
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these sums are exact")]
mod tests {
    use super::super::tfidf::linear;
    use super::*;

    /// Compares sums with sums by hand, for two blocks of `k` outputs. Column c weighs (c + 1) in
    /// the first block and -c in the second, more for later outputs.
    fn check(n_columns: u32, k: usize) {
        let columns: Vec<u32> = (0..n_columns).filter(|column| column % 3 != 1).collect();
        let values = |of: fn(u32) -> f32| -> Vec<f32> {
            columns.iter().flat_map(|column| (1..=k).map(move |j| of(*column) * j as f32)).collect()
        };
        let blocks = [
            Folded { columns: columns.clone().into(), values: values(|column| column as f32 + 1.0) },
            Folded { columns: columns[1..].into(), values: values(|column| -(column as f32))[k..].to_vec() },
        ];
        let pass = Pass::new(n_columns as usize, &blocks, k, &linear());
        let row = [Entry::new(0, 2), Entry::new(1, 9), Entry::new(2, 1), Entry::new(n_columns - 2, 3)];
        let mut found = vec![f32::NAN; 2 * k];
        for tile in pass.tiles() {
            pass.sum(tile, &row, |sums| found[tile.first()..][..sums.len()].copy_from_slice(sums));
        }
        let last = n_columns as f32 - 2.0;
        for j in 0..k {
            let factor = j as f32 + 1.0;
            assert_eq!(found[j], factor * (2.0 + 3.0 + 3.0 * (last + 1.0)));
            assert_eq!(found[k + j], factor * (-2.0 - 3.0 * last));
        }
        let terms: Vec<f32> = pass.terms(row[2]).collect();
        assert_eq!((terms.len(), terms[k - 1], terms[k]), (2 * k, 3.0 * k as f32, -2.0));
        assert!(pass.terms(row[1]).all(|value| value == 0.0));
    }

    #[test]
    fn sums_by_hand_for_any_number_of_outputs() {
        for k in [1, 2, 3, 4, 5, 7, 8, 11, 16, 17, 33, 70] {
            check(20, k);
        }
    }

    #[test]
    fn lists_are_merged() {
        assert_eq!(merged(vec![], &[1, 2]), [1, 2]);
        assert_eq!(merged(vec![1, 4, 9], &[0, 4, 5, 10, 11]), [0, 1, 4, 5, 9, 10, 11]);
        assert_eq!(merged(vec![3], &[]), [3]);
    }

    #[test]
    fn more_columns_than_sixteen_bits() {
        check(200_000, 2);
    }
}
