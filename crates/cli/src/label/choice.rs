//! How the user chooses a class: by the key of the class or, if there are more classes than keys,
//! by typing part of its name.

use querist_session::core::{Class, LabelSet};

use super::desk::Key;

/// The keys of the classes, in label order.
const KEYS: &str = "1234567890abcdefghijklmnopqrstuvwxyz";

/// What a key did to the choice of a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pressed {
    /// The key chose this class.
    Chose(Class),
    /// The key changed the choice, but no class is chosen yet.
    Taken,
    /// The key does nothing here.
    Other,
}

/// How the user chooses a class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// Each class has its own key.
    Keys,
    /// The user types part of a name, which filters the classes. Enter chooses the marked class.
    Filter {
        /// The typed text.
        typed: String,
        /// Index of the marked class among the classes that match.
        marked: usize,
    },
}

impl Choice {
    /// Returns a choice by keys if there are enough keys for all classes, otherwise a filter.
    pub fn new(labels: &LabelSet) -> Self {
        if labels.len() <= KEYS.len() { Self::Keys } else { Self::Filter { typed: String::new(), marked: 0 } }
    }

    /// Returns the key of a class; `None` if classes are chosen by a filter.
    pub fn key(&self, class: Class) -> Option<char> {
        match self {
            Self::Keys => KEYS.chars().nth(class.index()),
            Self::Filter { .. } => None,
        }
    }

    /// Removes the text typed into a filter, and marks the first class.
    pub fn clear(&mut self) {
        if let Self::Filter { typed, marked } = self {
            typed.clear();
            *marked = 0;
        }
    }

    /// Returns whether nothing is typed into the filter.
    pub fn is_untouched(&self) -> bool {
        match self {
            Self::Keys => true,
            Self::Filter { typed, .. } => typed.is_empty(),
        }
    }

    /// Returns the classes whose names contain the typed text, in label order; case is ignored.
    pub fn left(&self, labels: &LabelSet) -> Vec<Class> {
        let typed = match self {
            Self::Keys => String::new(),
            Self::Filter { typed, .. } => typed.to_lowercase(),
        };
        let names = labels.names().iter().enumerate();
        names
            .filter(|(_, name)| name.to_lowercase().contains(&typed))
            .map(|(class, _)| Class::from_index(class))
            .collect()
    }

    /// Applies a key to the choice, if it has a meaning here. Returns what it did.
    pub fn press(&mut self, key: Key, labels: &LabelSet) -> Pressed {
        let left = self.left(labels);
        let (typed, marked) = match self {
            Self::Keys => return keyed(key, labels),
            Self::Filter { typed, marked } => (typed, marked),
        };
        match key {
            // As long as nothing is typed, the desk gives these keys another meaning.
            Key::Char(' ' | '/' | ':' | '?') | Key::Backspace | Key::Esc if typed.is_empty() => {
                return Pressed::Other;
            }
            Key::Char(character) => {
                typed.push(character);
                // Other classes may match now, so mark the first one again.
                *marked = 0;
            }
            Key::Backspace => {
                typed.pop();
                *marked = 0;
            }
            Key::Esc => {
                typed.clear();
                *marked = 0;
            }
            Key::Up => *marked = marked.saturating_sub(1),
            Key::Down => *marked = (*marked + 1).min(left.len().saturating_sub(1)),
            Key::Enter => return left.get(*marked).map_or(Pressed::Taken, |class| Pressed::Chose(*class)),
            _ => return Pressed::Other,
        }
        Pressed::Taken
    }
}

/// Returns [`Pressed::Chose`] if a class has this key, otherwise [`Pressed::Other`].
fn keyed(key: Key, labels: &LabelSet) -> Pressed {
    let Key::Char(character) = key else { return Pressed::Other };
    let place = KEYS.chars().position(|known| known == character.to_ascii_lowercase());
    match place.filter(|place| *place < labels.len()) {
        Some(place) => Pressed::Chose(Class::from_index(place)),
        None => Pressed::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn many(n: usize) -> LabelSet {
        LabelSet::new((0..n).map(|class| format!("class {class}"))).unwrap()
    }

    #[test]
    fn thirty_six_classes_have_a_key_each_and_thirty_seven_none() {
        let labels = many(36);
        let mut choice = Choice::new(&labels);
        assert_eq!(choice.key(Class(9)), Some('0'));
        assert_eq!(choice.press(Key::Char('1'), &labels), Pressed::Chose(Class(0)));
        assert_eq!(choice.press(Key::Char('z'), &labels), Pressed::Chose(Class(35)));
        assert_eq!(choice.press(Key::Char('Z'), &labels), Pressed::Chose(Class(35)));
        assert_eq!(choice.press(Key::Char('/'), &labels), Pressed::Other);
        assert_eq!(choice.press(Key::Tab, &labels), Pressed::Other);
        assert_eq!(Choice::new(&many(37)).key(Class(0)), None);
        let few = many(3);
        assert_eq!(Choice::new(&few).press(Key::Char('4'), &few), Pressed::Other);
    }

    #[test]
    fn typing_narrows_down_and_enter_gives_the_marked_one() {
        let labels = many(40);
        let mut choice = Choice::new(&labels);
        assert_eq!(choice.press(Key::Char(' '), &labels), Pressed::Other, "skips while nothing is typed");
        for character in "Ss 3".chars() {
            assert_eq!(choice.press(Key::Char(character), &labels), Pressed::Taken);
        }
        assert_eq!(choice.left(&labels).len(), 11);
        assert_eq!(choice.press(Key::Down, &labels), Pressed::Taken);
        assert_eq!(choice.press(Key::Enter, &labels), Pressed::Chose(Class(30)));
        choice.clear();
        assert_eq!(choice.left(&labels).len(), 40);
        assert_eq!(choice.press(Key::Backspace, &labels), Pressed::Other, "nothing is typed");
    }

    #[test]
    fn nothing_is_chosen_where_nothing_is_left() {
        let labels = many(40);
        let mut choice = Choice::new(&labels);
        choice.press(Key::Char('x'), &labels);
        choice.press(Key::Down, &labels);
        assert_eq!(choice.press(Key::Enter, &labels), Pressed::Taken);
        assert_eq!(choice.press(Key::Esc, &labels), Pressed::Taken);
        assert_eq!(choice.press(Key::Esc, &labels), Pressed::Other, "leaves once nothing is typed");
    }
}
