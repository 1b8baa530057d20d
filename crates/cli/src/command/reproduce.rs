//! `querist reproduce`: an earlier round made again, and compared to the byte.
//!
//! Nothing is written but what `features/` keeps, which can be derived again.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::Context;
use querist_core::Pick;
use querist_engine::Means;
use querist_store::workspace::Draft;
use serde_json::{Value, json};

use crate::args::Reproduce;
use crate::brought::{self, Scores};
use crate::failure::{Differs, Mend};
use crate::output::{Outcome, Talk, shown};
use crate::past::Past;
use crate::steps;

/// A part of the round, then and now.
struct Part {
    name: String,
    then: String,
    now: String,
    /// Where the two part ways, if it can be told.
    detail: Option<String>,
}

/// Makes a round again and compares.
///
/// # Errors
/// There is no such round, or the workspace cannot be read. [`Differs`] when the round comes out otherwise.
pub fn run(
    reproduce: &Reproduce,
    workspace: Option<&Path>,
    root: &Path,
    talk: &Talk,
) -> anyhow::Result<Outcome> {
    let (root, number) = target(&reproduce.round, workspace, root)?;
    let past = Past::of(&root, number)?;
    let mut notes = Vec::new();
    if past.manifest["querist"] != env!("CARGO_PKG_VERSION") {
        notes.push(format!(
            "the round was made by querist {}, this is {}",
            past.manifest["querist"].as_str().unwrap_or("?"),
            env!("CARGO_PKG_VERSION")
        ));
    }
    let other = past.other_inputs()?;
    if !other.is_empty() {
        return Err(Differs(cannot(number, &other, &notes)).into());
    }
    let parts = remade(&past, reproduce, talk, &mut notes)?;
    notes.extend(manifest_note(&past));
    let outcome = verdict(number, &parts, &notes);
    if parts.iter().any(|part| part.then != part.now) {
        return Err(Differs(outcome).into());
    }
    Ok(outcome)
}

/// The workspace and the number of the round that is meant: "7", "0007", or a folder of a round.
fn target(named: &str, workspace: Option<&Path>, root: &Path) -> anyhow::Result<(PathBuf, u32)> {
    let path = Path::new(named);
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let number = name.parse().map_err(|_| {
        Mend(format!("{named} is no round; expected a number or a folder such as rounds/0007"))
    })?;
    let around = path.parent().and_then(Path::parent);
    let beside = around.filter(|around| around.join(querist_store::workspace::CONFIGURATION).is_file());
    Ok((beside.filter(|_| workspace.is_none()).unwrap_or(root).to_owned(), number))
}

/// Makes the round again. Gives its parts, then and now.
fn remade(
    past: &Past,
    reproduce: &Reproduce,
    talk: &Talk,
    notes: &mut Vec<String>,
) -> anyhow::Result<Vec<Part>> {
    let Past { session, bench, manifest, .. } = past;
    let brought_then = manifest["scores"].as_str();
    let scores = match (&reproduce.scores, brought_then) {
        (Some(file), Some(_)) => Some(talk.step("reading the scores", || {
            brought::read(file, &reproduce.scores_text, reproduce.ignore_foreign, bench)
        })?),
        (None, Some(hash)) => {
            let what = format!(
                "the round was chosen by the scores of a model that was brought; name their file with --scores (its BLAKE3 hash is {hash})"
            );
            return Err(Mend(what).into());
        }
        (Some(_), None) => {
            return Err(Mend("--scores: the round trained a model of its own".to_owned()).into());
        }
        (None, None) => None,
    };
    let (draft, picks) = chosen_again(past, scores.as_ref(), talk)?;
    if let Some(start) =
        manifest["start"].as_str().filter(|start| !session.workspace.model_path(start).is_file())
    {
        notes.push(format!("models/{start}.safetensors, which training started from, is missing"));
    }
    let mut parts = Vec::new();
    if let (Some(file), Some(then)) = (scores.as_ref().map(|scores| &scores.section.file), brought_then) {
        parts.push(Part {
            name: "--scores".to_owned(),
            then: then.to_owned(),
            now: file.clone(),
            detail: None,
        });
    }
    let none = || "none".to_owned();
    parts.push(Part {
        name: "model".to_owned(),
        then: manifest["model"].as_str().map_or_else(none, str::to_owned),
        now: draft.model.clone().unwrap_or_else(none),
        detail: None,
    });
    for (name, bytes) in steps::batch_and_picks(session, bench, &draft, &picks)? {
        parts.push(file(past, name, &bytes)?);
    }
    Ok(parts)
}

/// Trains, scores and chooses again. Gives the round as it would be stored, and its picks.
fn chosen_again(past: &Past, scores: Option<&Scores>, talk: &Talk) -> anyhow::Result<(Draft, Vec<Pick>)> {
    let Past { session, bench, .. } = past;
    let prepared = session.prepare(bench, talk)?;
    if let Some(scores) = scores {
        let mut draft = steps::brought_draft(session, bench, &prepared, scores.section.clone())?;
        let means = Means {
            probabilities: Some(&scores.probabilities),
            model: None,
            members: &bench.members,
            brought: Some(&scores.brought),
        };
        let picks = steps::select_batch(session, bench, &prepared, means, &mut draft, talk)?;
        return Ok((draft, picks));
    }
    let (mut draft, trained) = steps::draft_of(session, bench, &prepared, talk)?;
    let probabilities = steps::score_pool(bench, &prepared, trained.model.as_deref(), talk)?;
    let means = Means {
        probabilities: probabilities.as_ref(),
        model: trained.model.as_ref(),
        members: &bench.members,
        brought: None,
    };
    let picks = steps::select_batch(session, bench, &prepared, means, &mut draft, talk)?;
    Ok((draft, picks))
}

/// An output file, then and now.
fn file(past: &Past, name: &str, bytes: &[u8]) -> anyhow::Result<Part> {
    let then = past.manifest["outputs"][name].as_str().context("read the outputs of the manifest")?;
    let now = blake3::hash(bytes).to_hex().to_string();
    let path = past.session.workspace.round_path(past.bench.number, name);
    // Only the file that the manifest has the hash of can tell what was different.
    let detail = match (then == now, not_of_then(&path, then)) {
        (true, None) => None,
        (true, Some(why)) => Some(format!("but {}", mended(&path, &why, past.bench.number))),
        (false, None) => first_difference(&std::fs::read(&path).unwrap_or_default(), bytes),
        (false, Some(why)) => Some(format!("and {} {why} either", shown(&path))),
    };
    Ok(Part { name: name.to_owned(), then: then.to_owned(), now, detail })
}

/// Why a file on disk is not the one with that hash; `None` for the file itself.
fn not_of_then(path: &Path, then: &str) -> Option<String> {
    match std::fs::read(path) {
        Ok(bytes) if blake3::hash(&bytes).to_hex().as_str() == then => None,
        Ok(_) => Some("is not the file of then".to_owned()),
        Err(error) if error.kind() == ErrorKind::NotFound => Some("is not there".to_owned()),
        Err(error) => Some(format!("cannot be read ({error})")),
    }
}

/// What is wrong with a file, and what mends it: one that cannot be read may be the right one.
fn mended(path: &Path, why: &str, round: u32) -> String {
    let remedy = if why.starts_with("cannot") {
        "make it readable for you".to_owned()
    } else {
        format!("`querist export --round {round}` writes it again")
    };
    format!("{} {why}; {remedy}", shown(path))
}

/// What to say of the manifest's own file, which the database has too.
fn manifest_note(past: &Past) -> Option<String> {
    let then = blake3::hash(past.round.manifest.as_ref()?.as_bytes()).to_hex();
    let path = past.session.workspace.round_path(past.bench.number, "manifest.json");
    not_of_then(&path, then.as_str()).map(|why| mended(&path, &why, past.bench.number))
}

/// The first line that differs.
fn first_difference(then: &[u8], now: &[u8]) -> Option<String> {
    let lines =
        |bytes: &[u8]| -> Vec<String> { String::from_utf8_lossy(bytes).lines().map(str::to_owned).collect() };
    let (then, now) = (lines(then), lines(now));
    let at = (0..then.len().max(now.len())).find(|at| then.get(*at) != now.get(*at))?;
    let short = |lines: &[String]| match lines.get(at) {
        Some(line) if line.chars().count() > 160 => line.chars().take(160).collect::<String>() + "…",
        Some(line) => line.clone(),
        None => "(no such line)".to_owned(),
    };
    Some(format!("line {} was\n      {}\n    and is now\n      {}", at + 1, short(&then), short(&now)))
}

fn cannot(number: u32, other: &[(String, &'static str)], notes: &[String]) -> Outcome {
    let mut text = format!("Round {number} cannot be made again: what went into it is not what it was\n");
    for (input, why) in other {
        text += &format!("  {input}: {why}\n");
    }
    text += &noted(notes);
    let inputs: Vec<Value> = other.iter().map(|(input, why)| json!({"input": input, "why": why})).collect();
    let json =
        json!({"round": number, "identical": false, "other_inputs": inputs, "parts": [], "notes": notes});
    Outcome { json, text, next: None }
}

fn verdict(number: u32, parts: &[Part], notes: &[String]) -> Outcome {
    let identical = parts.iter().all(|part| part.then == part.now);
    let words = if identical { "comes out identical, to the byte" } else { "comes out otherwise" };
    let mut text = format!("Round {number} {words}\n");
    let width = parts.iter().map(|part| part.name.len()).max().unwrap_or_default();
    for part in parts {
        let name = &part.name;
        let said = if part.then == part.now {
            format!("identical  {}", part.then)
        } else {
            format!("differs    was {}, is {}", part.then, part.now)
        };
        text += &format!("  {name:<width$}  {said}\n");
        text += &part.detail.as_ref().map(|detail| format!("    {detail}\n")).unwrap_or_default();
    }
    text += &noted(notes);
    let rows: Vec<Value> = parts
        .iter()
        .map(|part| {
            json!({"name": part.name, "identical": part.then == part.now, "then": part.then, "now": part.now,
                   "detail": part.detail})
        })
        .collect();
    let json =
        json!({"round": number, "identical": identical, "other_inputs": [], "parts": rows, "notes": notes});
    Outcome { json, text, next: None }
}

fn noted(notes: &[String]) -> String {
    notes.iter().fold(String::new(), |text, note| text + &format!("  note: {note}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_is_named_by_its_number_or_its_folder() {
        let here = Path::new(".");
        for named in ["7", "0007", "rounds/0007", "rounds/0007/"] {
            assert_eq!(target(named, None, here).unwrap(), (here.to_owned(), 7));
        }
        assert!(target("rounds/latest", None, here).is_err());
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("querist.toml"), "").unwrap();
        let named = folder.path().join("rounds/0002");
        let named = named.to_str().unwrap();
        assert_eq!(target(named, None, here).unwrap(), (folder.path().to_owned(), 2));
        assert_eq!(target(named, Some(here), here).unwrap(), (here.to_owned(), 2));
    }

    #[test]
    fn the_first_line_that_differs_is_shown() {
        assert_eq!(first_difference(b"a\nb\n", b"a\nb\n"), None);
        let told = first_difference(b"a\nb\n", b"a\n").unwrap();
        assert_eq!(told, "line 2 was\n      b\n    and is now\n      (no such line)");
    }
}
