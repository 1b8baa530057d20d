//! querist.toml written by a program: values change; comments, order and spelling of everything else stay.

use querist_store::workspace::CONFIGURATION;
use querist_store::write_atomically;
use serde::Serialize;
use serde_json::Value;
use toml_edit::{Array, DocumentMut, InlineTable, Item, Table};

use super::Configuration;
use super::listing::Setting;
use crate::error::{Result, SessionError};
use crate::progress::Progress;
use crate::session::Session;

/// A change of querist.toml.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// The table; empty for keys before any table.
    pub table: String,
    /// The key.
    pub key: String,
    /// The new value; `None` takes the key out, so that its default counts.
    pub value: Option<Value>,
}

impl Session {
    /// Changes settings in querist.toml. Gives all settings as they are then.
    ///
    /// # Errors
    /// A key that there is not, or a value that makes no sense; then the file stays as it is.
    pub fn change_settings(&self, changes: &[Change], progress: &dyn Progress) -> Result<Vec<Setting>> {
        let opened = self.write("config", progress)?;
        let path = self.root().join(CONFIGURATION);
        let text = changed(&opened.workspace.configuration()?, changes)?;
        let configuration = Configuration::read(&path, &text)?;
        // What the workspace holds must be readable with the new settings, too: with the classes above all.
        opened.workspace.snapshot(&configuration.labels)?;
        write_atomically(&path, text.as_bytes())?;
        drop(opened);
        self.settings(&[], progress)
    }
}

/// The text of querist.toml with those changes.
fn changed(text: &str, changes: &[Change]) -> Result<String> {
    let mut document: DocumentMut =
        text.parse().map_err(|error| SessionError::Input { what: format!("{CONFIGURATION}: {error}") })?;
    for change in changes {
        let table = if change.table.is_empty() {
            document.as_table_mut()
        } else {
            let table = document.entry(&change.table).or_insert_with(|| Item::Table(Table::new()));
            table.as_table_mut().ok_or_else(|| {
                let what =
                    format!("{CONFIGURATION}: {} is no table of its own; write it as [{0}]", change.table);
                SessionError::Input { what }
            })?
        };
        match &change.value {
            Some(value) => set(table, &change.key, value)?,
            None => {
                table.remove(&change.key);
            }
        }
    }
    Ok(document.to_string())
}

/// Sets a value; what stands around the old one, such as a comment behind it, stays.
fn set(table: &mut Table, key: &str, value: &Value) -> Result<()> {
    let mut value = written(value).ok_or_else(|| {
        SessionError::option("settings", format!("{key}: {value} has no form in querist.toml"))
    })?;
    match table.get_mut(key) {
        Some(Item::Value(old)) => {
            *value.decor_mut() = old.decor().clone();
            *old = value;
        }
        Some(item) => *item = Item::Value(value),
        None => {
            table.insert(key, Item::Value(value));
        }
    }
    Ok(())
}

/// A value in TOML; `None` where it has no form.
fn written(value: &Value) -> Option<toml_edit::Value> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(value) => (*value).into(),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => whole.into(),
            (None, Some(value)) if !number.is_u64() => value.into(),
            _ => return None,
        },
        Value::String(text) => text.as_str().into(),
        Value::Array(values) => {
            let values = values.iter().map(written).collect::<Option<Vec<_>>>()?;
            toml_edit::Value::Array(values.into_iter().collect::<Array>())
        }
        Value::Object(fields) => {
            let mut table = InlineTable::new();
            for (key, value) in fields {
                table.insert(key, written(value)?);
            }
            toml_edit::Value::InlineTable(table)
        }
    })
}

#[cfg(test)]
mod tests {
    use querist_core::LabelSet;
    use serde_json::json;

    use super::super::template;
    use super::*;

    fn change(table: &str, key: &str, value: Value) -> Change {
        let value = (!value.is_null()).then_some(value);
        Change { table: table.to_owned(), key: key.to_owned(), value }
    }

    #[test]
    fn values_change_and_comments_stay() {
        let text = "# ours\nlabels = [\"a\", \"b\"] # two\n\n[batch]\nsize = 10   # a morning's work\n# not now: suggest = true\n[stop]\n";
        let changes = [
            change("batch", "size", json!(25)),
            change("batch", "mix", json!({"ratio": 0.5, "random": 0.1})),
            change("stop", "budget", json!(500)),
            change("", "seed", json!(7)),
            change("quality", "aggregator", json!("ds")),
        ];
        let expected = "# ours\nlabels = [\"a\", \"b\"] # two\nseed = 7\n\n[batch]\nsize = 25   # a morning's work\nmix = { ratio = 0.5, random = 0.1 }\n# not now: suggest = true\n[stop]\nbudget = 500\n\n[quality]\naggregator = \"ds\"\n";
        assert_eq!(changed(text, &changes).unwrap(), expected);
        let without = changed(expected, &[change("", "seed", Value::Null)]).unwrap();
        assert!(!without.contains("seed") && without.contains("# two"), "{without}");
    }

    #[test]
    fn what_changes_nothing_leaves_every_byte() {
        let text = template(&LabelSet::new(["a", "b"]).unwrap());
        assert_eq!(changed(&text, &[]).unwrap(), text);
        assert!(changed(&text, &[change("batch", "size", json!(3))]).unwrap().contains("size = 3"));
        let inline = "labels = [\"a\", \"b\"]\nbatch = { size = 3 }\n";
        assert!(changed(inline, &[change("batch", "size", json!(4))]).is_err());
    }
}
