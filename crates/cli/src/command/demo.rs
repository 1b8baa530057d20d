//! `querist demo`: shows the whole loop on bundled data, which simulated annotators answer.

use std::fs;
use std::path::{Path, PathBuf};

use querist_session::Session;
use querist_session::demo::Demonstrated;
use querist_session::reports::markdown::{decimal, percent};
use serde_json::json;

use crate::args::Demo;
use crate::failure::Mend;
use crate::output::{Outcome, Talk, shown, written};
use crate::paste::quoted;

/// Runs `querist demo`: makes a workspace and plays three rounds in it.
///
/// # Errors
/// The folder is not empty, or it cannot be written.
pub fn run(demo: &Demo, workspace: Option<&Path>, talk: &Talk) -> anyhow::Result<Outcome> {
    let root = folder(demo.dir.as_deref().or(workspace))?;
    let demonstrated = Session::at(&root).demonstrate(demo.seed, talk)?;
    Ok(outcome(&root, &demonstrated))
}

/// Returns the folder for the demo's workspace: the one that the user named or, without a name, the
/// first of `querist-demo`, `querist-demo-2` and so on. Either must be empty or missing.
fn folder(dir: Option<&Path>) -> anyhow::Result<PathBuf> {
    let taken = |path: &Path| {
        path.exists() && fs::read_dir(path).map_or(true, |mut entries| entries.next().is_some())
    };
    match dir {
        Some(dir) if taken(dir) => Err(Mend(format!(
            "{} is not empty; choose another folder with `querist demo DIR`",
            dir.display()
        ))
        .into()),
        Some(dir) => Ok(dir.to_owned()),
        None => {
            let names =
                std::iter::once("querist-demo".into()).chain((2..1_000).map(|n| format!("querist-demo-{n}")));
            let free = names.map(PathBuf::from).find(|path| !taken(path));
            free.ok_or_else(|| {
                Mend("every folder querist-demo-N exists already; choose another folder with `querist demo DIR`".into()).into()
            })
        }
    }
}

/// Returns the outcome of the demo: its rounds and files, in words and as JSON.
fn outcome(root: &Path, Demonstrated { rounds, last }: &Demonstrated) -> Outcome {
    let folder = shown(root);
    let mut text =
        format!("Three rounds are done in {folder}\n\n  round  labelled  test accuracy  macro-F1\n");
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
    for (made, answers) in rounds {
        let row = [("batch", &made.files.batch), ("answers", answers), ("report", &made.files.report)];
        for (what, path) in &row {
            text += &format!("  round {} {what:<8} {}\n", made.round, shown(path));
        }
        files
            .push(json!({"round": made.round, "batch": written(row[0].1), "answers": written(row[1].1), "report": written(row[2].1)}));
    }
    Outcome {
        json: json!({
            "workspace": written(root), "rounds": last.model.rounds, "headlines": last.headlines, "files": files,
        }),
        text,
        next: Some(format!("read the last report, or continue with `querist -w {} status`", quoted(root))),
    }
}
