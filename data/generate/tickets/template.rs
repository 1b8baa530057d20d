//! Templates: sentences with choices and slots.
//!
//! `[a|b|c]` is one of its parts, nested as deep as wanted, a part may be empty; `{slot}` is a
//! value of that slot. What does not parse stays in the text as it is, so that the test on the
//! committed texts (no bracket, no brace) finds it.

use super::draw::Draw;
use super::slots::Facts;

/// Writes out one variant of `template`, its first letter in upper case.
pub(crate) fn expand(template: &str, facts: &Facts, draw: &mut Draw) -> String {
    let mut text = String::new();
    write(template, facts, draw, &mut text);
    capitalised(&tidied(&text))
}

/// The text without the spaces that empty parts leave behind.
fn tidied(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words
        .join(" ")
        .replace(" .", ".")
        .replace(" ,", ",")
        .replace(" ?", "?")
        .replace(" :", ":")
        .replace(" a Ollenby", " an Ollenby")
}

/// The text with its first letter in upper case.
pub(crate) fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn write(template: &str, facts: &Facts, draw: &mut Draw, text: &mut String) {
    let mut rest = template;
    while let Some(at) = rest.find(['[', '{']) {
        text.push_str(&rest[..at]);
        let opened = &rest[at..];
        let Some(end) = closing(opened) else {
            text.push_str(opened);
            return;
        };
        let (inner, after) = (&opened[1..end], &opened[end + 1..]);
        if opened.starts_with('[') {
            let parts = parts(inner);
            let part = draw.pick(&parts);
            write(part, facts, draw, text);
        } else {
            match facts.value(inner, draw) {
                Some(value) => text.push_str(&value),
                None => text.push_str(&opened[..inner.len() + 2]),
            }
        }
        rest = after;
    }
    text.push_str(rest);
}

/// Where the bracket or brace that `opened` starts with is closed.
fn closing(opened: &str) -> Option<usize> {
    let mut depth = 0;
    for (at, letter) in opened.char_indices() {
        match letter {
            '[' | '{' => depth += 1,
            ']' | '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

/// Splits at the bars that are outside of every inner bracket.
fn parts(inner: &str) -> Vec<&str> {
    let (mut depth, mut start, mut found) = (0, 0, Vec::new());
    for (at, letter) in inner.char_indices() {
        match letter {
            '[' => depth += 1,
            ']' => depth -= 1,
            '|' if depth == 0 => {
                found.push(&inner[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    found.push(&inner[start..]);
    found
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn variants(template: &str) -> BTreeSet<String> {
        let mut draw = Draw::new(1, 1);
        let facts = Facts::new(&mut draw);
        (0..200).map(|_| expand(template, &facts, &mut draw)).collect()
    }

    #[test]
    fn choices_nest_and_may_be_empty() {
        let expected = ["The big dog", "The cat", "The small dog", "The dog"].map(str::to_owned);
        assert_eq!(variants("the [cat|[big |small |]dog]"), BTreeSet::from(expected));
    }

    #[test]
    fn a_fact_is_the_same_throughout_a_ticket() {
        let text = variants("{order} {order}").pop_first().unwrap();
        let (first, second) = text.split_once(' ').unwrap();
        assert_eq!(first, second);
    }

    #[test]
    fn what_does_not_parse_stays_visible() {
        assert_eq!(variants("a {nonsense} b"), BTreeSet::from(["A {nonsense} b".to_owned()]));
        assert_eq!(variants("a [b"), BTreeSet::from(["A [b".to_owned()]));
    }
}
