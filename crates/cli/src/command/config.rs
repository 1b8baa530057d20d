//! `querist config`: every setting with its value and where it came from; and settings changed in querist.toml.

use std::path::Path;

use querist_session::Session;
use querist_session::settings::listing::{Origin, Setting, TOP};
use querist_session::settings::{Change, Place};
use querist_session::store::workspace::CONFIGURATION;
use serde_json::{Value, json};

use crate::args::{Config, Global, place};
use crate::failure::Mend;
use crate::output::{Outcome, Talk, shown, written};

/// Lists the settings.
///
/// # Errors
/// One of them makes no sense, with the flag or the line that it comes from.
pub fn run(config: &Config, global: &Global, session: &Session, talk: &Talk) -> anyhow::Result<Outcome> {
    let changes = changes(config)?;
    if !changes.is_empty() {
        session.change_settings(&changes, talk)?;
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

/// What `--set` and `--unset` ask for.
fn changes(config: &Config) -> anyhow::Result<Vec<Change>> {
    let set = config.set.iter().map(|text| {
        let (key, value) = text.split_once('=').ok_or_else(|| {
            Mend(format!("--set: \"{text}\" has no value; expected KEY=VALUE, such as batch.size=50"))
        })?;
        Ok(change("--set", key, Some(value_of(value.trim()))))
    });
    let unset = config.unset.iter().map(|key| Ok(change("--unset", key, None)));
    set.chain(unset).collect()
}

fn change(flag: &str, key: &str, value: Option<Value>) -> Change {
    let (place, key) = (format!("{flag} {}", key.trim()), key.trim());
    let (table, key) = key.split_once('.').unwrap_or(("", key));
    Change { table: table.to_owned(), key: key.to_owned(), value, place }
}

/// A value as querist.toml has it; what is none, is a text.
fn value_of(text: &str) -> Value {
    let parsed = text.parse::<toml::Value>().ok();
    parsed.and_then(|value| serde_json::to_value(value).ok()).unwrap_or_else(|| json!(text))
}

/// A line of the list.
struct Row {
    table: String,
    key: String,
    value: Value,
    shown: String,
    from: String,
}

impl Row {
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

/// A value as querist.toml has it; a number that is too large for that, as it is.
fn as_written(value: &Value) -> String {
    toml::Value::try_from(value).map_or_else(|_| value.to_string(), |value| value.to_string())
}

/// The widest of a column, but for what is too long to align by.
fn widest(rows: &[Row], of: impl Fn(&Row) -> &String) -> usize {
    let widths = rows.iter().map(|row| of(row).chars().count());
    widths.filter(|width| *width <= 28).max().unwrap_or_default()
}

/// What only flags and environment variables say.
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
