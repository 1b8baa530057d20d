//! Files of results that can be derived again: embeddings, document frequencies, lengths.
//!
//! Each file is in the safetensors layout. A key in its metadata describes what the result was
//! derived from. A file that is missing, malformed or has another key is ignored. A file is written
//! completely under another name in the same folder and then renamed, so no process sees a partial
//! file, and a process that has mapped the old file keeps it. If the folder is read-only, nothing
//! is written.
//!
//! A checksum of the tensors detects damage; a truncated file no longer has the length that its
//! header states.

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use memmap2::Mmap;
use safetensors::tensor::{Dtype, Metadata, TensorView};
use safetensors::{SafeTensors, serialize_to_file};
use twox_hash::XxHash3_64;

use crate::counts::map::map;
use crate::error::TextError;

/// The only key in safetensors' metadata: the library writes several keys in the order of a hash
/// map, and the same result must have the same bytes. Its value is a JSON object of notes, and the
/// note of this name is the file's own key.
const KEY: &str = "querist";

/// The name of the note that holds the [`checksum`].
const CHECKSUM: &str = "checksum";

/// XXH3 (64 bits) of the XXH3 of each tensor's bytes, ordered by tensor name, in hex. It detects
/// damage, not forgery. It does not cover the header, but a damaged header does not have the key or
/// does not fit its tensors.
fn checksum<'a>(tensors: impl Iterator<Item = (&'a str, &'a [u8])>) -> String {
    let mut tensors: Vec<(&str, &[u8])> = tensors.collect();
    tensors.sort_unstable_by_key(|(name, _)| *name);
    let each = tensors.into_iter().flat_map(|(_, bytes)| XxHash3_64::oneshot(bytes).to_le_bytes());
    format!("{:016x}", XxHash3_64::oneshot(&each.collect::<Vec<u8>>()))
}

/// A file that was found and is mapped into memory.
pub(super) struct Cached {
    map: Arc<Mmap>,
    metadata: Metadata,
    notes: BTreeMap<String, String>,
    /// The offset in the file at which the tensors' bytes begin.
    start: usize,
}

impl Cached {
    /// Opens the file at `path`; `None` if it is missing or damaged, or has another key.
    pub(super) fn open(path: &Path, key: &str) -> Option<Self> {
        let file = File::open(path).ok()?;
        let length = usize::try_from(file.metadata().ok()?.len()).ok()?;
        let map = map(&file, 0, length).ok()?;
        // This reads the header, and checks that the tensors fill the file and each is as long as
        // its shape says.
        let tensors = SafeTensors::deserialize(&map).ok()?;
        let (header, metadata) = SafeTensors::read_metadata(&map).ok()?;
        let notes: BTreeMap<String, String> =
            serde_json::from_str(metadata.metadata().as_ref()?.get(KEY)?).ok()?;
        let found = checksum(tensors.iter().map(|(name, view)| (name, view.data())));
        if *notes.get(CHECKSUM)? != found {
            return None;
        }
        let cached = Self { map: Arc::new(map), metadata, notes, start: header + 8 };
        (cached.note(KEY)? == key).then_some(cached)
    }

    /// Returns the note with this name in the metadata, if there is one.
    pub(super) fn note(&self, name: &str) -> Option<&str> {
        self.notes.get(name).map(String::as_str)
    }

    /// Returns the mapping of the whole file.
    pub(super) fn map(&self) -> &Arc<Mmap> {
        &self.map
    }

    /// Returns the shape of a tensor and the range of its bytes in the file; `None` if there is no
    /// tensor of this name with values of type `kind`.
    pub(super) fn tensor(&self, name: &str, kind: Dtype) -> Option<(&[usize], Range<usize>)> {
        let info = self.metadata.info(name).filter(|info| info.dtype == kind)?;
        let (from, to) = info.data_offsets;
        Some((&info.shape, self.start + from..self.start + to))
    }

    fn bytes(&self, name: &str, kind: Dtype) -> Option<&[u8]> {
        self.map.get(self.tensor(name, kind)?.1)
    }

    /// Returns the values of a tensor of 32-bit floats, if there is one of this name.
    pub(super) fn f32s(&self, name: &str) -> Option<Vec<f32>> {
        let values = self.bytes(name, Dtype::F32)?.as_chunks().0;
        Some(values.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
    }

    /// Returns the values of a tensor of unsigned 32-bit integers, if there is one of this name.
    pub(super) fn u32s(&self, name: &str) -> Option<Vec<u32>> {
        let values = self.bytes(name, Dtype::U32)?.as_chunks().0;
        Some(values.iter().map(|bytes| u32::from_le_bytes(*bytes)).collect())
    }

    /// Returns the bytes of a tensor in arrays of `N`, if there is a tensor of bytes with this
    /// name.
    pub(super) fn bytes_by<const N: usize>(&self, name: &str) -> Option<&[[u8; N]]> {
        Some(self.bytes(name, Dtype::U8)?.as_chunks().0)
    }
}

/// The content of a file that is to be written.
#[derive(Default)]
pub(super) struct Draft {
    tensors: Vec<(&'static str, Dtype, Vec<usize>, Vec<u8>)>,
    notes: BTreeMap<String, String>,
}

impl Draft {
    /// Returns a draft with this key and no tensors.
    pub(super) fn new(key: String) -> Self {
        Self { tensors: Vec::new(), notes: BTreeMap::from([(KEY.to_owned(), key)]) }
    }

    /// Adds a note to the metadata.
    pub(super) fn note(mut self, name: &str, value: String) -> Self {
        self.notes.insert(name.to_owned(), value);
        self
    }

    /// Adds a tensor of 32-bit floats.
    pub(super) fn f32s(self, name: &'static str, shape: Vec<usize>, values: &[f32]) -> Self {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.bytes(name, Dtype::F32, shape, bytes)
    }

    /// Adds a tensor of unsigned 32-bit integers with one dimension.
    pub(super) fn u32s(self, name: &'static str, values: &[u32]) -> Self {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.bytes(name, Dtype::U32, vec![values.len()], bytes)
    }

    /// Adds a tensor of any type, given as bytes.
    pub(super) fn bytes(
        mut self,
        name: &'static str,
        kind: Dtype,
        shape: Vec<usize>,
        bytes: Vec<u8>,
    ) -> Self {
        self.tensors.push((name, kind, shape, bytes));
        self
    }

    /// Writes the file to `path`. Does nothing if the system does not permit writing there.
    ///
    /// # Errors
    /// The file cannot be written for another reason than missing permission.
    pub(super) fn write(self, path: &Path) -> Result<(), TextError> {
        let mut beside = path.as_os_str().to_owned();
        // The name is always the same, so that the next run overwrites a file that a killed process
        // left. Two processes that write at once write the same bytes; the second one finds that
        // the file has been renamed already.
        beside.push(".new");
        let beside = PathBuf::from(beside);
        match self.write_beside(&beside, path) {
            Ok(()) => Ok(()),
            Err(error)
                if matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem) =>
            {
                Ok(())
            }
            Err(error) => {
                // The partial file is useless. A failure to remove it does no harm.
                let _ = fs::remove_file(&beside);
                Err(TextError::FeatureFile {
                    path: path.display().to_string(),
                    action: "written",
                    problem: error.to_string(),
                })
            }
        }
    }

    fn write_beside(self, beside: &Path, path: &Path) -> io::Result<()> {
        // A file that a killed process left is removed first, because it may belong to another user
        // or be a link.
        match fs::remove_file(beside) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        // The file is created here, because safetensors does not report why creating failed, and it
        // makes the file private whatever the user's umask is.
        let permissions = match File::create_new(beside) {
            // Another process is writing the same file at this moment.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => None,
            made => Some(made?.metadata()?.permissions()),
        };
        let views = self.tensors.iter().map(|(name, kind, shape, bytes)| {
            let view = TensorView::new(*kind, shape.clone(), bytes).map_err(io::Error::other)?;
            Ok((*name, view))
        });
        let views = views.collect::<io::Result<Vec<_>>>()?;
        let sum = checksum(self.tensors.iter().map(|(name, _, _, bytes)| (*name, bytes.as_slice())));
        let mut notes = self.notes;
        notes.insert(CHECKSUM.to_owned(), sum);
        let notes = serde_json::to_string(&notes).map_err(io::Error::other)?;
        let metadata = HashMap::from([(KEY.to_owned(), notes)]);
        serialize_to_file(views, Some(metadata), beside).map_err(io::Error::other)?;
        let finish = || {
            let file = File::open(beside)?;
            if let Some(permissions) = permissions {
                file.set_permissions(permissions)?;
            }
            file.sync_all()?;
            fs::rename(beside, path)
        };
        match finish() {
            Err(error) if error.kind() == ErrorKind::NotFound && path.exists() => Ok(()),
            renamed => renamed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(key: &str) -> Draft {
        Draft::new(key.to_owned())
            .note("more", "said".to_owned())
            .f32s("a", vec![2, 1], &[1.5, -2.0])
            .u32s("b", &[7])
    }

    #[test]
    fn comes_back_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.safetensors");
        assert!(Cached::open(&path, "k").is_none());
        draft("k").bytes("c", Dtype::U8, vec![1, 3], vec![1, 2, 3]).write(&path).unwrap();
        let cached = Cached::open(&path, "k").unwrap();
        assert_eq!(cached.f32s("a").unwrap(), [1.5, -2.0]);
        assert_eq!(cached.u32s("b").unwrap(), [7]);
        assert_eq!(cached.bytes_by::<3>("c").unwrap(), [[1, 2, 3]]);
        assert_eq!(cached.tensor("a", Dtype::F32).unwrap().0, [2, 1]);
        assert_eq!(cached.note("more"), Some("said"));
        assert!(cached.f32s("b").is_none() && cached.u32s("missing").is_none());
        assert!(Cached::open(&path, "another").is_none());
        // A newer file by somebody else does not change what is mapped.
        draft("another").write(&path).unwrap();
        assert_eq!(cached.f32s("a").unwrap(), [1.5, -2.0]);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_damaged_file_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.safetensors");
        draft("k").write(&path).unwrap();
        let whole = fs::read(&path).unwrap();
        for length in [0, 7, 20, whole.len() - 1] {
            fs::write(&path, &whole[..length]).unwrap();
            assert!(Cached::open(&path, "k").is_none(), "{length}");
        }
        fs::write(&path, vec![0xff; 100]).unwrap();
        assert!(Cached::open(&path, "k").is_none());
    }

    #[test]
    fn a_disk_that_fails_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let error = draft("k").write(&folder.path().join("no folder").join("x")).unwrap_err();
        assert!(matches!(error, TextError::FeatureFile { action: "written", .. }), "{error}");
    }
}
