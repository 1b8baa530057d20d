//! `querist log`: shows who changed what, and when.

use std::collections::BTreeSet;

use querist_session::Session;
use querist_session::store::workspace::{Deed, Fact};
use serde_json::json;

use crate::output::{Outcome, Talk, one_line};
use crate::words::count;

/// Returns the session with the name of the system's user. The log records changes under this name.
pub fn acting(session: Session) -> Session {
    match system_user() {
        Some(name) => session.acting_as(name),
        None => session,
    }
}

/// Returns the name of the system's user who runs this program; `None` if the system does not say.
pub(super) fn system_user() -> Option<String> {
    let named = |variable: &str| std::env::var(variable).ok().filter(|name| !name.trim().is_empty());
    ["USER", "LOGNAME", "USERNAME"].into_iter().find_map(named)
}

/// Runs `querist log`: lists every change of the workspace with its author and time, oldest first.
///
/// # Errors
/// The workspace cannot be read.
pub fn run(session: &Session, talk: &Talk) -> anyhow::Result<Outcome> {
    let log = session.log(talk)?;
    let who =
        |entry: &querist_session::store::workspace::LogEntry| one_line(entry.who.as_deref().unwrap_or("–"));
    let width = log.entries.iter().map(|entry| who(entry).chars().count()).max().unwrap_or_default();
    let lines = log.entries.iter().map(|entry| {
        // Times are stored in microseconds but shown in seconds.
        let at = entry.at.get(..19).unwrap_or(&entry.at).replace('T', " ");
        format!("{at}  {:<width$}  {}", who(entry), deed(&entry.deed))
    });
    let text = lines.collect::<Vec<_>>().join("\n");
    let text = if text.is_empty() { "Nothing has been done yet.".to_owned() } else { text };
    Ok(Outcome { text, json: json!(log), next: None })
}

/// Returns in words what an entry of the log records.
fn deed(deed: &Deed) -> String {
    match deed {
        Deed::Import { number, files, kind, documents, updated, labels, undone } => {
            let n = |n: u64, one: &str, more: &str| (n > 0).then(|| count(n as usize, one, more));
            let brought = [
                n(documents.unwrap_or_default(), "new document", "new documents"),
                n(*updated, "new text", "new texts"),
                n(*labels, "label", "labels"),
            ];
            let mut brought: Vec<String> = brought.into_iter().flatten().collect();
            if brought.is_empty() {
                brought.extend(documents.map(|_| "0 new documents".to_owned()));
            }
            let of = if brought.is_empty() { "" } else { ": " };
            let (brought, back) = (brought.join(", "), taken_back(*undone));
            format!("import {number}: {} as {kind}{of}{brought}{back}", listed(files))
        }
        Deed::Ingest { number, files, answers, decisions, undone } => {
            let what = if *decisions > 0 {
                count(*decisions as usize, "new decision", "new decisions")
            } else {
                count(*answers as usize, "new answer", "new answers")
            };
            format!("ingest {number}: {}: {what}{}", listed(files), taken_back(*undone))
        }
        Deed::Round { number, picks } => {
            format!("round {number}: {}", count(*picks as usize, "pick", "picks"))
        }
        Deed::Fact(done) => fact(done),
    }
}

/// Returns the words that mark an import or ingest as undone; an empty text if it was not undone.
fn taken_back(undone: bool) -> &'static str {
    if undone { " (undone)" } else { "" }
}

/// Returns in words what a stored fact changed.
fn fact(fact: &Fact) -> String {
    match fact {
        Fact::Created => "made the workspace".to_owned(),
        Fact::EmbeddingAdded { name } => format!("added the embedding {}", one_line(name)),
        Fact::VectorsAdded { files, vectors, width, .. } => format!(
            "added {} of {width} numbers: {}",
            count(*vectors as usize, "vector", "vectors"),
            listed(files)
        ),
        Fact::Withdrawn { picks, assignments } => withdrawn(picks, assignments),
        Fact::HandedOut { round, documents } => {
            let to = documents.iter().map(|(name, n)| format!("{} {n}", one_line(name)));
            format!("handed out round {round}: {}", to.collect::<Vec<_>>().join(", "))
        }
        Fact::Excluded { name, why } => format!("excluded {}: {}", one_line(name), one_line(why)),
        Fact::Included { name } => format!("included {} again", one_line(name)),
        Fact::Renamed { old, new, merged: true } => {
            format!("merged {} into {} (one person)", one_line(old), one_line(new))
        }
        Fact::Renamed { old, new, .. } => format!("renamed {} to {}", one_line(old), one_line(new)),
        Fact::Paused { name } => format!("paused {}", one_line(name)),
        Fact::Resumed { name } => format!("resumed {}", one_line(name)),
        Fact::Described { name, key, value: Some(value) } => {
            format!("set {} of {} to {}", one_line(key), one_line(name), one_line(value))
        }
        Fact::Described { name, key, value: None } => {
            format!("removed {} of {}", one_line(key), one_line(name))
        }
        Fact::LabelsChanged { to, added } => {
            let changed = to.iter().map(|(old, new)| match new {
                Some(new) => format!("{} is now {}", one_line(old), one_line(new)),
                None => format!("{} was removed", one_line(old)),
            });
            let came = added.iter().map(|name| format!("{} was added", one_line(name)));
            format!("labels: {}", changed.chain(came).collect::<Vec<_>>().join(", "))
        }
        Fact::ImportUndone { import, documents: (first, end), labels, .. } => {
            format!("undid import {import}: {}", gone((end - first) as usize, *labels as usize))
        }
        Fact::IngestUndone { ingest, answers, .. } => {
            format!("undid ingest {ingest}: {}", count(*answers as usize, "answer", "answers"))
        }
        Fact::Updated { documents, keep_answers, .. } => {
            let updated = count(documents.iter().map(|run| run.2 as usize).sum(), "text", "texts");
            format!(
                "replaced {updated}, {}",
                if *keep_answers { "keeping the answers" } else { "without the answers" }
            )
        }
        Fact::Forgotten { documents, ids } => {
            let n = ids.map_or(documents.len(), |ids| ids as usize);
            format!("forgot {}", count(n, "document", "documents"))
        }
        Fact::Configured { settings } => {
            let set = settings.iter().map(|(key, value)| match value {
                Some(value) => format!("{} = {}", one_line(key), one_line(value)),
                None => format!("{} unset", one_line(key)),
            });
            format!("settings: {}", set.collect::<Vec<_>>().join(", "))
        }
    }
}

/// Returns a count such as "30 documents, 12 labels".
fn gone(documents: usize, labels: usize) -> String {
    let with = (labels > 0).then(|| count(labels, "label", "labels"));
    let documents = (documents > 0 || with.is_none()).then(|| count(documents, "document", "documents"));
    documents.into_iter().chain(with).collect::<Vec<_>>().join(", ")
}

/// Returns a sentence such as "withdrew 7 documents of round 1; 9 assignments of ana, ben ended".
fn withdrawn(picks: &[(u32, i64)], assignments: &[(u32, i64, String)]) -> String {
    let of_rounds = |rounds: BTreeSet<u32>| {
        let word = if rounds.len() == 1 { "round" } else { "rounds" };
        format!("of {word} {}", rounds.iter().map(u32::to_string).collect::<Vec<_>>().join(", "))
    };
    let people: BTreeSet<String> = assignments.iter().map(|(_, _, name)| one_line(name)).collect();
    let people = people.into_iter().collect::<Vec<_>>().join(", ");
    let ended = count(assignments.len(), "assignment", "assignments");
    if picks.is_empty() {
        let rounds = assignments.iter().map(|(round, ..)| *round).collect();
        return format!("withdrew {ended} from {people}, {}", of_rounds(rounds));
    }
    let documents = count(picks.len(), "document", "documents");
    let withdrew =
        format!("withdrew {documents} {}", of_rounds(picks.iter().map(|(round, _)| *round).collect()));
    if assignments.is_empty() { withdrew } else { format!("{withdrew}; {ended} of {people} ended") }
}

/// Returns a list such as "a.csv, b.csv, c.csv and 3 more".
pub(crate) fn listed(files: &[String]) -> String {
    const SHOWN: usize = 3;
    let shown: Vec<String> = files.iter().take(SHOWN).map(|file| one_line(file)).collect();
    let more = files.len().saturating_sub(SHOWN);
    let and = if more > 0 { format!(" and {more} more") } else { String::new() };
    shown.join(", ") + &and
}
