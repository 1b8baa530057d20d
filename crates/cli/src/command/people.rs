//! `querist people`: lists the people of a workspace, and stores the team lead's decisions about
//! them.

use querist_session::Session;
use querist_session::people::{PeopleAct, PersonChanged, Said, Somebody};
use querist_session::reports::markdown::percent;
use serde_json::json;

use crate::args::{People, PeopleCommand};
use crate::failure::Mend;
use crate::output::{Outcome, Talk, one_line};
use crate::words::{count, would};

/// Runs `querist people`: lists everybody, or stores a decision of the team lead about a person.
///
/// # Errors
/// Nobody has that name, the decision is not possible, or the workspace cannot be read or written.
pub fn run(people: &People, session: &Session, talk: &Talk) -> anyhow::Result<Outcome> {
    let Some(command) = &people.command else {
        let people = session.people(talk)?;
        return Ok(Outcome { text: table(&people.people), json: json!(people), next: None });
    };
    let said = said(command)?;
    let changed = session.say(&said, talk)?;
    Ok(Outcome { text: text(&said, &changed), json: json!(changed), next: None })
}

/// Converts the command line to a decision about a person.
fn said(command: &PeopleCommand) -> anyhow::Result<Said<'_>> {
    let (name, act, dry_run) = match command {
        PeopleCommand::Exclude { name, why, dry_run } => (name, PeopleAct::Exclude { why }, dry_run),
        PeopleCommand::Include { name, dry_run } => (name, PeopleAct::Include, dry_run),
        PeopleCommand::Rename { old, new, dry_run } => (old, PeopleAct::Rename { new }, dry_run),
        PeopleCommand::Pause { name, dry_run } => (name, PeopleAct::Pause, dry_run),
        PeopleCommand::Resume { name, dry_run } => (name, PeopleAct::Resume, dry_run),
        PeopleCommand::Set { name, attribute, dry_run } => {
            let (key, value) = attribute
                .split_once('=')
                .ok_or_else(|| Mend(format!("\"{}\" has no =; expected KEY=VALUE", one_line(attribute))))?;
            let value = Some(value.trim()).filter(|value| !value.is_empty());
            (name, PeopleAct::Set { key, value }, dry_run)
        }
    };
    Ok(Said { name, act, dry_run: *dry_run })
}

/// Returns in words what a decision about a person changed.
fn text(said: &Said<'_>, changed: &PersonChanged) -> String {
    let name = one_line(&changed.name);
    if changed.already {
        return format!("Nothing changes: this is already so for {name}.");
    }
    let dry = changed.dry_run;
    let mut text = match said.act {
        PeopleAct::Exclude { .. } => {
            format!("Answers by {name} {} count", would(dry, "no longer", "would no longer"))
        }
        PeopleAct::Include => format!("Answers by {name} {} again", would(dry, "count", "would count")),
        PeopleAct::Rename { .. } if changed.merged => {
            format!(
                "{} {} {name}",
                one_line(said.name),
                would(dry, "is now the same person as", "would be the same person as")
            )
        }
        PeopleAct::Rename { .. } => {
            format!("{} {} {name}", one_line(said.name), would(dry, "is now called", "would be called"))
        }
        PeopleAct::Pause => format!("{name} {} no new documents", would(dry, "gets", "would get")),
        PeopleAct::Resume => format!("{name} {} new documents again", would(dry, "gets", "would get")),
        PeopleAct::Set { key, value: Some(value) } => {
            format!("{name} {} {} {}", would(dry, "has", "would have"), one_line(key), one_line(value))
        }
        PeopleAct::Set { key, value: None } => {
            format!("{name} {} no {} any more", would(dry, "has", "would have"), one_line(key))
        }
    };
    if changed.merged && !dry {
        text += ". This merge cannot be undone";
    }
    if let Some(why) = changed.excluded.as_ref().filter(|_| changed.merged) {
        text += &format!("\n{name} is excluded ({}), so these answers do not count", one_line(why));
    }
    for ([before, after], one, more) in [
        (changed.answers, "answer counts", "answers count"),
        (changed.decisions, "decision counts", "decisions count"),
    ] {
        if before != after {
            let now = would(dry, "now", "then");
            text += &format!("\n{} {now}, {before} before", count(after, one, more));
        }
    }
    for (n, what) in [(changed.reopened, "open again"), (changed.closed, "no longer open")] {
        if n > 0 {
            let documents = count(n, "document", "documents");
            let are = would(dry, if n == 1 { "is" } else { "are" }, "would be");
            text += &format!("\n{documents} {are} {what}");
        }
    }
    text
}

/// Makes a table with one line per person.
fn table(people: &[Somebody]) -> String {
    if people.is_empty() {
        return "Nobody has answered yet, and no batch has been handed out to named people.".to_owned();
    }
    let head = [
        "name",
        "answers",
        "skips",
        "waiting",
        "accuracy on control items",
        "verdict",
        "answers per hour",
        "",
    ];
    let mut rows = vec![head.map(str::to_owned)];
    for person in people {
        let accuracy = match person.accuracy.interval() {
            Some(interval) => format!(
                "{} ({} to {}) of {}",
                percent(person.accuracy.value),
                percent(Some(interval.low)),
                percent(Some(interval.high)),
                person.accuracy.n
            ),
            None => "–".to_owned(),
        };
        let pace = person.answers_per_hour.map_or_else(|| "–".to_owned(), |rate| format!("{rate:.0}"));
        rows.push([
            one_line(&person.name),
            person.answers.to_string(),
            person.skips.to_string(),
            person.waiting.to_string(),
            accuracy,
            person.verdict.to_owned(),
            pace,
            remarks(person),
        ]);
    }
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let line = |row: &[String; 8]| {
        let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, width))| {
            let width = *width;
            if (1..4).contains(&column) || column == 6 {
                format!("{cell:>width$}")
            } else {
                format!("{cell:<width$}")
            }
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Returns the remarks about a person: exclusion, pause, decisions and attributes.
fn remarks(person: &Somebody) -> String {
    let mut remarks = Vec::new();
    if let Some(why) = &person.excluded {
        remarks.push(format!(
            "excluded ({}): {} left out",
            one_line(why),
            count(person.left_out, "answer or decision", "answers and decisions")
        ));
    }
    if person.paused {
        remarks.push("paused".to_owned());
    }
    if person.decisions > 0 {
        remarks.push(count(person.decisions, "decision", "decisions"));
    }
    let attributes = person.attributes.iter();
    remarks.extend(attributes.map(|(key, value)| format!("{}={}", one_line(key), one_line(value))));
    remarks.join(", ")
}
