//! Sorts document ids by their bytes, the order in which SQLite and Rust sort strings.
//!
//! Ids often arrive sorted; then n - 1 comparisons show it. Otherwise the sort compares the eight
//! bytes after the prefix that all ids share. Eight bytes fit in one number, so nearly all
//! comparisons need no access to the ids themselves.

use rayon::prelude::*;

/// Returns the numbers 0 to n - 1, sorted by `id(number)`; `None` if the ids are sorted already.
/// All ids must differ.
pub(super) fn order<'a>(n: usize, id: impl Fn(usize) -> &'a [u8] + Sync) -> Option<Vec<u32>> {
    if (1..n).all(|place| id(place - 1) < id(place)) {
        return None;
    }
    let shared = (1..n).fold(id(0).len(), |shared, place| common(&id(0)[..shared], id(place)));
    let mut keys: Vec<(u64, u32)> =
        (0..n).into_par_iter().map(|place| (key(&id(place)[shared..]), place as u32)).collect();
    keys.par_sort_unstable_by(|(a, left), (b, right)| {
        a.cmp(b).then_with(|| id(*left as usize).cmp(id(*right as usize)))
    });
    Some(keys.into_iter().map(|(_, place)| place).collect())
}

/// Returns the length of the common prefix of two ids, in bytes.
fn common(a: &[u8], b: &[u8]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

/// Returns the first eight bytes of an id as a big-endian number, so that comparing two such
/// numbers compares the bytes. A shorter id is padded with zeros.
fn key(id: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    let length = id.len().min(8);
    bytes[..length].copy_from_slice(&id[..length]);
    u64::from_be_bytes(bytes)
}

/// Rearranges items in place: the item at position `order[i]` moves to position i.
pub(super) fn rearrange<T>(items: &mut [T], mut order: Vec<u32>) {
    for start in 0..order.len() {
        let mut at = start;
        // Follow one cycle of the permutation. `order[at] = at` marks the item at `at` as done.
        loop {
            let from = order[at] as usize;
            order[at] = at as u32;
            if from == start {
                break;
            }
            items.swap(at, from);
            at = from;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sorted_ids_need_nothing() {
        let ids = ["a", "a1", "b"];
        assert_eq!(order(3, |place| ids[place].as_bytes()), None);
        assert_eq!(order(0, |_| &[]), None);
    }

    proptest! {
        #[test]
        fn the_order_is_that_of_strings(ids in proptest::collection::btree_set("doc-[ab]{0,12}|[a-z\u{e9}]{0,3}", 0..60), seed in 0_usize..1_000) {
            let sorted: Vec<String> = ids.into_iter().collect();
            let mut mixed = sorted.clone();
            let n = mixed.len();
            (1..n).for_each(|at| mixed.swap(at, (seed * 7 + at * at) % (at + 1)));
            if let Some(order) = order(n, |place| mixed[place].as_bytes()) {
                rearrange(&mut mixed, order);
            }
            prop_assert_eq!(mixed, sorted);
        }
    }
}
