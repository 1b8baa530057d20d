//! Edits the text of querist.toml as a TOML document, and preserves its line ends.

use querist_store::workspace::CONFIGURATION;
use toml_edit::{DocumentMut, TomlError};

use crate::error::{Result, SessionError};

/// Applies `change` to the text of querist.toml and returns the new text. The line ends stay as
/// they are; if they are mixed, all become those of the majority.
///
/// # Errors
/// The text is not TOML, or the change fails.
pub(super) fn edited(text: &str, change: impl FnOnce(&mut DocumentMut) -> Result<()>) -> Result<String> {
    let (all, dos) = (text.matches('\n').count(), text.matches("\r\n").count());
    let is_dos = dos * 2 > all;
    let text = if is_dos { text.replace("\r\n", "\n") } else { text.to_owned() };
    let mut document: DocumentMut = text.parse().map_err(|error: TomlError| wrong(&error))?;
    change(&mut document)?;
    let text = document.to_string();
    Ok(if is_dos { text.replace("\r\n", "\n").replace('\n', "\r\n") } else { text })
}

fn wrong(error: &TomlError) -> SessionError {
    SessionError::Input { what: format!("{CONFIGURATION}: {error}") }
}
