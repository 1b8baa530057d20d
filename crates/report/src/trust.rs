//! Whether figures can be believed, and why not.

use serde::Serialize;

/// A verdict on figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Trust {
    /// Whether they can be believed.
    pub trusted: bool,
    /// Why not; `None` where they can.
    pub why: Option<String>,
}

impl Trust {
    /// Not to be believed for that reason, else to be believed.
    pub fn unless(why: Option<String>) -> Self {
        Self { trusted: why.is_none(), why }
    }
}

/// The sentence on intervals of skills that cannot be believed.
pub fn intervals_sentence(trust: &Trust) -> Option<String> {
    let why = trust.why.as_ref()?;
    Some(format!("The skill intervals cannot be trusted: {why}."))
}

/// The sentence on posteriors that cannot be believed.
pub fn posteriors_sentence(trust: &Trust) -> Option<String> {
    let why = trust.why.as_ref()?;
    Some(format!("The posteriors cannot be trusted: {why}."))
}
