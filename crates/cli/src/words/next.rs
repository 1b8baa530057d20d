//! Says what the user can do next, in a sentence with a command.

use querist_session::Next;
use querist_session::engine::Unlabeled;
use querist_session::next::{AfterAnswers, NextRound, NextStep};

/// Returns a sentence on what the user can do next.
pub fn sentence(next: &Next) -> String {
    match next {
        Next::Import => "import documents with `querist import FILE`".to_owned(),
        Next::GoOn { round, stage, step: with } => {
            format!("round {round} is {stage}; continue with `{}`", step(*with))
        }
        Next::Answers { round, waiting, or } => answers(*round, *waiting, *or),
        Next::FinalModel => "train the final model with `querist round`".to_owned(),
        Next::NoneOpen { unlabeled, labels } => {
            let (words, remedies) = (unlabeled.words(), remedies(*unlabeled, *labels));
            let words = if words.is_empty() { words } else { format!(" ({words})") };
            format!("no document is open{words}: {remedies}")
        }
        Next::Round { round: NextRound::First, .. } => {
            "choose a first, diverse batch with `querist round` (or import labelled documents)".to_owned()
        }
        Next::Round { round: NextRound::NearDuplicates, open } => format!(
            "all {open} open documents are near-duplicates of documents that are labelled or were picked; \
             to label them all the same, run `querist round --near-duplicates off`"
        ),
        _ => "choose the next batch with `querist round`".to_owned(),
    }
}

/// Says that documents of the last batch wait for answers, and which round can be made without
/// them.
fn answers(round: u32, waiting: usize, or: Option<NextRound>) -> String {
    let what = match waiting {
        1 => "1 pick".to_owned(),
        waiting => format!("{waiting} picks"),
    };
    let have = if waiting == 1 { "has" } else { "have" };
    let also = match or {
        None => "",
        Some(NextRound::NearDuplicates) => " (or continue with `querist round --near-duplicates off`)",
        Some(_) => " (or continue with `querist round`)",
    };
    format!(
        "{what} of round {round} {have} no answer yet; when they are labelled, run `querist ingest \
             ANSWERS`"
    ) + also
}

/// Returns the command for a step of a round.
pub fn step(step: NextStep) -> &'static str {
    match step {
        NextStep::Score => "querist score",
        NextStep::Select => "querist select",
        NextStep::SelectNearDuplicates => "querist select --near-duplicates off",
        NextStep::Export => "querist export",
    }
}

/// Returns in words what the user can do after ingesting answers.
pub fn after_answers(after: AfterAnswers) -> &'static str {
    match after {
        AfterAnswers { report: true, round: true, .. } => {
            "`querist report` shows what the answers say, `querist round` chooses the next batch"
        }
        AfterAnswers { report: true, open: true, .. } => {
            "`querist report` shows what the answers say; only near-duplicates are open, and `querist \
             status` shows what to do"
        }
        AfterAnswers { report: true, .. } => {
            "`querist report` shows what the answers say; no document is open, and `querist status` shows \
             what to do"
        }
        AfterAnswers { round: true, .. } => "`querist round` chooses the first batch",
        _ => "`querist status` shows what to do",
    }
}

/// Lists the commands that help if no document is open, and says what each does. If there are
/// `labels`, one of the commands writes them to a file.
pub fn remedies(unlabeled: Unlabeled, labels: bool) -> String {
    let mut remedies = Vec::new();
    if unlabeled.out > 0 {
        remedies.push("`querist ingest ANSWERS` adds their answers");
    }
    if unlabeled.tied + unlabeled.skipped > 0 {
        remedies.push("`querist review` lists the undecided ones");
    }
    remedies.push("`querist import FILE` adds documents");
    if labels {
        remedies.push("`querist export --labeled labels.jsonl` writes the labels");
    }
    remedies.join("; ")
}
