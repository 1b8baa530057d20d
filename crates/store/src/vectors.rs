//! Keeps documents' vectors on disk, where they are read a few at a time.
//!
//! A [`part`] is a file with many vectors, written once. [`by_place`] reads the vectors of a corpus
//! from several parts, as [`DocumentVectors`](querist_core::DocumentVectors). [`spool`] keeps the
//! vectors of files that are not part of a workspace in a temporary part.
//!
//! Parts are read with positioned reads, not through a memory map. A file that becomes shorter
//! while it is read is then an error, and not the end of the process.

pub mod by_place;
pub mod part;
pub mod spool;

pub use by_place::VectorsByPlace;
pub use part::{Part, PartWriter};
pub use spool::SpooledVectors;
