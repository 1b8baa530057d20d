//! `querist demo`: the whole loop on bundled data, answered by simulated annotators.
//!
//! Nothing in it is special: the same import, rounds, ingest and reports as a user's own, on data that travels in the
//! binary. The truth is only ever shown to the simulated annotators.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use querist_core::{Class, LabelSet, Seed};
use querist_engine::SimulatedAnnotator;
use querist_report::RoundReport;
use querist_report::markdown::{decimal, percent};
use querist_store::Workspace;
use querist_store::os_name::text_of;
use querist_store::workspace::{ImportAs, ImportOptions, IngestOptions};
use serde::Deserialize;
use serde_json::json;

use super::round;
use crate::args::{BatchOptions, Demo, Round, ScoresText};
use crate::failure::Mend;
use crate::output::{Outcome, Talk, shown, written};
use crate::paste::quoted;
use crate::session::Session;
use crate::settings::template;
use crate::steps;

/// How many rounds the demonstration runs.
const ROUNDS: u32 = 3;

/// The bundled files to import, and as what.
const DOCUMENTS: [(&str, &[u8], ImportAs); 4] = [
    ("pool.jsonl.gz", include_bytes!("../../../../data/support_tickets/pool.jsonl.gz"), ImportAs::Pool),
    ("seed.jsonl", include_bytes!("../../../../data/support_tickets/seed.jsonl"), ImportAs::Labeled),
    ("test.jsonl.gz", include_bytes!("../../../../data/support_tickets/test.jsonl.gz"), ImportAs::Test),
    ("control.jsonl", include_bytes!("../../../../data/support_tickets/control.jsonl"), ImportAs::Control),
];
const TRUTH: (&str, &[u8]) =
    ("truth.jsonl.gz", include_bytes!("../../../../data/support_tickets/truth.jsonl.gz"));
const ANNOTATORS: &str = include_str!("../../../../data/support_tickets/annotators.json");

/// The simulated annotators, as the bundled data describes them.
#[derive(Debug, Deserialize)]
struct Crowd {
    labels: Vec<String>,
    annotators: Vec<SimulatedAnnotator>,
}

/// Runs the demonstration.
///
/// # Errors
/// The folder is not empty, or the disk cannot be written.
pub fn run(demo: &Demo, workspace: Option<&Path>, talk: &Talk) -> anyhow::Result<Outcome> {
    let root = folder(demo.dir.as_deref().or(workspace))?;
    let crowd: Crowd = serde_json::from_str(ANNOTATORS).context("read the bundled annotators")?;
    let labels = LabelSet::new(crowd.labels.clone())?;
    for annotator in &crowd.annotators {
        annotator.check(&labels)?;
    }
    talk.remark(&format!("Making a workspace in {} and importing bundled support tickets …", shown(&root)));
    Workspace::create(&root, &template(&labels))?;
    let mut session = Session::write(&root, "demo")?;
    import(&mut session)?;
    let truth = truth(&root, &labels)?;
    let batch = BatchOptions { seed: demo.seed, ..BatchOptions::default() };
    let seed = Seed(demo.seed.unwrap_or_default());
    let mut reports = Vec::new();
    for number in 1..=ROUNDS {
        talk.remark(&format!(
            "Round {number} of {ROUNDS}: train, score, select, export; then {} simulated annotators answer …",
            crowd.annotators.len()
        ));
        let report = round::make(
            &mut session,
            &Round {
                batch: batch.clone(),
                scores: None,
                ignore_foreign: false,
                scores_text: ScoresText::default(),
            },
            talk,
        )?;
        let answers = answer(&session, &crowd.annotators, &truth, seed, number)?;
        session.workspace.ingest(&[text_of(answers.as_os_str())], &labels, &IngestOptions::default())?;
        reports.push((report, answers));
    }
    // Once more for all, now that every answer is in.
    let last = (1..=ROUNDS)
        .map(|number| steps::write_report(&session, number))
        .collect::<anyhow::Result<Vec<_>>>()?;
    Ok(outcome(&session, &reports, last.last().context("run a round")?))
}

fn folder(dir: Option<&Path>) -> anyhow::Result<PathBuf> {
    let taken = |path: &Path| {
        path.exists() && fs::read_dir(path).map_or(true, |mut entries| entries.next().is_some())
    };
    match dir {
        Some(dir) if taken(dir) => {
            Err(Mend(format!("{} is not empty; name a new folder: querist demo DIR", dir.display())).into())
        }
        Some(dir) => Ok(dir.to_owned()),
        None => {
            let names =
                std::iter::once("querist-demo".into()).chain((2..1_000).map(|n| format!("querist-demo-{n}")));
            let free = names.map(PathBuf::from).find(|path| !taken(path));
            free.ok_or_else(|| {
                Mend("every querist-demo-N is taken; name a folder: querist demo DIR".into()).into()
            })
        }
    }
}

/// Writes the bundled files into the workspace, where they can be looked at, and imports them.
fn import(session: &mut Session) -> anyhow::Result<()> {
    let folder = session.workspace.root().join("data");
    fs::create_dir_all(&folder)?;
    fs::write(folder.join(TRUTH.0), TRUTH.1)?;
    for (name, bytes, kind) in DOCUMENTS {
        let path = folder.join(name);
        fs::write(&path, bytes)?;
        let options = ImportOptions { kind, ..ImportOptions::default() };
        session.workspace.import(&[text_of(path.as_os_str())], &session.labels, &options, &mut |_| {})?;
    }
    Ok(())
}

/// The true class of every pool document and control item.
fn truth(root: &Path, labels: &LabelSet) -> anyhow::Result<BTreeMap<String, Class>> {
    #[derive(Deserialize)]
    struct Known {
        id: String,
        label: String,
    }
    let mut truth = BTreeMap::new();
    for name in [TRUTH.0, "control.jsonl"] {
        let path = root.join("data").join(name);
        let mut lines = querist_store::lines::Lines::open(&text_of(path.as_os_str()))
            .map_err(querist_store::StoreError::from)?;
        while let Some(line) = lines.next_line().map_err(querist_store::StoreError::from)? {
            let text = line.text.map_err(|problem| Mend(problem.to_string()))?;
            let known: Known = serde_json::from_str(text).context("read the bundled truth")?;
            truth.insert(known.id, labels.class(&known.label).context("read the bundled truth")?);
        }
    }
    Ok(truth)
}

/// Has the annotators answer a round's batch. Gives the file of their answers.
fn answer(
    session: &Session,
    annotators: &[SimulatedAnnotator],
    truth: &BTreeMap<String, Class>,
    seed: Seed,
    number: u32,
) -> anyhow::Result<PathBuf> {
    let snapshot = session.snapshot()?;
    let picks = session.workspace.picks(number, &snapshot)?;
    let mut rows = String::new();
    for annotator in annotators {
        let mut rng = seed.rng(number, &format!("annotator {}", annotator.name));
        for pick in &picks {
            let id = snapshot.documents[pick.document].id.as_str();
            let truth = truth.get(id).with_context(|| format!("find the truth of {id}"))?;
            if let Some(answer) = annotator.answer(*truth, &mut rng) {
                let label = answer.map(|class| session.labels.name(class));
                rows += &json!({"id": id, "label": label, "annotator": annotator.name}).to_string();
                rows.push('\n');
            }
        }
    }
    let folder = session.workspace.root().join("answers");
    fs::create_dir_all(&folder)?;
    let path = folder.join(format!("round-{number:04}.jsonl"));
    fs::write(&path, rows)?;
    Ok(path)
}

fn outcome(session: &Session, rounds: &[(RoundReport, PathBuf)], last: &RoundReport) -> Outcome {
    let root = shown(session.workspace.root());
    let mut text = format!("Three rounds are done in {root}\n\n  round  labelled  test accuracy  macro-F1\n");
    for row in &last.model.rounds {
        let (accuracy, f1) = (percent(row.test_accuracy), decimal(row.test_macro_f1));
        text += &format!("  {:>5}  {:>8}  {accuracy:>13}  {f1:>8}\n", row.round, row.labeled);
    }
    text.push('\n');
    for line in &last.headlines {
        text += &format!("  {line}\n");
    }
    text.push('\n');
    let mut files = Vec::new();
    for (report, answers) in rounds {
        let path = |file: &str| session.workspace.round_path(report.round, file);
        let row =
            [("batch", path("batch.jsonl")), ("answers", answers.clone()), ("report", path("report.md"))];
        for (what, path) in &row {
            text += &format!("  round {} {what:<8} {}\n", report.round, shown(path));
        }
        files
            .push(json!({"round": report.round, "batch": written(&row[0].1), "answers": written(&row[1].1), "report": written(&row[2].1)}));
    }
    Outcome {
        json: json!({
            "workspace": written(session.workspace.root()), "rounds": last.model.rounds, "headlines": last.headlines, "files": files,
        }),
        text,
        next: Some(format!(
            "read the last report, or go on: querist -w {} status",
            quoted(session.workspace.root())
        )),
    }
}
