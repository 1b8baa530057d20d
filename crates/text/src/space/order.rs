//! Visits to the counts of many documents.
//!
//! The feature file is read in chunks, and each chunk costs a mapping. So the documents of a list
//! are visited in corpus order, each chunk once, and the results are returned in the order of the
//! list. A *place* is the index of a document in the corpus. Chunks, and the documents in a chunk,
//! are visited in parallel. Each visit writes only its own output, so the number of threads does
//! not change the result.

use std::ops::Range;

use rayon::prelude::*;

use crate::counts::Counts;
use crate::entry::Entry;
use crate::error::TextError;

/// The maximum number of documents that one task visits.
const TASK: usize = 256;

/// The places of a list in ascending order, and the position of each in the list.
pub(super) struct Order {
    places: Vec<u32>,
    /// The position of each place in the list; `None` if the list was ascending already.
    from: Option<Vec<u32>>,
}

impl Order {
    /// Sorts a list of places, which need not ascend.
    pub(super) fn new(places: Vec<u32>) -> Self {
        if places.is_sorted() {
            return Self { places, from: None };
        }
        // A stable merge sort makes use of the ascending runs that occur if ids such as "9" and
        // "10" are sorted as text.
        let mut pairs: Vec<(u32, u32)> =
            places.iter().enumerate().map(|(index, place)| (*place, index as u32)).collect();
        pairs.par_sort();
        Self {
            places: pairs.iter().map(|(place, _)| *place).collect(),
            from: Some(pairs.into_iter().map(|(_, index)| index).collect()),
        }
    }

    /// Returns the number of documents.
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// Returns the places, ascending.
    pub(super) fn places(&self) -> &[u32] {
        &self.places
    }

    /// Returns the runs of places in the same chunk: the index of the chunk, and the range of the
    /// run in `places`.
    fn groups(&self, counts: &Counts) -> Vec<(usize, Range<usize>)> {
        let mut groups = Vec::new();
        let mut start = 0;
        while let Some(place) = self.places.get(start) {
            let chunk = counts.chunk_of(*place as usize);
            let rest = &self.places[start..];
            let end = counts.documents(chunk).end;
            let length = rest.partition_point(|place| (*place as usize) < end);
            groups.push((chunk, start..start + length));
            start += length;
        }
        groups
    }

    /// Calls `work` for each document with its place, its counts and its `width` values of the
    /// output, which are at their default. Returns the output in the order of the list, `width`
    /// values for each document.
    pub(super) fn map<T: Copy + Default + Send + Sync>(
        &self,
        counts: &Counts,
        width: usize,
        work: impl Fn(u32, &[Entry], &mut [T]) + Sync,
    ) -> Result<Vec<T>, TextError> {
        let mut out = vec![T::default(); self.len() * width];
        self.update(counts, width, &mut out, work)?;
        Ok(self.restored(width, out))
    }

    /// Calls `work` like [`Order::map`], but with existing values. `out` has `width` values for
    /// each document, in ascending order of the places.
    pub(super) fn update<T: Send>(
        &self,
        counts: &Counts,
        width: usize,
        mut out: &mut [T],
        work: impl Fn(u32, &[Entry], &mut [T]) + Sync,
    ) -> Result<(), TextError> {
        if width == 0 {
            return Ok(());
        }
        let mut tasks = Vec::new();
        for (chunk, range) in self.groups(counts) {
            // Each task gets a separate slice, so no two tasks can write the same value.
            let (own, rest) = std::mem::take(&mut out).split_at_mut(range.len() * width);
            tasks.push((chunk, range, own));
            out = rest;
        }
        tasks.into_par_iter().try_for_each(|(chunk, range, out)| {
            let chunk = counts.chunk(chunk)?;
            let places = self.places[range].par_chunks(TASK);
            places.zip(out.par_chunks_mut(TASK * width)).for_each(|(places, out)| {
                for (place, out) in places.iter().zip(out.chunks_exact_mut(width)) {
                    work(*place, chunk.row(*place as usize - chunk.first()), out);
                }
            });
            Ok(())
        })
    }

    /// Reorders rows of `width` values from the ascending order of the places to the order of the
    /// list, and returns them.
    pub(super) fn restored<T: Copy + Default>(&self, width: usize, rows: Vec<T>) -> Vec<T> {
        let Some(from) = &self.from else { return rows };
        let mut out = vec![T::default(); rows.len()];
        for (row, to) in rows.chunks_exact(width.max(1)).zip(from) {
            out[*to as usize * width..][..width].copy_from_slice(row);
        }
        out
    }

    /// Calls `visit` with each document's position in the list, its place and its counts, on the
    /// calling thread.
    pub(super) fn for_each(
        &self,
        counts: &Counts,
        mut visit: impl FnMut(usize, u32, &[Entry]),
    ) -> Result<(), TextError> {
        for (chunk, range) in self.groups(counts) {
            let chunk = counts.chunk(chunk)?;
            for index in range {
                let place = self.places[index];
                let from = self.from.as_ref().map_or(index, |from| from[index] as usize);
                visit(from, place, chunk.row(place as usize - chunk.first()));
            }
        }
        Ok(())
    }

    /// Splits the places into ascending parts of nearly equal length, at most one for each thread.
    pub(super) fn split(&self) -> Vec<Self> {
        let part = self.len().div_ceil(rayon::current_num_threads()).max(TASK);
        self.places.chunks(part).map(|places| Self { places: places.to_vec(), from: None }).collect()
    }
}
