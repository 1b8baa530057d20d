//! The annotator's desk: documents, answers, and what each key does, without terminal or disk. A
//! key returns an [`Effect`]. An answer counts once the caller has stored it ([`Desk::kept`]).

use std::time::{Duration, Instant};

use querist_session::core::fold::folded;
use querist_session::core::{Class, LabelSet};
use querist_session::journal::Meanwhile;
use querist_session::label::Standing;

use super::choice::{Choice, Pressed};
use super::deciding::{Deciding, reason_of};

/// A key that does something at the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// A character without Ctrl or Alt.
    Char(char),
    /// Leave: Ctrl-C, Ctrl-D, Ctrl-Q.
    Leave,
    /// Take back the last answer: Ctrl-Z.
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
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// Home: to the top.
    Home,
    /// End: to the bottom.
    End,
}

/// A document on the desk.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// The document's id.
    pub id: String,
    /// The document's text.
    pub text: String,
    /// The user's own fields, as shown on the screen.
    pub fields: String,
    /// The probability of each class, as the round predicted it; `None` without a prediction.
    pub probabilities: Option<Vec<f64>>,
    /// The annotator's current answer.
    pub answer: Standing,
}

/// What the caller must do after a key.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Effect {
    /// Nothing.
    None,
    /// Store this answer.
    Keep(Given),
    /// End the sitting.
    Leave,
}

/// An answer that was just given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Given {
    /// Index of the document on the desk.
    pub place: usize,
    /// The answer; `None` for a skip.
    pub label: Option<Class>,
    /// For how long the document was on the screen, in seconds.
    pub seconds: f64,
    /// Whether this undoes an earlier answer.
    pub undoes: bool,
}

/// What the user is typing at the moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Prompt {
    /// Nothing.
    None,
    /// Words to search for.
    Search(String),
    /// The number or id of a document to go to.
    Jump(String),
    /// The key of a reason.
    Reason,
    /// A comment on the decision.
    Comment(String),
}

/// The state of the desk.
#[derive(Debug)]
pub struct Desk {
    /// Name of the annotator.
    pub annotator: String,
    /// Number of the round.
    pub round: u32,
    /// The classes to choose from.
    pub labels: LabelSet,
    /// The documents, in the order in which they are shown.
    pub items: Vec<Item>,
    /// Index of the document on the screen; after the last document, the number of documents.
    pub at: usize,
    /// Index of the first row of the text that is on the screen.
    pub scroll: usize,
    /// What the user is typing.
    pub prompt: Prompt,
    /// How classes are chosen.
    pub choice: Choice,
    /// Whether the screen shows the model's prediction for this document.
    pub model_shown: bool,
    /// A message about what the last key did.
    pub notice: String,
    /// Number of answers given in this sitting.
    pub given: usize,
    /// What an expert reads and remarks; `None` for an annotator.
    pub deciding: Option<Deciding>,
    durations: Vec<f64>,
    /// The documents answered in this sitting, the latest last: index, and answer before.
    done: Vec<(usize, Standing)>,
    searched: String,
    since: Instant,
}

impl Desk {
    /// Makes a desk that shows its first unanswered document. `durations`: of earlier answers.
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

    /// Returns the number of documents with an answer.
    pub fn answered(&self) -> usize {
        self.items.iter().filter(|item| item.answer != Standing::Open).count()
    }

    /// Estimates the remaining time from the median duration; `None` before the first answer.
    pub fn time_left(&self) -> Option<Duration> {
        let mut sorted = self.durations.clone();
        sorted.sort_by(f64::total_cmp);
        let middle = sorted.len().checked_sub(1)? / 2;
        let median = f64::midpoint(sorted[middle], sorted[sorted.len() / 2]);
        let open = self.items.len() - self.answered();
        Duration::try_from_secs_f64(median * open as f64).ok()
    }

    /// Changes the desk as the key demands. Returns what the caller must do.
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
            // One Backspace too many while emptying a filter must not undo an answer.
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

    /// Handles a key that does something only for experts; returns `None` for any other key.
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

    /// Adds pasted text to what is being typed. Elsewhere its characters would be answers.
    pub fn paste(&mut self, text: &str) {
        let text: String = text.chars().filter(|c| !c.is_control()).collect();
        match &mut self.prompt {
            Prompt::Search(typed) | Prompt::Jump(typed) | Prompt::Comment(typed) => *typed += &text,
            Prompt::None | Prompt::Reason => "pasted text is ignored here".clone_into(&mut self.notice),
        }
    }

    /// Applies an answer that the caller has stored. Then shows the next unanswered document.
    pub fn kept(&mut self, given: Given, now: Instant) {
        let item = &mut self.items[given.place];
        if given.undoes {
            let before = self.done.pop().map_or(Standing::Open, |(_, before)| before);
            // The answer before, or else a skip, replaces an annotator's answer that is undone. A
            // decision that is undone is removed.
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

    /// Applies decisions that others made since. Returns a notice if one about `place` is news.
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

    /// Returns the effect of answering the document on the screen, if there is one.
    fn give(&mut self, label: Option<Class>, now: Instant) -> Effect {
        if self.at == self.items.len() {
            "there is no document here".clone_into(&mut self.notice);
            return Effect::None;
        }
        Effect::Keep(Given { place: self.at, label, seconds: self.looked(now), undoes: false })
    }

    /// Returns the effect of undoing the last answer: store the one before, or else a skip.
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

    /// Returns the next open document, cyclically from `from`; if none, the number of documents.
    fn next_open(&self, from: usize) -> usize {
        let n = self.items.len();
        (from..n).chain(0..from.min(n)).find(|place| self.items[*place].answer == Standing::Open).unwrap_or(n)
    }

    /// Shows the document with the index `place`.
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

    /// Applies a key to what the user is typing.
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

    /// Shows the next document that contains `words`, or the previous words if empty; ignores case.
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

    /// Shows the document with this number (from 1) or this id.
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
