//! What others wrote, as it may be shown: nothing in it moves a cursor, writes to a clipboard or turns the direction of text.
//!
//! Names of files, labels, annotators, ids and texts come from elsewhere. Each character in them that leaves no ink but acts on
//! what shows it becomes a symbol. Joiners and variation selectors, which names and emoji need, stay as they are.

use std::borrow::Cow;
use std::fmt::Write;

/// The symbol for a character that must not be shown as it is. Plain marks of direction have none ([`is_mark`]).
pub fn symbol(character: char) -> Option<String> {
    match character {
        // The block of control pictures has them in their order.
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(character)).map(String::from),
        '\u{7f}' => Some("␡".to_owned()),
        // The other control characters, the byte order mark, and the tags that nobody sees.
        '\u{80}'..='\u{9f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}' => {
            Some(number(character))
        }
        _ if overrides(character) => Some(number(character)),
        _ => None,
    }
}

fn number(character: char) -> String {
    format!("⟨{:02X}⟩", u32::from(character))
}

/// The separators of lines and paragraphs, and what embeds, overrides or isolates a direction (Unicode Standard Annex #9).
fn overrides(character: char) -> bool {
    matches!(character, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A mark of direction, which text from right to left may need and names do not.
pub fn is_mark(character: char) -> bool {
    matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}')
}

/// What takes no place where it is shown, so that two names with and without it look the same. Joiners are not among them.
fn conceals(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{180e}' | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{3164}' | '\u{feff}'
    )
}

/// Whether a name would show as something else: it has a control character, one that overrides a direction, or one that nobody sees.
pub fn misleads(name: &str) -> bool {
    name.chars().any(|character| character.is_control() || overrides(character) || conceals(character))
}

/// A name on one line, with a symbol for each character that [`misleads`].
pub fn visible_name(name: &str) -> String {
    let plain = visible(name);
    plain.chars().map(|c| if conceals(c) { number(c) } else { c.to_string() }).collect()
}

/// A text on one line: line breaks become symbols too.
pub fn visible(text: &str) -> Cow<'_, str> {
    shown(text, false)
}

/// A text that may have several lines.
pub fn visible_lines(text: &str) -> Cow<'_, str> {
    shown(text, true)
}

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

/// JSON that says the same, with escapes for what must not be shown as it is: JSON itself escapes only some of it.
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
            assert!(!misleads(plain));
        }
    }

    #[test]
    fn names_that_mislead() {
        for name in
            ["a\u{1b}[31m", "a\nb", "\u{9b}", "user\u{202e}nimda", "\u{2066}x", "a\u{2028}b", "\u{7f}"]
        {
            assert!(misleads(name), "{name:?}");
        }
        for name in ["an\u{200b}a", "an\u{ad}a", "an\u{2060}a", "\u{feff}ana"] {
            assert!(misleads(name) && visible_name(name).contains('⟨'), "{name:?}");
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
