//! Conditions on the users' own fields of documents: `lang=de`, `source!=mail`.
//!
//! Values are compared as text: a string in its NFC form, and any other value as it is spelt in
//! JSON. A document without the field meets only conditions with `!=`. There are no conditions on
//! ranges of numbers.

use std::fmt;
use std::str::FromStr;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use unicode_normalization::UnicodeNormalization;

/// A condition on a field of a document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Condition {
    /// The field, in NFC.
    pub field: String,
    /// True if the field must have the value, false if it must not.
    pub equal: bool,
    /// The value, in NFC.
    pub value: String,
}

impl Condition {
    /// Returns whether a document meets the condition. `value` is the field's value as text in
    /// NFC; `None` if the document has no such field.
    pub fn is_met(&self, value: Option<&str>) -> bool {
        (value == Some(self.value.as_str())) == self.equal
    }

    /// Returns the conditions as one phrase, such as "lang=de and source!=mail".
    pub fn phrase(conditions: &[Self]) -> String {
        conditions.iter().map(Self::to_string).collect::<Vec<_>>().join(" and ")
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { field, equal, value } = self;
        write!(out, "{field}{}{value}", if *equal { "=" } else { "!=" })
    }
}

impl FromStr for Condition {
    type Err = String;

    /// Parses a condition written as `FIELD=VALUE` or `FIELD!=VALUE`.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("\"{text}\"; expected FIELD=VALUE or FIELD!=VALUE, such as lang=de");
        let (field, value) = text.split_once('=').ok_or_else(wrong)?;
        let (field, equal) = field.strip_suffix('!').map_or((field, true), |field| (field, false));
        if field.is_empty() {
            return Err(wrong());
        }
        Ok(Self { field: field.nfc().collect(), equal, value: value.nfc().collect() })
    }
}

impl Serialize for Condition {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Condition {
    /// Deserializes a condition from text in the form that [`Self::from_str`] parses.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Condition;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("FIELD=VALUE or FIELD!=VALUE")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Condition, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_leads_there_and_back() {
        for text in ["lang=de", "lang!=de", "note=a=b", "empty=", "a b!=c d"] {
            let condition: Condition = text.parse().unwrap();
            assert_eq!(condition.to_string(), text);
            let json = serde_json::to_string(&condition).unwrap();
            assert_eq!(json, format!("\"{text}\""));
            assert_eq!(serde_json::from_str::<Condition>(&json).unwrap(), condition);
        }
        for text in ["lang", "=de", "!=de", ""] {
            assert!(text.parse::<Condition>().unwrap_err().contains("expected FIELD=VALUE"), "{text}");
        }
        let accents: Condition = "cafe\u{301}=cre\u{300}me".parse().unwrap();
        assert_eq!((accents.field.as_str(), accents.value.as_str()), ("caf\u{e9}", "cr\u{e8}me"));
    }

    #[test]
    fn a_document_without_the_field_meets_unequal_alone() {
        let [equal, unequal] = ["lang=de", "lang!=de"].map(|text| text.parse::<Condition>().unwrap());
        let met = |value| [equal.is_met(value), unequal.is_met(value)];
        assert_eq!(met(Some("de")), [true, false]);
        assert_eq!(met(Some("DE")), [false, true]);
        assert_eq!(met(None), [false, true]);
        assert_eq!(Condition::phrase(&[equal.clone(), unequal.clone()]), "lang=de and lang!=de");
    }
}
