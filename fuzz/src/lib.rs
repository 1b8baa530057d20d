//! What the targets share: bytes as a file, because most readers take a path; and a sound file with
//! some bytes replaced, because bytes made up from nothing rarely pass the first check.

use std::path::Path;

/// Calls `read` with the path of a file that has those bytes; the folder around it goes away
/// afterwards.
pub fn in_file(name: &str, bytes: &[u8], read: impl FnOnce(&Path)) {
    in_folder(|folder| {
        let path = folder.join(name);
        std::fs::write(&path, bytes).expect("a temporary file");
        read(&path);
    });
}

/// Calls `work` with an empty folder, which goes away afterwards.
pub fn in_folder<T>(work: impl FnOnce(&Path) -> T) -> T {
    // Memory, where the system has a folder in it: a disk would be most of the time.
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    work(folder.expect("a temporary folder").path())
}

/// A file as the fuzzer wants it. After a first byte of 0 its bytes are the file; after any other,
/// each four of them replace one byte of the sound file (three bytes for the place), and what is
/// left over cuts it.
pub fn damaged(sound: &[u8], bytes: &[u8]) -> Vec<u8> {
    let Some((first, bytes)) = bytes.split_first() else { return sound.to_vec() };
    if *first == 0 {
        return bytes.to_vec();
    }
    let mut file = sound.to_vec();
    let place =
        |bytes: &[u8]| bytes.iter().fold(0, |place, byte| place << 8 | usize::from(*byte)) % sound.len();
    let patches = bytes.chunks_exact(4);
    let rest = patches.remainder();
    for patch in patches {
        file[place(&patch[..3])] = patch[3];
    }
    if rest.len() == 3 {
        file.truncate(place(rest));
    }
    file
}
