//! `[classes]`: descriptions and order of the classes. Also edits querist.toml when classes are
//! renamed, merged or removed.
//!
//! Such an edit changes every place in querist.toml that names the class: `labels`, quotas,
//! weights, rules and descriptions. Comments stay.

use std::collections::BTreeMap;

use querist_core::{LabelSet, SettingError, name_key};
use querist_quality::Scale;
use querist_store::workspace::CONFIGURATION;
use serde::{Deserialize, Serialize};
use toml_edit::{Array, Decor, DocumentMut, Item, Key, RawString, TableLike, Value};

use super::label_list::relabel;
use super::line_ends::edited;
use crate::error::{Result, SessionError};

/// Descriptions and order of the classes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClassSettings {
    /// Whether the classes are ranks, in the order of `labels`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub ordered: bool,
    /// By name of a class: what belongs to the class, in words for annotators. Not every class
    /// needs one.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub descriptions: BTreeMap<String, String>,
}

impl ClassSettings {
    /// Returns whether all values are the defaults.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Returns whether the classes are ranks (ordinal) or have no order (nominal).
    pub fn scale(&self) -> Scale {
        if self.ordered { Scale::Ordinal } else { Scale::Nominal }
    }

    /// Checks that every described class exists.
    ///
    /// # Errors
    /// A description is for a class that does not exist.
    pub fn check(&self, labels: &LabelSet) -> Result<(), SettingError> {
        let stranger = self.descriptions.keys().find(|name| labels.class(name).is_none());
        stranger.map_or(Ok(()), |name| {
            let like = labels.nearest(name).map(|nearest| format!("; did you mean \"{nearest}\"?"));
            let what = format!("\"{name}\" is not one of the labels{}", like.unwrap_or_default());
            Err(SettingError::new("descriptions", what))
        })
    }
}

/// The classes that change: the [`name_key`] of the old name, and the new name. The new name is
/// `None` if the class is removed.
pub(crate) type Renames = BTreeMap<String, Option<String>>;

/// Renames and removes classes in `text`, the text of querist.toml, and appends the names in
/// `added` to its list of labels. Returns the new text.
///
/// # Errors
/// The text is not TOML, or has no list of labels.
pub(crate) fn with_classes(text: &str, renames: &Renames, added: &[String]) -> Result<String> {
    edited(text, |document| {
        let labels = document
            .get_mut("labels")
            .and_then(Item::as_array_mut)
            .ok_or_else(|| SessionError::Input { what: format!("{CONFIGURATION} has no list of labels") })?;
        relabel(labels, renames, added);
        let sum = |one: &Value, other: &Value, _| {
            number(one).zip(number(other)).map(|(one, other)| (one + other).into())
        };
        rename(document, &["batch", "ratio"], renames, &sum);
        let larger = |one: &Value, other: &Value, _| {
            number(one).zip(number(other)).map(|(one, other)| one.max(other).into())
        };
        rename(document, &["model", "class_weights"], renames, &larger);
        // If classes are merged into one that keeps its name, the description of that class wins.
        let own = |_: &Value, other: &Value, is_own: bool| is_own.then(|| other.clone());
        rename(document, &["classes", "descriptions"], renames, &own);
        rename(document, &["rules"], renames, &|one, other, _| {
            let patterns = one.as_array()?.iter().chain(other.as_array()?).cloned();
            Some(Value::Array(patterns.collect::<Array>()))
        });
        Ok(())
    })
}

/// Sets the description of the class `name` in `text`, the text of querist.toml, or removes it if
/// `description` is `None`. Returns the new text.
///
/// # Errors
/// The text is not TOML, or `[classes]` is not a table.
pub(crate) fn with_description(text: &str, name: &str, description: Option<&str>) -> Result<String> {
    let wrong = |what: &str| SessionError::Input { what: format!("{CONFIGURATION}: {what}") };
    edited(text, |document| {
        let Some(description) = description else {
            let out = Renames::from([(name_key(name).into_owned(), None)]);
            rename(document, &["classes", "descriptions"], &out, &|_, _, _| None);
            return Ok(());
        };
        let table = document.entry("classes").or_insert_with(|| {
            let mut table = toml_edit::Table::new();
            // `[classes]` only contains the table `[classes.descriptions]`, so it needs no header
            // of its own.
            table.set_implicit(true);
            Item::Table(table)
        });
        let table = table.as_table_like_mut().ok_or_else(|| wrong("classes is not a table"))?;
        let all = table.entry("descriptions").or_insert_with(|| Item::Table(toml_edit::Table::new()));
        let all = all.as_table_like_mut().ok_or_else(|| wrong("classes.descriptions is not a table"))?;
        let known =
            all.iter().find(|(key, _)| name_key(key) == name_key(name)).map(|(key, _)| key.to_owned());
        let key = known.unwrap_or_else(|| name.to_owned());
        if let Some(Item::Value(old)) = all.get_mut(&key) {
            let decor = old.decor().clone();
            *old = description.into();
            *old.decor_mut() = decor;
        } else {
            all.insert(&key, toml_edit::value(description));
        }
        Ok(())
    })
}

fn number(value: &Value) -> Option<f64> {
    value.as_float().or_else(|| value.as_integer().map(|whole| whole as f64))
}

/// Returns the value of a class into which two others are merged, from the values of both; `None`
/// keeps the first value. The flag says whether the second class is the one that keeps its name.
type Join<'a> = &'a dyn Fn(&Value, &Value, bool) -> Option<Value>;

/// Renames or removes the keys that name a changed class in the table at `path`. Does nothing if
/// there is no such table.
fn rename(document: &mut DocumentMut, path: &[&str], renames: &Renames, join: Join<'_>) {
    let mut item = document.as_item_mut();
    for key in path {
        match item.as_table_like_mut().and_then(|table| table.get_mut(key)) {
            Some(within) => item = within,
            None => return,
        }
    }
    let Some(table) = item.as_table_like_mut() else { return };
    let comments = rename_keys(table, renames, join);
    if !comments.trim().is_empty() {
        leave_at_end(item, &comments);
    }
}

/// Renames or removes the keys of `table` that name a changed class:
/// - A renamed key keeps its position and its comments.
/// - If a key is merged into another key, its comments move there.
/// - If a key is removed, the comments above it move to the next key.
///
/// Returns the comments for which there is no next key.
fn rename_keys(table: &mut dyn TableLike, renames: &Renames, join: Join<'_>) -> String {
    let names: Vec<String> = table.iter().map(|(key, _)| key.to_owned()).collect();
    // If no key of a table changes, the table must keep every byte.
    if !names.iter().any(|key| renames.contains_key(name_key(key).as_ref())) {
        return String::new();
    }
    let mut entries: Vec<(Key, Item)> = Vec::new();
    let mut left_over = String::new();
    for name in names {
        let decor = table.key(&name).map(|key| key.leaf_decor().clone()).unwrap_or_default();
        // All keys are removed and inserted again, because the file has them in the order of
        // insertion.
        let Some(item) = table.remove(&name) else { continue };
        let above = text(decor.prefix());
        let (new, is_own) = match renames.get(name_key(&name).as_ref()) {
            None => (name, true),
            Some(Some(new)) => (new.clone(), false),
            Some(None) => {
                if !above.trim().is_empty() {
                    left_over += &above;
                }
                continue;
            }
        };
        let joined = entries.iter_mut().find(|(key, _)| name_key(key.get()) == name_key(&new));
        match (joined, &item) {
            (Some((key, Item::Value(there))), Item::Value(value)) => {
                let behind = [text(there.decor().suffix()), text(value.decor().suffix())].concat();
                let prefix = text(there.decor().prefix());
                if let Some(joined) = join(there, value, is_own) {
                    *there = joined;
                }
                *there.decor_mut() = Decor::new(prefix, behind);
                if !above.trim().is_empty() {
                    let both = text(key.leaf_decor().prefix()) + &above;
                    key.leaf_decor_mut().set_prefix(both);
                }
            }
            (Some(_), _) => {}
            (None, _) => {
                let mut key = Key::new(new).with_leaf_decor(decor);
                if !left_over.is_empty() {
                    key.leaf_decor_mut().set_prefix(std::mem::take(&mut left_over) + &above);
                }
                entries.push((key, item));
            }
        }
    }
    for (key, item) in entries {
        let name = key.get().to_owned();
        table.insert(&name, item);
        if let Some(mut placed) = table.key_mut(&name) {
            *placed.leaf_decor_mut() = key.leaf_decor().clone();
        }
    }
    left_over
}

fn text(raw: Option<&RawString>) -> String {
    raw.and_then(RawString::as_str).unwrap_or_default().to_owned()
}

/// Puts `comments` at the end of a table: below its last value or, if it has no values, below its
/// header.
pub(super) fn leave_at_end(item: &mut Item, comments: &str) {
    let comments = format!("\n{}", comments.trim_end_matches('\n'));
    let last = item.as_table_like().and_then(|table| table.iter().last()).map(|(key, _)| key.to_owned());
    let value =
        last.and_then(|last| item.as_table_like_mut()?.get_mut(&last)?.as_value_mut().map(Value::decor_mut));
    if let Some(decor) = value {
        let behind = text(decor.suffix()) + &comments;
        decor.set_suffix(behind);
    } else if let Some(table) = item.as_table_mut() {
        let behind = text(table.decor().suffix()) + &comments;
        table.decor_mut().set_suffix(behind);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
# The classes.
labels = [
  \"spam\", # unwanted
  \"ham\",
  \"eggs\",
]
[batch]
ratio = { spam = 0.5, ham = 0.25, eggs = 0.25 } # weights
[model.class_weights]
# twice
ham = 2.0
eggs = 3
[rules]
# of spam
spam = ['buy']
# of ham
ham = ['hello', 'dear']
[classes.descriptions]
ham = \"wanted\"
";

    fn changed(to: &[(&str, Option<&str>)], added: &[&str]) -> String {
        let renames = to.iter().map(|(old, new)| ((*old).to_owned(), new.map(str::to_owned))).collect();
        let added: Vec<String> = added.iter().map(|name| (*name).to_owned()).collect();
        with_classes(TEXT, &renames, &added).unwrap()
    }

    #[test]
    fn a_renamed_class_keeps_its_places_and_comments() {
        let text = changed(&[("spam", Some("junk mail"))], &[]);
        let expected = TEXT
            .replace("  \"spam\", # unwanted", "  \"junk mail\", # unwanted")
            .replace("{ spam = 0.5", "{ \"junk mail\" = 0.5")
            .replace("\nspam = ['buy']", "\n\"junk mail\" = ['buy']");
        assert_eq!(text, expected);
    }

    #[test]
    fn classes_that_become_one_bring_what_they_have() {
        let text = changed(&[("spam", Some("mail")), ("ham", Some("mail"))], &["new"]);
        let value: toml::Table = toml::from_str(&text).unwrap();
        assert_eq!(value["labels"].to_string(), "[\"mail\", \"eggs\", \"new\"]");
        assert_eq!(value["batch"]["ratio"]["mail"].as_float(), Some(0.75));
        assert_eq!(value["model"]["class_weights"]["mail"].as_float(), Some(2.0));
        assert_eq!(value["rules"]["mail"].as_array().unwrap().len(), 3);
        assert_eq!(value["classes"]["descriptions"]["mail"].as_str(), Some("wanted"));
        assert!(text.contains("# of spam\n# of ham\nmail = "), "{text}");
        // Merged into a class that exists.
        let text = changed(&[("spam", Some("ham"))], &[]);
        let value: toml::Table = toml::from_str(&text).unwrap();
        assert_eq!(value["labels"].to_string(), "[\"ham\", \"eggs\"]");
        assert_eq!(value["batch"]["ratio"]["ham"].as_float(), Some(0.75));
    }

    #[test]
    fn a_class_that_is_taken_out_leaves_nothing() {
        let text = changed(&[("ham", None)], &[]);
        assert!(!text.lines().any(|line| !line.starts_with('#') && line.contains("ham")), "{text}");
        let value: toml::Table = toml::from_str(&text).unwrap();
        assert_eq!(value["labels"].to_string(), "[\"spam\", \"eggs\"]");
    }

    #[test]
    fn what_is_said_of_the_class_itself_stands_above_the_others() {
        let text = "labels = [\"a\", \"b\", \"c\"]\n[classes.descriptions]\na = \"of a\" # first\nb = \"of b\" # second\n";
        let merged = |to: &[&str], into: &str| {
            let renames = to.iter().map(|name| ((*name).to_owned(), Some(into.to_owned()))).collect();
            with_classes(text, &renames, &[]).unwrap()
        };
        assert!(merged(&["a"], "b").contains("]\nb = \"of b\" # first # second\n"));
        assert!(merged(&["b"], "a").contains("]\na = \"of a\" # first # second\n"));
        assert!(merged(&["a", "b"], "c").contains("]\nc = \"of a\" # first # second\n"));
        assert!(merged(&["a", "b"], "new").contains("]\nnew = \"of a\" # first # second\n"));
    }

    #[test]
    fn comments_above_what_goes_stay() {
        let without = |text: &str, name: &str| {
            with_classes(text, &Renames::from([(name.to_owned(), None)]), &[]).unwrap()
        };
        let text = "labels = [\"a\", \"b\", \"c\"]\n[rules]\n# one\na = ['x'] # of a\n# two\nb = ['y'] # of b\n[stop]\n";
        assert_eq!(
            without(text, "a"),
            "labels = [\"b\", \"c\"]\n[rules]\n# one\n# two\nb = ['y'] # of b\n[stop]\n"
        );
        let without_b = without(text, "b");
        assert_eq!(without_b, "labels = [\"a\", \"c\"]\n[rules]\n# one\na = ['x'] # of a\n# two\n[stop]\n");
        assert_eq!(without(&without_b, "a").matches('#').count(), 2, "what stands behind it goes with it");
        let alone = without("labels = [\"a\", \"b\", \"c\"]\n[rules]\n# one\na = ['x']\n[stop]\n", "a");
        assert_eq!(alone, "labels = [\"b\", \"c\"]\n[rules]\n# one\n[stop]\n");
    }

    #[test]
    fn dotted_keys_keep_their_comments_and_a_file_its_line_ends() {
        let text = "labels = [\"a\", \"b\", \"c\"]\n# shares\nbatch.ratio.a = 0.5 # of a\nbatch.ratio.b = 0.25 # of b\nbatch.ratio.c = 0.25\n";
        let renames = Renames::from([("a".to_owned(), Some("b".to_owned()))]);
        let merged = with_classes(text, &renames, &[]).unwrap();
        let expected =
            "labels = [\"b\", \"c\"]\n# shares\nbatch.ratio.b = 0.75 # of a # of b\nbatch.ratio.c = 0.25\n";
        assert_eq!(merged, expected);
        let dos = |text: &str| text.replace('\n', "\r\n");
        assert_eq!(with_classes(&dos(text), &renames, &[]).unwrap(), dos(expected));
    }

    #[test]
    fn descriptions_come_change_and_go() {
        let text = with_description("labels = [\"a\", \"b\"] # both\n", "a", Some("first")).unwrap();
        assert!(text.starts_with("labels = [\"a\", \"b\"] # both\n"), "{text}");
        let text = with_description(&text, "a", Some("the first")).unwrap();
        let value: toml::Table = toml::from_str(&text).unwrap();
        assert_eq!(value["classes"]["descriptions"]["a"].as_str(), Some("the first"));
        let text = with_description(&text, "a", None).unwrap();
        assert!(!text.contains("first"), "{text}");
    }
}
