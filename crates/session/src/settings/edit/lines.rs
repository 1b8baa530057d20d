//! Inserts a new value into querist.toml, right below the comment that shows how to write it.

use toml_edit::{DocumentMut, Item};

use super::{Change, written};

/// Inserts a new value right below the comment that shows how to write it, such as `# hourly_rate =
/// 30`. Returns the new document; `None` if the value is already set, or if there is no such
/// comment.
pub(super) fn below_its_comment(document: &DocumentMut, change: &Change) -> Option<DocumentMut> {
    let scope = match change.table.as_str() {
        "" => document.as_table(),
        table => document.get(table).and_then(Item::as_table)?,
    };
    if scope.contains_key(&change.key) {
        return None;
    }
    let value = written(change.value.as_ref()?)?;
    let text = document.to_string();
    let (mut table, mut at, mut below) = (String::new(), 0, None);
    for line in text.split_inclusive('\n') {
        at += line.len();
        let line = line.trim();
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            name.0.trim().clone_into(&mut table);
        } else if table == change.table && shows(line, &change.key) {
            below = Some(at);
        }
    }
    let (above, rest) = text.split_at(below?);
    let end = if above.ends_with('\n') { "" } else { "\n" };
    let laid: DocumentMut = format!("{above}{end}{} = {value}\n{rest}", change.key).parse().ok()?;
    // The line that looks like such a comment may be part of a multi-line text or list. So the
    // result is used only if it has exactly the expected values.
    let mut expected = document.clone();
    let scope = match change.table.as_str() {
        "" => expected.as_table_mut(),
        table => expected.get_mut(table).and_then(Item::as_table_mut)?,
    };
    scope.insert(&change.key, Item::Value(value));
    let values = |document: &DocumentMut| document.to_string().parse::<toml::Table>().ok();
    (values(&laid).is_some() && values(&laid) == values(&expected)).then_some(laid)
}

/// Returns whether a line is a comment with a value for the key, such as `# key = 30`.
fn shows(line: &str, key: &str) -> bool {
    let comment = line.strip_prefix('#').map(|rest| rest.trim_start_matches('#').trim_start());
    let behind = comment.and_then(|comment| comment.strip_prefix(key));
    behind.is_some_and(|behind| behind.trim_start().starts_with('='))
}
