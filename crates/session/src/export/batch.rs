//! Hands out the batch of a round in a tool's format: one file for everybody, or one per annotator.
//!
//! The round's seed decides which annotator gets which document, and the workspace stores these
//! assignments. So the same call writes the same files again.

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

/// Which batch to hand out, to whom, and in which format.
#[derive(Debug, Clone, Copy, Default)]
pub struct HandOut<'a> {
    /// Name of the tool's format.
    pub format: &'a str,
    /// The round's number; `None`: the last round.
    pub round: Option<u32>,
    /// Names of the annotators among whom to divide the batch. Without names (`None`), the stored
    /// assignments stay; if there are none, one file holds the whole batch.
    pub annotators: Option<&'a [String]>,
    /// Number of annotators per item, at least 1; `None`: the number in the round's settings.
    pub answers_per_item: Option<usize>,
    /// Whether to divide the batch anew if it was already handed out.
    pub reassign: bool,
    /// The folder to write to; `None`: the round's folder.
    pub out: Option<&'a Path>,
}

/// A batch that was handed out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HandedOut {
    /// The round's number.
    pub round: u32,
    /// Name of the tool's format.
    pub format: &'static str,
    /// The files of items: one per annotator, ordered by name, or a single file.
    pub files: Vec<OutFile>,
    /// A further file that the tool needs, such as its configuration; `None` if it needs none.
    pub configuration: Option<PathBuf>,
}

/// A file of items for one annotator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OutFile {
    /// The annotator's name; `None`: anybody may use the file.
    pub annotator: Option<String>,
    /// Path of the file.
    pub file: PathBuf,
    /// Number of items in the file.
    pub items: usize,
}

impl Session {
    /// Divides a round's batch among annotators, writes their items to files in a tool's format,
    /// and stores the assignments.
    ///
    /// # Errors
    /// - The format or the round does not exist.
    /// - The round was already handed out to other annotators.
    /// - The format asks about the model's guess, but an item has none.
    /// - A file cannot be written.
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
            // Annotators choose from the current classes. The round may have been made with other
            // classes.
            if !record.classes.is_empty() {
                (labels, picks) = (opened.labels.clone(), record.picks.clone());
            }
            // Documents that were returned to the pool are no longer part of the batch.
            picks.retain(|pick| !record.has_returned(pick.document));
            if picks.is_empty() && !record.picks.is_empty() {
                let what = format!(
                    "no document of round {number} is out any more: all of them went back to the pool"
                );
                return Err(SessionError::Input { what });
            }
        }
        if suggest && let Some(what) = format.leaves_out() {
            progress.remark(Remark::LeftOut { format: format.name(), what });
        }
        // Documents of earlier rounds that still lack answers are added, but only if annotators are
        // named.
        let lacking = lacking(&snapshot, number, options.annotators.is_some());
        picks.extend(lacking.keys().map(|document| lacking_pick(*document)));
        let (shares, drawn) = shares(options, (&opened, &snapshot), &round, (&picks, &lacking))?;
        let out = Out::of(options.out, &opened, number)?;
        let folder = out.folder.clone();
        // Write all files before anything else changes, because files and assignments must agree.
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

/// Fails if the format asks annotators about the model's guess, but `item` has no suggestion.
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

/// The folder for the files, and where they wait until they are moved there.
struct Out {
    round: u32,
    /// The folder in which the files must appear.
    folder: PathBuf,
    /// The folder of the workspace in which finished files wait; `None` if the files go to a folder
    /// outside the workspace.
    waiting: Option<PathBuf>,
}

impl Out {
    /// Returns where to write the files of a round: to `folder` or, without it, to the round's
    /// folder.
    fn of(folder: Option<&Path>, opened: &Opened, round: u32) -> Result<Self> {
        if let Some(folder) = folder {
            std::fs::create_dir_all(folder).doing("make the folder", folder)?;
            return Ok(Self { round, folder: folder.to_owned(), waiting: None });
        }
        let waiting = Some(opened.workspace.handout_folder(round)?);
        Ok(Self { round, folder: opened.workspace.round_path(round, ""), waiting })
    }

    /// Returns the path under which to stage a file whose final path is `path`: a path in the
    /// waiting folder, or `path` itself if there is no waiting folder. The staged file then waits
    /// as a temporary file in the same folder as the returned path.
    fn waiting(&self, path: &Path) -> PathBuf {
        match (&self.waiting, path.file_name()) {
            (Some(folder), Some(name)) => folder.join(name),
            _ => path.to_owned(),
        }
    }

    /// Moves the waiting files into place, and stores the assignments `drawn`, each a document's id
    /// and an annotator's name.
    fn publish(
        mut self,
        opened: &mut Opened,
        drawn: Option<&[(&str, &str)]>,
        staged: Vec<Staged>,
    ) -> Result<()> {
        if self.waiting.is_some() {
            staged.into_iter().try_for_each(Staged::publish)?;
            // From here on, the workspace moves or removes the waiting files, even after a kill.
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
        // The waiting folder is empty now. If it cannot be removed, the next writer removes it.
        let _ = self.waiting.take().map(std::fs::remove_dir_all);
    }
}

/// Returns the name of a batch file, such as `label-studio.json` or `label-studio-ana.json`.
pub(crate) fn file_name(format: &dyn BatchFormat, annotator: Option<&str>) -> PathBuf {
    let (stem, ending) = format.file_name();
    match annotator {
        None => format!("{stem}.{ending}").into(),
        Some(annotator) => format!("{stem}-{}.{ending}", name_key(annotator)).into(),
    }
}

/// A file name may contain an annotator's name of at most this many bytes. File systems allow 255
/// bytes for the whole file name.
const LONGEST_NAME: usize = 200;

/// Checks that each annotator's name can be part of a file name, and that no name occurs twice.
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
            "the annotator's name \"{}\" cannot be a file name; expected at most {LONGEST_NAME} bytes, \
             without / \\ : * ? \" < > |, and no dot at the beginning",
            visible(name)
        ));
    }
    // Names that differ only in how accents are encoded mean the same person everywhere in Querist.
    // Their files would also have the same name.
    let mut keys = BTreeSet::new();
    if let Some(name) = names.iter().find(|name| !keys.insert(name_key(name))) {
        return wrong(format!("the annotator \"{}\" is named twice; keep one", visible(name)));
    }
    Ok(())
}
