//! Reads settings from querist.toml, and applies a caller's overrides. An error says where the
//! wrong setting was set.

use std::fmt;
use std::path::Path;

use querist_core::setting::UnknownLabel;
use querist_core::{LabelSet, SettingError};
use querist_query::{MixSetting, RatioSetting, StrategySetting};
use serde_json::Value;
use toml::de::DeTable;

use super::places::{Place, Places, line_of, spans};
use super::{InTable, Settings};

/// The querist.toml that `querist init` writes, with `{labels}` in place of the classes.
const TEMPLATE: &str = include_str!("../querist.toml");

/// Returns the text of querist.toml for a new workspace with these classes.
pub fn template(labels: &LabelSet) -> String {
    let quoted: Vec<String> =
        labels.names().iter().map(|name| toml::Value::String(name.clone()).to_string()).collect();
    TEMPLATE.replace("{labels}", &quoted.join(", "))
}

/// A caller's value for a setting, which replaces the value in querist.toml.
#[derive(Debug, Clone, PartialEq)]
pub struct Override {
    /// Name of the table; empty for keys before the first table.
    pub table: &'static str,
    /// Name of the key.
    pub key: &'static str,
    /// The value, as it would be in querist.toml.
    pub value: Value,
    /// The caller's name for the setting, for messages: a flag, an environment variable or an
    /// argument.
    pub place: String,
}

/// An error about a setting: where it was set, and what is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsError {
    /// Path of the file with the settings.
    pub path: String,
    /// Where the value was set; `None` if nobody set it.
    pub place: Option<Place>,
    /// The key, if the error is about one key.
    pub key: Option<String>,
    /// What is wrong.
    pub problem: String,
    /// If a change of another setting would resolve the error: which one.
    pub needs: Option<Needs>,
    /// If the setting names a label that does not exist: this label.
    pub unknown_label: Option<Box<UnknownLabel>>,
}

/// A setting that must change too, so that a setting has an effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Needs {
    /// There are quotas, but the mix has no share for them.
    ShareForQuotas,
}

impl SettingsError {
    /// Returns where the value was set, for messages: a flag, or a file with line and key.
    pub fn where_set(&self) -> String {
        let Self { path, place, key, .. } = self;
        let place = match place {
            Some(Place::Caller(name)) => return name.clone(),
            Some(Place::Line(line)) => format!("{path}:{line}"),
            None => path.clone(),
        };
        key.as_ref().map_or_else(|| place.clone(), |key| format!("{place}: {key}"))
    }
}

impl fmt::Display for SettingsError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.where_set(), self.problem)
    }
}

impl std::error::Error for SettingsError {}

/// Settings that were checked, and where each was set.
#[derive(Debug, Clone)]
pub struct Configuration {
    /// The values of all settings.
    pub settings: Settings,
    /// The classes.
    pub labels: LabelSet,
    /// Path of the file that the settings come from, for messages.
    path: String,
    /// Where each value was set.
    places: Places,
}

impl Configuration {
    /// Reads and checks `text`, the text of querist.toml.
    ///
    /// # Errors
    /// The text is malformed TOML, a key is unknown, or a value has the wrong type or is out of
    /// range. The error names file and line.
    pub fn read(path: &Path, text: &str) -> Result<Self, SettingsError> {
        let path = path.display().to_string();
        let wrong = |error: &toml::de::Error, key: Option<String>| SettingsError {
            path: path.clone(),
            place: Some(Place::Line(error.span().map_or(1, |span| line_of(text, span.start)))),
            key,
            problem: plain(error.message()),
            needs: None,
            unknown_label: None,
        };
        let document = DeTable::parse(text).map_err(|error| wrong(&error, None))?;
        let (places, spans) = (Places::of(text, document.get_ref()), spans(document.get_ref()));
        let settings: Settings = toml::from_str(text).map_err(|error| {
            // `spans` lists inner values before outer values, so the first match is the innermost
            // value.
            let at = error.span().map(|span| span.start).unwrap_or_default();
            let around = spans.iter().find(|(_, span)| span.contains(&at));
            let unknown = error.message().starts_with("unknown field");
            wrong(&error, around.filter(|_| !unknown).map(|(path, _)| key_of(path)))
        })?;
        Self::checked(settings, path, places)
    }

    /// Checks settings that do not come from querist.toml. Errors name no line.
    ///
    /// # Errors
    /// A setting is invalid.
    pub fn of(settings: Settings, path: &Path) -> Result<Self, SettingsError> {
        Self::checked(settings, path.display().to_string(), Places::default())
    }

    /// Checks the settings. If one is wrong, the error says where it was set.
    fn checked(settings: Settings, path: String, places: Places) -> Result<Self, SettingsError> {
        match settings.check() {
            Ok(labels) => Ok(Self { settings, labels, path, places }),
            Err((table, error)) => Err(located(&path, &places, table, error)),
        }
    }

    /// Applies a caller's overrides, and checks the result.
    ///
    /// # Errors
    /// A setting is invalid. If the caller set it, the error uses the caller's name for it.
    pub fn with(&self, overrides: &[Override]) -> Result<Self, SettingsError> {
        let mut laid = self.clone();
        for setting in overrides.iter().chain(implied(overrides).as_ref()) {
            let failed = |problem: String| SettingsError {
                path: self.path.clone(),
                place: Some(Place::Caller(setting.place.clone())),
                key: None,
                problem: plain(&problem),
                needs: None,
                unknown_label: None,
            };
            let mut values =
                serde_json::to_value(&laid.settings).map_err(|error| failed(error.to_string()))?;
            let scope = if setting.table.is_empty() { &mut values } else { &mut values[setting.table] };
            scope[setting.key] = setting.value.clone();
            laid.settings = serde_json::from_value(values).map_err(|error| failed(error.to_string()))?;
            laid.places.set(path_of(setting.table, setting.key), Place::Caller(setting.place.clone()));
        }
        let laid = Self::checked(laid.settings, laid.path, laid.places)?;
        if overrides.iter().any(|setting| setting.key == "ratio") {
            laid.check_quotas_have_a_share()?;
        }
        Ok(laid)
    }

    /// Fails if the caller sets quotas, but the mix has no share for them. The quotas would have no
    /// effect, and the user must have expected one.
    fn check_quotas_have_a_share(&self) -> Result<(), SettingsError> {
        let batch = &self.settings.batch;
        let MixSetting::Shares(shares) = batch.mix else { return Ok(()) };
        if batch.ratio == RatioSetting::Balance || shares.ratio > 0.0 {
            return Ok(());
        }
        let what = "quotas are given, but the mix has no ratio share for them";
        let error = self.error(("batch", SettingError::new("ratio", what)));
        Err(SettingsError { needs: Some(Needs::ShareForQuotas), ..error })
    }

    /// Adds to an error where the setting was set.
    pub fn error(&self, (table, error): InTable) -> SettingsError {
        located(&self.path, &self.places, table, error)
    }

    /// Returns where a setting was set; `None` if nobody set it.
    pub fn place(&self, table: &str, key: &str) -> Option<&Place> {
        self.places.get(&path_of(table, key))
    }
}

/// Returns the keys that lead to a setting: the table, if there is one, and the key.
fn path_of(table: &str, key: &str) -> Vec<String> {
    [table, key].into_iter().filter(|key| !key.is_empty()).map(str::to_owned).collect()
}

/// Returns an override that follows from the caller's overrides, if there is one. A caller who
/// names a measure or a diversity, but no strategy, wants to see its effect. So the strategy that
/// uses it is selected.
fn implied(overrides: &[Override]) -> Option<Override> {
    if overrides.iter().any(|setting| setting.key == "strategy") {
        return None;
    }
    let by = ["measure", "diversity"];
    let by = by.iter().find_map(|key| overrides.iter().find(|setting| setting.key == *key))?;
    Some(Override { key: "strategy", value: StrategySetting::MEASURE.into(), ..by.clone() })
}

/// Adds to an error about a setting in `table` where the setting was set.
fn located(path: &str, places: &Places, table: &str, error: SettingError) -> SettingsError {
    let mut keys: Vec<String> = Vec::new();
    keys.extend((!table.is_empty()).then(|| table.to_owned()));
    keys.extend(error.path);
    let place = places.get(&keys).cloned();
    SettingsError {
        path: path.to_owned(),
        place,
        key: Some(key_of(&keys)),
        problem: error.problem,
        needs: None,
        unknown_label: error.unknown_label,
    }
}

/// Returns the name that errors use for the value at `path`. It is the key, except under `rules`:
/// the keys there are classes, so the name is `rules`.
fn key_of(path: &[String]) -> String {
    match path {
        [table, ..] if table == "rules" => table.clone(),
        [table, key, ..] if table != "labels" => key.clone(),
        [key, ..] => key.clone(),
        [] => "settings".to_owned(),
    }
}

/// Puts the parser's message on one line, and replaces the names of Rust types by plain words.
fn plain(message: &str) -> String {
    let mut message = message.replace('\n', ", ");
    for (jargon, words) in [
        ("usize", "a whole number of 0 or more"),
        ("u64", "a whole number of 0 or more"),
        ("f64", "a number"),
    ] {
        message = message.replace(&format!("expected {jargon}"), &format!("expected {words}"));
    }
    message
}

#[cfg(test)]
mod tests;
