//! Writes the bundled support-ticket set: `generate-support-tickets DIR [--seed N]`.
//!
//! Without `--seed` it writes exactly the committed bytes. It overwrites the set's files in DIR and
//! touches no other. Exit code 2 and one line on stderr when the arguments are wrong or a file
//! cannot be written.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

mod tickets;

const USAGE: &str = "usage: generate-support-tickets DIR [--seed N]";

fn main() -> ExitCode {
    let written = arguments(std::env::args().skip(1)).and_then(|(folder, seed)| {
        write(&folder, seed).map_err(|error| format!("{}: {error}", folder.display()))
    });
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            // Nothing is left to tell when stderr is gone; the exit code says it.
            let _ = writeln!(io::stderr(), "{message}");
            ExitCode::from(2)
        }
    }
}

fn write(folder: &Path, seed: u64) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for file in tickets::files(seed)? {
        fs::write(folder.join(file.name), file.bytes)?;
    }
    Ok(())
}

fn arguments(mut given: impl Iterator<Item = String>) -> Result<(PathBuf, u64), String> {
    let (mut folder, mut seed) = (None, tickets::SEED);
    while let Some(argument) = given.next() {
        if argument == "--seed" {
            let number = given.next().ok_or(USAGE)?;
            seed = number
                .parse()
                .map_err(|_| format!("--seed {number}: not a whole number from 0 on\n{USAGE}"))?;
        } else if folder.is_none() && !argument.starts_with('-') {
            folder = Some(PathBuf::from(argument));
        } else {
            return Err(USAGE.to_owned());
        }
    }
    Ok((folder.ok_or(USAGE)?, seed))
}
