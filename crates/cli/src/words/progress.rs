//! Puts the session's steps and remarks into words.

use querist_session::{Remark, Step};

use super::input;
use crate::output::{one_line, shown};
use crate::paste::quoted;

/// Returns what a step does, such as "training" in "training: 0.4 s".
pub fn step(step: Step) -> &'static str {
    match step {
        Step::Importing => "importing",
        Step::Answers => "reading the answers",
        Step::Documents => "reading the documents",
        Step::Vectors => "reading the vectors",
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

/// Returns a remark as a sentence.
pub fn remark(remark: &Remark) -> String {
    match remark {
        Remark::BackedUp { file } => {
            format!("The workspace was upgraded; a copy of the old database is in {}.", shown(file))
        }
        Remark::FilesMadeAgain { round } => {
            format!("The files of round {round} did not match the workspace, so they were written again.")
        }
        Remark::NotConverged => {
            "warning: the fit did not converge; raise max_iterations under [model] in querist.toml".to_owned()
        }
        Remark::ColdStart { why } => {
            format!("warning: training starts from scratch because the last model is missing: {why}")
        }
        Remark::UnsealedEmbedding { folder } => format!(
            "{} was added by an earlier Querist, so damage to it would go unnoticed; add it again with \
             `querist embedding add DIR`",
            shown(folder)
        ),
        Remark::VectorsLeftOut { missing, documents } => format!(
            "warning: {missing} of {documents} documents have no vector, so this round leaves the vectors out; \
             `querist vectors missing` prints the texts to encode"
        ),
        Remark::UnsealedModel { file } => format!(
            "{} was written by an earlier Querist, so damage to its labels or scales would go unnoticed; \
             export it again",
            shown(file)
        ),
        Remark::ScoresScaled { scaled, rows } => {
            format!("{scaled} of {rows} rows of scores did not sum to 1 and were divided by their sum")
        }
        Remark::AnswersWaiting { file, answers } => format!(
            "warning: {answers} answers from `querist label` are waiting in {} and are not part of this \
             round; `querist ingest {}` stores them",
            shown(file),
            quoted(file)
        ),
        Remark::IdsMade { ids } => format!(
            "{ids} ids were made from the texts because the file has no field \"id\"; name another field \
             with --id"
        ),
        Remark::ControlsMarked { fields } => format!(
            "warning: annotators can tell control items from pool documents, because only one of the two \
             kinds has these fields: {}; import both kinds with the same fields (--meta chooses them)",
            fields.join(", ")
        ),
        Remark::LeftOut { format, what } => format!("{format} has no field for {what}, so they are left out"),
        Remark::GoesOn { rounds, file } => {
            format!("continuing the simulation saved in {}; rounds already finished: {rounds}", shown(file))
        }
        Remark::DemoBegins { folder } => {
            format!("Creating a workspace in {} and importing bundled support tickets …", shown(folder))
        }
        Remark::DemoRound { round, of, annotators } => format!(
            "Round {round} of {of}: train, score, select and export; then {annotators} simulated \
             annotators answer …"
        ),
        Remark::Warning { text } => format!("warning: {}", one_line(text)),
        Remark::Input { text } => input::told(text),
        _ => String::new(),
    }
}
