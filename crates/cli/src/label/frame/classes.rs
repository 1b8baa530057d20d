//! The classes on the screen: in columns with their keys or, for a filter, one per row with one
//! class marked.

use std::collections::BTreeSet;

use querist_session::core::Class;

use super::{Look, Row};
use crate::label::choice::Choice;
use crate::label::desk::Desk;
use crate::label::text::{fit, visible, width};

/// Largest width of a class's name, in columns of the terminal, if the classes stand in several
/// columns.
const WIDEST: usize = 30;

/// Smallest width of a class, in columns of the terminal: its key and the beginning of its name.
const NARROWEST: usize = 8;

/// Number of rows that a filter needs at least: the typed text and the marked class.
const FILTERED: usize = 2;

/// Makes at most `most` rows with the classes. `None` if they do not have room for all classes or,
/// with a filter, for the marked class.
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

/// Returns the possible widths of a class, widest first. Narrower widths cut names, but only while
/// no two names that differ at full width look the same.
fn cells(desk: &Desk, columns: usize) -> Vec<usize> {
    let names: Vec<String> = desk.labels.names().iter().map(|name| visible(name)).collect();
    let widest = names.iter().map(|name| width(name)).max().unwrap_or(0).min(WIDEST);
    // A class takes up its key, a space, its name and two spaces.
    let full = (widest + 4).min(columns).max(1);
    let look = |cell: usize| {
        names.iter().map(|name| fit(name, cell.saturating_sub(3))).collect::<BTreeSet<_>>().len()
    };
    // A width at which fewer names differ would make two classes look the same.
    let alike = look(full);
    let narrower = (columns / full + 1..=columns / NARROWEST).map(|across| columns / across);
    let narrower = narrower.filter(|cell| look(*cell) == alike);
    std::iter::once(full).chain(narrower).collect()
}

/// Makes the rows of classes with their keys, each class `cell` columns wide.
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

/// Makes the rows of a filter: the typed text, then the remaining classes, at most `most` rows.
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
    // Scroll so that the marked class is always visible.
    let first = (marked + 1).saturating_sub(room);
    for (place, class) in left.iter().enumerate().skip(first).take(room) {
        let look = if place == marked { Look::Marked } else { Look::Plain };
        rows.push(Row::of(&format!(" {} ", desk.labels.name(*class)), look, columns));
    }
    // The number of rows is fixed, so that the text does not move while the list of classes
    // changes.
    rows.resize(most.min(desk.labels.len() + 1), Row::default());
    rows
}
