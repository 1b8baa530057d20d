//! The user to the engine: arguments → settings → commands.
//!
//! Three steps, each its own type: [`args`] is what the user typed, [`settings`] what it means once checked and layered
//! (defaults < querist.toml < QUERIST_* environment < flags), [`command`] what is done, one file a command.
//!
//! Invariants: stdout is data, stderr is talk; every error says what, where and what to do; exit codes are those of
//! [`failure`].

pub mod args;
pub mod brought;
pub mod checklist;
pub mod command;
pub mod embeddings;
pub mod failure;
pub mod files;
pub mod label;
pub mod last_model;
pub mod next;
pub mod output;
pub mod past;
pub mod paste;
pub mod predictor;
pub mod remarks;
pub mod session;
pub mod settings;
pub mod steps;
pub mod threads;
pub mod warnings;
pub mod weak;

use std::io::Write;
use std::process::ExitCode;

use clap::CommandFactory;

use args::{Args, Command, Embedding, Model};
use output::{Outcome, Talk};

/// Runs the program on the process's arguments. Gives its exit code.
pub fn main() -> ExitCode {
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !querist_core::panic_is_caught() {
            tell(panic);
        }
    }));
    let matches = match args::command().try_get_matches() {
        Ok(matches) => matches,
        Err(error) => return said(&error),
    };
    // The matches are of the very command that they are read by.
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

/// Prints what the parser says: help, or an error, which quotes what was typed.
fn said(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        error.exit();
    }
    let text = error.render().to_string();
    // With stderr gone there is nobody left to tell.
    let _ = write!(std::io::stderr(), "{}", querist_core::visible::visible_lines(&text));
    ExitCode::from(2)
}

/// A misspelt variable would otherwise do nothing, and say nothing.
fn remark_unknown_variables(talk: &Talk) {
    let command = Args::command();
    let known: Vec<_> = std::iter::once(&command)
        .chain(command.get_subcommands())
        .flat_map(clap::Command::get_arguments)
        .filter_map(clap::Arg::get_env)
        .collect();
    // QUERIST_DATA is for tests and benchmarks.
    let unknown = |name: &String| {
        name.starts_with("QUERIST_")
            && name != "QUERIST_DATA"
            && !known.iter().any(|known| *known == name.as_str())
    };
    for name in std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()).filter(unknown) {
        talk.remark(&format!(
            "warning: {name} is no variable that querist knows; `querist round --help` lists them"
        ));
    }
}

fn run(args: &Args, talk: &Talk) -> anyhow::Result<Outcome> {
    threads::start(args.global.threads.map(usize::from))?;
    remark_unknown_variables(talk);
    let root = args.global.workspace.clone().unwrap_or_else(|| ".".into());
    match &args.command {
        Command::Demo(demo) => command::demo::run(demo, args.global.workspace.as_deref(), talk),
        Command::Init(init) => command::init::run(init, args.global.workspace.as_deref(), talk),
        Command::Import(import) => command::import::run(import, &root, talk),
        Command::Round(round) => command::round::run(round, &root, talk),
        Command::Train => command::train::run(&root, talk),
        Command::Score => command::score::run(&root, talk),
        Command::Select(select) => command::select::run(select, &root, talk),
        Command::Export(export) => command::export::run(export, &root, talk),
        Command::Label(label) => command::label::run(label, &root),
        Command::Ingest(ingest) => command::ingest::run(ingest, &root, talk),
        Command::Status => command::status::run(&root),
        Command::Config(config) => command::config::run(config, &args.global, &root),
        Command::Report(report) => command::report::run(report, &root),
        Command::Review(review) => command::review::run(review, &root, talk),
        Command::Audit(audit) => command::audit::run(audit, &root, talk),
        Command::Reproduce(reproduce) => {
            command::reproduce::run(reproduce, args.global.workspace.as_deref(), &root, talk)
        }
        Command::Checklist => command::checklist::run(&root),
        Command::Strategies => Ok(command::strategies::run()),
        Command::Simulate(simulate) => command::simulate::run(simulate, talk),
        Command::Quality(quality) => command::quality::run(quality, talk),
        Command::Model(Model::Show(show)) => command::model::run(show, &root, talk),
        Command::Model(Model::Export(export)) => command::predict::export(export, &root, talk),
        Command::Predict(predict) => command::predict::run(predict, &root, talk),
        Command::Embedding(Embedding::Add(add)) => command::embedding::add(add, &root),
        Command::Embedding(Embedding::List) => command::embedding::list(&root),
        Command::Completions(completions) => Ok(command::shell::completions(completions)),
        Command::Man(man) => command::shell::man(man),
    }
}
