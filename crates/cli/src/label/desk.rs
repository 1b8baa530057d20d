//! The annotator's desk: what lies on it, what was answered, and what a key does. It knows no
//! terminal and no disk.
//!
//! A key gives an [`Effect`]; an answer counts here only once whoever keeps it has said so
//! ([`Desk::kept`]). Times come in with the keys.

use std::time::{Duration, Instant};

use querist_session::core::fold::folded;
use querist_session::core::{Class, LabelSet};
use querist_session::journal::Meanwhile;
use querist_session::label::Standing;

use super::choice::{Choice, Pressed};
use super::deciding::{Deciding, reason_of};

/// A key, as far as it means anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// A character without Ctrl or Alt.
    Char(char),
    /// Leave: Ctrl-C, Ctrl-D, Ctrl-Q.
    Leave,
    /// Take the last answer back: Ctrl-Z.
    Undo,
    /// Esc.
    Esc,
    /// Enter.
    Enter,
    /// Backspace.
    Backspace,
    /// Tab.
    Tab,
    /// Arrow up.
    Up,
    /// Arrow down.
    Down,
    /// Arrow left.
    Left,
    /// Arrow right.
    Right,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// To the top.
    Home,
    /// To the bottom.
    End,
}

/// A document of the batch.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Its id.
    pub id: String,
    /// Its text.
    pub text: String,
    /// The user's own fields, as they are shown.
    pub fields: String,
    /// What the round's model predicted, by class; `None` without a model.
    pub probabilities: Option<Vec<f64>>,
    /// The annotator's standing answer.
    pub answer: Standing,
}

/// What a key asks for beyond the desk.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Effect {
    /// Nothing.
    None,
    /// Keep this answer.
    Keep(Given),
    /// The end.
    Leave,
}

/// An answer just given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Given {
    /// The document's place on the desk.
    pub place: usize,
    /// The answer; `None` is a skip.
    pub label: Option<Class>,
    /// How long the document was looked at, in seconds.
    pub seconds: f64,
    /// Whether it takes an answer back.
    pub undoes: bool,
}

/// What is being typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Prompt {
    /// Nothing.
    None,
    /// Words to look for.
    Search(String),
    /// Where to go.
    Jump(String),
    /// The key of a reason.
    Reason,
    /// A comment on the decision.
    Comment(String),
}

/// The desk.
#[derive(Debug)]
pub struct Desk {
    /// Who sits at it.
    pub annotator: String,
    /// The round.
    pub round: u32,
    /// The classes.
    pub labels: LabelSet,
    /// The documents, in the order in which they are asked.
    pub items: Vec<Item>,
    /// Where the annotator is; the number of documents where all are answered.
    pub at: usize,
    /// The first row of the text that is shown.
    pub scroll: usize,
    /// What is being typed.
    pub prompt: Prompt,
    /// How classes are chosen.
    pub choice: Choice,
    /// Whether the model's view of this document is shown.
    pub model_shown: bool,
    /// What to say about the last key.
    pub notice: String,
    /// Answers given here.
    pub given: usize,
    /// What an expert sees and says besides; `None` at an annotator's desk.
    pub deciding: Option<Deciding>,
    durations: Vec<f64>,
    /// Places with the answer that stood before, the last one last.
    done: Vec<(usize, Standing)>,
    searched: String,
    since: Instant,
}

impl Desk {
    /// A desk at its first document without an answer. `durations` are the annotator's own from
    /// before, in seconds.
    pub fn new(
        (annotator, round): (String, u32),
        labels: LabelSet,
        items: Vec<Item>,
        durations: Vec<f64>,
        now: Instant,
    ) -> Self {
        let choice = Choice::new(&labels);
        let mut desk = Self {
            annotator,
            round,
            labels,
            items,
            at: 0,
            scroll: 0,
            prompt: Prompt::None,
            choice,
            model_shown: false,
            notice: String::new(),
            given: 0,
            deciding: None,
            durations,
            done: Vec::new(),
            searched: String::new(),
            since: now,
        };
        desk.go(desk.next_open(0), now);
        desk
    }

    /// How many documents have an answer.
    pub fn answered(&self) -> usize {
        self.items.iter().filter(|item| item.answer != Standing::Open).count()
    }

    /// How long the rest takes by the median of the annotator's own durations; `None` before the
    /// first.
    pub fn time_left(&self) -> Option<Duration> {
        let mut sorted = self.durations.clone();
        sorted.sort_by(f64::total_cmp);
        let middle = sorted.len().checked_sub(1)? / 2;
        let median = f64::midpoint(sorted[middle], sorted[sorted.len() / 2]);
        let open = self.items.len() - self.answered();
        Duration::try_from_secs_f64(median * open as f64).ok()
    }

    /// Does what a key says.
    pub fn press(&mut self, key: Key, now: Instant) -> Effect {
        self.notice.clear();
        if key == Key::Leave {
            return Effect::Leave;
        }
        if self.prompt != Prompt::None {
            self.press_in_prompt(key, now);
            return Effect::None;
        }
        if self.deciding.is_some()
            && self.choice.is_untouched()
            && let Some(effect) = self.press_of_expert(key, now)
        {
            return effect;
        }
        match self.choice.press(key, &self.labels) {
            Pressed::Chose(class) => return self.give(Some(class), now),
            Pressed::Taken => return Effect::None,
            Pressed::Other => {}
        }
        match key {
            Key::Char(' ') | Key::Tab => return self.give(None, now),
            Key::Undo => return self.undo(now),
            Key::Backspace if self.choice == Choice::Keys => return self.undo(now),
            // Whoever clears a filter presses once too often, and must not lose an answer.
            Key::Backspace => {
                "nothing is typed; Ctrl-Z undoes the last answer".clone_into(&mut self.notice);
            }
            Key::Esc => return Effect::Leave,
            Key::Char('/') => self.prompt = Prompt::Search(String::new()),
            Key::Char(':') => self.prompt = Prompt::Jump(String::new()),
            Key::Char('?') => self.model_shown = !self.model_shown && self.at < self.items.len(),
            Key::Left => self.go(self.at.saturating_sub(1), now),
            Key::Right => self.go((self.at + 1).min(self.items.len()), now),
            Key::Up => self.scroll = self.scroll.saturating_sub(1),
            Key::Down => self.scroll = self.scroll.saturating_add(1),
            Key::PageUp => self.scroll = self.scroll.saturating_sub(10),
            Key::PageDown => self.scroll = self.scroll.saturating_add(10),
            Key::Home => self.scroll = 0,
            Key::End => self.scroll = usize::MAX,
            Key::Char(other) => self.notice = format!("{other}: no class has this key"),
            Key::Enter | Key::Leave => {}
        }
        Effect::None
    }

    /// What a key does at an expert's desk alone; `None` where it does what it does anywhere.
    fn press_of_expert(&mut self, key: Key, now: Instant) -> Option<Effect> {
        match key {
            Key::Char('-') => return Some(self.give(None, now)),
            Key::Char(',') => self.prompt = Prompt::Reason,
            Key::Char(';') => {
                let before = self.deciding.as_ref().map(|deciding| deciding.comment.clone());
                self.prompt = Prompt::Comment(before.unwrap_or_default());
            }
            Key::Char(' ') | Key::Tab => self.go(self.next_open(self.at + 1), now),
            _ => return None,
        }
        Some(Effect::None)
    }

    /// Takes pasted text: into what is being typed, and nowhere else, as it would be a volley of
    /// answers.
    pub fn paste(&mut self, text: &str) {
        let text: String = text.chars().filter(|c| !c.is_control()).collect();
        match &mut self.prompt {
            Prompt::Search(typed) | Prompt::Jump(typed) | Prompt::Comment(typed) => *typed += &text,
            Prompt::None | Prompt::Reason => "pasted text is ignored here".clone_into(&mut self.notice),
        }
    }

    /// The answer is kept: it stands, and the next document is shown.
    pub fn kept(&mut self, given: Given, now: Instant) {
        let item = &mut self.items[given.place];
        if given.undoes {
            let before = self.done.pop().map_or(Standing::Open, |(_, before)| before);
            // An answer is taken back by another one: a skip, where nothing or a skip stood before.
            // A decision is gone.
            let decides = self.deciding.is_some();
            item.answer = if decides { before } else { given.label.map_or(Standing::Open, Standing::Class) };
            self.given = self.given.saturating_sub(1);
            self.durations.pop();
            self.go(given.place, now);
            self.notice =
                format!("undone; {} again, or continue with →", if decides { "decide" } else { "answer" });
            return;
        }
        self.done.push((given.place, item.answer));
        item.answer = Standing::of(given.label);
        self.given += 1;
        self.durations.push(given.seconds);
        self.go(self.next_open(given.place), now);
    }

    /// Somebody else decided documents meanwhile: those decisions stand, and the documents are
    /// passed over. What there is to say of the one at `place`, if the expert has not been told of
    /// its decision with this very answer.
    pub fn decided_meanwhile(
        &mut self,
        decisions: &[Meanwhile],
        (place, label): (usize, Option<Class>),
    ) -> Option<String> {
        let mut said = None;
        for decision in decisions {
            let Some(at) = self.items.iter().position(|item| item.id == decision.id) else { continue };
            let Some(deciding) = &mut self.deciding else { continue };
            self.items[at].answer = Standing::of(decision.label);
            let telling = Some((place, decision.number, label));
            if at == place && deciding.told != telling {
                deciding.told = telling;
                let name = |class| format!("'{}'", self.labels.name(class));
                let what = decision.label.map_or_else(|| "that no class fits".to_owned(), name);
                said = Some(format!(
                    "{} has decided {what} in the meantime; press again to replace it",
                    decision.by
                ));
            }
        }
        said
    }

    /// An answer, if there is a document to answer.
    fn give(&mut self, label: Option<Class>, now: Instant) -> Effect {
        if self.at == self.items.len() {
            "there is no document here".clone_into(&mut self.notice);
            return Effect::None;
        }
        Effect::Keep(Given { place: self.at, label, seconds: self.looked(now), undoes: false })
    }

    /// Takes the last answer of this sitting back: what stood before it stands again, a skip where
    /// nothing did.
    fn undo(&mut self, now: Instant) -> Effect {
        let Some((place, before)) = self.done.last().copied() else {
            "nothing to undo; go back with ← and answer again".clone_into(&mut self.notice);
            return Effect::None;
        };
        Effect::Keep(Given { place, label: before.class(), seconds: self.looked(now), undoes: true })
    }

    fn looked(&self, now: Instant) -> f64 {
        now.saturating_duration_since(self.since).as_secs_f64()
    }

    /// The next document without an answer from a place on, from the beginning again after the end;
    /// the number of documents where there is none.
    fn next_open(&self, from: usize) -> usize {
        let n = self.items.len();
        (from..n).chain(0..from.min(n)).find(|place| self.items[*place].answer == Standing::Open).unwrap_or(n)
    }

    fn go(&mut self, place: usize, now: Instant) {
        self.at = place;
        self.scroll = 0;
        self.model_shown = false;
        self.choice.clear();
        if let Some(deciding) = &mut self.deciding {
            deciding.clear();
        }
        self.since = now;
    }

    fn press_in_prompt(&mut self, key: Key, now: Instant) {
        let (Prompt::Search(typed) | Prompt::Jump(typed) | Prompt::Comment(typed)) = &mut self.prompt else {
            let reason = if let Key::Char(key) = key { reason_of(key) } else { None };
            if let Some(deciding) = &mut self.deciding {
                deciding.reason = reason;
            }
            self.prompt = Prompt::None;
            return;
        };
        match key {
            Key::Char(character) => typed.push(character),
            Key::Backspace if typed.pop().is_some() => {}
            Key::Backspace | Key::Esc => self.prompt = Prompt::None,
            Key::Enter => match std::mem::replace(&mut self.prompt, Prompt::None) {
                Prompt::Search(words) => self.search(words, now),
                Prompt::Jump(target) => self.jump(target.trim(), now),
                Prompt::Comment(comment) => {
                    if let Some(deciding) = &mut self.deciding {
                        deciding.comment = comment;
                    }
                }
                Prompt::None | Prompt::Reason => {}
            },
            _ => {}
        }
    }

    /// To the next document that holds the words, whatever their case; the last ones again where
    /// none are given.
    fn search(&mut self, words: String, now: Instant) {
        if !words.is_empty() {
            self.searched = words;
        }
        let wanted = folded(&self.searched);
        let n = self.items.len();
        let mut places = (self.at + 1..n).chain(0..(self.at + 1).min(n));
        match places.find(|place| folded(&self.items[*place].text).contains(&wanted)) {
            Some(place) => self.go(place, now),
            None => self.notice = format!("no document in this batch has “{}”", self.searched),
        }
    }

    /// To the document with that number or that id.
    fn jump(&mut self, target: &str, now: Instant) {
        let number = target.parse::<usize>().ok().filter(|number| (1..=self.items.len()).contains(number));
        let by_id = || self.items.iter().position(|item| item.id == target);
        match number.map(|number| number - 1).or_else(by_id) {
            Some(place) => self.go(place, now),
            None => {
                self.notice =
                    format!("“{target}” is neither a number from 1 to {} nor an id", self.items.len());
            }
        }
    }
}

#[cfg(test)]
mod tests;
