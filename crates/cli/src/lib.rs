//! The command-line front end: converts arguments to a call of a use case, and the result to words.
//!
//! [`args`] parses what the user typed. [`command`] calls use cases of the session, one file per
//! command. [`words`] turns the session's types into sentences that name commands.
//!
//! Invariants: standard output has data, standard error has messages. Every error says what is
//! wrong, where, and what to do. [`failure`] defines the exit codes.

pub mod args;
pub mod command;
pub mod failure;
pub mod files;
pub mod label;
pub mod output;
pub mod paste;
pub mod threads;
pub mod words;

use std::io::Write;
use std::process::ExitCode;

use clap::CommandFactory;
use querist_session::Session;

use args::{Args, Command, Embedding, Model, Vectors};
use output::{Outcome, Talk};

/// Runs the program with the arguments of the process, and returns the exit code.
pub fn main() -> ExitCode {
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !querist_session::core::panic_is_caught() {
            tell(panic);
        }
    }));
    let matches = match args::command().try_get_matches() {
        Ok(matches) => matches,
        Err(error) => return said(&error),
    };
    // The same definition made these matches, so reading them cannot fail.
    let args = Args::of(&matches).unwrap_or_else(|error| error.exit());
    paste::note_workspace(args.global.workspace.as_deref());
    let talk = Talk::new(&args.global);
    let result = run(&args, &talk).and_then(|outcome| output::print(&outcome, &args.global));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => match error.downcast::<failure::Differs>() {
            Ok(differs) => match output::print(&differs.0, &args.global) {
                Ok(()) => ExitCode::from(2),
                Err(error) => failure::report(&error),
            },
            Err(error) => failure::report(&error),
        },
    }
}

/// Prints the message of the argument parser, and returns the exit code. The message is help, or an
/// error that quotes what the user typed.
fn said(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        error.exit();
    }
    let text = error.render().to_string();
    // If this fails, there is no other way to tell the user.
    let _ = write!(std::io::stderr(), "{}", querist_session::core::visible::visible_lines(&text));
    ExitCode::from(2)
}

/// Warns about unknown environment variables that begin with `QUERIST_`. Otherwise a misspelt
/// variable would have no effect, and nobody would notice.
fn remark_unknown_variables(talk: &Talk) {
    let command = Args::command();
    let known: Vec<_> = std::iter::once(&command)
        .chain(command.get_subcommands())
        .flat_map(clap::Command::get_arguments)
        .filter_map(clap::Arg::get_env)
        .collect();
    // QUERIST_DATA is only for tests and benchmarks.
    let unknown = |name: &String| {
        name.starts_with("QUERIST_")
            && name != "QUERIST_DATA"
            && !known.iter().any(|known| *known == name.as_str())
    };
    for name in std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()).filter(unknown) {
        talk.say(&format!(
            "warning: querist does not know the variable {name}; `querist round --help` lists the variables"
        ));
    }
}

/// Runs the command that the arguments name.
fn run(args: &Args, talk: &Talk) -> anyhow::Result<Outcome> {
    threads::start(args.global.threads.map(usize::from))?;
    remark_unknown_variables(talk);
    let root = args.global.workspace.clone().unwrap_or_else(|| ".".into());
    let session = &command::log::acting(Session::at(&root));
    match &args.command {
        Command::Demo(demo) => command::demo::run(demo, args.global.workspace.as_deref(), talk),
        Command::Init(init) => command::init::run(init, args.global.workspace.as_deref(), talk),
        Command::Import(import) => command::import::run(import, session, talk),
        Command::Round(round) => command::round::run(round, session, talk),
        Command::Train => command::train::run(session, talk),
        Command::Score => command::score::run(session, talk),
        Command::Select(select) => command::select::run(select, session, talk),
        Command::Export(export) => command::export::run(export, session, talk),
        Command::Label(label) => command::label::run(label, session, talk),
        Command::Ingest(ingest) => command::ingest::run(ingest, session, talk),
        Command::Withdraw(withdraw) => command::withdraw::run(withdraw, session, talk),
        Command::People(people) => command::people::run(people, session, talk),
        Command::Labels(labels) => command::labels::run(labels, session, talk),
        Command::UndoImport(undo) => command::undo::run(undo, session, talk),
        Command::Forget(forget) => command::forget::run(forget, session, talk),
        Command::Log => command::log::run(session, talk),
        Command::Status(status) => command::status::run(status, session, talk),
        Command::Documents(asked) => command::documents::run(asked, session, talk),
        Command::Config(config) => command::config::run(config, &args.global, session, talk),
        Command::Report(report) => command::report::run(report, session, talk),
        Command::Review(review) => command::review::run(review, session, talk),
        Command::Audit(audit) => command::audit::run(audit, session, talk),
        Command::Reproduce(reproduce) => {
            command::reproduce::run(reproduce, args.global.workspace.as_deref(), &root, talk)
        }
        Command::Checklist => command::checklist::run(session, talk),
        Command::Strategies => Ok(command::strategies::run()),
        Command::Simulate(simulate) => command::simulate::run(simulate, talk),
        Command::Quality(quality) => command::quality::run(quality, talk),
        Command::Model(Model::Show(show)) => command::model::show(show, session, talk),
        Command::Model(Model::Export(export)) => command::model::export(export, session, talk),
        Command::Predict(predict) => command::predict::run(predict, session, talk),
        Command::Vectors(Vectors::Add(add)) => command::vectors::add(add, session, talk),
        Command::Vectors(Vectors::List) => command::vectors::list(session, talk),
        Command::Vectors(Vectors::Missing(missing)) => command::vectors::missing(missing, session, talk),
        Command::Embedding(Embedding::Add(add)) => command::embedding::add(add, session, talk),
        Command::Embedding(Embedding::List) => command::embedding::list(session, talk),
        Command::Completions(completions) => Ok(command::shell::completions(completions)),
        Command::Man(man) => command::shell::man(man),
    }
}
