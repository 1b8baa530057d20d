//! `querist config`: lists every setting with its value and where it was set, or changes a setting
//! in querist.toml.

use std::path::Path;

use querist_session::Session;
use querist_session::settings::listing::{Origin, Setting, TOP};
use querist_session::settings::{Change, Changed, Place};
use querist_session::store::workspace::CONFIGURATION;
use serde_json::{Value, json};

use crate::args::{Config, ConfigChange, ConfigSet, ConfigUnset, Global, place};
use crate::failure::Mend;
use crate::output::{Outcome, Talk, one_line, shown, written};

/// Runs `querist config`: lists all settings, or changes one.
///
/// # Errors
/// A setting is invalid (the error names its flag or line), or the workspace cannot be read or
/// written.
pub fn run(config: &Config, global: &Global, session: &Session, talk: &Talk) -> anyhow::Result<Outcome> {
    match &config.change {
        None => {}
        Some(ConfigChange::Set(ConfigSet { key, value, dry_run })) => {
            return changed(change(key, Some(value_of(key, value.trim())?)), *dry_run, session, talk);
        }
        Some(ConfigChange::Unset(ConfigUnset { key, dry_run })) => {
            return changed(change(key, None), *dry_run, session, talk);
        }
    }
    let settings = session.settings(&config.batch.overrides()?, talk)?;
    let root = session.root();
    let path = shown(&root.join(CONFIGURATION));
    let mut rows: Vec<Row> = settings.iter().map(|setting| Row::of(setting, &path)).collect();
    rows.extend(of_program(global, root));

    let (keys, values) = (widest(&rows, |row| &row.key), widest(&rows, |row| &row.shown));
    let mut text = String::new();
    let mut table = None;
    for row in &rows {
        if table != Some(&row.table) {
            text += &match row.table.as_str() {
                TOP => String::new(),
                name => format!("\n[{name}]\n"),
            };
            table = Some(&row.table);
        }
        text += &format!("  {:<keys$}  {:<values$}  {}\n", row.key, row.shown, row.from);
    }
    let json: Vec<Value> = rows
        .iter()
        .map(|row| json!({"table": row.table, "key": row.key, "value": row.value, "from": row.from}))
        .collect();
    Ok(Outcome { json: json!({"file": path, "settings": json}), text, next: None })
}

/// Changes a setting in querist.toml, and shows its new and old value. A dry run writes nothing.
fn changed(change: Change, dry_run: bool, session: &Session, talk: &Talk) -> anyhow::Result<Outcome> {
    let changed = session.change_settings(&[change], dry_run, talk)?;
    let path = shown(&session.root().join(CONFIGURATION));
    let shown = |value: &Option<Value>| value.as_ref().map_or_else(|| "not set".to_owned(), as_written);
    let mut text = String::new();
    for Changed { table, key, before, value } in &changed {
        let dot = if table.is_empty() { "" } else { "." };
        text += &format!("{table}{dot}{key}: {} (was {})\n", shown(value), shown(before));
    }
    let next = dry_run.then(|| format!("nothing was written; without --dry-run this would change {path}"));
    Ok(Outcome { json: json!({"file": path, "dry_run": dry_run, "changed": changed}), text, next })
}

/// Returns the change that sets `key`, such as `batch.size`, to `value`; `None` removes the key.
fn change(key: &str, value: Option<Value>) -> Change {
    let place = key.trim().to_owned();
    let (table, key) = place.split_once('.').unwrap_or(("", &place));
    Change { table: table.to_owned(), key: key.to_owned(), value, place: place.clone() }
}

/// Parses `text` as a value in querist.toml. If it is none, `text` itself is the value, a string.
///
/// # Errors
/// The value contains a number that is infinite or not a number.
fn value_of(key: &str, text: &str) -> anyhow::Result<Value> {
    let parsed = text.parse::<toml::Value>().ok();
    if parsed.as_ref().is_some_and(has_no_number) {
        let what =
            format!("{}: {} is not a usable number; expected a finite number", one_line(key), one_line(text));
        return Err(Mend(what).into());
    }
    Ok(parsed.and_then(|value| serde_json::to_value(value).ok()).unwrap_or_else(|| json!(text)))
}

/// Returns whether a value is, or contains, a number that is not finite.
fn has_no_number(value: &toml::Value) -> bool {
    match value {
        toml::Value::Float(number) => !number.is_finite(),
        toml::Value::Array(values) => values.iter().any(has_no_number),
        toml::Value::Table(values) => values.values().any(has_no_number),
        _ => false,
    }
}

/// A line in the list of settings.
struct Row {
    /// Name of the table in querist.toml.
    table: String,
    /// Name of the key.
    key: String,
    /// The value in JSON.
    value: Value,
    /// The value, as the list shows it.
    shown: String,
    /// Where the value was set, in words.
    from: String,
}

impl Row {
    /// Makes the line for a setting. `path` is the path of querist.toml.
    fn of(setting: &Setting, path: &str) -> Self {
        let from = match &setting.origin {
            Origin::Default => "default".to_owned(),
            Origin::Set(Place::Line(line)) => format!("{path}:{line}"),
            Origin::Set(Place::Caller(name)) => name.clone(),
            Origin::Unset => "not set".to_owned(),
        };
        let shown = setting.value.as_ref().map_or_else(|| "–".to_owned(), as_written);
        Self {
            table: setting.table.clone(),
            key: setting.key.clone(),
            value: json!(setting.value),
            shown,
            from,
        }
    }
}

/// Returns a value as it would be written in querist.toml. A number that is too large for TOML is
/// written as in JSON.
fn as_written(value: &Value) -> String {
    toml::Value::try_from(value).map_or_else(|_| value.to_string(), |value| value.to_string())
}

/// Returns the width of a column, in characters. Values wider than 28 characters do not count; they
/// stick out of the column.
fn widest(rows: &[Row], of: impl Fn(&Row) -> &String) -> usize {
    let widths = rows.iter().map(|row| of(row).chars().count());
    widths.filter(|width| *width <= 28).max().unwrap_or_default()
}

/// Returns the lines for the settings that only flags and environment variables can set.
fn of_program(global: &Global, root: &Path) -> [Row; 2] {
    let row = |key: &str, value: Value, given: bool| {
        let from =
            if given { place(key, global.from_environment.contains(key)) } else { "default".to_owned() };
        let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        Row { table: "program".to_owned(), key: key.to_owned(), value, shown, from }
    };
    let threads = global.threads.map_or_else(|| json!("all"), |threads| json!(threads));
    [
        row("workspace", json!(written(root)), global.workspace.is_some()),
        row("threads", threads, global.threads.is_some()),
    ]
}
