//! Lists every setting, with its value and where it was set, for `querist config`. The order is the
//! order in the template of querist.toml.

use serde::Deserialize;
use serde_json::Value;
use toml::de::DeTable;

use super::configuration::template;
use super::places::{Place, spans};
use super::{Configuration, Override};
use crate::error::{Result, SessionError};
use crate::progress::Progress;
use crate::session::Session;

/// Optional settings that the template does not contain: the table and the key.
const UNSET: [(&str, &str); 6] = [
    ("batch", "where"),
    ("classes", "descriptions"),
    ("features", "char_ngrams"),
    ("features", "embedding"),
    ("stop", "budget"),
    ("cost", "hourly_rate"),
];

/// The name of the table for keys before the first table.
pub const TOP: &str = "";

/// Where a setting's value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nobody set the value, so the default applies.
    Default,
    /// The value was set in querist.toml or by a caller.
    Set(Place),
    /// Nobody set a value, and there is no default.
    Unset,
}

/// A setting, with its value and where it was set.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// Name of the table in querist.toml; empty for keys before the first table.
    pub table: String,
    /// Name of the key.
    pub key: String,
    /// The value; `None` if there is none.
    pub value: Option<Value>,
    /// Where the value comes from.
    pub origin: Origin,
}

impl Session {
    /// Lists every setting of the workspace. A caller's overrides are applied.
    ///
    /// # Errors
    /// A setting is invalid; the error says where it was set.
    pub fn settings(&self, overrides: &[Override], progress: &dyn Progress) -> Result<Vec<Setting>> {
        let opened = self.read(progress)?;
        let configuration = opened.configuration.with(overrides)?;
        opened.features(opened.edition)?;
        listing(&configuration)
    }
}

/// Lists every setting of a configuration.
///
/// # Errors
/// A setting is a number that JSON cannot express; the check of settings rules this out.
pub(super) fn listing(configuration: &Configuration) -> Result<Vec<Setting>> {
    let template = template(&configuration.labels);
    let template_error = |_| SessionError::bug("read the template of querist.toml")();
    let document = DeTable::parse(&template).map_err(template_error)?;
    let mut keys = spans(document.get_ref());
    keys.sort_by_key(|(_, span)| span.start);
    let mut keys: Vec<(String, String)> = keys.into_iter().filter_map(|(path, _)| key(&path)).collect();
    keys.dedup();
    for (table, key) in UNSET {
        add(&mut keys, (table.to_owned(), key.to_owned()));
    }
    for name in configuration.settings.rules.0.keys() {
        add(&mut keys, ("rules".to_owned(), name.clone()));
    }
    let values = serde_json::to_value(&configuration.settings)?;
    // If the settings have no value for a key, the default in the template is shown.
    let defaults = Value::deserialize(toml::de::Deserializer::from(document)).map_err(template_error)?;
    let of = |values: &Value, table: &str, key: &str| {
        let scope = if table == TOP { values } else { &values[table] };
        (!scope[key].is_null()).then(|| scope[key].clone())
    };
    let row = |(table, key): (String, String)| {
        let value = of(&values, &table, &key).or_else(|| of(&defaults, &table, &key));
        let origin = match (configuration.place(&table, &key), &value) {
            (Some(place), _) => Origin::Set(place.clone()),
            (None, Some(_)) => Origin::Default,
            (None, None) => Origin::Unset,
        };
        Setting { table, key, value, origin }
    };
    Ok(keys.into_iter().map(row).collect())
}

/// Returns the table and the key of the setting at `path`. `None` if `path` leads to a part of a
/// setting's value.
fn key(path: &[String]) -> Option<(String, String)> {
    match path {
        [key] => Some((TOP.to_owned(), key.clone())),
        [table, key] if table != "labels" => Some((table.clone(), key.clone())),
        _ => None,
    }
}

/// Inserts a key behind the last key of its table.
fn add(keys: &mut Vec<(String, String)>, (table, key): (String, String)) {
    let end = keys.iter().rposition(|known| known.0 == table).map_or(keys.len(), |at| at + 1);
    keys.insert(end, (table, key));
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::json;

    use super::super::Override;
    use super::*;

    fn listed(rest: &str, overrides: &[Override]) -> Vec<Setting> {
        let text = format!("labels = [\"fraud\", \"other\"]\n{rest}");
        let file = Configuration::read(Path::new("q.toml"), &text).unwrap();
        listing(&file.with(overrides).unwrap()).unwrap()
    }

    fn find<'a>(settings: &'a [Setting], table: &str, key: &str) -> &'a Setting {
        let mut found = settings.iter().filter(|setting| setting.table == table && setting.key == key);
        let setting = found.next().unwrap_or_else(|| panic!("[{table}] {key} is not listed"));
        assert!(found.next().is_none(), "[{table}] {key} is listed twice");
        setting
    }

    /// The keys that the parser knows, taken from its error about an unknown key.
    fn known_to_the_reader(table: &str) -> Vec<String> {
        let text = match table {
            TOP => "labels = [\"a\", \"b\"]\nno_such_key = 1".to_owned(),
            table => format!("labels = [\"a\", \"b\"]\n[{table}]\nno_such_key = 1"),
        };
        let error = Configuration::read(Path::new("q.toml"), &text).unwrap_err().to_string();
        let names = error.split("expected").nth(1).unwrap();
        names.split('`').skip(1).step_by(2).map(str::to_owned).collect()
    }

    #[test]
    fn every_key_of_querist_toml_is_listed() {
        let settings = listed("", &[]);
        let tables: Vec<String> =
            known_to_the_reader(TOP).into_iter().filter(|key| key != "labels" && key != "seed").collect();
        assert!(tables.contains(&"stop".to_owned()), "{tables:?}");
        for table in tables.iter().filter(|table| *table != "rules") {
            let keys = known_to_the_reader(table);
            assert!(!keys.is_empty(), "{table}");
            for key in keys {
                find(&settings, table, &key);
            }
        }
        find(&settings, TOP, "seed");
        find(&settings, TOP, "labels");
    }

    #[test]
    fn each_layer_lies_over_the_one_below() {
        let rest = "\n[batch]\nsize = 7\nmix = { random = 1 }\n[rules]\nfraud = ['x']\n";
        let flag = |key, value| Override { table: "batch", key, value, place: format!("--{key}") };
        let settings = listed(rest, &[flag("mix", json!({"ratio": 0.5})), flag("measure", json!("margin"))]);
        let expect = |table: &str, key: &str, value: &Value, origin: Origin| {
            let setting = find(&settings, table, key);
            assert_eq!((setting.value.as_ref(), &setting.origin), (Some(value), &origin));
        };
        let caller = |name: &str| Origin::Set(Place::Caller(name.to_owned()));
        expect(TOP, "seed", &json!(0), Origin::Default);
        expect("batch", "size", &json!(7), Origin::Set(Place::Line(4)));
        expect("batch", "measure", &json!("margin"), caller("--measure"));
        expect("batch", "strategy", &json!("measure"), caller("--measure"));
        expect("rules", "fraud", &json!(["x"]), Origin::Set(Place::Line(7)));
        expect("features", "lowercase", &json!(true), Origin::Default);
        let mix = find(&settings, "batch", "mix");
        assert_eq!(mix.value.as_ref().unwrap()["ratio"], json!(0.5));
        assert_eq!(mix.origin, caller("--mix"));
        assert_eq!(find(&settings, "stop", "budget").origin, Origin::Unset);
    }
}
