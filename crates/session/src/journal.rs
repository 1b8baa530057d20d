//! Keeps an annotator's answers safe. Each answer goes first to the annotator's own log file and
//! then to the database, by the same code as every other ingest.
//!
//! The workspace is locked for each answer anew, so that between answers others can label and
//! rounds can be made. If another process holds the lock, or if Querist is killed, answers wait in
//! the log. They are ingested with the next answer, at the end of the command, or when the command
//! starts again. If the same line is ingested twice, the second time changes nothing.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use querist_core::{Class, LabelSet, name_key};
use querist_store::os_name::text_of;
use querist_store::workspace::{Decision, IngestAs, IngestOptions};
use querist_store::{LineLog, StoreError, Workspace};
use serde_json::json;

/// The folder in a workspace that holds the logs.
const FOLDER: &str = "label";

/// Logs of decisions have this suffix before the extension. No other log has it, because the file
/// name of an annotator contains no dot.
const DECISIONS: &str = ".decisions";

/// Remarks that the annotator writes with an answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Beside {
    /// Why the annotator chose this answer.
    pub reason: Option<String>,
    /// Any other remark.
    pub comment: Option<String>,
}

/// A decision that another expert made while this expert was deciding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meanwhile {
    /// The number of the decision. Later decisions have larger numbers.
    pub number: i64,
    /// The document's id.
    pub id: String,
    /// Name of the expert who decided.
    pub by: String,
    /// The chosen class; `None` if the document fits no class.
    pub label: Option<Class>,
}

/// The log file of one annotator or expert, and what happened since it was opened (the sitting).
pub struct Journal {
    /// The folder of the workspace.
    root: PathBuf,
    /// Path of the log file.
    path: PathBuf,
    log: LineLog,
    /// Number of answers that wait in the log.
    waiting: usize,
    /// Name of the annotator or expert.
    annotator: String,
    /// Whether this is the log of an expert's decisions.
    decides: bool,
    /// The current classes, by whose names answers are stored.
    labels: LabelSet,
    /// The time of the last answer, in microseconds since 1970. Every answer gets a later time than
    /// the one before, even if the clock is set back.
    last: i64,
    /// The number of the last decision before an expert's sitting; 0 for an annotator.
    since: i64,
    /// The decisions of this sitting that are in the database, the latest last: the document's id,
    /// and the number of the ingest. The number is `None` if the same ingest stored other decisions
    /// too.
    stored: Vec<(String, Option<i64>)>,
    /// The decisions of this sitting that wait in the log: the documents' ids.
    unstored: Vec<String>,
}

/// Where the answers are after [`Journal::keep`].
#[derive(Debug)]
pub enum Kept {
    /// All answers are in the database.
    Ingested,
    /// Some answers wait in the log, because storing them failed with this error.
    Waiting(StoreError),
}

impl Journal {
    /// Opens the log of an annotator's answers in the workspace at `root`. A missing log is made.
    ///
    /// # Errors
    /// Another process has the log open, or the log cannot be read or written.
    pub fn open(root: &Path, annotator: &str, labels: &LabelSet) -> Result<Self, StoreError> {
        Self::of(root, annotator, labels, false)
    }

    /// Opens the log of an expert's decisions in the workspace at `root`. A missing log is made.
    ///
    /// # Errors
    /// As for [`Self::open`]; also if the database cannot be read.
    pub fn of_expert(root: &Path, expert: &str, labels: &LabelSet) -> Result<Self, StoreError> {
        Self::of(root, expert, labels, true)
    }

    /// Opens the log of an annotator or, if `decides`, of an expert.
    fn of(root: &Path, annotator: &str, labels: &LabelSet, decides: bool) -> Result<Self, StoreError> {
        let folder = root.join(FOLDER);
        Workspace::make_folder(&folder)?;
        let ending = if decides { DECISIONS } else { "" };
        let path = folder.join(format!("{}{ending}.jsonl", file_stem(annotator)));
        let (mut log, lines) = LineLog::open(&path)?;
        // A kill may have left an incomplete last line; this removes it.
        log.keep(&lines)?;
        let since = if decides { Workspace::open(root)?.last_decision()? } else { 0 };
        Ok(Self {
            root: root.to_owned(),
            path,
            log,
            waiting: lines.len(),
            annotator: annotator.to_owned(),
            decides,
            labels: labels.clone(),
            last: 0,
            since,
            stored: Vec::new(),
            unstored: Vec::new(),
        })
    }

    /// Stores an answer to the document `id`; the label `None` is a skip. The answer took
    /// `seconds`. Once this function has returned, the answer survives a kill and a power cut.
    ///
    /// # Errors
    /// The log cannot be written; the answer is not stored.
    pub fn keep(&mut self, id: &str, label: Option<Class>, seconds: f64) -> Result<Kept, StoreError> {
        self.keep_with(id, label, seconds, &Beside::default())
    }

    /// Stores an answer like [`Self::keep`], with the annotator's remarks.
    ///
    /// # Errors
    /// The log cannot be written; the answer is not stored.
    pub fn keep_with(
        &mut self,
        id: &str,
        label: Option<Class>,
        seconds: f64,
        beside: &Beside,
    ) -> Result<Kept, StoreError> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_micros() as i64);
        // Each time is later than the one before. So the later of two answers counts even if the
        // clock is set back.
        self.last = now.max(self.last + 1);
        let mut line = json!({
            "id": id,
            "label": label.map(|class| self.labels.name(class)),
            "annotator": self.annotator,
            "time": self.last as f64 / 1e6,
            "seconds": (seconds * 1e3).round() / 1e3,
        });
        for (field, text) in [("reason", &beside.reason), ("comment", &beside.comment)] {
            if let Some(text) = text {
                line[field] = json!(text);
            }
        }
        self.log.append(&line.to_string())?;
        // Write the log to the disk before the database is tried. From here on, the answer
        // survives.
        self.log.sync()?;
        self.waiting += 1;
        if self.decides {
            self.unstored.push(id.to_owned());
        }
        self.take_in()
    }

    /// Returns the decisions in force that other experts made since this expert's sitting began.
    /// For an annotator there are none.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn meanwhile(&self) -> Result<Vec<Meanwhile>, StoreError> {
        if !self.decides {
            return Ok(Vec::new());
        }
        let workspace = Workspace::open(&self.root)?;
        let own = workspace.called(&self.annotator)?;
        let decisions = workspace.decisions_after(self.since)?.into_iter();
        let of_others = decisions.filter(|decision| name_key(&decision.by) != name_key(&own));
        let meanwhile = |decision: Decision| {
            let Decision { number, id, by, label } = decision;
            // If the class no longer exists, the decision is that no class fits.
            Meanwhile { number, id, by, label: label.and_then(|label| self.labels.class(&label)) }
        };
        Ok(of_others.map(meanwhile).collect())
    }

    /// Takes back the last decision of this sitting if it is about the document `id`. Returns
    /// whether it was taken back. It cannot be if it still waits in the log, or if it was ingested
    /// together with other decisions.
    ///
    /// # Errors
    /// Another process uses the workspace, or the database cannot be written.
    pub fn take_back(&mut self, id: &str) -> Result<bool, StoreError> {
        let Some((of, Some(number))) = self.stored.last().filter(|_| self.waiting == 0) else {
            return Ok(false);
        };
        if of != id {
            return Ok(false);
        }
        let mut workspace = Workspace::open_to_write(&self.root, "label")?.by(Some(self.annotator.clone()));
        let fact = workspace.ingest_to_undo(*number)?.fact;
        workspace.undo(&fact)?;
        self.stored.pop();
        Ok(true)
    }

    /// Ingests the answers that wait in the log, and then empties the log. If the ingest fails, the
    /// answers stay in the log; this is no error but [`Kept::Waiting`].
    ///
    /// # Errors
    /// The log cannot be emptied.
    pub fn take_in(&mut self) -> Result<Kept, StoreError> {
        if self.waiting == 0 {
            return Ok(Kept::Ingested);
        }
        let file = text_of(self.path.as_os_str());
        let kind = if self.decides { IngestAs::Expert } else { IngestAs::Annotators };
        let options = IngestOptions { kind, ..IngestOptions::default() };
        match self.ingested(file, &options) {
            Ok(number) => {
                self.log.keep(&[])?;
                self.waiting = 0;
                // Only an ingest of a single decision can be taken back with this decision.
                let number = number.filter(|_| self.unstored.len() == 1);
                self.stored.extend(self.unstored.drain(..).map(|id| (id, number)));
                Ok(Kept::Ingested)
            }
            Err(error) => Ok(Kept::Waiting(error)),
        }
    }

    /// Ingests the log. If this stored exactly one decision, returns the number of the ingest.
    fn ingested(&self, file: String, options: &IngestOptions) -> Result<Option<i64>, StoreError> {
        let mut workspace = Workspace::open_to_write(&self.root, "label")?.by(Some(self.annotator.clone()));
        let (counts, _) = workspace.ingest(&[file], &self.labels, options)?;
        let is_new = self.decides && self.waiting == 1 && counts.new + counts.changed + counts.older > 0;
        // This process holds the lock, so the last ingest must be its own.
        is_new.then(|| workspace.last_ingest_to_undo()).transpose()
    }

    /// Returns the number of answers that wait in the log.
    pub fn waiting(&self) -> usize {
        self.waiting
    }

    /// Returns the path of the log.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Returns the file name of an annotator's log, without extension. Different annotators get
/// different file names.
fn file_stem(annotator: &str) -> String {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
    if annotator.chars().all(plain) && annotator.len() <= 64 {
        return annotator.to_owned();
    }
    let stem: String = annotator.chars().take(32).map(|c| if plain(c) { c } else { '_' }).collect();
    format!("{stem}-{}", &blake3::hash(annotator.as_bytes()).to_hex()[..8])
}

/// Returns whether the log at `path` holds an expert's decisions.
pub fn has_decisions(path: &Path) -> bool {
    path.file_stem().is_some_and(|stem| stem.to_string_lossy().ends_with(DECISIONS))
}

/// Returns the logs of a workspace in which answers wait: for each, its path and the number of
/// answers.
pub fn waiting(root: &Path) -> Vec<(PathBuf, usize)> {
    let entries = std::fs::read_dir(root.join(FOLDER)).into_iter().flatten().filter_map(Result::ok);
    let mut found: Vec<(PathBuf, usize)> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "jsonl"))
        .filter_map(|path| {
            let lines = std::fs::read_to_string(&path).ok()?.lines().count();
            (lines > 0).then_some((path, lines))
        })
        .collect();
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use querist_store::workspace::{ImportAs, ImportOptions};

    use super::*;

    #[test]
    fn every_annotator_has_a_file_of_its_own() {
        assert_eq!(file_stem("ana"), "ana");
        let odd = ["Ana", "ANA", "a/b", "a\\b", "../ana", "ä", "a b", ".", ""];
        let stems: std::collections::BTreeSet<String> = odd.iter().map(|name| file_stem(name)).collect();
        assert_eq!(stems.len(), odd.len());
        assert!(stems.iter().all(|stem| !stem.contains(['/', '\\', '.'])), "{stems:?}");
    }

    #[test]
    fn an_answer_waits_while_somebody_else_writes() {
        let folder = tempfile::tempdir().unwrap();
        let labels = LabelSet::new(["a", "b"]).unwrap();
        let root = folder.path();
        let mut workspace = Workspace::create(root, "labels = [\"a\", \"b\"]\n").unwrap();
        let documents = root.join("d.jsonl");
        std::fs::write(&documents, "{\"id\":\"1\",\"text\":\"x\"}\n{\"id\":\"2\",\"text\":\"y\"}\n").unwrap();
        let options = ImportOptions { kind: ImportAs::Pool, ..ImportOptions::default() };
        let files = [documents.to_string_lossy().into_owned()];
        workspace.import(&files, &labels, &options, &mut |_| ()).unwrap();

        let mut journal = Journal::open(root, "ana", &labels).unwrap();
        let kept = journal.keep("1", Some(Class(1)), 1.5).unwrap();
        assert!(matches!(kept, Kept::Waiting(StoreError::Locked { .. })), "{kept:?}");
        assert_eq!(waiting(root), [(journal.path().to_owned(), 1)]);
        assert!(matches!(Journal::open(root, "ana", &labels), Err(StoreError::Locked { .. })));
        drop((workspace, journal));

        // As after a kill: the next start ingests the answer.
        let mut journal = Journal::open(root, "ana", &labels).unwrap();
        assert_eq!(journal.waiting(), 1);
        assert!(matches!(journal.keep("2", None, 0.0004).unwrap(), Kept::Ingested));
        assert!(waiting(root).is_empty());
        let answers = Workspace::open(root).unwrap().snapshot(&labels).unwrap().answers;
        assert_eq!(answers.iter().map(|answer| answer.label).collect::<Vec<_>>(), [Some(Class(1)), None]);
    }
}
