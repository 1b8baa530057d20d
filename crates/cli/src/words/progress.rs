//! Words for steps and remarks.

use querist_session::{Remark, Step};

use super::input;
use crate::output::{one_line, shown};
use crate::paste::quoted;

/// What a step does, as in "training: 0.4 s".
pub fn step(step: Step) -> &'static str {
    match step {
        Step::Importing => "importing",
        Step::Answers => "reading the answers",
        Step::Documents => "reading the documents",
        Step::Texts => "reading the texts",
        Step::Rules => "applying the rules",
        Step::Scores => "reading the scores",
        Step::Training => "training",
        Step::Evaluating => "evaluating",
        Step::Scoring => "scoring",
        Step::Choosing => "choosing",
        Step::Weighing => "weighing answers",
        Step::Aggregating => "aggregating",
        Step::Measuring => "measuring",
        Step::Writing => "writing",
        Step::Simulating => "simulating",
        _ => "working",
    }
}

/// A remark as a sentence.
pub fn remark(remark: &Remark) -> String {
    match remark {
        Remark::BackedUp { file } => format!(
            "The workspace was brought up to date; its database as it was before is in {}.",
            shown(file)
        ),
        Remark::FilesMadeAgain { round } => format!(
            "The files of round {round} were not those that the workspace has of it; they were made again."
        ),
        Remark::NotConverged => {
            "warning: the fit did not converge; raise max_iterations under [model] in querist.toml".to_owned()
        }
        Remark::ColdStart { why } => {
            format!("warning: training starts from nothing, as the last model is not there: {why}")
        }
        Remark::UnsealedEmbedding { folder } => format!(
            "{} was brought by an earlier Querist: damage to it would go unnoticed; bring it again with `querist embedding add DIR`",
            shown(folder)
        ),
        Remark::UnsealedModel { file } => format!(
            "{} was written by an earlier Querist: damage to its labels or scales would go unnoticed; export it again",
            shown(file)
        ),
        Remark::ScoresScaled { scaled, rows } => {
            format!("{scaled} of {rows} rows of the scores did not sum to 1, and were divided by their sum")
        }
        Remark::AnswersWaiting { file, answers } => format!(
            "warning: {answers} answers of `querist label` wait in {}, and are no part of this round; `querist ingest {}` takes them in",
            shown(file),
            quoted(file)
        ),
        Remark::IdsMade { ids } => format!(
            "{ids} ids were made from the texts, because the file has no field \"id\"; name another field with --id"
        ),
        Remark::ControlsMarked { fields } => format!(
            "warning: annotators can tell control items by fields that only they have, or only the pool has: {}",
            fields.join(", ")
        ),
        Remark::LeftOut { format, what } => format!("{format} has no field for {what}; they are left out"),
        Remark::GoesOn { rounds, file } => {
            format!("going on after {rounds} rounds that are in {}", shown(file))
        }
        Remark::DemoBegins { folder } => {
            format!("Making a workspace in {} and importing bundled support tickets …", shown(folder))
        }
        Remark::DemoRound { round, of, annotators } => format!(
            "Round {round} of {of}: train, score, select, export; then {annotators} simulated annotators answer …"
        ),
        Remark::Warning { text } => format!("warning: {}", one_line(text)),
        Remark::Input { text } => input::told(text),
        _ => String::new(),
    }
}
