//! Forgets documents for good. It is the only use case that erases anything stored.

use std::collections::BTreeSet;

use querist_store::workspace::{Quote, ToForget};
use serde::Serialize;

use crate::error::Result;
use crate::opened::Opened;
use crate::progress::Progress;
use crate::round::files;
use crate::session::Session;

/// The documents that were forgotten, or that a dry run would forget.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Forgotten {
    /// Whether this was a dry run, which changes nothing.
    pub dry_run: bool,
    /// Number of documents.
    pub documents: usize,
    /// Number of stored versions of the documents' texts.
    pub texts: usize,
    /// What is erased with the documents, and which traces of them stay.
    #[serde(flatten)]
    pub of: ToForget,
}

impl Session {
    /// Forgets the documents with these ids: erases everything that the workspace holds about them,
    /// and prevents later imports from bringing them back. Then writes the reports of all rounds
    /// again. A dry run only returns what would be forgotten.
    ///
    /// # Errors
    /// An id belongs to no document, or a file or the database cannot be written. In the latter
    /// case, the same call finishes the work.
    pub fn forget(
        &self,
        ids: &BTreeSet<String>,
        dry_run: bool,
        progress: &dyn Progress,
    ) -> Result<Forgotten> {
        let mut opened = self.read_or_write("forget", dry_run, progress)?;
        let mut found = opened.workspace.to_forget(ids)?;
        let settings = quoting(&opened.workspace.configuration()?, &found);
        found.quoted_in.extend(settings);
        if !dry_run {
            opened.workspace.forget(&found)?;
            make_reports_again(&opened)?;
        }
        Ok(Forgotten { dry_run, documents: found.ids.len(), texts: found.versions(), of: found })
    }
}

/// Returns the settings in querist.toml that quote the text of a document to be forgotten.
fn quoting(configuration: &str, found: &ToForget) -> Vec<Quote> {
    let mut quoting = Vec::new();
    if let Ok(table) = toml::from_str(configuration) {
        look_into("", &toml::Value::Table(table), found, &mut quoting);
    }
    quoting
}

/// Looks at all texts inside `value`, the value of the setting `key`. Adds each that quotes a text
/// to be forgotten to `quoting`.
fn look_into(key: &str, value: &toml::Value, found: &ToForget, quoting: &mut Vec<Quote>) {
    match value {
        toml::Value::String(text) if found.is_quoted_in(text) => {
            quoting.push(Quote::Configuration { key: key.to_owned() });
        }
        toml::Value::Array(values) => values.iter().for_each(|value| look_into(key, value, found, quoting)),
        toml::Value::Table(table) => {
            for (name, value) in table {
                let key = if key.is_empty() { name.clone() } else { format!("{key}.{name}") };
                look_into(&key, value, found, quoting);
            }
        }
        _ => {}
    }
}

/// Writes the report of each round that has none. A process that was killed while forgetting may
/// have removed it.
fn make_reports_again(opened: &Opened) -> Result<()> {
    let last = opened.workspace.last_round()?.unwrap_or_default();
    for number in 1..=last {
        if !opened.workspace.round_path(number, "report.json").exists() {
            files::write_report(opened, number)?;
        }
    }
    Ok(())
}
