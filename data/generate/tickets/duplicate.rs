//! Duplicates: the same customer writes again, or a form is sent twice.

use super::draw::Draw;
use super::noise::with_typo;

const CHASERS: [&str; 6] = [
    "Any update?",
    "Second try, the form gave an error.",
    "I sent this already.",
    "Still waiting for an answer.",
    "Sending this again.",
    "Hello?",
];

/// A copy of `text` as its sender would send it again: the same (one in six), or with one or two
/// small edits.
pub(crate) fn again(text: &str, draw: &mut Draw) -> String {
    if draw.below(6) == 0 {
        return text.to_owned();
    }
    let mut copy = text.to_owned();
    for _ in 0..draw.between(1, 2) {
        copy = match draw.below(5) {
            0 => with_other_digit(&copy, draw),
            1 => with_typo(&copy, draw),
            2 => format!("{copy} {}", CHASERS[draw.below(CHASERS.len())]),
            3 => format!("Hello again, {copy}"),
            _ => without_one_word(&copy, draw),
        };
    }
    copy
}

/// The text with one of its digits changed; as it is when there is none.
fn with_other_digit(text: &str, draw: &mut Draw) -> String {
    let places: Vec<usize> =
        text.char_indices().filter(|(_, c)| c.is_ascii_digit()).map(|(at, _)| at).collect();
    if places.is_empty() {
        return text.to_owned();
    }
    let at = places[draw.below(places.len())];
    format!("{}{}{}", &text[..at], draw.below(10), &text[at + 1..])
}

/// The text without one of its short words; short texts stay as they are.
fn without_one_word(text: &str, draw: &mut Draw) -> String {
    let mut words: Vec<&str> = text.split(' ').collect();
    let places: Vec<usize> = (0..words.len()).filter(|&at| words[at].len() < 5).collect();
    if words.len() > 12 && !places.is_empty() {
        words.remove(places[draw.below(places.len())]);
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_stays_close() {
        let text =
            "The pump of my Sprout has stopped again, order 4711, and nobody has answered me in two weeks.";
        let mut draw = Draw::new(1, 1);
        let mut n_exact = 0;
        for _ in 0..600 {
            let copy = again(text, &mut draw);
            n_exact += usize::from(copy == text);
            let kept = text.split(' ').filter(|word| copy.contains(word)).count();
            assert!(kept >= text.split(' ').count() - 3, "{copy}");
        }
        assert!((60..=180).contains(&n_exact), "{n_exact}");
    }
}
