//! `querist completions` and `querist man`: make completion scripts and manual pages.

use anyhow::Context;
use clap::Command;
use clap_mangen::Man as Page;
use querist_session::SessionError;
use querist_session::store::write_together;
use serde_json::json;

use crate::args::{Completions, Man, command};
use crate::output::{Outcome, shown, written};
use crate::paste::quoted;

/// Runs `querist completions`: returns the completion script for the user's shell.
pub fn completions(completions: &Completions) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(completions.shell, &mut command(), "querist", &mut script);
    let script = String::from_utf8_lossy(&script).into_owned();
    Outcome {
        json: json!({"shell": completions.shell.to_string(), "script": script}),
        text: script,
        next: None,
    }
}

/// Runs `querist man`: writes a manual page for each command into a folder.
///
/// # Errors
/// The folder or a page cannot be written.
pub fn man(man: &Man) -> anyhow::Result<Outcome> {
    std::fs::create_dir_all(&man.dir).with_context(|| format!("make the folder {}", man.dir.display()))?;
    let mut command = command().disable_help_subcommand(true);
    command.build();
    let mut pages = Vec::new();
    collect(command, &mut pages)?;
    write_together(pages.iter().map(|(name, page)| (man.dir.join(name), page.as_slice())))
        .map_err(SessionError::from)?;
    let files: Vec<String> = pages.iter().map(|(name, _)| written(&man.dir.join(name))).collect();
    let text = format!("{} manual pages in {}", files.len(), shown(&man.dir));
    let next = format!("man {}", quoted(&man.dir.join("querist.1")));
    Ok(Outcome { json: json!({"files": files}), text, next: Some(next) })
}

/// Adds the manual pages of a command and of its visible subcommands to `pages`, each with its file
/// name.
fn collect(command: Command, pages: &mut Vec<(String, Vec<u8>)>) -> anyhow::Result<()> {
    for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
        collect(below.clone(), pages)?;
    }
    let page = Page::new(command);
    let mut bytes = Vec::new();
    page.render(&mut bytes)?;
    pages.push((page.get_filename(), bytes));
    Ok(())
}
