//! `querist export --format`: a round's batch for a tool, in one file or in one for each annotator.
//!
//! Who gets what is drawn with the round's seed and kept in the workspace, so that the same command writes the same files again.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Context;
use querist_core::visible::{NameFault, visible};
use querist_core::{Pick, Role, Snapshot, name_key};
use querist_engine::{Answers, assign};
use querist_store::format::batch::{self, BatchFormat, BatchItem};
use querist_store::workspace::{Draft, Staged};
use serde_json::{Map, json};

use super::failed::Failure;
use crate::args::Export;
use crate::failure::Mend;
use crate::next;
use crate::output::{Outcome, Talk, columns, one_line, shown, written};
use crate::session::Session;
use crate::steps;

/// Writes the files.
///
/// # Errors
/// There is no such format or round, the round was handed to others, or the disk cannot be written.
pub(super) fn run(export: &Export, name: &str, root: &Path, talk: &Talk) -> anyhow::Result<Outcome> {
    let format = batch::format(name).ok_or_else(|| {
        let known: Vec<&str> = batch::FORMATS.iter().map(|format| format.name()).collect();
        Mend(format!("unknown format \"{name}\"; expected one of: {}", known.join(", ")))
    })?;
    let mut session = Session::write(root, "export")?;
    let snapshot = session.snapshot()?;
    let last = snapshot.rounds.last().map(|round| round.number);
    let Some(number) = export.round.or(last) else {
        return Err(next::none_yet(&session, "batch")?.into());
    };
    let round = steps::exported(&session, number)?;
    let picks = session.workspace.picks(number, &snapshot)?;
    let (labels, suggest) = steps::labels_and_suggest(&round)?;
    if suggest && let Some(left_out) = format.leaves_out() {
        talk.remark(&format!("{name} has no field for {left_out}; they are left out"));
    }
    let (shares, drawn) = shares(export, &snapshot, &round, &picks)?;
    let out = Out::of(export, &session, number)?;
    let folder = out.folder.clone();
    let mut rows = Vec::new();
    // All of them are written before anything is changed: the assignments and the files are for each other.
    let mut staged = Vec::new();
    let mut files = Map::new();
    for (annotator, picks) in &shares {
        let path = folder.join(file_name(format, annotator.as_deref()));
        let item = |pick: &&Pick| -> anyhow::Result<BatchItem> {
            let show = suggest || format.asks_about_guess();
            let item = steps::batch_item(&session, &snapshot, &labels, pick, show)?;
            if format.asks_about_guess() && item.suggestion.is_none() {
                let what = format!(
                    "{name} asks about the model's guess, and round {number} has none for \"{}\"",
                    item.id
                );
                return Err(Mend(format!("{what}; choose another format")).into());
            }
            Ok(BatchItem { annotator: annotator.clone(), ..item })
        };
        let file = Staged::new(&out.waiting(&path), |out| -> Result<(), Failure> {
            let items = picks.iter().map(|pick| item(pick).map_err(Failure));
            batch::write_to(format, items, &labels, out)
        });
        staged.push(file.map_err(|failure| failure.0)?);
        let who = annotator.clone().unwrap_or_else(|| "batch".to_owned());
        files.insert(who.clone(), json!({"file": written(&path), "items": picks.len()}));
        rows.push((who, format!("{}  ({} items)", shown(&path), picks.len())));
    }
    let mut value = json!({"round": number, "format": name, "files": files});
    if let Some((name, content)) = format.beside(&labels) {
        let path = folder.join(name);
        staged.push(
            Staged::new(&out.waiting(&path), |out| -> Result<(), Failure> {
                Ok(std::io::Write::write_all(out, content.as_bytes())?)
            })
            .map_err(|failure| failure.0)?,
        );
        value["configuration"] = json!(path);
        rows.push(("configuration".to_owned(), shown(&path)));
    }
    let drawn = drawn.as_ref().map(|pairs| {
        let id = |document: usize| snapshot.documents[document].id.as_str();
        pairs.iter().map(|(document, name)| (id(*document), name.as_str())).collect::<Vec<_>>()
    });
    out.publish(&mut session, drawn.as_deref(), staged)?;
    let rows: Vec<(&str, String)> = rows.iter().map(|(who, file)| (who.as_str(), file.clone())).collect();
    let text = format!("Round {number} for {name}\n{}", columns(&rows));
    Ok(Outcome {
        json: value,
        text,
        next: Some("`querist ingest ANSWERS` with what the tool exports".to_owned()),
    })
}

/// Where the files go.
struct Out {
    round: u32,
    folder: PathBuf,
    /// Where they wait, if they go into the workspace.
    waiting: Option<PathBuf>,
}

impl Out {
    fn of(export: &Export, session: &Session, round: u32) -> anyhow::Result<Self> {
        if let Some(folder) = export.out.clone() {
            std::fs::create_dir_all(&folder)?;
            return Ok(Self { round, folder, waiting: None });
        }
        let waiting = Some(session.workspace.handout_folder(round)?);
        Ok(Self { round, folder: session.workspace.round_path(round, ""), waiting })
    }

    /// Where a file waits: in the workspace in a folder of its own, elsewhere beside its place.
    fn waiting(&self, path: &Path) -> PathBuf {
        match (&self.waiting, path.file_name()) {
            (Some(folder), Some(name)) => folder.join(name),
            _ => path.to_owned(),
        }
    }

    /// Notes who gets what, and moves the files to their places.
    fn publish(
        mut self,
        session: &mut Session,
        drawn: Option<&[(&str, &str)]>,
        staged: Vec<Staged>,
    ) -> anyhow::Result<()> {
        if self.waiting.is_some() {
            staged.into_iter().try_for_each(Staged::publish)?;
            // From here on the workspace knows whether they go or move.
            self.waiting = None;
            return Ok(session.workspace.hand_out(self.round, drawn)?);
        }
        if let Some(drawn) = drawn {
            session.workspace.assign(self.round, drawn)?;
        }
        staged.into_iter().try_for_each(Staged::publish).context(
            "the assignments are stored, but not all files are in place; mend that, and run the same command again",
        )
    }
}

impl Drop for Out {
    fn drop(&mut self) {
        // What waits for nothing any more; if it cannot be removed, the next writer does it.
        let _ = self.waiting.take().map(std::fs::remove_dir_all);
    }
}

/// The name of a file: `label-studio.json`, `label-studio-ana.json`.
fn file_name(format: &dyn BatchFormat, annotator: Option<&str>) -> PathBuf {
    let (stem, ending) = format.file_name();
    match annotator {
        None => format!("{stem}.{ending}").into(),
        Some(annotator) => format!("{stem}-{}.{ending}", name_key(annotator)).into(),
    }
}

/// The picks that each annotator gets, in the batch's order; all for nobody in particular when nobody was named.
type Shares<'a> = Vec<(Option<String>, Vec<&'a Pick>)>;
/// Documents with the annotators that they go to.
type Pairs = BTreeSet<(usize, String)>;

/// Who gets what; and the assignments, if they are not those that the workspace has.
fn shares<'a>(
    export: &Export,
    snapshot: &Snapshot,
    round: &Draft,
    picks: &'a [Pick],
) -> anyhow::Result<(Shares<'a>, Option<Pairs>)> {
    let number = round.number;
    let pairs: Pairs = snapshot
        .assignments
        .iter()
        .filter(|assignment| assignment.round == number)
        .map(|assignment| (assignment.document, assignment.annotator.clone()))
        .collect();
    let Some(names) = &export.annotators else {
        let nobody = pairs.is_empty();
        let shares = if nobody { vec![(None, picks.iter().collect())] } else { by_name(&pairs, picks) };
        return Ok((shares, None));
    };
    let answers = match export.answers_per_item {
        Some(per_item) => Answers::Each(per_item),
        None => Answers::Share(steps::overlap(round)?),
    };
    let names: Vec<String> = names.iter().map(|name| Session::person(snapshot, name)).collect();
    check_names(&names)?;
    check_answers(answers, names.len())?;
    let controls: Vec<bool> =
        picks.iter().map(|pick| snapshot.documents[pick.document].role == Role::Control).collect();
    // Numbered by name, so that the order in which names are typed does not matter.
    let names: Vec<&String> = names.iter().collect::<BTreeSet<_>>().into_iter().collect();
    let drawn = assign(&controls, names.len(), answers, (round.seed, number));
    let drawn: Pairs = picks
        .iter()
        .zip(&drawn)
        .flat_map(|(pick, chosen)| chosen.iter().map(|at| (pick.document, names[*at].clone())))
        .collect();
    if !pairs.is_empty() && pairs != drawn && !export.reassign {
        let before: BTreeSet<&str> = pairs.iter().map(|(_, name)| name.as_str()).collect();
        let before = before.into_iter().collect::<Vec<_>>().join(", ");
        return Err(Mend(format!(
            "round {number} was handed out before, to {before}; leave --annotators out to write their files again, or pass \
             --reassign to hand it out anew"
        ))
        .into());
    }
    Ok((by_name(&drawn, picks), (pairs != drawn).then_some(drawn)))
}

fn by_name<'a>(pairs: &Pairs, picks: &'a [Pick]) -> Shares<'a> {
    let names: BTreeSet<&String> = pairs.iter().map(|(_, name)| name).collect();
    let of = |name: &String| {
        let has = |pick: &&Pick| pairs.contains(&(pick.document, name.clone()));
        (Some(name.clone()), picks.iter().filter(has).collect())
    };
    names.into_iter().map(of).collect()
}

/// The longest name of an annotator in a file's name, in bytes: file systems end at 255.
const LONGEST_NAME: usize = 200;

/// Names become names of files.
fn check_names(names: &[String]) -> anyhow::Result<()> {
    for name in names {
        if let Some(fault) = NameFault::of(name) {
            let name = visible(name);
            return Err(Mend(format!("--annotators: the name \"{name}\" {fault}; write it without")).into());
        }
    }
    let fits = |name: &&String| {
        let plain = |c: char| !c.is_control() && !"/\\:*?\"<>|".contains(c);
        let key = name_key(name);
        !key.is_empty() && key.len() <= LONGEST_NAME && !key.starts_with('.') && key.chars().all(plain)
    };
    if let Some(name) = names.iter().find(|name| !fits(name)) {
        let what = format!(
            "the annotator \"{}\" cannot name a file; expected at most {LONGEST_NAME} bytes, without / \\ : * ? \" < > |, and no dot at \
             the beginning",
            one_line(name)
        );
        return Err(Mend(what).into());
    }
    // As everywhere, a name is one person's however its accents are written; and one name is one file.
    let mut keys = BTreeSet::new();
    if let Some(name) = names.iter().find(|name| !keys.insert(name_key(name))) {
        let what = format!("the annotator \"{}\" stands twice in --annotators; keep one", one_line(name));
        return Err(Mend(what).into());
    }
    Ok(())
}

/// An item goes to different people.
fn check_answers(answers: Answers, annotators: usize) -> anyhow::Result<()> {
    let most = answers.most();
    if (1..=annotators).contains(&most) {
        return Ok(());
    }
    let expected = format!("expected from 1 to {annotators}, the number of annotators");
    Err(Mend(match answers {
        Answers::Each(_) => format!("--answers-per-item is {most}; {expected}"),
        Answers::Share(_) => format!(
            "the round was made with answers_per_item = {most} under [quality]; {expected}: name more, or pass --answers-per-item"
        ),
    })
    .into())
}
