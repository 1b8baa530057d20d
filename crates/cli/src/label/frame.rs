//! The annotator's screen: functions that make its rows from the desk. They are pure and need no
//! terminal.
//!
//! A row with part of the document has nothing else in it, because some terminals reverse the whole
//! row if it has right-to-left text. Every piece of text goes through [`visible`]. The model's
//! prediction appears only after its key is pressed. No screen reveals to which share of the batch
//! a document belongs.

mod classes;
mod layout;

use std::time::Duration;

use querist_session::label::Standing;

use super::choice::Choice;
use super::deciding;
use super::desk::{Desk, Prompt};
use super::text::{fit, visible, width, wrap};
use crate::words::count;
use layout::{Layout, SMALLEST};

/// Returns whether a screen of this size has room for the document, its classes and, for an expert,
/// all answers.
pub fn is_large_enough(desk: &Desk, columns: usize, height: usize) -> bool {
    Layout::of(desk, columns, height).is_ok()
}

/// How a piece of text looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Normal text.
    Plain,
    /// Important text.
    Strong,
    /// Unimportant text.
    Faint,
    /// A key that the user can press.
    Key,
    /// The marked class in a filter.
    Marked,
}

/// A row of the screen: pieces of text, each with its look.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row(Vec<(String, Look)>);

impl Row {
    /// Appends `text` to the row, cut where the row would be wider than `columns`. Invisible
    /// characters are replaced.
    fn push(&mut self, text: &str, look: Look, columns: usize) {
        let text = fit(&visible(text), columns.saturating_sub(self.width()));
        if !text.is_empty() {
            self.0.push((text, look));
        }
    }

    /// Makes a row with one piece of text.
    fn of(text: &str, look: Look, columns: usize) -> Self {
        let mut row = Self::default();
        row.push(text, look, columns);
        row
    }

    /// Returns the width of the row, in columns.
    pub fn width(&self) -> usize {
        self.0.iter().map(|(text, _)| width(text)).sum()
    }

    /// Returns the pieces of the row, from left to right.
    pub fn pieces(&self) -> &[(String, Look)] {
        &self.0
    }
}

/// Makes screens. It keeps the rows of the text that was shown last.
#[derive(Debug, Default)]
pub struct Frames {
    /// Index of the document, width in columns, and the rows of its text at this width.
    wrapped: Option<(usize, usize, Vec<String>)>,
}

impl Frames {
    /// Makes a screen with `height` rows of at most `columns` columns. If the desk is scrolled
    /// beyond the end of the text, this is corrected.
    pub fn of(&mut self, desk: &mut Desk, columns: usize, height: usize) -> Vec<Row> {
        let Layout { beside, text: room, classes, model } = match Layout::of(desk, columns, height) {
            Ok(layout) => layout,
            Err(needed) => return too_small((columns, height), needed),
        };
        if desk.prompt == Prompt::Reason && width(REASON) + width(&deciding::menu()) > columns {
            return reasons(desk, columns, height);
        }
        let text = self.text(desk, columns);
        desk.scroll = desk.scroll.min(text.len().saturating_sub(room));
        let mut rows = vec![progress_row(desk, columns), document_row(desk, columns)];
        rows.extend(beside.iter().map(|line| Row::of(line, Look::Faint, columns)));
        rows.push(rule("", columns));
        let head = rows.len();
        let shown = text.iter().skip(desk.scroll).take(room);
        rows.extend(shown.map(|row| Row::of(row, Look::Plain, columns)));
        rows.resize(head + room, Row::default());
        let hint = if text.len() > room {
            let last = (desk.scroll + room).min(text.len());
            format!(" rows {}–{last} of {} ↑ ↓ ", desk.scroll + 1, text.len())
        } else {
            String::new()
        };
        if model || !desk.model_shown {
            rows.push(rule(&hint, columns));
        }
        if desk.model_shown {
            rows.push(model_row(desk, columns));
        }
        rows.extend(classes);
        rows.push(notice_row(desk, columns));
        rows.push(keys_row(desk, columns));
        rows
    }

    /// Returns the document's text, split into rows of at most `columns` columns.
    fn text(&mut self, desk: &Desk, columns: usize) -> &[String] {
        // Splitting a long text takes a while. Most screens show the same text as the screen
        // before, so its rows are kept.
        let key = (desk.at, columns);
        if self.wrapped.as_ref().is_none_or(|(at, columns, _)| (*at, *columns) != key) {
            let rows = match desk.items.get(desk.at) {
                Some(item) => wrap(&item.text, columns),
                None => wrap(&end_of(desk), columns),
            };
            self.wrapped = Some((key.0, key.1, rows));
        }
        self.wrapped.as_ref().map_or(&[], |(_, _, rows)| rows)
    }
}

/// Makes the screen for a window that is too small. It says how many rows are needed at this width,
/// and which key ends the program.
fn too_small((columns, height): (usize, usize), rows: usize) -> Vec<Row> {
    let needs = format!("needs {} columns, {rows} rows", columns.max(SMALLEST.0));
    let has = format!("has {columns} and {height}");
    let words = ["window too small", &needs, &has, "Esc leaves"];
    words
        .iter()
        .flat_map(|words| wrap(words, columns.max(1)))
        .take(height)
        .map(|words| Row::of(&words, Look::Strong, columns))
        .collect()
}

/// Returns the text of the screen after the last document.
fn end_of(desk: &Desk) -> String {
    let open = desk.items.len() - desk.answered();
    if open == 0 {
        let whose = if desk.deciding.is_some() { "a decision" } else { "your answer" };
        let documents = match desk.items.len() {
            1 => "The only document has".to_owned(),
            all => format!("All {all} documents have"),
        };
        return format!(
            "{documents} {whose}.\n\nEsc leaves. ← goes back; a new answer there replaces the old one."
        );
    }
    format!(
        "End of the batch. {} no answer yet: go back with ←, or with : and a number.",
        count(open, "document has", "documents have")
    )
}

/// Makes the row with the annotator's name, the round, the progress and the remaining time.
fn progress_row(desk: &Desk, columns: usize) -> Row {
    let (done, all) = (desk.answered(), desk.items.len());
    let share = if all == 0 { 1.0 } else { done as f64 / all as f64 };
    let mut figures = format!("{done} of {all} · {:.0} %", (share * 100.0).floor());
    if let Some(left) = desk.time_left().filter(|_| done < all) {
        figures += &format!(" · about {} left", duration(left));
    }
    let mut row = Row::default();
    let title = desk.deciding.as_ref().map(|deciding| deciding.title().to_owned());
    let what = title.unwrap_or_else(|| format!("round {}", desk.round));
    row.push(&format!("{} · {what}  ", desk.annotator), Look::Strong, columns / 2);
    let bar = columns.saturating_sub(row.width() + width(&figures) + 3).min(40);
    if bar >= 5 {
        let full = (share * bar as f64).floor() as usize;
        row.push(&format!("[{}{}] ", "#".repeat(full), "-".repeat(bar - full)), Look::Faint, columns);
    }
    row.push(&figures, Look::Plain, columns);
    row
}

/// Formats a duration, such as "40 s", "12 min" or "3 h".
fn duration(time: Duration) -> String {
    let seconds = time.as_secs_f64().ceil();
    match seconds {
        s if s < 100.0 => format!("{s} s"),
        s if s < 6000.0 => format!("{:.0} min", (s / 60.0).ceil()),
        s => format!("{:.0} h", (s / 3600.0).ceil()),
    }
}

/// Makes the row with the document's id, its answer, and the user's own fields.
fn document_row(desk: &Desk, columns: usize) -> Row {
    let mut row = Row::default();
    let Some(item) = desk.items.get(desk.at) else { return row };
    row.push(&format!("{}. {}", desk.at + 1, item.id), Look::Strong, columns);
    match item.answer {
        Standing::Class(class) => {
            let whose = if desk.deciding.is_some() { "decided" } else { "your answer" };
            row.push(&format!("  {whose}: {}", desk.labels.name(class)), Look::Key, columns);
        }
        Standing::Skip if desk.deciding.is_some() => row.push("  decided: no class fits", Look::Key, columns),
        Standing::Skip => row.push("  skipped", Look::Key, columns),
        Standing::Open => {}
    }
    if !item.fields.is_empty() {
        row.push(&format!("  {}", item.fields), Look::Faint, columns);
    }
    row
}

/// The words before the list of reasons.
const REASON: &str = "reason: ";

/// Makes the screen that lists the reasons, each in its own row with its key. It is shown if they
/// do not fit into a single row.
fn reasons(desk: &Desk, columns: usize, height: usize) -> Vec<Row> {
    let mut rows = vec![progress_row(desk, columns), document_row(desk, columns), rule("", columns)];
    rows.extend(deciding::entries().map(|entry| Row::of(&entry, Look::Plain, columns)));
    rows.resize(height - 1, Row::default());
    rows.push(keys_row(desk, columns));
    rows
}

/// Makes a horizontal line. A hint stands near its right end.
fn rule(hint: &str, columns: usize) -> Row {
    let mut row = Row::default();
    let before = columns.saturating_sub(width(hint) + 2);
    row.push(&"─".repeat(before), Look::Faint, columns);
    row.push(hint, Look::Plain, columns);
    row.push(&"─".repeat(columns.saturating_sub(row.width())), Look::Faint, columns);
    row
}

/// Makes the row with the model's prediction. The most probable classes come first.
fn model_row(desk: &Desk, columns: usize) -> Row {
    let item = desk.items.get(desk.at);
    let Some(probabilities) = item.and_then(|item| item.probabilities.as_ref()) else {
        let why = if desk.deciding.is_some() {
            "no round has a prediction for this document"
        } else {
            "this round had no model"
        };
        return Row::of(&format!("the model: {why}"), Look::Faint, columns);
    };
    let mut order: Vec<usize> = (0..probabilities.len()).collect();
    order.sort_by(|a, b| probabilities[*b].total_cmp(&probabilities[*a]).then(a.cmp(b)));
    let names = desk.labels.names();
    let shown = order.iter().take(5).map(|class| {
        format!("{} {:.1} %", names.get(*class).map_or("?", String::as_str), probabilities[*class] * 100.0)
    });
    Row::of(&format!("the model: {}", shown.collect::<Vec<_>>().join(", ")), Look::Faint, columns)
}

/// Makes the row with what the user is typing. If nothing is being typed, it has the message about
/// the last key.
fn notice_row(desk: &Desk, columns: usize) -> Row {
    let mut row = Row::default();
    match &desk.prompt {
        Prompt::Search(typed) => {
            row.push("search: ", Look::Strong, columns);
            row.push(&format!("{typed}▏"), Look::Plain, columns);
        }
        Prompt::Jump(typed) => {
            row.push("go to number or id: ", Look::Strong, columns);
            row.push(&format!("{typed}▏"), Look::Plain, columns);
        }
        Prompt::Reason => {
            row.push(REASON, Look::Strong, columns);
            row.push(&deciding::menu(), Look::Plain, columns);
        }
        Prompt::Comment(typed) => {
            row.push("comment: ", Look::Strong, columns);
            row.push(&format!("{typed}▏"), Look::Plain, columns);
        }
        Prompt::None if desk.notice.is_empty() => {
            let said = desk.deciding.as_ref().map(deciding::Deciding::said).unwrap_or_default();
            row.push(&said, Look::Plain, columns);
        }
        Prompt::None => row.push(&desk.notice, Look::Strong, columns),
    }
    row
}

/// Makes the row that lists the keys and what each does now.
fn keys_row(desk: &Desk, columns: usize) -> Row {
    let undo = if desk.choice == Choice::Keys { "⌫" } else { "Ctrl-Z" };
    let keys: &[(&str, &str)] = match desk.prompt {
        Prompt::None if desk.deciding.is_some() => &[
            ("-", "no class fits"),
            (",", "reason"),
            (";", "comment"),
            ("space", "later"),
            (undo, "undo"),
            ("← →", "browse"),
            ("?", "model"),
            ("Esc", "leave"),
        ],
        Prompt::None => &[
            ("space", "skip"),
            (undo, "undo"),
            ("← →", "browse"),
            ("/", "search"),
            (":", "go to"),
            ("?", "model"),
            ("Esc", "leave"),
        ],
        Prompt::Search(_) => &[("Enter", "next match"), ("Esc", "back")],
        Prompt::Jump(_) => &[("Enter", "go"), ("Esc", "back")],
        Prompt::Comment(_) => &[("Enter", "keep"), ("Esc", "back")],
        Prompt::Reason => &[("1–5", "choose"), ("Esc", "none")],
    };
    let mut row = Row::default();
    for (key, does) in keys {
        row.push(key, Look::Key, columns);
        row.push(&format!(" {does}  "), Look::Faint, columns);
    }
    row
}

#[cfg(test)]
mod tests;
