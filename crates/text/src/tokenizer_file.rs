//! Reads a `tokenizer.json` from disk, up to a maximum size.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The maximum size of a `tokenizer.json`, in bytes. A file with 250,000 pieces has 17 MB.
const MOST_BYTES: u64 = 256 << 20;

/// Reads the file at `path` and returns its bytes.
///
/// # Errors
/// The file cannot be read, or is larger than 256 MiB.
pub fn bytes_of(path: &Path) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    let mut bytes = Vec::new();
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(io::Error::other(format!("a tokenizer.json has at most {MOST_BYTES} bytes")));
    }
    Ok(bytes)
}
