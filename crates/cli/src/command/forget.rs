//! `querist forget`: erases documents for good.

use std::collections::BTreeSet;

use anyhow::Context;
use querist_session::Session;
use querist_session::forget::Forgotten;
use querist_session::store::workspace::Quote;
use serde_json::json;

use crate::args::Forget;
use crate::failure::{Differs, Mend};
use crate::output::{Outcome, Talk, one_line, shown};
use crate::words::{count, would};

/// At most this many ids or settings of each kind are listed.
const LISTED: usize = 20;

/// Runs `querist forget`: with `--yes`, forgets the documents; otherwise, only shows what would be
/// erased.
///
/// # Errors
/// - An id belongs to no document, or the file of ids cannot be read.
/// - The workspace cannot be written.
/// - Neither `--yes` nor `--dry-run` is given ([`Differs`]).
pub fn run(forget: &Forget, session: &Session, talk: &Talk) -> anyhow::Result<Outcome> {
    let mut ids: BTreeSet<String> = forget.ids.iter().cloned().collect();
    if let Some(file) = &forget.file {
        let text = std::fs::read_to_string(file)
            .map_err(|error| Mend(format!("failed to read {}: {error}", shown(file))))
            .context("read the ids")?;
        let lines = text.trim_start_matches('\u{feff}').lines();
        ids.extend(lines.map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned));
    }
    if ids.is_empty() {
        return Err(Mend("the file has no ids; write one id per line".to_owned()).into());
    }
    let forgotten = session.forget(&ids, !forget.yes, talk)?;
    let text = text(&forgotten);
    let json = json!(forgotten);
    if !forget.yes && !forget.dry_run {
        let next = Some("run `querist forget … --yes` to erase them for good".to_owned());
        return Err(Differs(Outcome { json, text, next }).into());
    }
    Ok(Outcome { json, text, next: None })
}

/// Says what was erased, what stays, and where the erased texts may still be quoted.
fn text(forgotten: &Forgotten) -> String {
    let found = &forgotten.of;
    let say = |is, would_be| would(forgotten.dry_run, is, would_be);
    let counted = |n: u64, one: &str, more: &str| (n > 0).then(|| count(n as usize, one, more));
    let parts = [
        Some(count(forgotten.documents, "document", "documents")),
        counted(found.labels, "label", "labels"),
        counted(found.answers, "answer", "answers"),
        counted(found.decisions, "decision", "decisions"),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    let mut lines = vec![format!("{}: {}", say("Erased", "Would erase"), parts.join(", "))];
    if found.already > 0 {
        lines.push(format!("{} forgotten before", count(found.already, "document was", "documents were")));
    }
    if !found.rounds.is_empty() {
        let rounds: Vec<String> = found.rounds.iter().map(u32::to_string).collect();
        lines.push(format!("Rounds that picked them: {}", rounds.join(", ")));
    }
    let mut list = |heading: &str, things: Vec<String>| {
        if !things.is_empty() {
            lines.push(format!("{heading}:"));
            lines.extend(things.iter().take(LISTED).map(|thing| format!("  {thing}")));
            if things.len() > LISTED {
                lines.push(format!("  and {} more (`--json` lists them)", things.len() - LISTED));
            }
        }
    };
    let paths = |paths: &[std::path::PathBuf]| paths.iter().map(|path| shown(path)).collect::<Vec<_>>();
    let names = |names: &[String]| names.iter().map(|name| one_line(name)).collect::<Vec<_>>();
    list(say("Rewritten or removed", "Would be rewritten or removed"), paths(&found.files));
    list(
        say("Removed copies of the database", "Copies of the database that would be removed"),
        paths(&found.backups),
    );
    list("Models trained with them, which stay", paths(&found.models));
    list("Files they came from, which stay", names(&found.sources));
    list("Other files that contain their texts, which stay", paths(&found.elsewhere));
    list(
        "Files that cannot be searched and may contain them (archives, workbooks and other non-text files)",
        paths(&found.may_hold),
    );
    list(
        "Entries that people wrote and that quote them, which stay",
        found.quoted_in.iter().map(quote).collect(),
    );
    list("Other documents with the same text, which stay", names(&found.same_text));
    lines.push("Exports and backups outside this folder may contain them too.".to_owned());
    lines.join("\n")
}

/// Says where a forgotten text is quoted: by a command in the log, or by a setting.
fn quote(quote: &Quote) -> String {
    match quote {
        Quote::Exclusion { person } => format!("the reason of `people exclude {}`", one_line(person)),
        Quote::Attribute { person, key } => format!("`people set {} {}=…`", one_line(person), one_line(key)),
        Quote::Name { person } => format!("`people rename {}`", one_line(person)),
        Quote::Class => "the name of a class, in the log".to_owned(),
        Quote::Description { class } => {
            format!("the text of `labels describe {}`, in the log", one_line(class))
        }
        Quote::Setting { key } => format!("the value of `config set {}`, in the log", one_line(key)),
        Quote::Configuration { key } => format!("{} in querist.toml", one_line(key)),
    }
}
