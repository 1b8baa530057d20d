//! Edits the text of querist.toml as a TOML document, and keeps its line ends.

use querist_store::workspace::CONFIGURATION;
use toml_edit::{DocumentMut, TomlError};

use crate::error::{Result, SessionError};

/// Applies `change` to the text of querist.toml, and returns the new text with the same kind of
/// line ends. If the text has both kinds, all lines get the more frequent kind.
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
