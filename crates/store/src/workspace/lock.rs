//! The lock against two writers.
//!
//! An operating-system lock on `querist.lock`, so that it ends with the process, however that ends.
//! The file says who holds it; what it says is only ever shown, never trusted.

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::places;
use crate::error::{IoContext, StoreError};

/// How long to wait before the lock is tried again.
const PAUSE: Duration = Duration::from_millis(20);

/// A held lock; let go when dropped.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of the workspace in `root`; where somebody has it, tries again until
    /// `patience` has run out, and says who.
    pub(super) fn acquire_within(root: &Path, command: &str, patience: Duration) -> Result<Self, StoreError> {
        // A patience beyond all clocks is one without end.
        let deadline = Instant::now().checked_add(patience);
        let waits = || deadline.is_none_or(|deadline| Instant::now() < deadline);
        loop {
            match Self::acquire(root, command) {
                Err(StoreError::Locked { .. }) if waits() => std::thread::sleep(PAUSE),
                other => return other,
            }
        }
    }

    /// Takes the lock of the workspace in `root`, or says who has it.
    pub(super) fn acquire(root: &Path, command: &str) -> Result<Self, StoreError> {
        let path = root.join("querist.lock");
        let mut file = places::open_in_place(&path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // The holder may be writing its name this very moment; then there is no name to
                // show.
                let named = file.read_to_string(&mut holder).is_ok() && !holder.trim().is_empty();
                let holder = if named { holder.trim() } else { "another querist" }.to_owned();
                return Err(StoreError::Locked { path: root.to_owned(), holder });
            }
            Err(TryLockError::Error(source)) => {
                return Err(StoreError::Io { action: "lock", path, source });
            }
        }
        if places::has_other_names(&file).doing("read", &path)? {
            // It locks all the same, but what it says would also be written wherever else the file
            // is.
            return Ok(Self { _file: file });
        }
        let now = Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ");
        let holder = format!("`querist {command}`, process {}, since {now}\n", std::process::id());
        file.set_len(0).doing("write", &path)?;
        file.seek(SeekFrom::Start(0)).doing("write", &path)?;
        file.write_all(holder.as_bytes()).doing("write", &path)?;
        Ok(Self { _file: file })
    }
}
