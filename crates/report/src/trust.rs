//! Whether figures can be trusted, and why not.

use serde::Serialize;

/// A verdict on whether figures can be trusted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Trust {
    /// Whether the figures can be trusted.
    pub trusted: bool,
    /// Why not; `None` if they can.
    pub why: Option<String>,
}

impl Trust {
    /// Distrusts the figures for a reason; without one, trusts them.
    pub fn unless(why: Option<String>) -> Self {
        Self { trusted: why.is_none(), why }
    }
}

/// A sentence on intervals of skills that cannot be trusted; `None` if they can.
pub fn intervals_sentence(trust: &Trust) -> Option<String> {
    let why = trust.why.as_ref()?;
    Some(format!("The skill intervals cannot be trusted: {why}."))
}

/// A sentence on posteriors that cannot be trusted; `None` if they can.
pub fn posteriors_sentence(trust: &Trust) -> Option<String> {
    let why = trust.why.as_ref()?;
    Some(format!("The posteriors cannot be trusted: {why}."))
}
