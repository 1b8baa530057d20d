//! Prints results to standard output and messages to standard error.

use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use querist_session::core::visible::{escaped_json, visible, visible_lines};
use querist_session::{Progress, Remark, Running, Step};
use serde_json::Value;

use crate::args::Global;
use crate::paste::pasteable;
use crate::words;

/// The result of a command, both for people and for programs.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The result for programs, which `--json` prints.
    pub json: Value,
    /// The result for people.
    pub text: String,
    /// What the user can do next. It is not part of the result.
    pub next: Option<String>,
}

impl Outcome {
    /// Returns the outcome of a command that has already written its result to standard output.
    pub fn nothing() -> Self {
        Self { json: Value::Null, text: String::new(), next: None }
    }
}

/// Prints the text of an outcome or, with `--json`, its JSON. What the user can do next goes to
/// standard error.
///
/// # Errors
/// Standard output is closed or cannot be written.
pub fn print(outcome: &Outcome, global: &Global) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    if outcome.text.is_empty() && outcome.json.is_null() {
        return Ok(());
    }
    if global.json {
        let mut json = outcome.json.clone();
        if let Some(Value::String(next)) = json.get_mut("next") {
            *next = pasteable(next);
        }
        let json = serde_json::to_string_pretty(&json).map_err(std::io::Error::from)?;
        writeln!(out, "{}", escaped_json(&json))?;
    } else {
        writeln!(out, "{}", visible_lines(&pasteable(outcome.text.trim_end())))?;
    }
    out.flush()?;
    if let Some(next) = &outcome.next
        && !global.quiet
        && !global.json
    {
        let next = pasteable(next);
        let next = visible_lines(&next);
        let stop = if next.ends_with('.') { "" } else { "." };
        let _ = writeln!(std::io::stderr(), "Next: {next}{stop}");
    }
    Ok(())
}

/// Prints messages on standard error. Progress appears only on a terminal, durations only with
/// `-v`, and no messages with `-q`.
#[derive(Debug)]
pub struct Talk {
    /// Whether to print no messages except notices.
    quiet: bool,
    /// Whether to print how long each step took.
    verbose: bool,
}

impl Talk {
    /// Returns a talk that prints as many messages as the user's flags ask for.
    pub fn new(global: &Global) -> Self {
        Self { quiet: global.quiet, verbose: global.verbose }
    }

    /// Makes a progress bar. It appears only on a terminal, and only after a second.
    fn bar(&self, name: &'static str) -> ProgressBar {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix} {msg}") {
            bar.set_style(style);
        }
        bar.set_prefix(name);
        if !self.quiet {
            let later = bar.clone();
            // If the system cannot start another thread, the bar does not appear.
            let _ = std::thread::Builder::new().spawn(move || {
                std::thread::sleep(Duration::from_secs(1));
                if !later.is_finished() {
                    later.set_draw_target(ProgressDrawTarget::stderr());
                    later.enable_steady_tick(Duration::from_millis(120));
                }
            });
        }
        bar
    }

    /// Prints each text as a warning.
    pub fn warn(&self, warnings: &[String]) {
        for text in warnings {
            self.remark(Remark::Warning { text: text.clone() });
        }
    }

    /// Prints a message on standard error, unless the user has asked for quiet.
    pub fn say(&self, text: &str) {
        if !self.quiet {
            notice(text);
        }
    }
}

impl Progress for Talk {
    fn begin(&self, step: Step) -> Box<dyn Running + '_> {
        let name = words::progress::step(step);
        Box::new(Bar { shown: self.bar(name), name, start: Instant::now(), verbose: self.verbose })
    }

    fn remark(&self, remark: Remark) {
        let text = words::progress::remark(&remark);
        // A notice is printed even if the user has asked for quiet.
        if remark.is_notice() { notice(&text) } else { self.say(&text) }
    }
}

/// A step that is running. It shows a bar or a spinner. With `-v`, it prints its duration at the
/// end.
struct Bar {
    shown: ProgressBar,
    name: &'static str,
    start: Instant,
    verbose: bool,
}

impl Running for Bar {
    fn at(&self, done: u64, all: Option<u64>) {
        let Some(all) = all else {
            self.shown.set_message(format!("{done} rows"));
            return;
        };
        if self.shown.length() != Some(all) {
            self.shown.set_length(all);
            let template = "{prefix} {wide_bar} {human_pos}/{human_len} {eta}";
            if let Ok(style) = ProgressStyle::with_template(template) {
                self.shown.set_style(style);
            }
        }
        self.shown.set_position(done);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.shown.finish_and_clear();
        if self.verbose {
            let _ = writeln!(std::io::stderr(), "{}: {:.2} s", self.name, self.start.elapsed().as_secs_f64());
        }
    }
}

/// Prints a message on standard error. Invisible characters are replaced.
fn notice(text: &str) {
    // If this fails, there is no other way to tell the user.
    let _ = writeln!(std::io::stderr(), "{}", visible_lines(&pasteable(text)));
}

/// Returns a path as messages show it: on one line, without a leading "./".
pub fn shown(path: &Path) -> String {
    visible(&path.strip_prefix(".").unwrap_or(path).to_string_lossy()).into_owned()
}

/// Returns a path as JSON has it. Replacement characters stand for bytes that are not UTF-8.
pub fn written(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// Puts a text on one line: a space replaces each run of white space, and a visible symbol replaces
/// each control character.
pub fn one_line(text: &str) -> String {
    let plain = text.split_whitespace().collect::<Vec<_>>().join(" ");
    visible(&plain).into_owned()
}

/// Makes a table. The cells of the first column are aligned to the left, all others to the right.
pub fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let wide = |at: usize| rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|at| wide(at).unwrap_or_default()).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).enumerate().map(|(at, (cell, width))| match at {
            0 => format!("{cell:<width$}"),
            _ => format!("{cell:>width$}"),
        });
        format!("  {}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}

/// Makes a list of names with their values, both in aligned columns.
pub fn columns(rows: &[(&str, String)]) -> String {
    let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
    rows.iter().fold(String::new(), |text, (name, value)| text + &format!("  {name:<width$}  {value}\n"))
}
