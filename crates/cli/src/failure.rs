//! Failures: what the user sees, and the exit code.
//!
//! | code | meaning |
//! |---|---|
//! | 0 | done (also when whoever read our output stopped reading) |
//! | 1 | a bug of Querist |
//! | 2 | something to mend: arguments, input, settings, workspace, disk |
//! | 3 | the workspace is in use by another process |

use std::fmt;
use std::io::{ErrorKind, Write};
use std::process::ExitCode;

use querist_core::visible::visible_lines;
use querist_engine::EngineError;
use querist_engine::simulate::SimulationError;
use querist_store::StoreError;

use crate::output::Outcome;
use crate::paste::pasteable;
use crate::settings::SettingsError;

/// Something for the user to mend that only the command line knows of.
#[derive(Debug)]
pub struct Mend(pub String);

impl fmt::Display for Mend {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for Mend {}

/// What the database holds and this version never writes: nothing may be guessed in its place.
pub fn changed_by_hand(what: impl fmt::Display) -> Mend {
    Mend(format!(
        "querist.db: {what}; the database was changed by hand or by a newer version: restore it from a backup, or use a newer querist"
    ))
}

/// A check that was done and found a difference: its result goes to standard output as any other, and the exit code is 2.
#[derive(Debug)]
pub struct Differs(pub Outcome);

impl fmt::Display for Differs {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0.text)
    }
}

impl std::error::Error for Differs {}

/// Says what went wrong and gives the exit code for it.
pub fn report(error: &anyhow::Error) -> ExitCode {
    if broken_pipe(error) {
        return ExitCode::SUCCESS;
    }
    let message = format!("error: {}\n", visible_lines(&pasteable(&message(error))));
    // With stderr gone there is nobody left to tell.
    let _ = std::io::stderr().write_all(message.as_bytes());
    ExitCode::from(code(error))
}

/// The error with its contexts. Our own errors quote what caused them, so a cause that is quoted is not told again.
fn message(error: &anyhow::Error) -> String {
    let mut message = String::new();
    for cause in error.chain() {
        let words = cause.to_string();
        if message.is_empty() {
            message = words;
        } else if !message.contains(&words) {
            message = format!("{message}: {words}");
        }
        // The store puts the system's words into its own where it can say more than they do.
        if cause.is::<StoreError>() {
            break;
        }
    }
    message
}

fn broken_pipe(error: &anyhow::Error) -> bool {
    let io = error.downcast_ref::<std::io::Error>();
    io.is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}

fn code(error: &anyhow::Error) -> u8 {
    // Also behind a step of the engine, which reads texts through the store.
    if let Some(error) = error.chain().find_map(|cause| cause.downcast_ref::<StoreError>()) {
        return if matches!(error, StoreError::Locked { .. }) { 3 } else { 2 };
    }
    let mend = error.is::<Mend>()
        || error.is::<SettingsError>()
        || error.is::<std::io::Error>()
        || match error.downcast_ref::<SimulationError>() {
            Some(SimulationError::Round(error)) => of_input(error),
            Some(error) => matches!(error, SimulationError::Protocol(_)),
            None => error.downcast_ref::<EngineError>().is_some_and(of_input),
        };
    if mend { 2 } else { 1 }
}

/// Whether a round failed for what it was given.
fn of_input(error: &EngineError) -> bool {
    matches!(
        error,
        EngineError::NothingToPick { .. }
            | EngineError::Step { .. }
            | EngineError::Query(_)
            | EngineError::Core(_)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_tell_what_to_mend_from_what_is_a_bug() {
        let locked = StoreError::Locked { path: "w".into(), holder: "x".into() };
        assert_eq!(code(&locked.into()), 3);
        assert_eq!(code(&StoreError::NotAWorkspace { path: "w".into() }.into()), 2);
        assert_eq!(code(&Mend("x".into()).into()), 2);
        assert_eq!(code(&anyhow::anyhow!("x")), 1);
        let nothing = || EngineError::NothingToPick { why: "x".into() };
        assert_eq!([code(&nothing().into()), code(&SimulationError::from(nothing()).into())], [2, 2]);
        assert_eq!(code(&SimulationError::Stopped.into()), 1);
        let context = anyhow::Error::from(Mend("x".into())).context("more");
        assert_eq!(code(&context), 2);
        let locked = StoreError::Locked { path: "w".into(), holder: "x".into() };
        let step = EngineError::Step { step: "read a text", source: locked.into() };
        assert_eq!(code(&step.into()), 3);
    }

    #[test]
    fn a_cause_is_told_once() {
        let full = std::io::Error::from(ErrorKind::StorageFull);
        let words = full.to_string();
        let store = StoreError::Io { action: "write", path: "f".into(), source: full };
        let told = message(&anyhow::Error::from(store).context("export"));
        assert!(told.starts_with("export: failed to write f: the disk is full"), "{told}");
        assert_eq!(told.matches(&words).count(), 1, "{told}");
        let step = EngineError::Step { step: "train", source: "singular".into() };
        assert_eq!(message(&step.into()), "failed to train: singular");
    }
}
