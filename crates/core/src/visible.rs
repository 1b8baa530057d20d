//! Makes text from outside safe to show: nothing in it can move a cursor, write to a clipboard or
//! reverse the direction of text.
//!
//! Strangers may have written the file names, labels, annotators, ids and texts. In them, a symbol
//! replaces each invisible character that affects a terminal or page. Joiners and variation
//! selectors, which names and emoji need, are kept.

use std::borrow::Cow;
use std::fmt::{self, Write};

/// Returns the symbol that replaces a character that must not be shown as it is; `None` for other
/// characters. Plain direction marks have no symbol here ([`is_mark`]).
pub fn symbol(character: char) -> Option<String> {
    match character {
        // Unicode's control pictures are in the order of the control characters.
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(character)).map(String::from),
        '\u{7f}' => Some("␡".to_owned()),
        // The other control characters, the byte order mark, and the invisible tags.
        '\u{80}'..='\u{9f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}' => {
            Some(number(character))
        }
        _ if overrides(character) => Some(number(character)),
        _ => None,
    }
}

/// Returns the code of a character in hex, in angle brackets.
fn number(character: char) -> String {
    format!("⟨{:02X}⟩", u32::from(character))
}

/// Returns whether a character separates lines or paragraphs, or embeds, overrides or isolates a
/// direction (Unicode Standard Annex #9).
fn overrides(character: char) -> bool {
    matches!(character, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Returns whether a character is a direction mark. Right-to-left text may need these marks; names
/// do not.
pub fn is_mark(character: char) -> bool {
    matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}')
}

/// Returns whether a character takes no space when shown. Two names that differ only in such a
/// character look the same. Joiners are not included.
pub fn conceals(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{180e}' | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{3164}' | '\u{feff}'
    )
}

/// Returns a name on one line, with a symbol for each character that a name must not contain
/// ([`NameFault`]).
pub fn visible_name(name: &str) -> String {
    let plain = visible(name);
    plain.chars().map(|c| if conceals(c) { number(c) } else { c.to_string() }).collect()
}

/// Why a name is unsuitable for a label or a person: readers would see another name, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameFault {
    /// The name contains this character, which hides other characters or reverses their order.
    Misleads(char),
    /// The name has no visible character; this is its first one.
    Invisible(char),
    /// The name begins or ends with this character, which is invisible.
    InvisibleEnd(char),
}

impl NameFault {
    /// Returns what is wrong with a name; `None` if nothing is. White space at the ends is
    /// ignored.
    pub fn of(name: &str) -> Option<Self> {
        let name = name.trim();
        if name.bytes().all(|byte| (b' '..0x7f).contains(&byte)) {
            return None;
        }
        if let Some(found) = name.chars().find(|character| character.is_control() || overrides(*character)) {
            return Some(Self::Misleads(found));
        }
        let blank = |character: &char| character.is_whitespace() || is_invisible(*character);
        let first = name.chars().next()?;
        if name.chars().all(|character| blank(&character)) {
            return Some(Self::Invisible(first));
        }
        let last = name.chars().next_back().filter(|last| blank(last) && !belongs(name, *last));
        let inside = || name.chars().find(|character| conceals(*character)).map(Self::Misleads);
        Some(first).filter(blank).or(last).map(Self::InvisibleEnd).or_else(inside)
    }
}

impl fmt::Display for NameFault {
    /// Writes the fault as the end of a sentence about the name, with the code of the character.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = |character: char| format!("U+{:04X}", u32::from(character));
        match self {
            Self::Misleads(found) => {
                write!(out, "has a character that hides or reverses others ({})", code(*found))
            }
            Self::Invisible(found) => {
                write!(out, "has no visible characters (it begins with {})", code(*found))
            }
            Self::InvisibleEnd(found) => {
                write!(out, "begins or ends with an invisible character ({})", code(*found))
            }
        }
    }
}

/// Returns whether a character is invisible: whether it is a default ignorable character (Unicode
/// Standard, section 5.21), or a blank letter or symbol.
fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Returns whether the invisible character `last` at the end of a name belongs to the character
/// before it. It belongs to it if it selects the form of an emoji, or of a letter with several
/// forms.
fn belongs(name: &str, last: char) -> bool {
    let before = name.chars().rev().find(|character| *character != last);
    match last {
        '\u{fe0e}' | '\u{fe0f}' => {
            before.is_some_and(|before| !before.is_alphanumeric() && !is_invisible(before))
        }
        '\u{e0100}'..='\u{e01ef}' => matches!(
            before,
            Some('\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
        ),
        '\u{180b}'..='\u{180d}' | '\u{180f}' => matches!(before, Some('\u{1820}'..='\u{18aa}')),
        // A joiner is allowed after a letter or sign of an Indian script.
        '\u{200c}' | '\u{200d}' => matches!(before, Some('\u{900}'..='\u{dff}')),
        // This tag ends the flag of a region, which contains a black flag.
        '\u{e007f}' => name.contains('\u{1f3f4}'),
        _ => false,
    }
}

/// Returns the text on one line, with symbols for invisible characters and for line breaks.
pub fn visible(text: &str) -> Cow<'_, str> {
    shown(text, false)
}

/// Returns the text with symbols for invisible characters; line breaks are kept.
pub fn visible_lines(text: &str) -> Cow<'_, str> {
    shown(text, true)
}

/// Returns the text with symbols for characters that must not be shown; `lines` keeps line breaks.
fn shown(text: &str, lines: bool) -> Cow<'_, str> {
    let hidden = |character: char| {
        if lines && character == '\n' {
            None
        } else if is_mark(character) {
            Some(number(character))
        } else {
            symbol(character)
        }
    };
    if text.bytes().all(|byte| (b' '..0x7f).contains(&byte) || lines && byte == b'\n') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match hidden(character) {
            Some(symbol) => out += &symbol,
            None => out.push(character),
        }
    }
    Cow::Owned(out)
}

/// Returns equivalent JSON in which all characters that must not be shown are escaped. JSON writers
/// escape only some of them.
pub fn escaped_json(json: &str) -> Cow<'_, str> {
    let hidden = |character: char| character != '\n' && (is_mark(character) || symbol(character).is_some());
    if !json.chars().any(hidden) {
        return Cow::Borrowed(json);
    }
    let mut out = String::with_capacity(json.len() + 16);
    for character in json.chars() {
        if hidden(character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(character);
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_becomes_a_symbol() {
        assert_eq!(visible("a\u{1b}]0;title\u{7}b"), "a␛]0;title␇b");
        assert_eq!(visible("\t\r\n\u{7f}\u{9b}2J"), "␉␍␊␡⟨9B⟩2J");
        assert_eq!(visible("abc\u{202e}def\u{200f}"), "abc⟨202E⟩def⟨200F⟩");
        assert_eq!(visible_lines("a\nb\rc"), "a\nb␍c");
        for plain in ["שלום é 世界 👩‍👩‍👧 ❤️", "Zoë می‌خواهم", "a b"] {
            assert_eq!(visible(plain), plain);
            assert_eq!(NameFault::of(plain), None, "{plain}");
        }
    }

    #[test]
    fn names_that_nobody_sees() {
        for name in
            ["\u{200b}", "\u{2800}", "\u{3164}", "\u{feff}", "\u{e0020}", "\u{ad}", " \u{200d}\u{fe0f} "]
        {
            let first = name.trim().chars().next().unwrap();
            assert_eq!(NameFault::of(name), Some(NameFault::Invisible(first)), "{name:?}");
        }
        for (name, code) in [
            ("ana\u{200b}", "U+200B"),
            ("\u{feff}ana", "U+FEFF"),
            ("ana\u{fe0f}", "U+FE0F"),
            ("\u{ad}a", "U+00AD"),
        ] {
            let fault = NameFault::of(name).unwrap().to_string();
            assert!(fault.contains("begins or ends") && fault.contains(code), "{fault}");
        }
        assert_eq!(NameFault::of("a\u{202e}b"), Some(NameFault::Misleads('\u{202e}')));
        for good in [
            "ana",
            " ana ",
            "❤\u{fe0f}",
            "ന\u{d4d}\u{200d}",
            "می\u{200c}خواهم",
            "🏴\u{e0067}\u{e007f}",
            "",
            "é",
        ] {
            assert_eq!(NameFault::of(good), None, "{good:?}");
        }
    }

    #[test]
    fn names_that_mislead() {
        for name in
            ["a\u{1b}[31m", "a\nb", "\u{9b}", "user\u{202e}nimda", "\u{2066}x", "a\u{2028}b", "\u{7f}"]
        {
            assert!(NameFault::of(name).is_some(), "{name:?}");
        }
        for name in ["an\u{200b}a", "an\u{ad}a", "an\u{2060}a", "\u{feff}ana"] {
            assert!(NameFault::of(name).is_some() && visible_name(name).contains('⟨'), "{name:?}");
        }
        assert_eq!(visible_name("an\u{200b}a"), "an⟨200B⟩a");
    }

    #[test]
    fn escaped_json_says_the_same() {
        let text = "a\u{202e}b\u{9b}\u{7f}\u{e0041}é\u{200f}";
        let json = format!("{{\n  \"x\": \"{text}\"\n}}");
        let escaped = escaped_json(&json);
        assert_eq!(escaped, "{\n  \"x\": \"a\\u202eb\\u009b\\u007f\\udb40\\udc41é\\u200f\"\n}");
        assert!(matches!(escaped_json("{\n\"é\": 1}"), Cow::Borrowed(_)));
    }
}
