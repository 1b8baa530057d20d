//! Turns file names into text and back without losing a byte.
//!
//! Messages, reports and the database store file names as text. But on Unix, a file name is a
//! string of bytes that need not be UTF-8.
//!
//! So [`text_of`] replaces each byte that is not UTF-8 by a character that Unicode reserves for
//! private use. [`path_of`] turns such a character back into the byte. If a file name already
//! contains such a character, its bytes are replaced too. So two different names never get the same
//! text.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::path::PathBuf;

/// The character that stands for byte b is this number + b. Only bytes from 0x80 on are replaced,
/// because smaller ones are always UTF-8.
const ESCAPES: u32 = 0x0010_ff00;

/// Returns the byte that a private-use character stands for; `None` for all other characters.
fn byte_of(character: char) -> Option<u8> {
    u32::from(character)
        .checked_sub(ESCAPES)
        .and_then(|byte| u8::try_from(byte).ok())
        .filter(|byte| *byte >= 0x80)
}

/// Returns the text that represents a file name.
pub fn text_of(name: &OsStr) -> String {
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        let mut text = String::with_capacity(name.len());
        for chunk in name.as_bytes().utf8_chunks() {
            for character in chunk.valid().chars() {
                if byte_of(character).is_some() {
                    escape(character.encode_utf8(&mut [0; 4]).as_bytes(), &mut text);
                } else {
                    text.push(character);
                }
            }
            escape(chunk.invalid(), &mut text);
        }
        text
    }
    #[cfg(not(unix))]
    name.to_string_lossy().into_owned()
}

/// Appends to `text` the private-use character for each of the bytes.
#[cfg(unix)]
fn escape(bytes: &[u8], text: &mut String) {
    text.extend(bytes.iter().filter_map(|byte| char::from_u32(ESCAPES + u32::from(*byte))));
}

/// Returns the path that a text from [`text_of`] represents.
pub fn path_of(text: &str) -> PathBuf {
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStringExt;
        let mut bytes = Vec::with_capacity(text.len());
        for character in text.chars() {
            match byte_of(character) {
                Some(byte) => bytes.push(byte),
                None => bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        std::ffi::OsString::from_vec(bytes).into()
    }
    #[cfg(not(unix))]
    text.into()
}

/// Returns the text of a file name in a readable form: a byte that is not UTF-8 appears as an
/// escape such as `\xff`.
pub fn readable(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|character| byte_of(character).is_some()) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match byte_of(character) {
            Some(byte) => out += &format!("\\x{byte:02x}"),
            None => out.push(character),
        }
    }
    out.into()
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::ffi::OsStrExt;

    use super::*;

    #[test]
    fn names_lead_back() {
        let names: [&[u8]; 6] = [
            b"plain",
            "é世👍".as_bytes(),
            b"caf\xe9",
            b"\xff\xfe\x80",
            "a\u{10fffd}\u{10ff80}".as_bytes(),
            b"\xf0\x9f\x91",
        ];
        for name in names {
            let text = text_of(OsStr::from_bytes(name));
            assert_eq!(path_of(&text).as_os_str().as_bytes(), name);
        }
        assert_eq!(readable(&text_of(OsStr::from_bytes(b"caf\xe9.txt"))), "caf\\xe9.txt");
        assert_eq!(readable("é"), "é");
    }
}
