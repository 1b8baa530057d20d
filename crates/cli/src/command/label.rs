//! `querist label`: lets people label documents in the terminal.

use std::collections::BTreeMap;
use std::time::Instant;

use anyhow::Context;
use querist_session::core::visible::NameFault;
use querist_session::journal::{Beside, Journal, Kept};
use querist_session::label::{BatchDocument, SitOptions, Sitting, Standing};
use querist_session::review::{Asked, Case, Deciding};
use querist_session::{Session, SessionError};
use serde_json::{Value, json};

use super::log::system_user;
use crate::args::{Label, LabelOrder};
use crate::failure::Mend;
use crate::label::deciding;
use crate::label::desk::{Desk, Effect, Given, Item, Key};
use crate::label::frame::{Frames, is_large_enough};
use crate::label::terminal::{Input, Terminal, is_there};
use crate::label::text::visible;
use crate::output::{Outcome, Talk, shown};
use crate::paste::{quoted, quoted_name};
use crate::words::count;

/// Runs `querist label`: lets the user answer the batch of a round, or decide about documents as an
/// expert.
///
/// # Errors
/// There is no terminal, no batch or no usable name; or an answer cannot be stored.
pub fn run(label: &Label, session: &Session, talk: &Talk) -> anyhow::Result<Outcome> {
    let annotator = annotator(label)?;
    if !is_there() {
        let what = "`querist label` needs a terminal for its keys and its screen. Without one, use any \
                    annotation tool: `querist export` writes rounds/NNNN/batch.jsonl for it, and `querist \
                    ingest ANSWERS` reads the answers";
        return Err(Mend(what.to_owned()).into());
    }
    let (mut desk, mut journal) = if let Some(asked) = asked(label) {
        let (deciding, journal) = session.sit_to_decide(&annotator, asked, None, talk)?;
        (to_decide(deciding, asked, label)?, journal)
    } else {
        let options = SitOptions { round: label.round, any: label.any };
        let (sitting, journal) = session.sit(&annotator, options, talk)?;
        (laid(sitting, label)?, journal)
    };
    let before = desk.answered();
    let ended = sit(&mut desk, &mut journal);
    let kept = journal.take_in().map_err(SessionError::from)?;
    ended?;
    Ok(outcome(&desk, before, &journal, (&kept, &again(label))))
}

/// Returns which documents an expert decides about; `None` if the user answers as an annotator.
fn asked(label: &Label) -> Option<Asked> {
    match (label.audit, label.review) {
        (true, _) => Some(Asked::Audit),
        (_, true) => Some(Asked::Review),
        _ => None,
    }
}

/// Returns a command that continues this sitting later, with the same options.
fn again(label: &Label) -> String {
    let mut words = vec!["querist label".to_owned()];
    words.extend(label.review.then(|| "--review".to_owned()));
    words.extend(label.audit.then(|| "--audit".to_owned()));
    words.extend(label.round.map(|round| format!("--round {round}")));
    words.extend(label.any.then(|| "--any".to_owned()));
    words.extend(label.annotator.as_deref().map(|name| {
        let name = name.trim();
        format!("--annotator{}{}", if name.starts_with('-') { '=' } else { ' ' }, quoted_name(name))
    }));
    words.extend(match label.order {
        LabelOrder::Rank => None,
        LabelOrder::Short => Some("--order short".to_owned()),
        LabelOrder::Shuffled => Some("--order shuffled".to_owned()),
    });
    words.join(" ")
}

/// Returns the name under which answers are stored: the name that the option sets or, without it,
/// the name of the system's user.
fn annotator(label: &Label) -> anyhow::Result<String> {
    let name = label.annotator.clone().or_else(system_user).unwrap_or_default().trim().to_owned();
    if name.is_empty() {
        return Err(Mend("your user name is unknown; give a name with --annotator NAME".to_owned()).into());
    }
    if let Some(fault) = NameFault::of(&name) {
        let what = format!("{fault}; give another name with --annotator NAME");
        return Err(Mend(format!("the name \"{}\" {what}", visible(&name))).into());
    }
    Ok(name)
}

/// Makes the desk for the batch of a round. It has the annotator's answers so far.
fn laid(sitting: Sitting, label: &Label) -> anyhow::Result<Desk> {
    let Sitting { annotator, round, labels, documents, durations } = sitting;
    let mut items = documents.into_iter().map(item).collect::<anyhow::Result<Vec<Item>>>()?;
    if label.skipped {
        for item in items.iter_mut().filter(|item| item.answer == Standing::Skip) {
            item.answer = Standing::Open;
        }
    }
    order(&mut items, label.order, &annotator);
    Ok(Desk::new((annotator, round), labels, items, durations, Instant::now()))
}

/// Makes the desk for documents about which an expert decides.
fn to_decide(deciding: Deciding, asked: Asked, label: &Label) -> anyhow::Result<Desk> {
    let Deciding { expert, labels, cases } = deciding;
    let documents = cases.iter().map(|case| item(case.document.clone()));
    let mut items = documents.collect::<anyhow::Result<Vec<Item>>>()?;
    order(&mut items, label.order, &expert);
    let by_id: BTreeMap<&str, &Case> = cases.iter().map(|case| (case.document.id.as_str(), case)).collect();
    let in_order = items.iter().filter_map(|item| by_id.get(item.id.as_str()).copied());
    let beside = deciding::Deciding::of(asked, in_order, &labels);
    let mut desk = Desk::new((expert, 0), labels, items, Vec::new(), Instant::now());
    desk.deciding = Some(beside);
    Ok(desk)
}

/// Converts a document of the batch to a document of the desk.
fn item(document: BatchDocument) -> anyhow::Result<Item> {
    let BatchDocument { id, text, meta, probabilities, answer } = document;
    let fields = meta.map(|meta| fields(&meta)).transpose()?.unwrap_or_default();
    Ok(Item { id, text, fields, probabilities, answer })
}

/// Returns the user's own fields on one line, such as "name: value · name: value". `meta` holds
/// them as a JSON object.
fn fields(meta: &str) -> anyhow::Result<String> {
    let fields: serde_json::Map<String, Value> =
        serde_json::from_str(meta).context("read a document's fields")?;
    let shown = fields.iter().map(|(name, value)| match value {
        Value::String(text) => format!("{name}: {text}"),
        other => format!("{name}: {other}"),
    });
    Ok(shown.collect::<Vec<_>>().join(" · "))
}

/// Sorts documents as the option `--order` says. Equal documents keep the order of the batch.
fn order(items: &mut [Item], order: LabelOrder, annotator: &str) {
    match order {
        LabelOrder::Rank => {}
        LabelOrder::Short => items.sort_by_key(|item| item.text.chars().count()),
        LabelOrder::Shuffled => items.sort_by_cached_key(|item| {
            let mut hash = blake3::Hasher::new();
            hash.update(annotator.as_bytes()).update(&[0]).update(item.id.as_bytes());
            *hash.finalize().as_bytes()
        }),
    }
}

/// Shows documents, reads keys and stores answers, until the user leaves or the terminal is closed.
fn sit(desk: &mut Desk, journal: &mut Journal) -> anyhow::Result<()> {
    let mut terminal = Terminal::take().context("set the terminal up")?;
    let mut frames = Frames::default();
    loop {
        let Ok((columns, rows)) = terminal.size() else { return Ok(()) };
        // The terminal is closed, so the sitting ends. All answers have been stored.
        if terminal.draw(&frames.of(desk, columns, rows)).is_err() {
            return Ok(());
        }
        let input = terminal.next();
        // The window may have shrunk since the screen was drawn. Nobody must answer a document that
        // they cannot see, so the key is ignored.
        if terminal.size().is_ok_and(|(columns, rows)| !is_large_enough(desk, columns, rows)) {
            match input {
                Input::End | Input::Key(Key::Leave | Key::Esc) => return Ok(()),
                _ => continue,
            }
        }
        match input {
            Input::End => return Ok(()),
            Input::Tick => {}
            Input::Paste(text) => desk.paste(&text),
            Input::Key(key) => match desk.press(key, Instant::now()) {
                Effect::None => {}
                Effect::Leave => return Ok(()),
                Effect::Keep(given) => keep(desk, journal, given)?,
            },
        }
    }
}

/// Stores an answer or a decision, or takes a decision back. If another expert has decided about
/// the document since, and this expert does not know it yet, shows a notice instead.
fn keep(desk: &mut Desk, journal: &mut Journal, given: Given) -> anyhow::Result<()> {
    let id = desk.items[given.place].id.clone();
    let meanwhile = journal.meanwhile().map_err(SessionError::from)?;
    if let Some(notice) = desk.decided_meanwhile(&meanwhile, (given.place, given.label))
        && !given.undoes
    {
        desk.notice = notice;
        return Ok(());
    }
    if let Some(deciding) = desk.deciding.as_ref().filter(|_| !given.undoes) {
        let beside = deciding.beside();
        return kept(desk, journal, given, (&id, &beside));
    }
    if desk.deciding.is_none() {
        return kept(desk, journal, given, (&id, &Beside::default()));
    }
    match journal.take_back(&id) {
        Ok(true) => desk.kept(given, Instant::now()),
        Ok(false) => "Ctrl-Z cannot undo this decision any more; go back with ← and decide again"
            .clone_into(&mut desk.notice),
        Err(error) => desk.notice = format!("the decision cannot be undone now: {error}"),
    }
    Ok(())
}

/// Stores an answer or a decision with the expert's remarks, and updates the desk. If the answer
/// waits in the log, a notice says so.
fn kept(
    desk: &mut Desk,
    journal: &mut Journal,
    given: Given,
    (id, beside): (&str, &Beside),
) -> anyhow::Result<()> {
    let kept = journal.keep_with(id, given.label, given.seconds, beside).map_err(SessionError::from)?;
    desk.kept(given, Instant::now());
    if let Kept::Waiting(why) = kept {
        let waiting = count(journal.waiting(), "answer waits", "answers wait");
        desk.notice = format!("{waiting} on disk: {why}");
    }
    Ok(())
}

/// Says how many documents were answered, and whether answers still wait in the log.
fn outcome(desk: &Desk, before: usize, journal: &Journal, (kept, again): (&Kept, &str)) -> Outcome {
    let (all, done) = (desk.items.len(), desk.answered());
    let skipped = desk.items.iter().filter(|item| item.answer == Standing::Skip).count();
    let annotator = visible(&desk.annotator);
    let round = desk.round;
    let documents = count(all, "document", "documents");
    let mut text = if desk.deciding.is_some() {
        let given = desk.given;
        format!("{annotator}: {done} of {documents} decided ({given} just now)")
    } else {
        let given = done.saturating_sub(before);
        let skips = count(skipped, "skip", "skips");
        format!("Round {round}, {annotator}: {done} of {documents} answered ({given} just now, {skips})")
    };
    let mut waiting = 0;
    if let Kept::Waiting(why) = kept {
        waiting = journal.waiting();
        let kind = if desk.deciding.is_some() { "--as expert " } else { "" };
        let (path, command) = (shown(journal.path()), format!("{kind}{}", quoted(journal.path())));
        let (waits, takes) =
            (count(waiting, "answer waits", "answers wait"), if waiting == 1 { "it" } else { "them" });
        text += &format!(
            "\n{waits} in {path}: {why}\n`{again}` stores {takes}, and so does `querist ingest \
                      {command}`"
        );
    }
    let next = if done < all {
        format!("`{again}` continues where you left off")
    } else {
        "`querist report` shows what the answers say, `querist status` what to do next".to_owned()
    };
    Outcome {
        json: json!({
            "round": desk.deciding.is_none().then_some(round), "annotator": desk.annotator, "documents": all, "answered": done,
            "given": done.saturating_sub(before), "skipped": skipped, "waiting": waiting,
        }),
        text,
        next: Some(next),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_annotator_has_a_shuffle_of_their_own_that_stays() {
        let items = || -> Vec<Item> {
            let item = |i: usize| Item {
                id: format!("d{i}"),
                text: "x".repeat(i % 4),
                fields: String::new(),
                probabilities: None,
                answer: Standing::Open,
            };
            (0..20).map(item).collect()
        };
        let ids = |by: LabelOrder, annotator: &str| -> Vec<String> {
            let mut items = items();
            order(&mut items, by, annotator);
            items.into_iter().map(|item| item.id).collect()
        };
        assert_eq!(ids(LabelOrder::Rank, "ana"), items().into_iter().map(|item| item.id).collect::<Vec<_>>());
        assert_eq!(ids(LabelOrder::Shuffled, "ana"), ids(LabelOrder::Shuffled, "ana"));
        assert_ne!(ids(LabelOrder::Shuffled, "ana"), ids(LabelOrder::Shuffled, "ben"));
        assert_eq!(ids(LabelOrder::Short, "ana")[..6], ["d0", "d4", "d8", "d12", "d16", "d1"]);
    }

    #[test]
    fn fields_are_shown_as_names_and_values() {
        assert_eq!(fields(r#"{"channel":"mail","n":3}"#).unwrap(), "channel: mail · n: 3");
    }
}
