//! Noise: what keyboards, hurry and forms do to a text.
//!
//! Invariant: the result is never empty. Labels have no noise; that is the annotators' part.

use super::draw::Draw;

/// Short forms that people in a hurry use.
const SHORT_FORMS: [(&str, &str); 8] = [
    (" please ", " pls "),
    (" you ", " u "),
    (" and ", " & "),
    (" because ", " bc "),
    (" before ", " b4 "),
    (" thanks", " thx"),
    (" e-mail ", " mail "),
    (" subscription", " sub"),
];
const FILLERS: [&str; 8] =
    ["honestly", "like", "simply", "basically", "apparently", "really", "actually", "somehow"];
const FILLED_AFTER: [&str; 6] = ["is", "was", "are", "I", "just", "and"];
const EMOJI: [&str; 6] = ["🙏", "😡", "🌱", "😕", "👍", "🥲"];

/// Roughens a ticket's text; `plain` spares control items all but a typo.
pub(crate) fn roughen(text: &str, channel: &str, plain: bool, draw: &mut Draw) -> String {
    let mut text = text.to_owned();
    if draw.chance(if channel == "chat" { 400 } else { 220 }) {
        let n_typos = draw.between(1, if plain { 1 } else { 2 });
        for _ in 0..n_typos {
            text = with_typo(&text, draw);
        }
    }
    if plain {
        return text;
    }
    if draw.chance(120) {
        text = with_filler(&text, draw);
    }
    if draw.chance(if channel == "chat" { 300 } else { 60 }) {
        for (long, short) in SHORT_FORMS {
            text = text.replace(long, short);
        }
    }
    if draw.chance(if channel == "chat" { 350 } else { 70 }) {
        text = text.to_lowercase();
    } else if draw.chance(25) {
        text = text.to_uppercase();
    }
    if draw.chance(if channel == "chat" { 250 } else { 40 }) {
        text = text.replace(['.', ','], "").replace('\'', "");
    }
    if draw.chance(20) {
        text = format!("{text} {}", EMOJI[draw.below(EMOJI.len())]);
    }
    if draw.chance(30) {
        text = truncated(&text, draw);
    }
    text
}

/// One letter of one longer word swapped, dropped or doubled.
pub(crate) fn with_typo(text: &str, draw: &mut Draw) -> String {
    let mut words: Vec<String> = text.split(' ').map(str::to_owned).collect();
    let long = |word: &String| word.len() > 4 && word.bytes().all(|byte| byte.is_ascii_alphabetic());
    let places: Vec<usize> = (0..words.len()).filter(|&at| long(&words[at])).collect();
    if places.is_empty() {
        return text.to_owned();
    }
    let word = &mut words[places[draw.below(places.len())]];
    let mut letters: Vec<char> = word.chars().collect();
    let at = draw.between(1, letters.len() - 2);
    match draw.below(3) {
        0 => letters.swap(at, at + 1),
        1 => {
            letters.remove(at);
        }
        _ => letters.insert(at, letters[at]),
    }
    *word = letters.into_iter().collect();
    words.join(" ")
}

/// A filler after one of the words that people put it after; no change without such a word.
fn with_filler(text: &str, draw: &mut Draw) -> String {
    let mut words: Vec<&str> = text.split(' ').collect();
    let places: Vec<usize> = (0..words.len()).filter(|&at| FILLED_AFTER.contains(&words[at])).collect();
    if !places.is_empty() {
        words.insert(places[draw.below(places.len())] + 1, FILLERS[draw.below(FILLERS.len())]);
    }
    words.join(" ")
}

/// The first 60 to 90 percent of the text, as a form with too small a field would keep it.
fn truncated(text: &str, draw: &mut Draw) -> String {
    let n_letters = text.chars().count();
    let kept: String = text.chars().take(n_letters * draw.between(60, 90) / 100).collect();
    kept.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typo_changes_one_word() {
        let mut draw = Draw::new(1, 1);
        for _ in 0..50 {
            let text = "the invoice never arrived at home";
            let typo = with_typo(text, &mut draw);
            let differing =
                text.split(' ').zip(typo.split(' ')).filter(|(before, after)| before != after).count();
            assert!(differing <= 1, "{typo}");
        }
    }

    #[test]
    fn nothing_becomes_empty() {
        let mut draw = Draw::new(1, 2);
        assert!((0..2000).all(|_| !roughen("Café?", "chat", false, &mut draw).is_empty()));
    }
}
