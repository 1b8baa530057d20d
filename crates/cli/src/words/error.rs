//! Puts failures into words, and adds what the user can do about them.

use querist_session::engine::Nothing;
use querist_session::engine::simulate::{ProtocolError, SimulationError};
use querist_session::error::{EmbeddingError, ModelFault, ScoresError, VectorsError};
use querist_session::settings::{Needs, SettingsError};
use querist_session::store::StoreError;
use querist_session::undo::Hindrance;
use querist_session::{Next, SessionError};

use super::{input, next};
use crate::paste;

/// Returns the message of a failure. If something helps, what the user can do follows.
pub fn sentence(error: &SessionError) -> String {
    let what = error.to_string();
    match error {
        // The new name is an argument without a flag, so the message names it NEW.
        SessionError::Option { option: "new name", problem } => format!("NEW: {problem}"),
        SessionError::Option { .. } | SessionError::OutOfRange { .. } => format!("--{what}"),
        SessionError::NoneYet { next, .. } => format!("{what}; next: {}", next::sentence(next)),
        SessionError::Moved { next: None } => format!("{what} `querist train`; run it again"),
        SessionError::Moved { next: Some(next) } => {
            format!("{what} the round was begun; next: {}", next::sentence(next))
        }
        SessionError::ScoresNeeded { hash } => format!(
            "the round was chosen by the scores of your own model; name their file with --scores (its \
             BLAKE3 hash is {hash})"
        ),
        SessionError::Store(StoreError::Input(error)) => input::error(error),
        SessionError::Simulation(SimulationError::Protocol(protocol)) => of_protocol(protocol, &what),
        SessionError::Embedding(EmbeddingError::NoneForKind) => {
            "--features: this kind needs a static embedding, but --embedding says none; leave --embedding \
             out, or name a folder"
                .to_owned()
        }
        _ => match remedy(error) {
            Some(remedy) => format!("{what}{remedy}"),
            None => what,
        },
    }
}

/// If something helps, returns what the user can do, as a clause that follows the message.
fn remedy(error: &SessionError) -> Option<String> {
    Some(match error {
        SessionError::Store(StoreError::NotAWorkspace { .. }) => {
            "; make one with `querist init --labels a,b,c`, or name one with -w DIR".to_owned()
        }
        SessionError::Store(StoreError::ModelChanged { .. }) => "; run `querist train` again".to_owned(),
        SessionError::Settings(SettingsError { needs: Some(Needs::ShareForQuotas), .. }) => {
            "; add, for example, --mix ratio=0.3".to_owned()
        }
        SessionError::Nothing(nothing) => of_nothing(nothing)?,
        SessionError::Embedding(embedding) => of_embedding(embedding)?,
        SessionError::Vectors(vectors) => of_vectors(vectors)?,
        SessionError::Scores(scores) => match scores {
            ScoresError::Foreign { .. } => ", or skip such rows with --ignore-foreign".to_owned(),
            ScoresError::Controls { .. } => ", or turn suggestions off with --suggest=false".to_owned(),
            _ => return None,
        },
        SessionError::UpToDate { .. } => "; import more documents, or stop here".to_owned(),
        SessionError::NotBegun { next } => begun(next.as_deref()),
        SessionError::TooEarly { next, .. } => format!("; run `{}` first", next::step(*next)),
        SessionError::Store(StoreError::NoSuchRound { last: None, .. })
        | SessionError::Model(ModelFault::NotExported { .. })
        | SessionError::NotExported { .. }
        | SessionError::NothingOut { .. } => "; `querist status` shows what to do".to_owned(),
        SessionError::HandedOut { .. } => {
            "; leave --annotators out to write the same files again, or pass --reassign to hand it out again"
                .to_owned()
        }
        SessionError::NothingToDecide => {
            "; run this command again once `querist review` or `querist audit` lists a document".to_owned()
        }
        SessionError::LabelInUse { row } => format!(
            "; `querist labels merge {} --into OTHER` merges it into another class, and --to-skip turns \
             its answers into skips",
            paste::quoted_name(&row.label)
        ),
        SessionError::NobodyOfThatName { .. } => "; `querist people` lists them".to_owned(),
        SessionError::GetsNone { name, excluded: true } => {
            format!("; `querist people include {}` undoes that", paste::as_argument(name))
        }
        SessionError::GetsNone { name, excluded: false } => {
            format!("; `querist people resume {}` undoes that", paste::as_argument(name))
        }
        SessionError::NotHandedTo { .. } => "; pass --any to label the whole batch all the same".to_owned(),
        SessionError::InTheWay { hindrance, .. } => in_the_way(hindrance),
        SessionError::Store(StoreError::NoSuchCommand { .. } | StoreError::UndoneAlready { .. }) => {
            "; `querist log` shows the numbers".to_owned()
        }
        SessionError::TooFewAnnotators { .. } => ", or pass --answers-per-item".to_owned(),
        SessionError::HalfPlaced { .. } => "; fix that, and run the same command again".to_owned(),
        _ => return None,
    })
}

/// Says how the user can remove the answers and labels that keep an import from being taken back.
fn in_the_way(hindrance: &Hindrance) -> String {
    // Ingests and imports must be taken back from the latest to the earliest.
    let answers = hindrance.ingests.iter().rev().map(|n| format!("`querist undo-import --answers {n}`"));
    let rounds = hindrance.rounds.iter().map(|n| format!("`querist withdraw --round {n}`"));
    let imports = hindrance.imports.iter().rev().map(|n| format!("`querist undo-import {n}`"));
    let first: Vec<String> = answers.chain(rounds).chain(imports).collect();
    format!("; undo that first, with {}", first.join(", then "))
}

/// Puts an error in a simulation's protocol into words. Each setting of the protocol is a flag.
fn of_protocol(error: &ProtocolError, what: &str) -> String {
    match error {
        ProtocolError::OutOfRange { .. } => format!("--{what}"),
        ProtocolError::Imbalance { fault } => format!("--imbalance {fault}"),
        ProtocolError::PoolTooSmall { .. } => {
            format!("{what}; lower --rounds or --size, or use a larger training file")
        }
        _ => what.to_owned(),
    }
}

/// Returns what the user can do if there is nothing to pick.
fn of_nothing(nothing: &Nothing) -> Option<String> {
    Some(match nothing {
        Nothing::EmptyPool => "; import documents with `querist import FILE`".to_owned(),
        Nothing::NoneOpen { unlabeled, labels } => format!("; {}", next::remedies(*unlabeled, *labels)),
        Nothing::NoneMeets { .. } => "; choose other documents with --where".to_owned(),
        Nothing::NoModel { .. } => "; import more documents".to_owned(),
        Nothing::NearDuplicates { .. } => {
            format!("; to pick near-duplicates anyway, run `{}`", paste::again("--near-duplicates", "off"))
        }
        Nothing::Unfilled { .. } => {
            format!("; choose another mix, such as `{}`", paste::again("--mix", "random=1"))
        }
        _ => return None,
    })
}

/// Returns what the user can do about an unusable embedding.
fn of_embedding(error: &EmbeddingError) -> Option<String> {
    Some(match error {
        EmbeddingError::Unknown(_) => "; add it with `querist embedding add DIR`".to_owned(),
        EmbeddingError::Needed(_) => ", or add one with `querist embedding add DIR`".to_owned(),
        EmbeddingError::Gone { .. } => {
            let [english, none] = EmbeddingError::substitutes();
            format!(
                "; add it again with `querist embedding add DIR`, or name a replacement in querist.toml: \
                 embedding = \"{english}\" or \"{none}\" under [features]"
            )
        }
        EmbeddingError::NotAsBrought { .. } => {
            "; remove the folder and add it again with `querist embedding add DIR`".to_owned()
        }
        EmbeddingError::NameTaken { .. } | EmbeddingError::NameReserved { .. } => {
            "; choose another name with --name".to_owned()
        }
        EmbeddingError::NameMalformed { .. } => "; use letters, digits, - and _ in --name".to_owned(),
        _ => return None,
    })
}

/// Returns what the user can do about unusable vectors.
fn of_vectors(error: &VectorsError) -> Option<String> {
    let encode = "`querist vectors missing` prints the texts to encode, and `querist vectors add FILE` adds \
                  their vectors";
    Some(match error {
        VectorsError::None { .. } => format!("; {encode}"),
        VectorsError::Missing { .. } => format!("; {encode}; kind = \"auto\" leaves vectors out until then"),
        VectorsError::NoneForSimulation { .. } => "; name one with --vectors FILE".to_owned(),
        VectorsError::MissingForSimulation { .. } => {
            "; add their vectors to the files of --vectors".to_owned()
        }
        VectorsError::Needed { .. } => "; name a file with their vectors: --vectors FILE".to_owned(),
        VectorsError::NoVector { .. } => "; add the vector to the file of --vectors".to_owned(),
        VectorsError::OtherText { .. } => {
            "; give the row another id, and name a file with its vector: --vectors FILE".to_owned()
        }
        VectorsError::NotNeeded => "; leave --vectors out".to_owned(),
        VectorsError::AtRow { error, .. } => of_vectors(error)?,
        _ => return None,
    })
}

/// Says what the user can do if a step needs a round that has not begun.
fn begun(next: Option<&Next>) -> String {
    match next {
        None => "; run `querist train` first".to_owned(),
        Some(next) => format!("; next: {}", next::sentence(next)),
    }
}
