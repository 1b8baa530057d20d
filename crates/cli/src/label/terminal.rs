//! The terminal. No other file uses the library `crossterm`.
//!
//! The screen is drawn on standard error, so that standard output has only the command's result.
//! However the command ends (error, panic, signal), the terminal is restored. A thread of its own
//! reads the keys. If a terminal is closed and the hang-up signal is ignored, reading blocks
//! forever, but the command must end.
//!
//! Only pieces of [`Row`]s are printed, which have only visible characters. The terminal does not
//! wrap long lines. So if it draws a character wider than we computed, only this row is cut.

use std::io::{IsTerminal, Stderr, Write, stderr, stdin, stdout};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use crossterm::cursor::{Hide, MoveTo, Show};
use crossterm::event::{
    DisableBracketedPaste, EnableBracketedPaste, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers,
};
use crossterm::style::{Attribute, Color, Print, SetAttribute, SetForegroundColor};
use crossterm::terminal::{
    Clear, ClearType, DisableLineWrap, EnableLineWrap, EnterAlternateScreen, LeaveAlternateScreen,
};
use crossterm::{execute, queue, terminal};

use super::desk::Key;
use super::frame::{Look, Row};

/// If no key is pressed for this long, the program checks that the terminal still exists.
const PATIENCE: Duration = Duration::from_secs(1);

/// Returns whether a person can use the program, because standard input and standard error are
/// terminals.
pub fn is_there() -> bool {
    stdin().is_terminal() && stderr().is_terminal()
}

/// Returns how many columns standard output has; `None` if it is not a terminal.
pub fn columns() -> Option<usize> {
    let size = if stdout().is_terminal() { terminal::size().ok() } else { None };
    size.map(|(columns, _)| usize::from(columns)).filter(|columns| *columns > 0)
}

/// What the program receives from the user or the system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// The user pressed a key.
    Key(Key),
    /// The user pasted text.
    Paste(String),
    /// Nothing was pressed for a while. The size of the window may have changed.
    Tick,
    /// A signal asks the program to end, or the input has ended.
    End,
}

/// A terminal that this program controls.
pub struct Terminal {
    out: Stderr,
    /// Receives what the threads for keys and signals send.
    inputs: Receiver<Input>,
    /// Whether to use colours.
    colored: bool,
    /// The rows that are on the screen now.
    drawn: Vec<Row>,
    /// Number of columns and rows when the screen was last drawn.
    size: (u16, u16),
}

impl Terminal {
    /// Takes control of the terminal: switches it to raw mode, opens a screen of its own, and
    /// starts threads for keys and signals.
    ///
    /// # Errors
    /// The terminal cannot be set up.
    pub fn take() -> std::io::Result<Self> {
        let (sender, inputs) = channel();
        end_on_signals(sender.clone())?;
        terminal::enable_raw_mode()?;
        // From here on the terminal is restored, however the command ends.
        let taken = Self {
            out: stderr(),
            inputs,
            // As no-color.org says, the variable counts if it is set and not empty.
            colored: std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
            drawn: Vec::new(),
            size: (0, 0),
        };
        give_back_on_panic();
        execute!(&taken.out, EnterAlternateScreen, Hide, DisableLineWrap, EnableBracketedPaste)?;
        std::thread::spawn(move || read_keys(&sender));
        Ok(taken)
    }

    /// Returns how many columns and rows the terminal has.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn size(&self) -> std::io::Result<(usize, usize)> {
        terminal::size().map(|(columns, rows)| (columns.into(), rows.into()))
    }

    /// Shows a screen. Only rows that have changed are drawn.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn draw(&mut self, rows: &[Row]) -> std::io::Result<()> {
        let size = terminal::size()?;
        if size != self.size {
            queue!(self.out, Clear(ClearType::All))?;
            self.drawn.clear();
            self.size = size;
        }
        let height = rows.len().max(self.drawn.len()).min(usize::from(size.1));
        for at in 0..height {
            let row = rows.get(at);
            if row.is_some() && row == self.drawn.get(at) {
                continue;
            }
            // The terminal may have drawn a wide character beyond its place, so empty the row
            // before drawing it.
            queue!(self.out, MoveTo(0, at as u16), Clear(ClearType::CurrentLine))?;
            for (text, look) in row.map_or(&[][..], Row::pieces) {
                self.piece(text, *look)?;
            }
        }
        // Write something even if no row has changed: it fails if the terminal is gone.
        queue!(self.out, Hide)?;
        self.out.flush()?;
        self.drawn = rows.to_vec();
        Ok(())
    }

    /// Prints a piece of text with its look.
    fn piece(&mut self, text: &str, look: Look) -> std::io::Result<()> {
        let attribute = match look {
            Look::Plain => Attribute::Reset,
            Look::Strong | Look::Key => Attribute::Bold,
            Look::Faint => Attribute::Dim,
            Look::Marked => Attribute::Reverse,
        };
        queue!(self.out, SetAttribute(attribute))?;
        if look == Look::Key && self.colored {
            queue!(self.out, SetForegroundColor(Color::Cyan))?;
        }
        queue!(self.out, Print(text), SetAttribute(Attribute::Reset))
    }

    /// Waits for the next input. If there is none for a second, returns [`Input::Tick`].
    pub fn next(&self) -> Input {
        match self.inputs.recv_timeout(PATIENCE) {
            Ok(input) => input,
            Err(RecvTimeoutError::Timeout) => Input::Tick,
            Err(RecvTimeoutError::Disconnected) => Input::End,
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        give_back();
    }
}

/// Restores the terminal. Errors are ignored, because a terminal that is gone need not be restored.
fn give_back() {
    let _ = execute!(
        stderr(),
        SetAttribute(Attribute::Reset),
        DisableBracketedPaste,
        EnableLineWrap,
        Show,
        LeaveAlternateScreen
    );
    let _ = terminal::disable_raw_mode();
}

/// Makes sure that, in a panic, the terminal is restored before the message is printed. Otherwise
/// nobody could read the message.
fn give_back_on_panic() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        give_back();
        before(panic);
    }));
}

/// Sends [`Input::End`] when the terminal is closed, or when a signal asks the process to end.
#[cfg(unix)]
fn end_on_signals(sender: Sender<Input>) -> std::io::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    let mut signals = signal_hook::iterator::Signals::new([SIGHUP, SIGINT, SIGTERM])?;
    std::thread::spawn(move || {
        for _ in &mut signals {
            if sender.send(Input::End).is_err() {
                return;
            }
        }
    });
    Ok(())
}

/// Does nothing. On this system, closing a console ends the process; all answers have been stored.
#[cfg(not(unix))]
fn end_on_signals(_sender: Sender<Input>) -> std::io::Result<()> {
    Ok(())
}

/// Reads events until the input ends. Sends an [`Input`] for each.
fn read_keys(sender: &Sender<Input>) {
    loop {
        let input = match crossterm::event::read() {
            Ok(Event::Key(event)) if event.kind != KeyEventKind::Release => key(event).map(Input::Key),
            Ok(Event::Paste(text)) => Some(Input::Paste(text)),
            Ok(Event::Resize(..)) => Some(Input::Tick),
            Ok(_) => None,
            Err(_) => Some(Input::End),
        };
        let over = input == Some(Input::End);
        if input.is_some_and(|input| sender.send(input).is_err()) || over {
            return;
        }
    }
}

/// Converts a key event to a key of the desk; `None` if the desk has no use for the key.
fn key(event: KeyEvent) -> Option<Key> {
    if event.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SUPER) {
        return match event.code {
            _ if event.modifiers != KeyModifiers::CONTROL => None,
            KeyCode::Char('c' | 'd' | 'q') => Some(Key::Leave),
            KeyCode::Char('z') => Some(Key::Undo),
            _ => None,
        };
    }
    Some(match event.code {
        KeyCode::Char(character) => Key::Char(character),
        KeyCode::Esc => Key::Esc,
        KeyCode::Enter => Key::Enter,
        KeyCode::Backspace => Key::Backspace,
        KeyCode::Tab => Key::Tab,
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::Left => Key::Left,
        KeyCode::Right => Key::Right,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ctrl_and_alt_are_never_answers() {
        let event = |code, modifiers| key(KeyEvent::new(code, modifiers));
        assert_eq!(event(KeyCode::Char('c'), KeyModifiers::CONTROL), Some(Key::Leave));
        assert_eq!(event(KeyCode::Char('z'), KeyModifiers::CONTROL), Some(Key::Undo));
        assert_eq!(event(KeyCode::Char('z'), KeyModifiers::CONTROL | KeyModifiers::ALT), None);
        assert_eq!(event(KeyCode::Char('1'), KeyModifiers::ALT), None);
        assert_eq!(event(KeyCode::Char('a'), KeyModifiers::CONTROL), None);
        assert_eq!(event(KeyCode::Char('A'), KeyModifiers::SHIFT), Some(Key::Char('A')));
        assert_eq!(event(KeyCode::F(1), KeyModifiers::NONE), None);
    }
}
