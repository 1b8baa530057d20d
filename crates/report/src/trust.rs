//! Whether figures can be trusted, and why not.

use serde::Serialize;

/// A verdict on whether some figures can be trusted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Trust {
    /// Whether the figures can be trusted.
    pub trusted: bool,
    /// Why the figures cannot be trusted; `None` if they can.
    pub why: Option<String>,
}

impl Trust {
    /// Returns the verdict that the figures cannot be trusted for the reason `why`; without a
    /// reason, that they can.
    pub fn unless(why: Option<String>) -> Self {
        Self { trusted: why.is_none(), why }
    }
}

/// Returns a sentence if intervals of skills cannot be trusted; `None` if they can.
pub fn intervals_sentence(trust: &Trust) -> Option<String> {
    let why = trust.why.as_ref()?;
    Some(format!("The skill intervals cannot be trusted: {why}."))
}

/// Returns a sentence if posteriors cannot be trusted; `None` if they can.
pub fn posteriors_sentence(trust: &Trust) -> Option<String> {
    let why = trust.why.as_ref()?;
    Some(format!("The posteriors cannot be trusted: {why}."))
}
