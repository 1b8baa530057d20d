//! Failures: the message that the user sees, and the exit code.
//!
//! | code | meaning |
//! |---|---|
//! | 0 | done (also if the reader of our output stopped reading) |
//! | 1 | a bug of Querist |
//! | 2 | something that the user can correct: arguments, input, settings, workspace, disk |
//! | 3 | the workspace is in use by another process |

use std::fmt;
use std::io::{ErrorKind, Write};
use std::process::ExitCode;

use querist_session::core::visible::visible_lines;
use querist_session::store::StoreError;
use querist_session::{Kind, SessionError};

use crate::output::Outcome;
use crate::paste::pasteable;
use crate::words;

/// An error that the user can correct, and that no use case but only the command line can find.
#[derive(Debug)]
pub struct Mend(pub String);

impl fmt::Display for Mend {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for Mend {}

/// A check that found a difference. Its outcome is printed on standard output like any other, but
/// the exit code is 2.
#[derive(Debug)]
pub struct Differs(pub Outcome);

impl fmt::Display for Differs {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0.text)
    }
}

impl std::error::Error for Differs {}

/// Prints the error on standard error, and returns the exit code.
pub fn report(error: &anyhow::Error) -> ExitCode {
    if broken_pipe(error) {
        return ExitCode::SUCCESS;
    }
    let message = format!("error: {}\n", visible_lines(&pasteable(&message(error))));
    // If this fails, there is no other way to tell the user.
    let _ = std::io::stderr().write_all(message.as_bytes());
    ExitCode::from(code(error))
}

/// Returns the message of an error, followed by its causes. If a message quotes its cause, the
/// cause is not repeated.
fn message(error: &anyhow::Error) -> String {
    let mut message = String::new();
    for cause in error.chain() {
        let session = cause.downcast_ref::<SessionError>();
        let words = session.map_or_else(|| cause.to_string(), words::error::sentence);
        if message.is_empty() {
            message = words;
        } else if !message.contains(&words) {
            message = format!("{message}: {words}");
        }
        // If the system's message helps, the message of the store's error contains it already.
        if cause.is::<StoreError>() || matches!(session, Some(SessionError::Store(_))) {
            break;
        }
    }
    message
}

/// Returns whether the error is that the program that reads our output has stopped reading.
fn broken_pipe(error: &anyhow::Error) -> bool {
    let io = error.downcast_ref::<std::io::Error>();
    io.is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}

/// Returns the exit code for an error.
fn code(error: &anyhow::Error) -> u8 {
    let kind = error.chain().find_map(|cause| cause.downcast_ref::<SessionError>()).map(SessionError::kind);
    match kind {
        Some(Kind::InUse) => 3,
        Some(Kind::Bug) => 1,
        Some(_) => 2,
        None if error.is::<Mend>() || error.is::<std::io::Error>() => 2,
        None => 1,
    }
}

#[cfg(test)]
mod tests {
    use querist_session::engine::EngineError;

    use super::*;

    #[test]
    fn codes_tell_what_to_mend_from_what_is_a_bug() {
        let locked = || SessionError::from(StoreError::Locked { path: "w".into(), holder: "x".into() });
        assert_eq!(code(&locked().into()), 3);
        assert_eq!(code(&anyhow::Error::from(locked()).context("more")), 3);
        let none = SessionError::from(StoreError::NotAWorkspace { path: "w".into() });
        assert_eq!(code(&none.into()), 2);
        assert_eq!(code(&SessionError::Bug { doing: "x", source: None }.into()), 1);
        assert_eq!(code(&Mend("x".into()).into()), 2);
        assert_eq!(code(&anyhow::anyhow!("x")), 1);
        let context = anyhow::Error::from(Mend("x".into())).context("more");
        assert_eq!(code(&context), 2);
    }

    #[test]
    fn a_cause_is_told_once() {
        let full = std::io::Error::from(ErrorKind::StorageFull);
        let words = full.to_string();
        let store = StoreError::Io { action: "write", path: "f".into(), source: full };
        let told = message(&anyhow::Error::from(SessionError::from(store)).context("export"));
        assert!(told.starts_with("export: failed to write f: the disk is full"), "{told}");
        assert_eq!(told.matches(&words).count(), 1, "{told}");
        let step = EngineError::Step { step: "train", source: "singular".into() };
        assert_eq!(message(&SessionError::from(step).into()), "failed to train: singular");
    }

    #[test]
    fn what_is_wrong_comes_with_what_to_do() {
        let told = message(&SessionError::NotExported { round: 3 }.into());
        assert_eq!(told, "round 3 has not been exported yet; `querist status` shows what to do");
        let told = message(&SessionError::Option { option: "labels", problem: "x".into() }.into());
        assert_eq!(told, "--labels: x");
    }
}
