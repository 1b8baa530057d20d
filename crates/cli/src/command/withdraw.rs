//! `querist withdraw`: returns unanswered documents to the pool.

use querist_session::Session;
use querist_session::withdraw::{Withdraw as Asked, Withdrawn};
use serde_json::json;

use crate::args::Withdraw;
use crate::output::{Outcome, Talk, one_line};
use crate::words::{count, would};

/// Runs `querist withdraw`: returns unanswered documents to the pool, or ends only the assignments
/// of one annotator.
///
/// # Errors
/// The round or the person does not exist, or the workspace cannot be written.
pub fn run(withdraw: &Withdraw, session: &Session, talk: &Talk) -> anyhow::Result<Outcome> {
    let Withdraw { round, from, dry_run, .. } = withdraw;
    let asked = Asked { round: *round, from: from.as_deref(), dry_run: *dry_run };
    let withdrawn = session.withdraw(&asked, talk)?;
    let next = (!dry_run && withdrawn.reopened > 0).then(|| "run `querist round`".to_owned());
    Ok(Outcome { json: json!(withdrawn), text: text(&withdrawn, from.as_deref()), next })
}

/// Returns in words what was returned to the pool, or would be in a dry run.
fn text(withdrawn: &Withdrawn, from: Option<&str>) -> String {
    if withdrawn.rounds.is_empty() {
        return match from {
            Some(from) => {
                format!("Nothing is waiting for {}, so there is nothing to withdraw.", one_line(from))
            }
            None => "Nothing is out, so there is nothing to withdraw.".to_owned(),
        };
    }
    let mut lines = Vec::new();
    for round in &withdrawn.rounds {
        let documents = count(round.documents, "pick", "picks");
        let go = if round.documents == 1 { "goes back" } else { "go back" };
        let went = would(withdrawn.dry_run, go, "would go back");
        let mut line = format!("round {}: {documents} {went} to the pool", round.round);
        if round.assignments > 0 {
            let end = if round.assignments == 1 { "ends" } else { "end" };
            let assignments = count(round.assignments, "assignment", "assignments");
            line += &format!(", {assignments} {}", would(withdrawn.dry_run, end, "would end"));
        }
        lines.push(line);
    }
    let open = count(withdrawn.reopened, "document", "documents");
    lines.push(format!(
        "{open} {} open again",
        would(withdrawn.dry_run, if withdrawn.reopened == 1 { "is" } else { "are" }, "would be")
    ));
    lines.join("\n")
}
