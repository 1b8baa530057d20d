//! Decides when to merge small chunks into larger ones.
//!
//! Each time that the file is opened, new documents are appended as new chunks. So a pool that
//! grows by a few documents at a time gets many small chunks. A chunk is **small** if it has less
//! than half of a full chunk's documents (2,048) and entries (2^19). Consecutive small chunks are
//! merged in order, up to 4,096 documents and 2^20 entries. A merge rewrites the whole file, so it
//! must be rare for a large file. It is done only if it saves more than 32 chunks and more than an
//! eighth of the number of chunks that remain.

use std::ops::Range;

/// The maximum number of documents in a chunk. For short texts this is about a megabyte: enough
/// that mapping costs little beside reading, and few enough that a pool of 100,000 documents keeps
/// eight threads busy.
pub(super) const MOST_DOCUMENTS: usize = 4096;

/// The maximum number of entries in a merged chunk.
const MOST_ENTRIES: usize = 1 << 20;

/// A merge is done only if it saves more chunks than this.
const WORTHWHILE: usize = 32;

/// Returns the ranges of chunks that are to become one chunk each; together they cover all chunks
/// in order. `None` if merging is not worth it. `sizes` has the (documents, entries) of each
/// chunk.
pub(super) fn plan(sizes: &[(usize, usize)]) -> Option<Vec<Range<usize>>> {
    let mut groups: Vec<Range<usize>> = Vec::new();
    let mut open = (MOST_DOCUMENTS, MOST_ENTRIES);
    for (index, &(documents, entries)) in sizes.iter().enumerate() {
        let small = 2 * documents < MOST_DOCUMENTS && 2 * entries < MOST_ENTRIES;
        let fits = open.0 + documents <= MOST_DOCUMENTS && open.1 + entries <= MOST_ENTRIES;
        match groups.last_mut() {
            Some(group) if small && fits => {
                group.end = index + 1;
                open = (open.0 + documents, open.1 + entries);
            }
            _ => {
                groups.push(index..index + 1);
                open = if small { (documents, entries) } else { (MOST_DOCUMENTS, MOST_ENTRIES) };
            }
        }
    }
    let saved = sizes.len() - groups.len();
    (saved > WORTHWHILE && saved > groups.len() / 8).then_some(groups)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_neighbours_merge_once_it_is_worth_it() {
        assert_eq!(plan(&[]), None);
        assert_eq!(plan(&[(1, 10); 33]), None);
        assert_eq!(plan(&[(1, 10); 34]).as_deref(), Some(std::slice::from_ref(&(0..34))));
        let mut sizes = vec![(4096, 300_000); 3];
        sizes.extend([(100, 7000); 50]);
        assert_eq!(plan(&sizes), Some(vec![0..1, 1..2, 2..3, 3..43, 43..53]));
    }

    #[test]
    fn entries_limit_a_merge_too() {
        let groups = plan(&[(1, 200_000); 100]).unwrap();
        assert_eq!(groups.len(), 20);
        assert!(groups.iter().all(|group| group.len() == 5));
    }

    #[test]
    fn a_large_file_is_not_written_anew_for_little() {
        let mut sizes = vec![(4096, 300_000); 800];
        sizes.extend([(1, 70); 100]);
        assert_eq!(plan(&sizes), None);
        sizes.extend([(1, 70); 10]);
        assert!(plan(&sizes).is_some());
    }

    #[test]
    fn small_chunks_between_large_ones_stay() {
        assert_eq!(plan(&[(4096, 300_000), (900, 60_000)].repeat(500)), None);
    }

    #[test]
    fn what_was_merged_is_not_merged_again() {
        let mut sizes = vec![(700, 50_000); 500];
        let groups = plan(&sizes).unwrap();
        sizes = groups.iter().map(|group| (700 * group.len(), 50_000 * group.len())).collect();
        assert_eq!(plan(&sizes), None);
    }
}
