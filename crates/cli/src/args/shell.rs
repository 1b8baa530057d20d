//! Arguments of `querist completions` and `querist man`.

use std::path::PathBuf;

use clap::Args as ClapArgs;

/// Print the completion script of a shell.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  querist completions bash > ~/.local/share/bash-completion/completions/querist
  querist completions zsh > ~/.zfunc/_querist                     (a folder of $fpath)
  querist completions fish > ~/.config/fish/completions/querist.fish")]
pub struct Completions {
    /// Shell
    #[arg(value_enum, value_name = "SHELL")]
    pub shell: clap_complete::Shell,
}

/// Write manual pages, one per command.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Example:\n  querist man ~/.local/share/man/man1       then: man querist-round")]
pub struct Man {
    /// Folder to write to; created if missing
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
}
