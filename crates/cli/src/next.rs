//! What to do next, by the state of the workspace: the one place that says so, so that no command is suggested that would be refused.

use querist_core::{Learn, Share, Snapshot};
use querist_engine::{Situation, State, Unlabeled, open_documents};
use querist_query::Guard;
use querist_store::workspace::{Draft, Stage};
use querist_text::{FeatureKind, TextFeaturizer};

use crate::failure::Mend;
use crate::last_model;
use crate::session::{Bench, Session};
use crate::steps::boxed;

/// The most open documents, and the most others, that are read to see whether a round would find nothing but near-duplicates: where more
/// are open, next to never all of them are.
const MOST_OPEN: usize = 1_000;
const MOST_TAKEN: usize = 10_000;

/// What to do next.
///
/// # Errors
/// The workspace cannot be read.
pub fn step(session: &Session, snapshot: &Snapshot, situation: &Situation) -> anyhow::Result<String> {
    if situation.pool.is_empty() {
        return Ok("bring documents in: querist import FILE".to_owned());
    }
    if let Some(draft) = current_draft(session)? {
        let step = command_after(session, snapshot, draft.stage)?;
        return Ok(format!("round {} is {}: go on with `{step}`", draft.number, draft.stage.name()));
    }
    let open = !situation.open.is_empty();
    if let Some((round, waiting)) = waiting(snapshot, situation) {
        let what = match waiting {
            1 => "1 pick".to_owned(),
            waiting => format!("{waiting} picks"),
        };
        let have = if waiting == 1 { "has" } else { "have" };
        let also = match open {
            false => "",
            true if only_near_duplicates(session, snapshot)? => {
                " (or go on with querist round --near-duplicates off)"
            }
            true => " (or go on with querist round)",
        };
        return Ok(format!("{what} of round {round} {have} no answer yet: querist ingest ANSWERS") + also);
    }
    if !open {
        if final_due(session, &session.bench(&[])?) {
            return Ok("train the final model: querist round".to_owned());
        }
        let unlabeled = Unlabeled::of(snapshot, situation);
        let (words, remedies) = (unlabeled.words(), unlabeled.remedies(!situation.labeled.is_empty()));
        let words = if words.is_empty() { words } else { format!(" ({words})") };
        return Ok(format!("no document is open{words}: {remedies}"));
    }
    if only_near_duplicates(session, snapshot)? {
        let open = situation.open.len();
        return Ok(format!(
            "all {open} open documents are near-duplicates of others that are labelled or were picked; to have them labelled all the \
             same: querist round --near-duplicates off"
        ));
    }
    Ok(if situation.labeled.is_empty() {
        "choose a first, diverse batch: querist round (or import labelled documents)".to_owned()
    } else {
        "choose the next batch: querist round".to_owned()
    })
}

/// [`step`], where the state is not at hand.
///
/// # Errors
/// As there.
pub fn step_of(session: &Session) -> anyhow::Result<String> {
    let snapshot = session.snapshot()?;
    let situation = session.situation(&snapshot)?;
    step(session, &snapshot, &situation)
}

/// That there is no `what` yet, with what to do.
///
/// # Errors
/// As [`step`].
pub fn none_yet(session: &Session, what: &str) -> anyhow::Result<Mend> {
    Ok(Mend(format!("there is no {what} yet; next: {}", step_of(session)?)))
}

/// What can be done once answers are in: a report needs a round, and a round a document that it may pick.
///
/// # Errors
/// The workspace cannot be read.
pub fn after_answers(session: &Session) -> anyhow::Result<String> {
    let snapshot = session.snapshot()?;
    let report = !snapshot.rounds.is_empty();
    let open = !open_documents(&snapshot).is_empty();
    let round = open && !only_near_duplicates(session, &snapshot)?;
    let next = match (report, round) {
        (true, true) => "`querist report` for what the answers say, `querist round` for the next batch",
        (true, false) if open => {
            "`querist report` for what the answers say; only near-duplicates are open, and `querist status` says what to do"
        }
        (true, false) => {
            "`querist report` for what the answers say; no document is open, and `querist status` says what to do"
        }
        (false, true) => "`querist round` for the first batch",
        (false, false) => "`querist status` says what to do",
    };
    Ok(next.to_owned())
}

/// What to do where no round can be begun by `querist train`; `None` where one can.
///
/// # Errors
/// As [`step`].
pub fn begin(session: &Session, bench: &Bench) -> anyhow::Result<Option<String>> {
    if !bench.situation.open.is_empty() || final_due(session, bench) {
        return Ok(None);
    }
    step(session, &bench.snapshot, &bench.situation).map(Some)
}

/// The command that goes on from a stage.
///
/// # Errors
/// The workspace cannot be read.
pub fn command_after(session: &Session, snapshot: &Snapshot, stage: Stage) -> anyhow::Result<&'static str> {
    Ok(match stage {
        Stage::Trained => "querist score",
        Stage::Scored if only_near_duplicates(session, snapshot)? => "querist select --near-duplicates off",
        Stage::Scored => "querist select",
        Stage::Selected | Stage::Exported => "querist export",
    })
}

/// The round that is being made, unless the workspace has moved on since it was begun.
fn current_draft(session: &Session) -> anyhow::Result<Option<Draft>> {
    let Some(draft) = session.workspace.draft()? else { return Ok(None) };
    let now = session.bench(&[])?.inputs.digest();
    Ok(Some(draft).filter(|draft| draft.inputs == now))
}

/// Whether a final model can be trained, and is not yet: it needs two classes.
fn final_due(session: &Session, bench: &Bench) -> bool {
    let situation = &bench.situation;
    situation.open.is_empty()
        && situation.unseen().len() + 1 < session.labels.len()
        && last_model::due(session, bench).is_ok_and(|due| due)
}

/// The last round, and how many of its picks wait for an answer: documents that are out, and control items that nobody has answered.
fn waiting(snapshot: &Snapshot, situation: &Situation) -> Option<(u32, usize)> {
    let last = snapshot.rounds.last()?;
    let (states, answered) = (State::of_pool(snapshot, situation), snapshot.answered());
    let waits = |document: usize| match situation.pool.binary_search(&document) {
        Ok(row) => states[row] == State::Out,
        Err(_) => !answered[document] && snapshot.settled(document).is_none(),
    };
    // Where documents became part of the test set since, nobody asks for them.
    let asked = |document: usize| snapshot.documents[document].role != querist_core::Role::Test;
    let waiting = last.picks.iter().filter(|pick| asked(pick.document) && waits(pick.document)).count();
    (waiting > 0).then_some((last.number, waiting))
}

/// Whether a round would be refused because each open document is a near-duplicate of one that is labelled or was picked. Of large
/// pools nothing is read, and it is not.
fn only_near_duplicates(session: &Session, snapshot: &Snapshot) -> anyhow::Result<bool> {
    let batch = &session.configuration.settings.batch;
    let Some(threshold) = batch.near_duplicates.resemblance() else { return Ok(false) };
    let open = open_documents(snapshot);
    let pool = snapshot.with_role(querist_core::Role::Pool);
    let taken: Vec<usize> =
        pool.into_iter().filter(|document| open.binary_search(document).is_err()).collect();
    if taken.is_empty() || open.is_empty() || open.len() > MOST_OPEN || taken.len() > MOST_TAKEN {
        return Ok(false);
    }
    let picked = snapshot.picked();
    let controls = snapshot.with_role(querist_core::Role::Control);
    if batch.mix.shares()?.fraction(Share::Control) > 0.0 && controls.into_iter().any(|item| !picked[item]) {
        // A batch of control items alone is one, too.
        return Ok(false);
    }
    let text = |document: &usize| Ok(session.workspace.text_of(&snapshot.documents[*document].id)?.text);
    let texts: Vec<String> = taken.iter().chain(&open).map(text).collect::<anyhow::Result<_>>()?;
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let all: Vec<u32> = (0..texts.len() as u32).collect();
    let features = session.features(session.edition)?;
    let featurizer =
        TextFeaturizer::new(features.counter(), FeatureKind::Ngram).with_shingles(features.shingles());
    let space = featurizer.fit_space(&texts, Learn { pool: &all, basis: &all, progress: &|_, _| () });
    let space = space.map_err(boxed)?;
    let Some(shingles) = querist_core::FittedFeaturizer::shingles(&space, &all) else { return Ok(false) };
    let rows: Vec<usize> = (0..taken.len()).collect();
    let mut guard = Guard::new(shingles.as_ref(), threshold, &rows)?;
    for row in taken.len()..texts.len() {
        if guard.admit(row)? {
            return Ok(false);
        }
    }
    Ok(true)
}
