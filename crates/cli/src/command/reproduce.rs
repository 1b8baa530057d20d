//! `querist reproduce`: makes an earlier round again, and compares the result with the stored round
//! byte by byte.

use std::path::{Path, PathBuf};

use querist_session::Session;
use querist_session::reproduce::{Difference, FileFault, OnDisk, Part, PartName, Reproduced};
use serde_json::{Value, json};

use super::round::scores_file;
use crate::args::Reproduce;
use crate::failure::{Differs, Mend};
use crate::output::{Outcome, Talk, shown};

/// Runs `querist reproduce`: makes a round again, and compares it with the stored round.
///
/// # Errors
/// The round does not exist, or the workspace cannot be read. If the new round differs from the
/// stored one, the error is [`Differs`].
pub fn run(
    reproduce: &Reproduce,
    workspace: Option<&Path>,
    root: &Path,
    talk: &Talk,
) -> anyhow::Result<Outcome> {
    let (root, number) = target(&reproduce.round, workspace, root)?;
    let scores = reproduce.scores.as_deref();
    let scores =
        scores.map(|file| scores_file(file, &reproduce.scores_text, reproduce.ignore_foreign)).transpose()?;
    let reproduced = Session::at(root).reproduce(number, scores.as_ref(), talk)?;
    let outcome = outcome(&reproduced);
    if reproduced.is_identical() { Ok(outcome) } else { Err(Differs(outcome).into()) }
}

/// Returns the workspace and the number of the round that the user named. `named` may be a number
/// such as "7" or "0007", or the folder of a round.
fn target(named: &str, workspace: Option<&Path>, root: &Path) -> anyhow::Result<(PathBuf, u32)> {
    let path = Path::new(named);
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let number = name.parse().map_err(|_| {
        Mend(format!("{named} is not a round; expected a number or a folder such as rounds/0007"))
    })?;
    let around = path.parent().and_then(Path::parent);
    let beside =
        around.filter(|around| around.join(querist_session::store::workspace::CONFIGURATION).is_file());
    Ok((beside.filter(|_| workspace.is_none()).unwrap_or(root).to_owned(), number))
}

/// Returns what `querist reproduce` prints about the comparison, as text and as JSON.
fn outcome(reproduced: &Reproduced) -> Outcome {
    let notes = notes(reproduced);
    let (number, identical) = (reproduced.round, reproduced.is_identical());
    let mut text = match (reproduced.other_inputs.is_empty(), identical) {
        (false, _) => format!("Round {number} cannot be reproduced: its inputs have changed\n"),
        (true, true) => format!("Round {number} is identical to the byte\n"),
        (true, false) => format!("Round {number} comes out differently\n"),
    };
    for other in &reproduced.other_inputs {
        text += &format!("  {}: {}\n", other.input, other.why);
    }
    let width = reproduced.parts.iter().map(|part| name(part).len()).max().unwrap_or_default();
    let mut rows = Vec::new();
    for part in &reproduced.parts {
        let (name, detail) = (name(part), detail(part, number));
        let said = if part.is_identical() {
            format!("identical  {}", part.then)
        } else {
            format!("differs    was {}, is {}", part.then, part.now)
        };
        text += &format!("  {name:<width$}  {said}\n");
        text += &detail.as_ref().map(|detail| format!("    {detail}\n")).unwrap_or_default();
        rows.push(json!({"name": name, "identical": part.is_identical(), "then": part.then, "now": part.now,
                         "detail": detail}));
    }
    for note in &notes {
        text += &format!("  note: {note}\n");
    }
    let others: Vec<Value> =
        reproduced.other_inputs.iter().map(|other| json!({"input": other.input, "why": other.why})).collect();
    let json = json!({
        "round": number, "identical": identical, "other_inputs": others, "parts": rows, "notes": notes,
    });
    Outcome { json, text, next: None }
}

/// Returns what else the user must know: the round was made by another version of Querist, a model
/// is missing, or the manifest is damaged.
fn notes(reproduced: &Reproduced) -> Vec<String> {
    let Reproduced { round, made_by, start_missing, manifest, .. } = reproduced;
    let made_by = made_by.as_ref().map(|version| {
        format!("the round was made by querist {version}; this is {}", env!("CARGO_PKG_VERSION"))
    });
    let start = start_missing
        .as_ref()
        .map(|start| format!("models/{start}.safetensors, from which training started, is missing"));
    let manifest = manifest.as_ref().map(|on_disk| mended(on_disk, *round));
    made_by.into_iter().chain(start).chain(manifest).collect()
}

/// Returns the name of a part as the user sees it.
fn name(part: &Part) -> &'static str {
    match part.name {
        PartName::Scores => "--scores",
        PartName::Model => "model",
        PartName::File(name) => name,
    }
}

/// Returns the remark that is printed below the hashes of a part; `None` if there is no remark.
fn detail(part: &Part, round: u32) -> Option<String> {
    match (part.is_identical(), &part.on_disk) {
        (true, None) => None,
        (true, Some(on_disk)) => Some(format!("but {}", mended(on_disk, round))),
        (false, None) => part.difference.as_ref().map(difference),
        (false, Some(OnDisk { path, fault })) => Some(format!("also, {} {}", shown(path), why(fault))),
    }
}

/// Returns the end of a sentence that begins with the name of a file: what is wrong with the file.
fn why(fault: &FileFault) -> String {
    match fault {
        FileFault::Other => "is not the original file".to_owned(),
        FileFault::Missing => "is missing".to_owned(),
        FileFault::Unreadable(error) => format!("cannot be read ({error})"),
    }
}

/// Says what is wrong with a file, and how to correct it. A file that cannot be read may be right,
/// so the user is not told to write it again.
fn mended(OnDisk { path, fault }: &OnDisk, round: u32) -> String {
    let remedy = match fault {
        FileFault::Unreadable(_) => "make it readable".to_owned(),
        _ => format!("`querist export --round {round}` writes it again"),
    };
    format!("{} {}; {remedy}", shown(path), why(fault))
}

/// Shows the first line that differs, as it was and as it is now.
fn difference(Difference { line, then, now }: &Difference) -> String {
    let short = |line: &Option<String>| match line {
        Some(line) if line.chars().count() > 160 => line.chars().take(160).collect::<String>() + "…",
        Some(line) => line.clone(),
        None => "(no such line)".to_owned(),
    };
    format!("line {line} was\n      {}\n    and is now\n      {}", short(then), short(now))
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
        let told = difference(&Difference { line: 2, then: Some("b".to_owned()), now: None });
        assert_eq!(told, "line 2 was\n      b\n    and is now\n      (no such line)");
    }
}
