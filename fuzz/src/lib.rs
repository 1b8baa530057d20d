//! What the targets share: bytes as a file, because most readers take a path.

use std::path::Path;

/// Calls `read` with the path of a file that has those bytes; the folder around it goes away afterwards.
pub fn in_file(name: &str, bytes: &[u8], read: impl FnOnce(&Path)) {
    // Memory, where the system has a folder in it: a disk would be most of the time.
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    let folder = folder.expect("a temporary folder");
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).expect("a temporary file");
    read(&path);
}
