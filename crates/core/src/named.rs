//! Settings with a fixed list of named values. The same list is used for reading, for writing and
//! for error messages.
//!
//! Put `#[serde(with = "querist_core::named")]` on a field. A name that is not on the list is an
//! error that lists all names.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Error, Visitor};
use serde::{Deserializer, Serializer};

/// A value from a short list, each with a name.
pub trait Named: Copy + 'static {
    /// Every value, in the order in which lists show them.
    const ALL: &'static [Self];

    /// Returns the value's name in settings and results.
    fn name(self) -> &'static str;

    /// Returns the value with this name, if there is one.
    fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|value| value.name() == name)
    }

    /// Returns all names, separated by commas.
    fn names() -> String {
        Self::ALL.iter().map(|value| value.name()).collect::<Vec<_>>().join(", ")
    }
}

/// Serializes a value as its name.
///
/// # Errors
/// The serializer fails.
pub fn serialize<T: Named, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(value.name())
}

/// Deserializes a value from its name.
///
/// # Errors
/// The input is not a string, or no value has this name; the message lists all names.
pub fn deserialize<'de, T: Named, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    struct Names<T>(PhantomData<T>);
    impl<T: Named> Visitor<'_> for Names<T> {
        type Value = T;

        fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(out, "one of {}", T::names())
        }

        fn visit_str<E: Error>(self, name: &str) -> Result<T, E> {
            T::named(name).ok_or_else(|| E::custom(format!("\"{name}\"; expected one of {}", T::names())))
        }
    }
    deserializer.deserialize_str(Names(PhantomData))
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    use super::*;

    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    enum Size {
        Small,
        Large,
    }

    impl Named for Size {
        const ALL: &'static [Self] = &[Self::Small, Self::Large];

        fn name(self) -> &'static str {
            if self == Self::Small { "small" } else { "large" }
        }
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Settings {
        #[serde(with = "crate::named")]
        size: Size,
    }

    #[test]
    fn a_name_leads_there_and_back_and_an_unknown_one_lists_all() {
        let settings = Settings { size: Size::Large };
        let text = serde_json::to_string(&settings).unwrap();
        assert_eq!(text, r#"{"size":"large"}"#);
        assert_eq!(serde_json::from_str::<Settings>(&text).unwrap(), settings);
        let error = |text: &str| serde_json::from_str::<Settings>(text).unwrap_err().to_string();
        assert!(error(r#"{"size":"huge"}"#).starts_with("\"huge\"; expected one of small, large"));
        assert!(error(r#"{"size":3}"#).contains("expected one of small, large"));
    }
}
