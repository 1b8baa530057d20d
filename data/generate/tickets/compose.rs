//! Composing: from a class to the text of one ticket.
//!
//! A ticket has one problem (its label's), perhaps a remark that belongs to another class, and
//! chatter. Control items are plain: no vague statement, no remark. Noise comes afterwards, see
//! `noise`.

use super::chatter;
use super::class::{CLASSES, Class};
use super::draw::Draw;
use super::slots::Facts;
use super::template::{capitalised, expand};

/// How a ticket reached the company, with the frequencies.
pub(crate) const CHANNELS: [&str; 4] = ["email", "web", "chat", "phone"];
const CHANNEL_WEIGHTS: [usize; 4] = [44, 25, 22, 9];

/// Of 1,000 tickets, how many say hardly anything about their problem.
const VAGUE: usize = 80;
/// Of 1,000 vague tickets, how many have a hint at their class at least.
const HINT: usize = 550;
/// Of 1,000 tickets, how many mention another class in passing.
const REMARK: usize = 330;
/// Of 1,000 remarks, how many are a whole problem statement of the other class.
const WHOLE_REMARK: usize = 250;
/// Of 1,000 tickets that state a problem, how many open by naming their subject.
const TOPIC: usize = 540;
/// Of 1,000 tickets that state a problem, how many add a detail.
const DETAIL: usize = 500;
/// Of 1,000 tickets that state a problem, how many tell what led to it.
const CONTEXT: usize = 320;
/// Of 1,000 tickets that state a problem, how many go on with an ask or a complaint.
const ASK: usize = 650;
/// Of 1,000 asks, how many are the class's own.
const CLASS_ASK: usize = 850;
/// Of 1,000 tickets, how many are a single short statement.
const TERSE: usize = 90;

/// A ticket before noise.
pub(crate) struct Draft {
    /// The text.
    pub(crate) text: String,
    /// One of [`CHANNELS`].
    pub(crate) channel: &'static str,
    /// The product it is about.
    pub(crate) product: &'static str,
}

/// Writes a ticket of the class with index `class`; `plain` as control items are.
pub(crate) fn compose(class: usize, plain: bool, draw: &mut Draw) -> Draft {
    let facts = Facts::new(draw);
    let channel = CHANNELS[draw.weighted(CHANNEL_WEIGHTS.into_iter())];
    let body = if !plain && draw.chance(VAGUE) {
        vague(&CLASSES[class], &facts, draw)
    } else if !plain && draw.chance(TERSE) {
        statement(class, &facts, draw).0
    } else {
        problem(class, plain, &facts, draw)
    };
    Draft { text: framed(&body, channel, &facts, draw), channel, product: facts.product }
}

/// A problem statement of the class, and a detail that fits it.
fn statement(class: usize, facts: &Facts, draw: &mut Draw) -> (String, String) {
    let intents = CLASSES[class].intents;
    let intent = &intents[draw.weighted(intents.iter().map(|intent| intent.weight))];
    let statement = draw.ranked(intent.statements);
    let detail = draw.pick(intent.details);
    (expand(statement, facts, draw), expand(detail, facts, draw))
}

fn vague(class: &Class, facts: &Facts, draw: &mut Draw) -> String {
    let mut sentences = vec![expand(draw.pick(chatter::VAGUE), facts, draw)];
    if draw.chance(HINT) {
        sentences.push(expand(draw.pick(class.hints), facts, draw));
    }
    if draw.chance(500) {
        sentences.insert(draw.below(2), expand(draw.pick(chatter::CONTEXTS), facts, draw));
    }
    if draw.chance(500) {
        sentences.push(expand(draw.pick(chatter::ASKS), facts, draw));
    }
    sentences.join(" ")
}

fn problem(class: usize, plain: bool, facts: &Facts, draw: &mut Draw) -> String {
    let (statement, detail) = statement(class, facts, draw);
    let mut sentences = vec![statement];
    if plain || draw.chance(DETAIL) {
        sentences.push(detail);
    }
    if draw.chance(CONTEXT) {
        let at = if draw.chance(700) { 0 } else { sentences.len() };
        sentences.insert(at, expand(draw.ranked(chatter::CONTEXTS), facts, draw));
    }
    if draw.chance(TOPIC) {
        sentences.insert(0, topic(class, plain, facts, draw));
    }
    if !plain && draw.chance(REMARK) {
        let other = other_class(class, draw);
        if draw.chance(300) {
            sentences.insert(0, preface(other, facts, draw));
        } else {
            sentences.push(postscript(other, facts, draw));
        }
    }
    if draw.chance(ASK) {
        let asks = if draw.chance(CLASS_ASK) { CLASSES[class].asks } else { chatter::ASKS };
        sentences.push(expand(draw.pick(asks), facts, draw));
    }
    sentences.join(" ")
}

/// Names the subject; one customer in twelve names the wrong one.
fn topic(class: usize, plain: bool, facts: &Facts, draw: &mut Draw) -> String {
    let named = if !plain && draw.below(12) == 0 { other_class(class, draw) } else { class };
    expand(draw.pick(CLASSES[named].topics), facts, draw)
}

fn other_class(class: usize, draw: &mut Draw) -> usize {
    let weight = |index: usize| if index == class { 0 } else { CLASSES[index].remark_weight };
    draw.weighted((0..CLASSES.len()).map(weight))
}

fn remark(class: usize, facts: &Facts, draw: &mut Draw) -> String {
    let remark = draw.pick(CLASSES[class].remarks);
    uncapitalised(&expand(remark, facts, draw))
}

fn preface(class: usize, facts: &Facts, draw: &mut Draw) -> String {
    let remark = remark(class, facts, draw);
    let frame = draw.pick(chatter::PREFACES);
    let [bare, rest] = [frame.replace("{remark}", &remark), frame.replace("{Remark}", &capitalised(&remark))];
    expand(if frame.contains("{remark}") { &bare } else { &rest }, facts, draw)
}

fn postscript(class: usize, facts: &Facts, draw: &mut Draw) -> String {
    let connective = draw.pick(chatter::CONNECTIVES);
    if draw.chance(WHOLE_REMARK) {
        let (statement, _) = statement(class, facts, draw);
        return format!("{connective} {}", uncapitalised(&statement));
    }
    format!("{connective} {}.", remark(class, facts, draw))
}

/// The text with its first letter in lower case, unless the first word is "I" or a name in
/// capitals.
fn uncapitalised(text: &str) -> String {
    let first_word = text.split([' ', '\'']).next().unwrap_or_default();
    if first_word == "I" || first_word.chars().nth(1).is_some_and(|letter| !letter.is_lowercase()) {
        return text.to_owned();
    }
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// The body with what the channel puts around it.
fn framed(body: &str, channel: &str, facts: &Facts, draw: &mut Draw) -> String {
    let opening = match channel {
        "chat" => draw.pick(chatter::CHAT_GREETINGS),
        "phone" => draw.pick(chatter::PHONE_OPENINGS),
        _ if draw.chance(25) => draw.pick(chatter::FOREIGN_GREETINGS),
        _ => draw.pick(chatter::GREETINGS),
    };
    let closing = if channel == "email" || channel == "web" && draw.chance(400) {
        draw.pick(chatter::CLOSINGS)
    } else {
        ""
    };
    let (opening, closing) = (expand(opening, facts, draw), expand(closing, facts, draw));
    [opening.as_str(), body, closing.as_str()]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_expands_completely() {
        let mut draw = Draw::new(3, 3);
        let facts = Facts::new(&mut draw);
        let classes = CLASSES.iter().flat_map(|class| {
            let intents =
                class.intents.iter().flat_map(|intent| intent.statements.iter().chain(intent.details));
            intents.chain(class.topics).chain(class.remarks).chain(class.asks).chain(class.hints)
        });
        let chatter = [
            chatter::GREETINGS,
            chatter::FOREIGN_GREETINGS,
            chatter::CHAT_GREETINGS,
            chatter::PHONE_OPENINGS,
            chatter::CONTEXTS,
            chatter::ASKS,
            chatter::CLOSINGS,
            chatter::VAGUE,
        ];
        for template in classes.chain(chatter.into_iter().flatten()) {
            for _ in 0..40 {
                let text = expand(template, &facts, &mut draw);
                assert!(!text.contains(['[', ']', '{', '}', '|']), "{template}: {text}");
                assert!(!text.contains(" ."), "{template}: {text}");
            }
        }
    }

    #[test]
    fn a_remark_keeps_its_capitals_where_english_wants_them() {
        assert_eq!(uncapitalised("The app is slow"), "the app is slow");
        assert_eq!(uncapitalised("I wait"), "I wait");
        assert_eq!(uncapitalised("I'm late"), "I'm late");
        assert_eq!(uncapitalised("VAT is wrong"), "VAT is wrong");
    }
}
