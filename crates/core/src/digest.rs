//! One hash of a list of byte strings.

/// BLAKE3 of a list of byte strings. Each string is hashed with its length, so that different lists
/// never hash the same bytes.
#[derive(Debug, Clone, Default)]
pub struct Digest(blake3::Hasher);

impl Digest {
    /// Adds `part` to the hash as the next byte string.
    pub fn push(&mut self, part: &[u8]) {
        self.0.update(&(part.len() as u64).to_le_bytes());
        self.0.update(part);
    }

    /// Returns the hash of the byte strings added so far, in hex.
    pub fn hex(&self) -> String {
        self.0.finalize().to_hex().to_string()
    }
}

impl<T: AsRef<[u8]>> Extend<T> for Digest {
    fn extend<I: IntoIterator<Item = T>>(&mut self, parts: I) {
        parts.into_iter().for_each(|part| self.push(part.as_ref()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_that_spell_the_same_differ() {
        let of = |parts: &[&str]| {
            let mut digest = Digest::default();
            digest.extend(parts);
            digest.hex()
        };
        assert_eq!(of(&["a", "bc"]), of(&["a", "bc"]));
        assert_ne!(of(&["a", "bc"]), of(&["ab", "c"]));
        assert_ne!(of(&["a"]), of(&["a", ""]));
    }
}
