//! Changes single values in querist.toml. Comments, order and spelling of everything else stay.

mod lines;

use querist_store::workspace::{CONFIGURATION, Fact};
use serde::Serialize;
use serde_json::Value;
use toml_edit::{Array, DocumentMut, InlineTable, Item, Table};

use super::classes::leave_at_end;
use super::line_ends::edited;
use super::listing::{Setting, listing};
use super::places::Place;
use super::{Configuration, SettingsError};
use crate::embeddings;
use crate::error::{EmbeddingError, Result, SessionError};
use crate::progress::Progress;
use crate::session::Session;

/// A change of one value in querist.toml.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// Name of the table; empty for keys before the first table.
    pub table: String,
    /// Name of the key.
    pub key: String,
    /// The new value; `None` removes the key, so that the default applies.
    pub value: Option<Value>,
    /// The caller's name for the setting, for messages: a flag or an argument.
    pub place: String,
}

/// A setting that was changed, or that a dry run would change.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Changed {
    /// Name of the table; empty for keys before the first table.
    pub table: String,
    /// Name of the key.
    pub key: String,
    /// The value that was in effect before; `None` if there was none.
    pub before: Option<Value>,
    /// The value that is in effect now; `None` if there is none.
    pub value: Option<Value>,
}

impl Session {
    /// Changes settings in querist.toml. Returns for each the values in effect before and after.
    /// With `dry_run`, everything is checked, but nothing is written.
    ///
    /// # Errors
    /// A key does not exist, a value is invalid, or the workspace cannot be written. In each case
    /// the file stays as it was.
    pub fn change_settings(
        &self,
        changes: &[Change],
        dry_run: bool,
        progress: &dyn Progress,
    ) -> Result<Vec<Changed>> {
        let mut opened = self.read_or_write("config", dry_run, progress)?;
        let path = self.root().join(CONFIGURATION);
        let text = changed(&opened.workspace.configuration()?, changes)?;
        let configuration = Configuration::read(&path, &text)
            .map_err(|error| of_change(error.with_former(&opened.labels), changes))?;
        if changes
            .iter()
            .any(|change| (change.table.as_str(), change.key.as_str()) == ("features", "embedding"))
        {
            embeddings::chosen(&opened.workspace, &configuration)
                .map_err(|error| of_embedding(error, changes))?;
        }
        // The workspace must remain readable with the new settings. This is doubtful above all if
        // the classes change.
        opened.workspace.snapshot(&configuration.labels)?;
        if !dry_run {
            let setting = |change: &Change| {
                let table =
                    if change.table.is_empty() { String::new() } else { format!("{}.", change.table) };
                (format!("{table}{}", change.key), change.value.as_ref().map(ToString::to_string))
            };
            let settings = changes.iter().map(setting).collect();
            opened.workspace.note_and_configure(&[Fact::Configured { settings }], &text)?;
        }
        let (before, after) = (listing(&opened.configuration)?, listing(&configuration)?);
        let value = |settings: &[Setting], change: &Change| {
            let mut settings = settings.iter();
            let found = settings.find(|one| (&one.table, &one.key) == (&change.table, &change.key));
            found.and_then(|setting| setting.value.clone())
        };
        let changed = changes.iter().map(|change| Changed {
            table: change.table.clone(),
            key: change.key.clone(),
            before: value(&before, change),
            value: value(&after, change),
        });
        Ok(changed.collect())
    }
}

/// Makes an error name the change that caused it, instead of a line. The text with this line is
/// never written, so the user could not find the line.
fn of_change(error: SettingsError, changes: &[Change]) -> SettingsError {
    let at_fault = |change: &&Change| {
        error.key.as_ref() == Some(&change.key) || error.problem.contains(&format!("`{}`", change.key))
    };
    let by_table = |change: &&Change| error.problem.contains(&format!("`{}`", change.table));
    // The old text was valid. So if there is only one change, it is the cause.
    let only = changes.first().filter(|_| changes.len() == 1);
    let Some(change) = changes.iter().find(at_fault).or_else(|| changes.iter().find(by_table)).or(only)
    else {
        return error;
    };
    let problem = match &change.value {
        Some(Value::String(text)) if error.problem.contains("expected a sequence") => {
            let list = Value::Array(vec![Value::String(text.clone())]);
            format!("\"{text}\" is not a list; expected a list, such as '{list}'")
        }
        _ => error.problem.clone(),
    };
    SettingsError { place: Some(Place::Caller(change.place.clone())), problem, ..error }
}

/// If the error is that an embedding does not exist, makes it name the change that set the
/// embedding.
fn of_embedding(error: SessionError, changes: &[Change]) -> SessionError {
    match error {
        SessionError::Embedding(EmbeddingError::Unknown(setting)) => {
            EmbeddingError::Unknown(of_change(setting, changes)).into()
        }
        error => error,
    }
}

/// Applies the changes to `text`, the text of querist.toml. Returns the new text.
fn changed(text: &str, changes: &[Change]) -> Result<String> {
    edited(text, |document| changes.iter().try_for_each(|change| make(document, change)))
}

/// Makes one change in the document.
fn make(document: &mut DocumentMut, change: &Change) -> Result<()> {
    if let Some(text) = lines::below_its_comment(document, change) {
        *document = text;
        return Ok(());
    }
    let is_table = document.get(&change.key).is_some_and(Item::is_table_like)
        || change.value.as_ref().is_some_and(Value::is_object);
    if change.table.is_empty() && is_table {
        let (place, key) = (&change.place, &change.key);
        return Err(SessionError::Input {
            what: format!("{place}: {key} is a table; set its keys as {key}.KEY"),
        });
    }
    let item = if change.table.is_empty() {
        document.as_item_mut()
    } else {
        document.entry(&change.table).or_insert_with(|| Item::Table(Table::new()))
    };
    let table = item.as_table_mut().ok_or_else(|| {
        let what = format!("{CONFIGURATION}: {} is not a table of its own; write it as [{0}]", change.table);
        SessionError::Input { what }
    })?;
    if let Some(value) = &change.value {
        let was_empty = table.is_empty();
        set(table, change, value)?;
        if was_empty {
            keep_below_the_last_comment(document, change);
        }
        return Ok(());
    }
    let comments = unset(table, change)?;
    if !comments.trim().is_empty() {
        leave_at_end(item, &comments);
    }
    Ok(())
}

/// Comments at the end of the file may have stood above an earlier value of the same key. So the
/// first value of the last table is put below these comments, not above them.
fn keep_below_the_last_comment(document: &mut DocumentMut, change: &Change) {
    let is_last = document.iter().last().is_some_and(|(name, _)| name == change.table);
    let comments = document.trailing().as_str().unwrap_or_default().to_owned();
    if !is_last || comments.trim().is_empty() {
        return;
    }
    let table = document.get_mut(&change.table).and_then(Item::as_table_mut);
    if let Some(mut key) = table.and_then(|table| table.key_mut(&change.key)) {
        key.leaf_decor_mut().set_prefix(comments);
        document.set_trailing("");
    }
}

/// Removes a key with its value. Comments above it move to the next key; if there is none, they are
/// returned.
fn unset(table: &mut Table, change: &Change) -> Result<String> {
    let Some(above) = table.key(&change.key).map(|key| key.leaf_decor().prefix().cloned()) else {
        let place = &change.place;
        return Err(SessionError::Input { what: format!("{place}: it is not set in {CONFIGURATION}") });
    };
    let after = table.iter().skip_while(|(key, _)| *key != change.key).nth(1).map(|(key, _)| key.to_owned());
    let above = above.as_ref().and_then(|above| above.as_str()).unwrap_or_default().to_owned();
    table.remove(&change.key);
    if above.trim().is_empty() {
        return Ok(String::new());
    }
    if let Some(mut key) = after.as_deref().and_then(|after| table.key_mut(after)) {
        let decor = key.leaf_decor_mut();
        let own = decor.prefix().and_then(|own| own.as_str()).unwrap_or_default().to_owned();
        decor.set_prefix(above + &own);
        return Ok(String::new());
    }
    Ok(above)
}

/// Sets the value of a key. White space and comments around the old value stay.
fn set(table: &mut Table, change: &Change, value: &Value) -> Result<()> {
    let (key, place) = (change.key.as_str(), &change.place);
    let mut value = written(value).ok_or_else(|| SessionError::Input {
        what: format!(
            "{place}: {value} cannot be written in {CONFIGURATION}; expected a finite number, a text, \
             true, false, a list or a table"
        ),
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

/// Converts a JSON value to TOML; `None` if TOML cannot express it.
pub(crate) fn written(value: &Value) -> Option<toml_edit::Value> {
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
        Change { table: table.to_owned(), key: key.to_owned(), value, place: format!("{table}.{key}") }
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
    fn what_is_taken_out_leaves_the_comments_above_it() {
        let text = "labels = [\"a\", \"b\"]\n[batch]\n# how many\nsize = 10\n# how\nmeasure = \"margin\" # ours\n[stop]\n# last\nbudget = 5\n";
        let without = |key: &str, table: &str| changed(text, &[change(table, key, Value::Null)]);
        let size = without("size", "batch").unwrap();
        assert!(!size.contains("size =") && size.contains("# how many\n# how\nmeasure"), "{size}");
        let measure = without("measure", "batch").unwrap();
        assert!(!measure.contains("measure =") && measure.contains("size = 10\n# how\n[stop]"), "{measure}");
        // The only value of its table.
        let bare = without("budget", "stop").unwrap();
        assert!(bare.ends_with("[stop]\n# last\n"), "{bare}");
        let again = changed(&bare, &[change("stop", "budget", json!(7))]).unwrap();
        assert!(again.ends_with("[stop]\n# last\nbudget = 7\n"), "{again}");
        assert!(without("sizes", "batch").unwrap_err().to_string().contains("batch.sizes: it is not set"));
    }

    #[test]
    fn a_value_stands_right_below_the_line_that_shows_how_to_write_it() {
        let text = template(&LabelSet::new(["a", "b"]).unwrap());
        let cost = changed(&text, &[change("cost", "hourly_rate", json!(42.5))]).unwrap();
        assert!(cost.contains("# hourly_rate = 30\nhourly_rate = 42.5\n"), "{cost}");
        assert_eq!(changed(&cost, &[change("cost", "hourly_rate", Value::Null)]).unwrap(), text);
        // Not in another table, and not inside a text.
        let text = "labels = [\"a\", \"b\"]\n# budget = 1\n[batch]\n# budget = 2\n[stop]\nx = \"\"\"\n# budget = 3\n\"\"\"\n";
        let stop = changed(text, &[change("stop", "budget", json!(4))]).unwrap();
        assert!(stop.ends_with("\"\"\"\nbudget = 4\n"), "{stop}");
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
