//! The lock that keeps two processes from writing to a workspace at the same time.
//!
//! The lock is an operating-system lock on the file `querist.lock`, so the system releases it when
//! the process ends, even if the process is killed. The file contains the name of the process that
//! holds the lock. This name is only shown to users.

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::places;
use crate::error::{IoContext, StoreError};

/// The pause between two attempts to take the lock.
const PAUSE: Duration = Duration::from_millis(20);

/// A held lock; released when dropped.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of the workspace in `root`. If another process holds it, tries again until
    /// `patience` has passed; then returns an error that names the holder.
    pub(super) fn acquire_within(root: &Path, command: &str, patience: Duration) -> Result<Self, StoreError> {
        // If the deadline is too late for the clock to represent, wait forever.
        let deadline = Instant::now().checked_add(patience);
        let waits = || deadline.is_none_or(|deadline| Instant::now() < deadline);
        loop {
            match Self::acquire(root, command) {
                Err(StoreError::Locked { .. }) if waits() => std::thread::sleep(PAUSE),
                other => return other,
            }
        }
    }

    /// Takes the lock of the workspace in `root`, or returns an error that names the holder.
    pub(super) fn acquire(root: &Path, command: &str) -> Result<Self, StoreError> {
        let path = root.join("querist.lock");
        let mut file = places::open_in_place(&path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // The holder may be just writing its name, so the file may be empty.
                let named = file.read_to_string(&mut holder).is_ok() && !holder.trim().is_empty();
                let holder = if named { holder.trim() } else { "another querist" }.to_owned();
                return Err(StoreError::Locked { path: root.to_owned(), holder });
            }
            Err(TryLockError::Error(source)) => {
                return Err(StoreError::Io { action: "lock", path, source });
            }
        }
        if places::has_other_names(&file).doing("read", &path)? {
            // We hold the lock. But the file also has another name (a hard link), perhaps outside
            // the workspace, so we must not write the holder's name into it.
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
