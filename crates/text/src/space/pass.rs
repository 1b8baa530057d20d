//! One pass over counts: the product of all rows with weights.
//!
//! The weights of every block were folded to weights a column of the counts, so a row's product is Σ tf(c(t)) w(t), once
//! a block, each divided by the row's length in that block at the end. The weights of the columns that have any lie one
//! after the other; a table says where a column's are, place 0 being zeros for the columns without.

use std::borrow::Cow;

use super::tfidf::Damping;
use crate::entry::Entry;

/// Weights a column of the counts, of one or more blocks side by side.
#[derive(Debug)]
pub(super) struct Pass {
    /// By column: the place of its weights; 0 for none.
    places: Vec<u32>,
    /// (places, `stride`), the first row 0.
    weights: Vec<f32>,
    /// Values of a place; the last ones are 0 if there are more than `width`.
    stride: usize,
    width: usize,
    tf: Damping,
}

/// Weights of some columns, ascending, K each, row by row.
pub(super) struct Folded<'a> {
    pub(super) columns: Cow<'a, [u32]>,
    pub(super) values: Vec<f32>,
}

impl Pass {
    /// A pass over counts of `n_columns` columns with the weights of some blocks, K outputs each.
    pub(super) fn new(n_columns: usize, blocks: &[Folded<'_>], k: usize, tf: Damping) -> Self {
        let mut places = vec![0_u32; n_columns];
        for column in blocks.iter().flat_map(|block| block.columns.iter()) {
            places[*column as usize] = 1;
        }
        let mut last = 0;
        for place in places.iter_mut().filter(|place| **place == 1) {
            last += 1;
            *place = last;
        }
        let width = k * blocks.len();
        let stride = if width <= 2 { width } else { width.next_multiple_of(4) };
        let mut weights = vec![0.0; (last as usize + 1) * stride];
        for (number, block) in blocks.iter().enumerate() {
            for (column, values) in block.columns.iter().zip(block.values.chunks_exact(k.max(1))) {
                let start = places[*column as usize] as usize * stride + number * k;
                weights[start..start + k].copy_from_slice(values);
            }
        }
        Self { places, weights, stride, width, tf }
    }

    /// How many outputs a row has: K a block.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// What an entry adds to each output.
    pub(super) fn terms(&self, entry: Entry) -> impl Iterator<Item = f32> {
        let place = self.places[entry.column() as usize] as usize;
        let tf = self.tf[entry.count() as usize];
        self.weights[place * self.stride..][..self.width].iter().map(move |weight| tf * weight)
    }

    /// Calls `done` with the sums of a row, `width` of them; `scratch` is anything.
    pub(super) fn sum(&self, row: &[Entry], scratch: &mut Vec<f32>, done: impl FnOnce(&[f32])) {
        match self.stride {
            1 => done(&self.few::<1>(row)),
            2 => done(&self.few::<2>(row)),
            4 => done(&self.few::<4>(row)[..self.width]),
            8 => done(&self.few::<8>(row)[..self.width]),
            12 => done(&self.few::<12>(row)[..self.width]),
            16 => done(&self.few::<16>(row)[..self.width]),
            _ => {
                scratch.clear();
                scratch.resize(self.stride, 0.0);
                self.many(row, scratch);
                done(&scratch[..self.width]);
            }
        }
    }

    fn few<const N: usize>(&self, row: &[Entry]) -> [f32; N] {
        let mut sums = [0.0_f32; N];
        let (weights, _) = self.weights.as_chunks::<N>();
        for entry in row {
            let weights = &weights[self.places[entry.column() as usize] as usize];
            let tf = self.tf[entry.count() as usize];
            for (sum, weight) in sums.iter_mut().zip(weights) {
                *sum += tf * weight;
            }
        }
        sums
    }

    fn many(&self, row: &[Entry], sums: &mut [f32]) {
        for entry in row {
            let place = self.places[entry.column() as usize] as usize;
            if place > 0 {
                let tf = self.tf[entry.count() as usize];
                let weights = &self.weights[place * self.stride..][..self.stride];
                for (sum, weight) in sums.iter_mut().zip(weights) {
                    *sum += tf * weight;
                }
            }
        }
    }
}
