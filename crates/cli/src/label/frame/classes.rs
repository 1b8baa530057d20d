//! The classes on the screen: with their keys in columns, or, where they are filtered, one to a row with one of them marked.

use querist_session::core::Class;

use super::{Look, Row};
use crate::label::choice::Choice;
use crate::label::desk::Desk;
use crate::label::text::{visible, width};

/// The widest that a class's name is shown where there are several columns.
const WIDEST: usize = 30;

/// The classes in at most `most` rows.
pub(super) fn rows(desk: &Desk, columns: usize, most: usize) -> Vec<Row> {
    match &desk.choice {
        Choice::Keys => keyed(desk, columns, most),
        Choice::Filter { typed, marked } => filtered(desk, typed, *marked, columns, most.min(10)),
    }
}

fn keyed(desk: &Desk, columns: usize, most: usize) -> Vec<Row> {
    let names = desk.labels.names();
    let widest = names.iter().map(|name| width(&visible(name))).max().unwrap_or(0).min(WIDEST);
    // The key, a space, the name, two spaces.
    let cell = (widest + 4).min(columns);
    let across = (columns / cell).max(1);
    let needed = names.len().div_ceil(across);
    let shown = if needed > most { most.saturating_sub(1) } else { needed };
    let mut rows = Vec::new();
    for row in 0..shown {
        let mut line = Row::default();
        for place in (row * across..(row + 1) * across).take_while(|place| *place < names.len()) {
            let end = (place % across + 1) * cell;
            let key = desk.choice.key(Class::from_index(place)).unwrap_or(' ');
            line.push(&key.to_string(), Look::Key, end);
            line.push(&format!(" {}", names[place]), Look::Plain, end.saturating_sub(1));
            line.push(&" ".repeat(end.saturating_sub(line.width())), Look::Plain, end);
        }
        rows.push(line);
    }
    if needed > most {
        let hidden = names.len().saturating_sub(shown * across);
        rows.push(Row::of(&format!("{hidden} more classes: enlarge the terminal"), Look::Strong, columns));
    }
    rows
}

fn filtered(desk: &Desk, typed: &str, marked: usize, columns: usize, most: usize) -> Vec<Row> {
    let left = desk.choice.left(&desk.labels);
    let mut head = Row::default();
    head.push("class: ", Look::Key, columns);
    head.push(&format!("{typed}▏ "), Look::Plain, columns);
    let hint = if left.is_empty() {
        "no class has that in its name".to_owned()
    } else {
        format!("type a part of its name, ↑ ↓ mark, Enter gives; {} of {}", left.len(), desk.labels.len())
    };
    head.push(&hint, Look::Faint, columns);
    let mut rows = vec![head];
    let room = most.saturating_sub(1);
    let first = (marked + 1).saturating_sub(room);
    for (place, class) in left.iter().enumerate().skip(first).take(room) {
        let look = if place == marked { Look::Marked } else { Look::Plain };
        rows.push(Row::of(&format!(" {} ", desk.labels.name(*class)), look, columns));
    }
    // The text must not jump up and down as classes come and go.
    rows.resize(most.min(desk.labels.len() + 1), Row::default());
    rows
}
