//! Reads the fields of one record, a JSON object. If a field is wrong, the error names it.
//!
//! Fields that nobody asks for stay as they are in the file. So a user's own fields are written
//! later exactly as they were read: no number is rounded, and the order of the fields stays.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::error::{FieldOption, InputProblem};

/// A JSON object whose values are not parsed yet.
#[derive(Debug)]
pub struct Row<'a> {
    fields: Vec<(Cow<'a, str>, &'a RawValue)>,
}

/// A field's name. It is a slice of the line, unless it contains escapes.
struct Key<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Key<'de>;
            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a string")
            }
            fn visit_borrowed_str<E: Error>(self, key: &'de str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Borrowed(key)))
            }
            fn visit_str<E: Error>(self, key: &str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Owned(key.to_owned())))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

impl<'de> Deserialize<'de> for Row<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Row<'de>;
            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a JSON object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::new();
                while let Some((Key(name), value)) = map.next_entry()? {
                    fields.push((name, value));
                }
                Ok(Row { fields })
            }
        }
        deserializer.deserialize_map(Fields)
    }
}

impl<'a> Row<'a> {
    /// Parses a JSON object.
    ///
    /// # Errors
    /// The line is not valid JSON, it is not an object, or it contains a NUL byte, which usually
    /// means that the file is damaged.
    pub fn parse(line: &'a str) -> Result<Self, InputProblem> {
        if let Some(at) = line.find('\0') {
            return Err(InputProblem::Nul { place: format!("column {}", at + 1) });
        }
        serde_json::from_str(line).map_err(|error| match kind_of(line) {
            // A data error means that the JSON is valid but not an object.
            found if error.is_data() && found != "an object" => InputProblem::NoObject { found },
            _ => InputProblem::MalformedJson { detail: in_columns(&error) },
        })
    }

    /// Removes a field from the row and returns its value; `None` if the field is missing or null.
    ///
    /// # Errors
    /// The row has the field twice.
    pub fn take(&mut self, field: &str) -> Result<Option<&'a RawValue>, InputProblem> {
        let Some(at) = self.fields.iter().position(|(name, _)| name == field) else { return Ok(None) };
        let (_, value) = self.fields.remove(at);
        if self.fields.iter().any(|(name, _)| name == field) {
            return Err(InputProblem::RepeatedField { field: field.to_owned() });
        }
        Ok((value.get() != "null").then_some(value))
    }

    /// Removes a field from the row and returns its value, which must be a string.
    ///
    /// # Errors
    /// The field is missing, repeated or not a string, or contains a NUL character. `option`, with
    /// which the user can name another field, is part of the error.
    pub fn text(&mut self, field: &str, option: Option<FieldOption>) -> Result<String, InputProblem> {
        let value = self.required(field, option)?;
        string(field, value)?.ok_or_else(|| wrong_type(field, value, "a string"))
    }

    /// Removes a field from the row and returns its value as a name. The value must be a string or
    /// a whole number.
    ///
    /// # Errors
    /// The errors of [`Self::text`]; or the name is blank or contains a control character.
    pub fn name(&mut self, field: &str, option: Option<FieldOption>) -> Result<String, InputProblem> {
        let value = self.required(field, option)?;
        name(field, value, "a string or a whole number")
    }

    /// Removes a field from the row and returns its value as a name, as [`Self::name`] does.
    /// Returns `None` if the field is missing, null or empty.
    ///
    /// # Errors
    /// The errors of [`Self::name`], except for a missing or empty field.
    pub fn optional_name(&mut self, field: &str) -> Result<Option<String>, InputProblem> {
        match self.take(field)? {
            None => Ok(None),
            Some(value) if value.get() == "\"\"" => Ok(None),
            Some(value) => name(field, value, "a string or a whole number").map(Some),
        }
    }

    /// Whether the row has the field, even if its value is null.
    pub fn has(&self, field: &str) -> bool {
        self.fields.iter().any(|(name, _)| name == field)
    }

    /// Returns the name and the value of the field at this position; `None` if the row has fewer
    /// fields.
    pub(super) fn at(&self, at: usize) -> Option<(&str, &'a RawValue)> {
        self.fields.get(at).map(|(name, value)| (name.as_ref(), *value))
    }

    /// Renames fields. Each entry of `named` is (a field's name, its new names). The field gets the
    /// first of its new names; any other field with one of the new names is removed. Entries for
    /// missing fields do nothing else.
    ///
    /// # Errors
    /// A field that is to be renamed occurs twice.
    pub(super) fn rename(&mut self, named: &[(&str, &[&'static str])]) -> Result<(), InputProblem> {
        // First take out all values that get a new name, because the old name of one may be the new
        // name of another.
        let mut renamed = Vec::new();
        for (field, known) in named {
            let Some(value) = self.value(field) else { continue };
            self.take(field)?;
            renamed.extend(known.first().map(|name| (Cow::Borrowed(*name), value)));
        }
        for (_, known) in named {
            self.drop(known);
        }
        self.fields.extend(renamed);
        Ok(())
    }

    /// Returns the value of a field and leaves the field in the row.
    pub fn value(&self, field: &str) -> Option<&'a RawValue> {
        self.fields.iter().find(|(name, _)| name == field).map(|(_, value)| *value)
    }

    /// Removes these fields from the row.
    pub fn drop(&mut self, fields: &[&str]) {
        self.fields.retain(|(name, _)| !fields.contains(&name.as_ref()));
    }

    /// Removes a field from the row and returns its value as a label. The value must be a string, a
    /// whole number, or a list with one of these. Returns `None` if the field is missing, null or
    /// empty.
    ///
    /// # Errors
    /// The errors of [`Self::optional_name`]; or the list has several labels.
    pub fn optional_label(&mut self, field: &str) -> Result<Option<String>, InputProblem> {
        self.take(field)?.map_or(Ok(None), |value| label(field, value))
    }

    /// Removes a field from the row and returns its value as a label, as [`Self::optional_label`]
    /// does. Fails if there is no label.
    ///
    /// # Errors
    /// The errors of [`Self::name`]; or the list has no label or several.
    pub fn label(&mut self, field: &str, option: Option<FieldOption>) -> Result<String, InputProblem> {
        let value = self.required(field, option)?;
        let empty = || InputProblem::EmptyField { field: field.to_owned(), expected: "a label" };
        label(field, value)?.ok_or_else(empty)
    }

    /// Removes all fields from the row except these.
    pub fn keep(&mut self, fields: &[String]) {
        self.fields.retain(|(name, _)| fields.iter().any(|field| field == name));
    }

    /// Whether the row has the field, and the JSON of its value begins with this character.
    pub fn begins(&self, field: &str, with: char) -> bool {
        self.fields.iter().any(|(name, value)| name == field && value.get().starts_with(with))
    }

    /// Returns the names and the values of the remaining fields.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &'a RawValue)> {
        self.fields.iter().map(|(name, value)| (name.as_ref(), *value))
    }

    /// Returns the names of the remaining fields.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|(name, _)| name.as_ref())
    }

    /// Returns the name of the first remaining field, if any remains.
    pub fn first(&self) -> Option<&str> {
        self.fields.first().map(|(name, _)| name.as_ref())
    }

    /// Returns the remaining fields, which are the user's own, as one JSON object; `None` if no
    /// field remains. If there is a field `meta` that is an object, its fields take its place.
    pub fn rest(mut self) -> Option<String> {
        if let Some(at) =
            self.fields.iter().position(|(name, value)| name == "meta" && value.get().starts_with('{'))
        {
            let (_, value) = self.fields.remove(at);
            if let Ok(inner) = serde_json::from_str::<Row<'_>>(value.get()) {
                for field in inner.fields {
                    if !self.fields.iter().any(|(name, _)| *name == field.0) {
                        self.fields.push(field);
                    }
                }
            }
        }
        if self.fields.is_empty() {
            return None;
        }
        let members: Vec<String> = self
            .fields
            .iter()
            .map(|(name, value)| format!("{}:{}", json_string(name), value.get()))
            .collect();
        Some(format!("{{{}}}", members.join(",")))
    }

    /// Removes a field from the row and returns its value. Fails if the field is missing, null or
    /// repeated.
    fn required(&mut self, field: &str, option: Option<FieldOption>) -> Result<&'a RawValue, InputProblem> {
        if let Some(value) = self.fields.iter().find(|(name, _)| name == field).map(|(_, value)| *value)
            && value.get() == "null"
        {
            return Err(wrong_type(field, value, "a string"));
        }
        self.take(field)?.ok_or_else(|| InputProblem::MissingField { field: field.to_owned(), option })
    }
}

/// Returns a text as a JSON string, with its quotes.
pub fn json_string(text: &str) -> String {
    // Serializing a string cannot fail.
    serde_json::to_string(text).unwrap_or_default()
}

/// Returns a field's value as a name: a string that is not blank, or a whole number. `expected`
/// says, for an error, what the field should contain.
pub(super) fn name(field: &str, value: &RawValue, expected: &'static str) -> Result<String, InputProblem> {
    let whole_number = value.get().bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let text = if whole_number { Some(value.get().to_owned()) } else { string(field, value)? };
    let text = text.ok_or_else(|| wrong_type(field, value, expected))?;
    if text.trim().is_empty() {
        return Err(InputProblem::EmptyField { field: field.to_owned(), expected });
    }
    if text.chars().any(char::is_control) {
        return Err(InputProblem::ControlCharacter { field: field.to_owned() });
    }
    Ok(text)
}

/// Returns a field's value as a label: a string, a whole number, or the only element of a list.
/// Returns `None` for an empty string or list.
///
/// # Errors
/// The errors of [`name`]; or the list has several labels.
pub(super) fn label(field: &str, value: &RawValue) -> Result<Option<String>, InputProblem> {
    if value.get().starts_with('[') {
        let values: Vec<&RawValue> = serde_json::from_str(value.get())
            .map_err(|error| InputProblem::MalformedJson { detail: in_columns(&error) })?;
        return match values[..] {
            [] => Ok(None),
            [only] if only.get() == "null" => Ok(None),
            [only] => name(field, only, "a label").map(Some),
            _ => Err(InputProblem::SeveralLabels { found: values.len() }),
        };
    }
    if value.get() == "\"\"" {
        return Ok(None);
    }
    let text = name(field, value, "a label")?;
    match listed(&text) {
        Some(labels) if labels.len() > 1 => Err(InputProblem::SeveralLabels { found: labels.len() }),
        Some(labels) => Ok(labels.into_iter().next()),
        None => Ok(Some(text)),
    }
}

/// Returns the labels in a text such as `["a"]` or `['a']`, which is a list as JSON or Python
/// writes it. Returns `None` for any other text.
pub(super) fn listed(text: &str) -> Option<Vec<String>> {
    let text = text.trim();
    let mut rest = text.strip_prefix('[')?.strip_suffix(']')?.trim();
    if let Ok(values) = serde_json::from_str::<Vec<&RawValue>>(text) {
        return values.into_iter().map(|value| name("label", value, "a label").ok()).collect();
    }
    let mut labels = Vec::new();
    loop {
        let (label, behind) = rest.strip_prefix('\'')?.split_once('\'')?;
        labels.push(label.to_owned());
        let behind = behind.trim_start();
        if behind.is_empty() {
            return Some(labels);
        }
        rest = behind.strip_prefix(',')?.trim_start();
    }
}

/// Returns the string in a field's value; `None` if the value is not a string.
fn string(field: &str, value: &RawValue) -> Result<Option<String>, InputProblem> {
    if !value.get().starts_with('"') {
        return Ok(None);
    }
    let literal = value.get();
    if !literal.contains('\\') {
        // The parser checked everything except escapes. This literal has none, so it contains no
        // NUL.
        return Ok(Some(literal[1..literal.len() - 1].to_owned()));
    }
    let text: String = serde_json::from_str(literal).map_err(|error| InputProblem::MalformedJson {
        detail: format!("in \"{field}\": {}", in_columns(&error)),
    })?;
    if text.contains('\0') {
        return Err(InputProblem::Nul { place: format!("the field \"{field}\"") });
    }
    Ok(Some(text))
}

/// Returns the error that a field's value has another type than `expected`.
fn wrong_type(field: &str, value: &RawValue, expected: &'static str) -> InputProblem {
    InputProblem::WrongType { field: field.to_owned(), found: kind_of(value.get()), expected }
}

/// Returns the kind of a JSON value, which its first character shows.
fn kind_of(value: &str) -> &'static str {
    match value.trim_ascii_start().as_bytes().first() {
        Some(b'"') => "a string",
        Some(b'{') => "an object",
        Some(b'[') => "a list",
        Some(b't' | b'f') => "true or false",
        Some(b'n') => "null",
        _ => "a number",
    }
}

/// Returns a parser's error with its column, but without its line. `serde_json` counts lines within
/// the row, so the number would mislead users, who count lines of the file.
fn in_columns(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let words = message.split(" at line ").next().unwrap_or(&message);
    format!("{words} at column {}", error.column().max(1))
}

#[cfg(test)]
mod tests;
