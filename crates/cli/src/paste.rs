//! Prepares the commands in messages, so that the user can paste them into a shell.
//!
//! Paths are quoted for the shell ([`quoted`]). If the user named a workspace, suggested commands
//! name it too ([`pasteable`]).

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use querist_session::core::visible::{is_mark, symbol};

/// The workspace that the user named when starting this process; `None` if they named none.
static WORKSPACE: OnceLock<Option<PathBuf>> = OnceLock::new();

/// A suggested command begins with this.
const PROGRAM: &str = "querist ";

/// Commands that do not need an existing workspace.
const WITHOUT: [&str; 6] = ["demo", "quality", "simulate", "strategies", "completions", "man"];

/// Remembers the workspace that the user named, on the command line or with `QUERIST_WORKSPACE`;
/// `None` if they named none.
pub fn note_workspace(workspace: Option<&Path>) {
    // A process has only one command line, so this is called only once.
    let _ = WORKSPACE.set(workspace.map(Path::to_owned));
}

/// Adds the remembered workspace to each command that the text suggests.
pub fn pasteable(text: &str) -> String {
    match WORKSPACE.get() {
        Some(Some(workspace)) => in_workspace(text, workspace),
        _ => text.to_owned(),
    }
}

/// Adds `-w WORKSPACE` to each command in the text that needs an existing workspace.
fn in_workspace(text: &str, workspace: &Path) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    let commands = crate::args::command();
    while let Some(at) = rest.find(PROGRAM) {
        let (before, found) = rest.split_at(at);
        out += before;
        let behind = &found[PROGRAM.len()..];
        // "querist" may also be part of a path or of another word. Then no command begins here.
        let starts = out.chars().next_back().is_none_or(|last| last.is_whitespace() || "`(".contains(last));
        let word =
            behind.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).next().unwrap_or_default();
        let known = commands.get_subcommands().any(|command| command.get_name() == word);
        out += PROGRAM;
        if starts && known && !WITHOUT.contains(&word) {
            out += &format!("-w {} ", quoted(workspace));
        }
        rest = behind;
    }
    out + rest
}

/// Returns the command that started this process, as typed, but with another value for `option`.
pub fn again(option: &str, value: &str) -> String {
    typed_again(std::env::args_os().skip(1), option, value)
}

/// Returns the command that consists of the words `typed`, but with another value for `option`.
fn typed_again(typed: impl Iterator<Item = OsString>, option: &str, value: &str) -> String {
    let commands = crate::args::command();
    let is_command = |word: &str| commands.get_subcommands().any(|command| command.get_name() == word);
    // Leave out the workspace here. [`pasteable`] adds it when the message is shown.
    let (mut command, mut words, mut typed) = (String::new(), Vec::new(), typed);
    while let Some(word) = typed.next() {
        let text = word.to_string_lossy();
        if text == option || text == "-w" || text == "--workspace" {
            typed.next();
        } else if command.is_empty() && is_command(&text) {
            command = text.into_owned();
        } else if !text.starts_with("-w")
            && !text.starts_with("--workspace=")
            && text.strip_prefix(option).is_none_or(|rest| !rest.starts_with('='))
        {
            words.push(match text.split_once('=') {
                Some((flag, value)) if flag.starts_with('-') => {
                    format!("{flag}={}", quoted(Path::new(value)))
                }
                _ if text.starts_with('-') => text.into_owned(),
                _ => quoted(Path::new(&word)),
            });
        }
    }
    words.extend([option.to_owned(), value.to_owned()]);
    format!("{PROGRAM}{command} {}", words.join(" "))
}

/// Quotes a path as one word for a shell.
pub fn quoted(path: &Path) -> String {
    let path = path.strip_prefix(".").unwrap_or(path);
    if path.as_os_str().is_empty() {
        return ".".to_owned();
    }
    let hidden = |c: char| is_mark(c) || symbol(c).is_some();
    let Some(text) = path.to_str().filter(|text| !text.chars().any(hidden)) else {
        return by_bytes(path);
    };
    // A shell command would take a path that begins with a dash for an option.
    let text = if text.starts_with('-') { format!("./{text}") } else { text.to_owned() };
    word(&text)
}

/// Quotes a name as one word for a shell. If it begins with a dash, it still looks like an option;
/// [`as_argument`] prevents this.
pub fn quoted_name(name: &str) -> String {
    if name.chars().any(|c| is_mark(c) || symbol(c).is_some()) {
        by_bytes(Path::new(name))
    } else {
        word(name)
    }
}

/// Quotes a name as a positional argument. It may begin with a dash.
pub fn as_argument(name: &str) -> String {
    format!("{}{}", if name.starts_with('-') { "-- " } else { "" }, quoted_name(name))
}

/// Quotes a text, which must be visible, as one word for a shell.
fn word(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-+@%:,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    // Break up "querist ", so that [`pasteable`] does not take it for the beginning of a command.
    format!("'{}'", text.replace('\'', r"'\''").replace(PROGRAM, "querist'' "))
}

/// Quotes a path that has invisible characters, in the form `$'…'` of bash, zsh and ksh.
fn by_bytes(path: &Path) -> String {
    let mut out = String::from("$'");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'\'' | b'\\' => {
                out.push('\\');
                out.push(char::from(*byte));
            }
            b'!'..=b'~' => out.push(char::from(*byte)),
            other => out += &format!("\\x{other:02x}"),
        }
    }
    out + "'"
}

#[cfg(test)]
mod hints;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_takes_a_quoted_path_for_one_word() {
        let names = [
            "plain/name.jsonl",
            "with space",
            "it's",
            "a\"b",
            "$HOME",
            "`id`",
            "a\\b",
            "new\nline",
            "\u{1b}[31m",
            "-n",
            "x;rm y",
            "~",
            "#a",
            "*",
            "é世",
            "my querist round",
            "\u{202e}x",
            "a=b",
            "!x",
            "(",
        ];
        for name in names {
            let script = format!("printf %s {}", quoted(Path::new(name)));
            let out = std::process::Command::new("bash").args(["-c", &script]).output().unwrap();
            let found = String::from_utf8(out.stdout).unwrap();
            assert_eq!(found.strip_prefix("./").unwrap_or(&found), name, "{script}");
            assert!(!script.chars().any(char::is_control), "{script:?}");
        }
        for name in names.iter().chain(&["./ana", ".", ""]) {
            let script = format!("printf %s {}", quoted_name(name));
            let out = std::process::Command::new("bash").args(["-c", &script]).output().unwrap();
            assert_eq!(String::from_utf8(out.stdout).unwrap(), *name, "{script}");
        }
        assert_eq!([as_argument("-n"), as_argument("Ana Maria")], ["-- -n", "'Ana Maria'"]);
        assert_eq!(quoted(Path::new("./rounds/0001/batch.jsonl")), "rounds/0001/batch.jsonl");
        assert_eq!(quoted(Path::new(".")), ".");
    }

    #[cfg(unix)]
    #[test]
    fn bytes_that_are_no_text_are_quoted_too() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;
        let name = Path::new(OsStr::from_bytes(b"caf\xe9 1"));
        let script = format!("printf %s {}", quoted(name));
        let out = std::process::Command::new("bash").args(["-c", &script]).output().unwrap();
        assert_eq!(out.stdout, b"caf\xe9 1");
    }

    #[test]
    fn commands_name_the_workspace() {
        let say = |text: &str| in_workspace(text, Path::new("my ws"));
        assert_eq!(say("querist round"), "querist -w 'my ws' round");
        assert_eq!(
            say("label b, then: querist ingest A, or `querist round --near-duplicates off`"),
            "label b, then: querist -w 'my ws' ingest A, or `querist -w 'my ws' round --near-duplicates off`"
        );
        for same in [
            "querist.toml",
            "use a newer querist",
            "querist quality F",
            "no querist here",
            "querist -w x round",
        ] {
            assert_eq!(say(same), same);
        }
        let path = quoted(Path::new("a querist round/x"));
        assert_eq!(say(&format!("querist ingest {path}")), format!("querist -w 'my ws' ingest {path}"));
    }

    #[test]
    fn what_was_typed_is_kept_but_for_the_workspace_and_the_option() {
        let say = |typed: &str| typed_again(typed.split('|').map(OsString::from), "--near-duplicates", "off");
        assert_eq!(say("round"), "querist round --near-duplicates off");
        assert_eq!(
            say("-q|-w|my ws|round|--size|3|--near-duplicates|0.5|--mix|random=1"),
            "querist round -q --size 3 --mix 'random=1' --near-duplicates off"
        );
        assert_eq!(
            say("round|--scores|my file.csv|--near-duplicates=0.9|--workspace=x|--mix=random=1"),
            "querist round --scores 'my file.csv' --mix='random=1' --near-duplicates off"
        );
        assert_eq!(say("select|-wx"), "querist select --near-duplicates off");
    }
}
