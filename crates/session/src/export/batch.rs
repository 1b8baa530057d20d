//! A round's batch for a tool, in one file or in one for each annotator.
//!
//! Who gets what is drawn with the round's seed and kept in the workspace, so that the same call
//! writes the same files again.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use querist_core::visible::{NameFault, visible};
use querist_core::{Pick, name_key};
use querist_store::format::batch::{self, BatchFormat, BatchItem};
use querist_store::workspace::Staged;
use serde::Serialize;

use super::Failure;
use super::shares::{lacking, lacking_pick, shares};
use crate::error::{Asked, Doing, Result, SessionError};
use crate::inputs::unknown_format;
use crate::next;
use crate::opened::Opened;
use crate::progress::{Progress, Remark};
use crate::round::files;
use crate::session::Session;

/// How a batch is handed out.
#[derive(Debug, Clone, Copy, Default)]
pub struct HandOut<'a> {
    /// The tool's format, by name.
    pub format: &'a str,
    /// The round; the last one if none is named.
    pub round: Option<u32>,
    /// The annotators to share the batch out among; `None`: as it was shared out before, or to
    /// nobody in particular.
    pub annotators: Option<&'a [String]>,
    /// How many annotators get each item, from 1; `None`: as the settings of the round say.
    pub answers_per_item: Option<usize>,
    /// Whether a batch that was handed out is handed out anew.
    pub reassign: bool,
    /// Another folder than that of the round.
    pub out: Option<&'a Path>,
}

/// A batch that was handed out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HandedOut {
    /// The round.
    pub round: u32,
    /// The tool's format.
    pub format: &'static str,
    /// The files, by annotator.
    pub files: Vec<OutFile>,
    /// What the tool needs besides, such as its configuration.
    pub configuration: Option<PathBuf>,
}

/// A file for an annotator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OutFile {
    /// Whose; `None`: nobody's in particular.
    pub annotator: Option<String>,
    /// Where it is.
    pub file: PathBuf,
    /// How many items it has.
    pub items: usize,
}

impl Session {
    /// Writes a round's batch in a tool's format.
    ///
    /// # Errors
    /// There is no such format or round, the round was handed to others, or the disk cannot be
    /// written.
    pub fn hand_out(&self, options: &HandOut<'_>, progress: &dyn Progress) -> Result<HandedOut> {
        let format = batch::format(options.format).ok_or_else(|| {
            let known: Vec<&str> = batch::FORMATS.iter().map(|format| format.name()).collect();
            unknown_format(options.format, &known)
        })?;
        let mut opened = self.write("export", progress)?;
        let snapshot = opened.snapshot()?;
        let last = snapshot.rounds.last().map(|round| round.number);
        let Some(number) = options.round.or(last) else {
            return Err(next::none_yet(&opened, Asked::Batch)?);
        };
        let round = files::exported(&opened, number)?;
        let (mut labels, suggest) = files::labels_and_suggest(&round)?;
        let mut picks = opened.workspace.picks(number, &snapshot)?;
        if let Some(record) = snapshot.rounds.iter().find(|record| record.number == number) {
            // Whoever labels sees the classes of now.
            if !record.classes.is_empty() {
                (labels, picks) = (opened.labels.clone(), record.picks.clone());
            }
            // What went back is out no more.
            picks.retain(|pick| !record.has_returned(pick.document));
            if picks.is_empty() && !record.picks.is_empty() {
                let what = format!(
                    "nothing of round {number} is out, because all of its documents went back to \
                             the pool"
                );
                return Err(SessionError::Input { what });
            }
        }
        if suggest && let Some(what) = format.leaves_out() {
            progress.remark(Remark::LeftOut { format: format.name(), what });
        }
        // Only what goes to people by name can lack somebody.
        let lacking = lacking(&snapshot, number, options.annotators.is_some());
        picks.extend(lacking.keys().map(|document| lacking_pick(*document)));
        let (shares, drawn) = shares(options, (&opened, &snapshot), &round, (&picks, &lacking))?;
        let out = Out::of(options.out, &opened, number)?;
        let folder = out.folder.clone();
        // All of them are written before anything is changed: the assignments and the files are for
        // each other.
        let (mut staged, mut written) = (Vec::new(), Vec::new());
        for (annotator, picks) in &shares {
            let path = folder.join(file_name(format, annotator.as_deref()));
            let item = |pick: &&Pick| {
                let show = suggest || format.asks_about_guess();
                let item = files::batch_item(&opened, &snapshot, &labels, pick, show)?;
                check_guess(format, number, &item)?;
                Ok(BatchItem { annotator: annotator.clone(), ..item })
            };
            let file = Staged::new(&out.waiting(&path), |out| -> Result<(), Failure> {
                let items = picks.iter().map(|pick| item(pick).map_err(Failure));
                batch::write_to(format, items, &labels, out)
            });
            staged.push(file.map_err(|failure| failure.0)?);
            written.push(OutFile { annotator: annotator.clone(), file: path, items: picks.len() });
        }
        let mut configuration = None;
        if let Some((name, content)) = format.beside(&labels) {
            let path = folder.join(name);
            let file = Staged::new(&out.waiting(&path), |out| -> Result<(), Failure> {
                Ok(std::io::Write::write_all(out, content.as_bytes())?)
            });
            staged.push(file.map_err(|failure| failure.0)?);
            configuration = Some(path);
        }
        let drawn = drawn.as_ref().map(|pairs| {
            let id = |document: usize| snapshot.documents[document].id.as_str();
            pairs.iter().map(|(document, name)| (id(*document), name.as_str())).collect::<Vec<_>>()
        });
        out.publish(&mut opened, drawn.as_deref(), staged)?;
        Ok(HandedOut { round: number, format: format.name(), files: written, configuration })
    }
}

/// A format that asks about the model's guess needs one.
fn check_guess(format: &dyn BatchFormat, round: u32, item: &BatchItem) -> Result<()> {
    if !format.asks_about_guess() || item.suggestion.is_some() {
        return Ok(());
    }
    let what = format!(
        "{} asks about the model's guess, but round {round} has none for \"{}\"; choose another format",
        format.name(),
        item.id
    );
    Err(SessionError::Input { what })
}

/// Where the files go.
struct Out {
    round: u32,
    folder: PathBuf,
    /// Where they wait, if they go into the workspace.
    waiting: Option<PathBuf>,
}

impl Out {
    fn of(folder: Option<&Path>, opened: &Opened, round: u32) -> Result<Self> {
        if let Some(folder) = folder {
            std::fs::create_dir_all(folder).doing("make the folder", folder)?;
            return Ok(Self { round, folder: folder.to_owned(), waiting: None });
        }
        let waiting = Some(opened.workspace.handout_folder(round)?);
        Ok(Self { round, folder: opened.workspace.round_path(round, ""), waiting })
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
        opened: &mut Opened,
        drawn: Option<&[(&str, &str)]>,
        staged: Vec<Staged>,
    ) -> Result<()> {
        if self.waiting.is_some() {
            staged.into_iter().try_for_each(Staged::publish)?;
            // From here on the workspace knows whether they go or move.
            self.waiting = None;
            return Ok(opened.workspace.hand_out(self.round, drawn)?);
        }
        if let Some(drawn) = drawn {
            opened.workspace.assign(self.round, drawn)?;
        }
        let published = staged.into_iter().try_for_each(Staged::publish);
        published.map_err(|source| SessionError::HalfPlaced { source })
    }
}

impl Drop for Out {
    fn drop(&mut self) {
        // What waits for nothing any more; if it cannot be removed, the next writer does it.
        let _ = self.waiting.take().map(std::fs::remove_dir_all);
    }
}

/// The name of a file: `label-studio.json`, `label-studio-ana.json`.
pub(crate) fn file_name(format: &dyn BatchFormat, annotator: Option<&str>) -> PathBuf {
    let (stem, ending) = format.file_name();
    match annotator {
        None => format!("{stem}.{ending}").into(),
        Some(annotator) => format!("{stem}-{}.{ending}", name_key(annotator)).into(),
    }
}

/// The longest name of an annotator in a file's name, in bytes: file systems end at 255.
const LONGEST_NAME: usize = 200;

/// Names become names of files.
pub(crate) fn check_names(names: &[String]) -> Result<()> {
    let wrong = |problem: String| Err(SessionError::option("annotators", problem));
    for name in names {
        if let Some(fault) = NameFault::of(name) {
            return wrong(format!("the name \"{}\" {fault}; write the name without it", visible(name)));
        }
    }
    let fits = |name: &&String| {
        let plain = |c: char| !c.is_control() && !"/\\:*?\"<>|".contains(c);
        let key = name_key(name);
        !key.is_empty() && key.len() <= LONGEST_NAME && !key.starts_with('.') && key.chars().all(plain)
    };
    if let Some(name) = names.iter().find(|name| !fits(name)) {
        return wrong(format!(
            "the annotator \"{}\" cannot name a file; expected at most {LONGEST_NAME} bytes, without / \\ : * ? \" < > |, and no \
             dot at the beginning",
            visible(name)
        ));
    }
    // As everywhere, a name is one person's however its accents are written; and one name is one
    // file.
    let mut keys = BTreeSet::new();
    if let Some(name) = names.iter().find(|name| !keys.insert(name_key(name))) {
        return wrong(format!("the annotator \"{}\" is named twice; keep one", visible(name)));
    }
    Ok(())
}
