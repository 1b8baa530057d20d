//! The demo: runs the whole loop on bundled data, with simulated annotators.
//!
//! Import, rounds, ingest and reports work exactly as on a user's own data. The data is part of the
//! program. Only the simulated annotators know the true labels.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use querist_core::{Class, LabelSet, Seed};
use querist_engine::SimulatedAnnotator;
use querist_report::RoundReport;
use querist_store::format::records::Input;
use querist_store::lines::Lines;
use querist_store::os_name::text_of;
use querist_store::workspace::{ImportAs, ImportOptions, IngestOptions};
use serde::Deserialize;
use serde_json::json;

use crate::error::{Doing, Result, SessionError};
use crate::progress::{Progress, Remark, Silent};
use crate::round::{MadeRound, RoundOptions, files};
use crate::session::Session;
use crate::settings::Override;

/// Number of rounds that the demo runs.
const ROUNDS: u32 = 3;

/// The bundled files to import: name, bytes and role.
const DOCUMENTS: [(&str, &[u8], ImportAs); 4] = [
    ("pool.jsonl.gz", include_bytes!("../data/support_tickets/pool.jsonl.gz"), ImportAs::Pool),
    ("seed.jsonl", include_bytes!("../data/support_tickets/seed.jsonl"), ImportAs::Labeled),
    ("test.jsonl.gz", include_bytes!("../data/support_tickets/test.jsonl.gz"), ImportAs::Test),
    ("control.jsonl", include_bytes!("../data/support_tickets/control.jsonl"), ImportAs::Control),
];
const TRUTH: (&str, &[u8]) = ("truth.jsonl.gz", include_bytes!("../data/support_tickets/truth.jsonl.gz"));
const ANNOTATORS: &str = include_str!("../data/support_tickets/annotators.json");

/// The simulated annotators, as a file of the bundled data describes them.
#[derive(Debug, Deserialize)]
struct Crowd {
    /// Names of the classes.
    labels: Vec<String>,
    /// The annotators, with their skills.
    annotators: Vec<SimulatedAnnotator>,
}

/// The rounds that the demo made, and their reports.
#[derive(Debug, Clone)]
pub struct Demonstrated {
    /// Each round, with the path of the file that holds the answers to its batch.
    pub rounds: Vec<(MadeRound, PathBuf)>,
    /// The report of the last round, with all answers.
    pub last: RoundReport,
}

impl Session {
    /// Makes a workspace in the session's folder, imports the bundled data, and runs three rounds
    /// with simulated annotators.
    ///
    /// # Errors
    /// The folder is already a workspace, or a file in it cannot be written.
    pub fn demonstrate(&self, seed: Option<u64>, progress: &dyn Progress) -> Result<Demonstrated> {
        let bundled = |_: serde_json::Error| SessionError::bug("read the bundled annotators")();
        let crowd: Crowd = serde_json::from_str(ANNOTATORS).map_err(bundled)?;
        let labels = LabelSet::new(crowd.labels.clone())?;
        for annotator in &crowd.annotators {
            annotator.check(&labels)?;
        }
        progress.remark(Remark::DemoBegins { folder: self.root().to_owned() });
        self.init(crowd.labels.clone())?;
        self.import_bundled()?;
        let truth = self.truth(&labels)?;
        let place = "seed".to_owned();
        let override_of = |seed| Override { table: "", key: "seed", value: json!(seed), place };
        let overrides = seed.map(override_of).into_iter().collect();
        let (options, seed) = (RoundOptions { overrides, scores: None }, Seed(seed.unwrap_or_default()));
        let mut rounds = Vec::new();
        for round in 1..=ROUNDS {
            let annotators = crowd.annotators.len();
            progress.remark(Remark::DemoRound { round, of: ROUNDS, annotators });
            let made = self.round(&options, progress)?;
            let answers = self.answer(&crowd.annotators, &truth, seed, round)?;
            self.ingest(files_of(&answers), &IngestOptions::default(), &Silent)?;
            rounds.push((made, answers));
        }
        // Each report was written before the round's batch was answered, so write all reports
        // again.
        let opened = self.write("demo", progress)?;
        let mut last = None;
        for round in 1..=ROUNDS {
            last = Some(files::write_report(&opened, round)?);
        }
        let last = last.ok_or_else(SessionError::bug("run a round"))?;
        Ok(Demonstrated { rounds, last })
    }

    /// Writes the bundled files into the workspace's folder `data`, where the user can look at
    /// them. Then imports them.
    fn import_bundled(&self) -> Result<()> {
        let folder = self.root().join("data");
        fs::create_dir_all(&folder).doing("make the folder", &folder)?;
        let path = folder.join(TRUTH.0);
        fs::write(&path, TRUTH.1).doing("write", &path)?;
        for (name, bytes, kind) in DOCUMENTS {
            let path = folder.join(name);
            fs::write(&path, bytes).doing("write", &path)?;
            let options = ImportOptions { kind, ..ImportOptions::default() };
            self.import(files_of(&path), &options, &Silent)?;
        }
        Ok(())
    }

    /// Returns the true class of each pool document and each control item, by the document's id.
    fn truth(&self, labels: &LabelSet) -> Result<BTreeMap<String, Class>> {
        #[derive(Deserialize)]
        struct Known {
            id: String,
            label: String,
        }
        let wrong = SessionError::bug("read the bundled truth");
        let mut truth = BTreeMap::new();
        for name in [TRUTH.0, "control.jsonl"] {
            let path = self.root().join("data").join(name);
            let mut lines = Lines::open(&text_of(path.as_os_str()))?;
            while let Some(line) = lines.next_line()? {
                let known = line.text.ok().and_then(|text| serde_json::from_str::<Known>(text).ok());
                let Some((id, class)) = known.and_then(|known| Some((known.id, labels.class(&known.label)?)))
                else {
                    return Err(wrong());
                };
                truth.insert(id, class);
            }
        }
        Ok(truth)
    }

    /// Lets the simulated annotators answer the batch of round `number`. Writes the answers to a
    /// file, and returns its path.
    fn answer(
        &self,
        annotators: &[SimulatedAnnotator],
        truth: &BTreeMap<String, Class>,
        seed: Seed,
        number: u32,
    ) -> Result<PathBuf> {
        let opened = self.read(&Silent)?;
        let snapshot = opened.snapshot()?;
        let picks = opened.workspace.picks(number, &snapshot)?;
        let mut rows = String::new();
        for annotator in annotators {
            let mut rng = seed.rng(number, &format!("annotator {}", annotator.name));
            for pick in &picks {
                let id = snapshot.documents[pick.document].id.as_str();
                let truth = truth.get(id).ok_or_else(SessionError::bug("find the truth of a document"))?;
                if let Some(answer) = annotator.answer(*truth, &mut rng) {
                    let label = answer.map(|class| opened.labels.name(class));
                    rows += &json!({"id": id, "label": label, "annotator": annotator.name}).to_string();
                    rows.push('\n');
                }
            }
        }
        let folder = self.root().join("answers");
        fs::create_dir_all(&folder).doing("make the folder", &folder)?;
        let path = folder.join(format!("round-{number:04}.jsonl"));
        fs::write(&path, rows).doing("write", &path)?;
        Ok(path)
    }
}

fn files_of(path: &std::path::Path) -> Vec<Input> {
    vec![Input::File(text_of(path.as_os_str()))]
}
