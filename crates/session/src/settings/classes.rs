//! `[classes]`: what is said of the classes; and querist.toml when classes get other names, become one or are taken out.
//!
//! Everything in querist.toml that names a class follows: `labels`, quotas, weights, rules and descriptions. Comments stay.

use std::collections::BTreeMap;

use querist_core::{LabelSet, SettingError, name_key};
use querist_store::workspace::CONFIGURATION;
use serde::{Deserialize, Serialize};
use toml_edit::{Array, DocumentMut, Item, Key, TableLike, Value};

use crate::error::{Result, SessionError};

/// What is said of the classes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClassSettings {
    /// What belongs to each class, in words for annotators; a class that is not named has none.
    pub descriptions: BTreeMap<String, String>,
}

impl ClassSettings {
    /// Whether nothing is said.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Whether it is said of classes that there are.
    ///
    /// # Errors
    /// A name that no class has.
    pub fn check(&self, labels: &LabelSet) -> Result<(), SettingError> {
        let stranger = self.descriptions.keys().find(|name| labels.class(name).is_none());
        stranger.map_or(Ok(()), |name| {
            let like = labels.nearest(name).map(|nearest| format!("; did you mean \"{nearest}\"?"));
            let what = format!("\"{name}\" is none of the labels{}", like.unwrap_or_default());
            Err(SettingError::new("descriptions", what))
        })
    }
}

/// What becomes of classes, by [`name_key`]: the new name, or `None` where the class is taken out.
pub(crate) type Renames = BTreeMap<String, Option<String>>;

/// The text of querist.toml with classes renamed and with new ones after the others.
///
/// # Errors
/// It is no TOML, or has no list of labels.
pub(crate) fn with_classes(text: &str, renames: &Renames, added: &[String]) -> Result<String> {
    let mut document: DocumentMut =
        text.parse().map_err(|error| SessionError::Input { what: format!("{CONFIGURATION}: {error}") })?;
    let labels = document
        .get_mut("labels")
        .and_then(Item::as_array_mut)
        .ok_or_else(|| SessionError::Input { what: format!("{CONFIGURATION} has no list of labels") })?;
    relabel(labels, renames, added);
    let sum = |one: &Value, other: &Value| number(one).zip(number(other)).map(|(a, b)| (a + b).into());
    rename(&mut document, ["batch", "ratio"], renames, &sum);
    let larger = |one: &Value, other: &Value| number(one).zip(number(other)).map(|(a, b)| a.max(b).into());
    rename(&mut document, ["model", "class_weights"], renames, &larger);
    rename(&mut document, ["classes", "descriptions"], renames, &|_, _| None);
    if let Some(rules) = document.get_mut("rules").and_then(Item::as_table_like_mut) {
        rename_keys(rules, renames, &|one, other| {
            let patterns = one.as_array()?.iter().chain(other.as_array()?).cloned();
            Some(Value::Array(patterns.collect::<Array>()))
        });
    }
    Ok(document.to_string())
}

/// The text of querist.toml with a description of a class, or without one.
///
/// # Errors
/// It is no TOML, or `[classes]` is no table.
pub(crate) fn with_description(text: &str, name: &str, description: Option<&str>) -> Result<String> {
    let wrong = |what: String| SessionError::Input { what: format!("{CONFIGURATION}: {what}") };
    let mut document: DocumentMut =
        text.parse().map_err(|error: toml_edit::TomlError| wrong(error.to_string()))?;
    let table = document.entry("classes").or_insert_with(|| {
        let mut table = toml_edit::Table::new();
        // Its only key is a table with a head of its own.
        table.set_implicit(true);
        Item::Table(table)
    });
    let table = table.as_table_like_mut().ok_or_else(|| wrong("classes is no table".to_owned()))?;
    let all = table.entry("descriptions").or_insert_with(|| Item::Table(toml_edit::Table::new()));
    let all = all.as_table_like_mut().ok_or_else(|| wrong("classes.descriptions is no table".to_owned()))?;
    let known = all.iter().find(|(key, _)| name_key(key) == name_key(name)).map(|(key, _)| key.to_owned());
    let key = known.unwrap_or_else(|| name.to_owned());
    match description {
        Some(description) => match all.get_mut(&key) {
            Some(Item::Value(old)) => {
                let decor = old.decor().clone();
                *old = description.into();
                *old.decor_mut() = decor;
            }
            _ => {
                all.insert(&key, toml_edit::value(description));
            }
        },
        None => {
            all.remove(&key);
        }
    }
    Ok(document.to_string())
}

/// The list of labels: a renamed one keeps its place and what stands around it; of several that become one the first place stays,
/// unless one of them has the name already.
fn relabel(labels: &mut Array, renames: &Renames, added: &[String]) {
    let name = |value: &Value| value.as_str().map(|name| name_key(name).into_owned()).unwrap_or_default();
    let kept: Vec<String> = labels.iter().map(name).filter(|key| !renames.contains_key(key)).collect();
    let mut there = kept;
    there.extend(added.iter().map(|name| name_key(name).into_owned()));
    let mut at = 0;
    while at < labels.len() {
        let renamed = labels.get(at).map(name).and_then(|key| renames.get(&key));
        match renamed {
            None => at += 1,
            Some(Some(new)) if !there.contains(&name_key(new).into_owned()) => {
                there.push(name_key(new).into_owned());
                labels.replace(at, new.as_str());
                at += 1;
            }
            Some(_) => {
                labels.remove(at);
            }
        }
    }
    for label in added {
        labels.push(label.as_str());
    }
}

fn number(value: &Value) -> Option<f64> {
    value.as_float().or_else(|| value.as_integer().map(|whole| whole as f64))
}

/// How the values of two classes become that of one; `None`: the first stays.
type Join<'a> = &'a dyn Fn(&Value, &Value) -> Option<Value>;

/// Renames the keys of a table within a table, if it is one.
fn rename(document: &mut DocumentMut, [table, key]: [&str; 2], renames: &Renames, join: Join<'_>) {
    let outer = document.get_mut(table).and_then(Item::as_table_like_mut);
    if let Some(table) = outer.and_then(|outer| outer.get_mut(key)).and_then(Item::as_table_like_mut) {
        rename_keys(table, renames, join);
    }
}

/// Renames keys. Each stays in its place with the comments above it; those of a key that joins another stand above that one.
fn rename_keys(table: &mut dyn TableLike, renames: &Renames, join: Join<'_>) {
    let names: Vec<String> = table.iter().map(|(key, _)| key.to_owned()).collect();
    if !names.iter().any(|key| renames.contains_key(name_key(key).as_ref())) {
        return;
    }
    let mut entries: Vec<(Key, Item)> = Vec::new();
    for name in names {
        let decor = table.key(&name).map(|key| key.leaf_decor().clone()).unwrap_or_default();
        let Some(item) = table.remove(&name) else { continue };
        let new = match renames.get(name_key(&name).as_ref()) {
            None => name,
            Some(Some(new)) => new.clone(),
            Some(None) => continue,
        };
        let joined = entries.iter_mut().find(|(key, _)| name_key(key.get()) == name_key(&new));
        match (joined, &item) {
            (Some((key, Item::Value(there))), Item::Value(value)) => {
                if let Some(mut joined) = join(there, value) {
                    *joined.decor_mut() = there.decor().clone();
                    *there = joined;
                }
                let more = decor.prefix().and_then(|prefix| prefix.as_str()).unwrap_or_default();
                if !more.trim().is_empty() {
                    let own =
                        key.leaf_decor().prefix().and_then(|prefix| prefix.as_str()).unwrap_or_default();
                    let both = format!("{own}{more}");
                    key.leaf_decor_mut().set_prefix(both);
                }
            }
            (Some(_), _) => {}
            (None, _) => entries.push((Key::new(new).with_leaf_decor(decor), item)),
        }
    }
    for (key, item) in entries {
        let name = key.get().to_owned();
        table.insert(&name, item);
        if let Some(mut placed) = table.key_mut(&name) {
            *placed.leaf_decor_mut() = key.leaf_decor().clone();
        }
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
        // Into one that is there.
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
