//! The list of commands in `querist --help`, grouped by purpose, in the order of the loop.
//!
//! clap has no headings for commands, so the list is made here and put into the help's template. A
//! command without a group would still be listed, at the end; a test demands that each has one.

use clap::{Command, CommandFactory};

use super::Args;

/// The groups, and the commands of each.
const GROUPS: [(&str, &[&str]); 8] = [
    ("Getting started", &["demo", "init", "import", "vectors", "embedding"]),
    ("The loop", &["round", "label", "ingest", "status", "report", "log"]),
    ("The team", &["people", "labels", "withdraw", "undo-import", "forget"]),
    ("A round, step by step", &["train", "score", "select", "export"]),
    ("How good the labels are", &["review", "audit", "quality", "checklist"]),
    ("Looking closer", &["documents", "model", "strategies", "simulate", "reproduce", "config"]),
    ("Using the model", &["predict"]),
    ("The shell", &["completions", "man", "help"]),
];

/// The program's command line, with its commands in groups.
pub fn command() -> Command {
    let command = Args::command();
    let list = list(&command);
    let header = command.get_styles().get_header();
    let options = format!("{header}Options:{header:#}\n{{options}}{{after-help}}");
    let template = format!("{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\n{list}{options}");
    command.help_template(template)
}

/// The commands under their headings.
fn list(command: &Command) -> String {
    let styles = command.get_styles();
    let (header, literal) = (styles.get_header(), styles.get_literal());
    let mut commands: Vec<(String, String)> = command
        .get_subcommands()
        .filter(|command| !command.is_hide_set())
        .map(|command| {
            let about = command.get_about().map(ToString::to_string).unwrap_or_default();
            (command.get_name().to_owned(), about)
        })
        .collect();
    // clap adds it while it parses.
    commands.push(("help".to_owned(), "Print the help for a command".to_owned()));
    let width = commands.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    let mut text = String::new();
    for (heading, names) in GROUPS.iter().chain(&[("More", &[][..])]) {
        let of_group = |name: &str| match names {
            [] => !GROUPS.iter().any(|(_, names)| names.contains(&name)),
            names => names.contains(&name),
        };
        let mut found: Vec<&(String, String)> = commands.iter().filter(|(name, _)| of_group(name)).collect();
        if found.is_empty() {
            continue;
        }
        found.sort_by_key(|(name, _)| names.iter().position(|known| known == name));
        text += &format!("{header}{heading}:{header:#}\n");
        for (name, about) in found {
            text += &format!("  {literal}{name}{literal:#}{:1$}  {about}\n", "", width - name.len());
        }
        text += "\n";
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_in_one_group() {
        let command = Args::command();
        let mut grouped: Vec<&str> = GROUPS.iter().flat_map(|(_, names)| names.iter().copied()).collect();
        let mut there: Vec<&str> = command.get_subcommands().map(Command::get_name).chain(["help"]).collect();
        grouped.sort_unstable();
        there.sort_unstable();
        assert_eq!(grouped, there, "put new commands into GROUPS");
    }

    #[test]
    fn the_help_shows_each_command_once_under_its_heading() {
        let help = super::command().render_help().to_string();
        let heading =
            |name: &str| help.find(&format!("\n{name}:\n")).unwrap_or_else(|| panic!("{name}: {help}"));
        assert!(heading("The loop") < help.find("\n  label ").unwrap());
        assert!(help.find("\n  label ").unwrap() < heading("A round, step by step"));
        assert!(!help.contains("More:"));
        for command in Args::command().get_subcommands() {
            let line = format!("\n  {} ", command.get_name());
            assert_eq!(help.matches(&line).count(), 1, "{line}");
        }
    }
}
