//! Collects the ids of the documents that an import adds, before they are written to the table
//! `ids`.
//!
//! The ids stay in memory until the end of the import, and are then written in sorted order. If
//! each id were written as it arrives, SQLite would read and write pages all over the table, which
//! may be larger than its cache. In memory, the ids also show whether an id arrives twice. To bound
//! the memory, the caller writes the ids earlier if [`NewIds::is_full`] returns true.

use std::hash::{BuildHasher, RandomState};

use rusqlite::{Connection, OptionalExtension, params};

use super::order::order;

/// The largest number of ids that are collected before they are written.
const LIMIT: usize = if cfg!(test) { 1_000 } else { 3 << 22 };
/// The number of bytes of ids (512 MiB) after which the ids are written.
const BYTES_LIMIT: usize = 512 << 20;

/// A set of ids. Their documents have consecutive numbers, in the order in which the ids were
/// added.
pub(super) struct NewIds {
    /// The number of the document with the first id.
    first: i64,
    /// All ids, one after another.
    bytes: Vec<u8>,
    /// For each id, the offset in `bytes` at which it ends.
    ends: Vec<usize>,
    /// A hash table with open addressing, whose length is a power of two. A free slot is 0. A used
    /// slot holds an id's hash in the upper 32 bits, and the id's position plus 1 in the lower 32
    /// bits.
    slots: Vec<u64>,
    hasher: RandomState,
}

impl NewIds {
    /// Returns an empty set. The first id that is added will belong to the document with number
    /// `first`.
    pub(super) fn starting_at(first: i64) -> Self {
        let slots = vec![0; 1 << 10];
        Self { first, bytes: Vec::new(), ends: Vec::new(), slots, hasher: RandomState::new() }
    }

    /// Returns the number of the document whose id will be added next.
    pub(super) fn next_number(&self) -> i64 {
        self.first + self.ends.len() as i64
    }

    /// Returns how many ids the set contains.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether the caller must call [`Self::enter`] before it adds another id.
    pub(super) fn is_full(&self) -> bool {
        self.ends.len() >= LIMIT || self.bytes.len() >= BYTES_LIMIT
    }

    /// Returns the number of the document with this id, if the set contains the id.
    pub(super) fn find(&self, id: &str) -> Option<i64> {
        let hash = self.hash(id);
        let mut slot = self.slot(hash);
        while self.slots[slot] != 0 {
            let place = (self.slots[slot] as u32 - 1) as usize;
            if (self.slots[slot] >> 32) as u32 == hash && self.id(place) == id.as_bytes() {
                return Some(self.first + place as i64);
            }
            slot = (slot + 1) & (self.slots.len() - 1);
        }
        None
    }

    /// Adds the id of the next document. The set must not contain the id yet.
    pub(super) fn push(&mut self, id: &str) {
        if self.ends.len() >= self.slots.len() / 4 * 3 {
            let doubled = vec![0; self.slots.len() * 2];
            for taken in std::mem::replace(&mut self.slots, doubled).into_iter().filter(|slot| *slot != 0) {
                self.take_slot(taken);
            }
        }
        self.bytes.extend_from_slice(id.as_bytes());
        self.ends.push(self.bytes.len());
        self.take_slot(u64::from(self.hash(id)) << 32 | self.ends.len() as u64);
    }

    /// Inserts the ids into the table `ids`, sorted, and empties the set.
    pub(super) fn enter(&mut self, database: &Connection) -> Result<(), rusqlite::Error> {
        let n = self.ends.len();
        let sorted = order(n, |place| self.id(place));
        let mut insert = database.prepare_cached("INSERT INTO ids (id, document) VALUES (?1, ?2)")?;
        for rank in 0..n {
            let place = sorted.as_ref().map_or(rank, |sorted| sorted[rank] as usize);
            // Every id was pushed as a string, so its bytes are UTF-8.
            let id = std::str::from_utf8(self.id(place))?;
            insert.execute(params![id, self.first + place as i64])?;
        }
        *self = Self::starting_at(self.next_number());
        Ok(())
    }

    /// Returns the bytes of the id at a position.
    fn id(&self, place: usize) -> &[u8] {
        let start = if place == 0 { 0 } else { self.ends[place - 1] };
        &self.bytes[start..self.ends[place]]
    }

    /// Returns the hash of an id.
    fn hash(&self, id: &str) -> u32 {
        self.hasher.hash_one(id) as u32
    }

    /// Returns the slot at which the search for a hash begins.
    fn slot(&self, hash: u32) -> usize {
        hash as usize & (self.slots.len() - 1)
    }

    /// Puts the content of a used slot into the first free slot that its hash leads to.
    fn take_slot(&mut self, taken: u64) {
        let mut slot = self.slot((taken >> 32) as u32);
        while self.slots[slot] != 0 {
            slot = (slot + 1) & (self.slots.len() - 1);
        }
        self.slots[slot] = taken;
    }
}

/// Returns the number of the document with this id, if the table `ids` contains the id.
pub(super) fn entered(database: &Connection, id: &str) -> Result<Option<i64>, rusqlite::Error> {
    database
        .prepare_cached("SELECT document FROM ids WHERE id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_added_and_enters_it_in_order() {
        let database = Connection::open_in_memory().unwrap();
        database.execute_batch("CREATE TABLE ids (id TEXT PRIMARY KEY, document INTEGER)").unwrap();
        let mut ids = NewIds::starting_at(11);
        // Add more ids than the hash table has slots at first, in no order.
        let id = |n: i64| format!("id-{}", n * 7919 % 5_000);
        for n in 0..5_000 {
            assert_eq!(ids.find(&id(n)), None);
            ids.push(&id(n));
        }
        assert_eq!(ids.find("id-"), None);
        assert!((0..5_000).all(|n| ids.find(&id(n)) == Some(11 + n)));
        ids.enter(&database).unwrap();
        assert_eq!((ids.next_number(), ids.find(&id(3))), (5_011, None));
        assert!((0..5_000).all(|n| entered(&database, &id(n)).unwrap() == Some(11 + n)));
        assert_eq!(entered(&database, "id-5000").unwrap(), None);
        ids.push("x");
        assert_eq!(ids.find("x"), Some(5_011));
    }
}
