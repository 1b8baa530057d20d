//! The part of the splitter for runs with characters outside ASCII: one character at a time.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::{Normalization, Numbers};

/// The word that is being read, and a buffer for its composed form.
#[derive(Debug, Default)]
pub(super) struct WordBuffer {
    word: String,
    composed: String,
}

/// The role of a character in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The character continues a word.
    Inner,
    /// The character is a word by itself.
    Alone,
    /// The character belongs to the character before it.
    Mark,
    /// The character is ignored.
    Invisible,
    /// The character ends a word.
    Separator,
}

/// The state of the word that is being read.
#[derive(Debug, Clone, Copy)]
struct State {
    alone: bool,
    only_digits: bool,
    to_compose: bool,
}

const START: State = State { alone: false, only_digits: true, to_compose: false };

/// Calls `visit` with each word of `run`, whose ASCII is already normalised.
pub(super) fn for_each_word(
    run: &str,
    normalization: Normalization,
    buffer: &mut WordBuffer,
    visit: &mut impl FnMut(&str),
) {
    let mut state = START;
    buffer.word.clear();
    for character in run.chars() {
        match kind(character) {
            Kind::Invisible => {}
            Kind::Mark if buffer.word.is_empty() => {}
            Kind::Mark => {
                state.to_compose = true;
                buffer.word.push(character);
            }
            Kind::Separator => state = finish(state, normalization, buffer, visit),
            kind => {
                if state.alone || kind == Kind::Alone {
                    state = finish(state, normalization, buffer, visit);
                }
                state.alone = kind == Kind::Alone;
                push(character, normalization, &mut state, &mut buffer.word);
            }
        }
    }
    finish(state, normalization, buffer, visit);
}

/// Appends a letter or a digit to the word, normalised.
fn push(character: char, normalization: Normalization, state: &mut State, word: &mut String) {
    if character.is_numeric() {
        word.push(if normalization.numbers == Numbers::Mask { '0' } else { character });
        return;
    }
    state.only_digits = false;
    state.to_compose |= is_conjoining_jamo(character);
    match character {
        // `to_lowercase` of Σ alone is σ, and a word in capitals must equal the word in small
        // letters.
        'ς' if normalization.lowercase => word.push('σ'),
        _ if normalization.lowercase && !character.is_ascii() => word.extend(character.to_lowercase()),
        _ => word.push(character),
    }
}

/// Ends the word in the buffer: passes it to `visit`, unless it is empty or a number to drop, and
/// clears the buffer. Returns the state at the start of the next word.
fn finish(
    state: State,
    normalization: Normalization,
    buffer: &mut WordBuffer,
    visit: &mut impl FnMut(&str),
) -> State {
    let WordBuffer { word, composed } = buffer;
    let dropped = normalization.numbers == Numbers::Drop && state.only_digits;
    if !word.is_empty() && !dropped {
        composed.clear();
        if normalization.strip_accents {
            composed.extend(word.nfd().filter(|c| !('\u{300}'..='\u{36f}').contains(c)).nfc());
            visit(composed);
        } else if state.to_compose {
            composed.extend(word.nfc());
            visit(composed);
        } else {
            visit(word);
        }
    }
    word.clear();
    START
}

/// Returns the role of a character in a word.
fn kind(character: char) -> Kind {
    match character {
        '\u{ad}' | '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' => {
            Kind::Invisible
        }
        // This is a cheap test for the most frequent characters: there are no marks below U+0300,
        // among the letters of these alphabets, or among the Hangul syllables.
        '\0'..='\u{2ff}' | '\u{370}'..='\u{482}' | '\u{48a}'..='\u{52f}' | '\u{ac00}'..='\u{d7a3}' => {
            inner_or_separator(character)
        }
        _ if is_combining_mark(character) => Kind::Mark,
        _ if is_without_spaces(character) && character.is_alphanumeric() => Kind::Alone,
        _ => inner_or_separator(character),
    }
}

fn inner_or_separator(character: char) -> Kind {
    if character.is_alphanumeric() { Kind::Inner } else { Kind::Separator }
}

/// Returns whether a character is a letter (not a digit) of a script without spaces between words.
pub(crate) fn is_without_spaces(character: char) -> bool {
    matches!(character,
        // Thai, Lao, Burmese, Khmer.
        '\u{e01}'..='\u{e4f}' | '\u{e81}'..='\u{ecf}' | '\u{edc}'..='\u{edf}'
        | '\u{1000}'..='\u{103f}' | '\u{1050}'..='\u{108f}' | '\u{1780}'..='\u{17df}'
        | '\u{a9e0}'..='\u{a9ef}' | '\u{aa60}'..='\u{aa7f}'
        // Ideographic marks and numerals, hiragana, katakana, bopomofo.
        | '\u{3005}'..='\u{3007}' | '\u{3021}'..='\u{312f}' | '\u{31a0}'..='\u{31bf}'
        | '\u{31f0}'..='\u{31ff}' | '\u{ff66}'..='\u{ff9f}' | '\u{1aff0}'..='\u{1b16f}'
        // Han.
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}')
}

/// Returns whether a character is a part of a Hangul syllable. Such parts compose, but are not
/// marks.
fn is_conjoining_jamo(character: char) -> bool {
    matches!(character, '\u{1100}'..='\u{11ff}')
}
