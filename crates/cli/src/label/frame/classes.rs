//! The classes on the screen. They stand in several columns with their keys or, in a filter, one
//! per row with one class marked.

use std::collections::BTreeSet;

use querist_session::core::Class;

use super::{Look, Row};
use crate::label::choice::Choice;
use crate::label::desk::Desk;
use crate::label::text::{fit, visible, width};

/// If the classes stand in several columns, a name is cut after this many columns of the terminal.
const WIDEST: usize = 30;

/// Smallest width of a class with its key, in columns of the terminal. Part of the name then fits.
const NARROWEST: usize = 8;

/// A filter needs at least this many rows: for the typed text, and for the marked class.
const FILTERED: usize = 2;

/// Makes the rows with the classes, at most `most` rows. `None` if there is no room for all classes
/// or, in a filter, for the marked class.
pub(super) fn rows(desk: &Desk, columns: usize, most: usize) -> Option<Vec<Row>> {
    match &desk.choice {
        Choice::Keys => {
            let n = desk.labels.len();
            let cell = cells(desk, columns).into_iter().find(|cell| n.div_ceil(columns / cell) <= most)?;
            Some(keyed(desk, columns, cell))
        }
        Choice::Filter { typed, marked } if most >= FILTERED => {
            Some(filtered(desk, typed, *marked, columns, most.min(10)))
        }
        Choice::Filter { .. } => None,
    }
}

/// Returns the smallest number of rows that the classes need.
pub(super) fn fewest(desk: &Desk, columns: usize) -> usize {
    match &desk.choice {
        Choice::Keys => {
            let across = cells(desk, columns).last().map_or(1, |cell| columns / cell);
            desk.labels.len().div_ceil(across.max(1))
        }
        Choice::Filter { .. } => FILTERED,
    }
}

/// Returns the widths that a class may have, the widest first. A smaller width cuts names. It is
/// allowed only if no two different names look the same when cut.
fn cells(desk: &Desk, columns: usize) -> Vec<usize> {
    let names: Vec<String> = desk.labels.names().iter().map(|name| visible(name)).collect();
    let widest = names.iter().map(|name| width(name)).max().unwrap_or(0).min(WIDEST);
    // A class needs room for its key, a space, its name and two spaces.
    let full = (widest + 4).min(columns).max(1);
    let look = |cell: usize| {
        names.iter().map(|name| fit(name, cell.saturating_sub(3))).collect::<BTreeSet<_>>().len()
    };
    // If fewer different names remain when cut, two classes would look the same.
    let alike = look(full);
    let narrower = (columns / full + 1..=columns / NARROWEST).map(|across| columns / across);
    let narrower = narrower.filter(|cell| look(*cell) == alike);
    std::iter::once(full).chain(narrower).collect()
}

/// Makes the rows of classes with their keys. Each class is `cell` columns wide.
fn keyed(desk: &Desk, columns: usize, cell: usize) -> Vec<Row> {
    let names = desk.labels.names();
    let across = (columns / cell).max(1);
    let mut rows = Vec::new();
    for row in 0..names.len().div_ceil(across) {
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
    rows
}

/// Makes the rows of a filter, at most `most`: the typed text, then the classes that match.
fn filtered(desk: &Desk, typed: &str, marked: usize, columns: usize, most: usize) -> Vec<Row> {
    let left = desk.choice.left(&desk.labels);
    let mut head = Row::default();
    head.push("class: ", Look::Key, columns);
    head.push(&format!("{typed}▏ "), Look::Plain, columns);
    let hint = if left.is_empty() {
        "no class name contains this".to_owned()
    } else {
        format!("type part of its name, ↑ ↓ select, Enter answers; {} of {}", left.len(), desk.labels.len())
    };
    head.push(&hint, Look::Faint, columns);
    let mut rows = vec![head];
    let room = most.saturating_sub(1);
    // Scroll the list so that the marked class is visible.
    let first = (marked + 1).saturating_sub(room);
    for (place, class) in left.iter().enumerate().skip(first).take(room) {
        let look = if place == marked { Look::Marked } else { Look::Plain };
        rows.push(Row::of(&format!(" {} ", desk.labels.name(*class)), look, columns));
    }
    // The number of rows stays the same whatever matches, so that the document's text does not
    // move.
    rows.resize(most.min(desk.labels.len() + 1), Row::default());
    rows
}
