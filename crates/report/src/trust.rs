//! Whether some figures can be trusted and, if not, why.

use serde::Serialize;

/// Whether some figures can be trusted and, if not, why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Trust {
    /// Whether the figures can be trusted.
    pub trusted: bool,
    /// Why the figures cannot be trusted; `None` if they can.
    pub why: Option<String>,
}

impl Trust {
    /// If there is a reason `why` not to trust figures, returns that they cannot be trusted;
    /// otherwise, that they can.
    pub fn unless(why: Option<String>) -> Self {
        Self { trusted: why.is_none(), why }
    }
}

/// If the intervals of skills cannot be trusted, returns a sentence that says so.
pub fn intervals_sentence(trust: &Trust) -> Option<String> {
    let why = trust.why.as_ref()?;
    Some(format!("The skill intervals cannot be trusted: {why}."))
}

/// If posteriors cannot be trusted, returns a sentence that says so.
pub fn posteriors_sentence(trust: &Trust) -> Option<String> {
    let why = trust.why.as_ref()?;
    Some(format!("The posteriors cannot be trusted: {why}."))
}
