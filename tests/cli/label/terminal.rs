//! A terminal for the tests: it sends keys to the binary, and keeps the output as bytes and as a
//! screen.

use std::io::{ErrorKind, Read, Write};
use std::num::NonZero;
use std::process::{Child, ExitStatus};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use pty_process::Size;
use pty_process::blocking::{Command, Pty};

use crate::workbench::{BINARY, Workbench};

/// How long a test waits for anything before it fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// A command that runs in a terminal.
pub(crate) struct Sitting {
    pty: Arc<Pty>,
    pub(crate) child: Child,
    output: Receiver<Vec<u8>>,
    closing: Arc<AtomicBool>,
    /// The whole output so far.
    pub(crate) bytes: Vec<u8>,
    parser: vt100::Parser,
}

impl Sitting {
    /// Starts the binary in a terminal with this number of rows and columns.
    pub(crate) fn start(
        bench: &Workbench,
        arguments: &[&str],
        (rows, columns): (u16, u16),
        variables: &[(&str, &str)],
    ) -> Self {
        let (pty, pts) = pty_process::blocking::open().unwrap();
        pty.resize(Size::new(rows, columns)).unwrap();
        let mut command = Command::new(BINARY).args(arguments).current_dir(bench.root());
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("QUERIST_")) {
            command = command.env_remove(name);
        }
        command = command.env_remove("NO_COLOR").env("TERM", "xterm-256color").env("USER", "ana");
        let child = command.envs(variables.iter().copied()).spawn(pts).unwrap();
        let (sender, output) = channel();
        let (pty, closing) = (Arc::new(pty), Arc::new(AtomicBool::new(false)));
        let (reader, stop) = (Arc::clone(&pty), Arc::clone(&closing));
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while !stop.load(Ordering::SeqCst) {
                match (&*reader).read(&mut buffer) {
                    Ok(0) => return,
                    Ok(n) if sender.send(buffer[..n].to_vec()).is_ok() => {}
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    // The command has closed the terminal, or this side no longer listens.
                    _ => return,
                }
            }
        });
        let size = [rows, columns].map(|length| NonZero::new(length).unwrap());
        let parser = vt100::Parser::new(size[0], size[1], 0);
        Self { pty, child, output, closing, bytes: Vec::new(), parser }
    }

    /// The screen as text.
    pub(crate) fn screen(&mut self) -> String {
        while let Ok(bytes) = self.output.try_recv() {
            self.take(&bytes);
        }
        self.parser.screen().contents()
    }

    /// The rows of the screen, each for itself; the terminal may wrap one row into the next.
    pub(crate) fn rows(&mut self) -> Vec<String> {
        let columns = self.parser.screen().size().1.get();
        self.parser.screen().rows(0, columns).collect()
    }

    fn take(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        self.parser.process(bytes);
    }

    /// Types keys.
    pub(crate) fn keys(&mut self, keys: &str) {
        (&*self.pty).write_all(keys.as_bytes()).unwrap();
    }

    /// Waits until the screen shows the words.
    pub(crate) fn wait_for(&mut self, words: &str) {
        self.wait_until(|screen| screen.contains(words), words);
    }

    /// Waits until the screen no longer shows the words; a frame may arrive in pieces, with its
    /// head first.
    pub(crate) fn wait_until_gone(&mut self, words: &str) {
        self.wait_until(|screen| !screen.contains(words), words);
    }

    fn wait_until(&mut self, reached: impl Fn(&str) -> bool, words: &str) {
        let start = Instant::now();
        while !reached(&self.screen()) {
            let screen = self.screen();
            assert!(start.elapsed() < PATIENCE, "waited in vain for {words:?}:\n{screen}");
            if let Ok(bytes) = self.output.recv_timeout(Duration::from_millis(100)) {
                self.take(&bytes);
            }
        }
    }

    /// Types keys and waits until the screen shows the words.
    pub(crate) fn keys_until(&mut self, keys: &str, words: &str) {
        self.keys(keys);
        self.wait_for(words);
    }

    /// Waits until the command ends.
    pub(crate) fn end(&mut self) -> ExitStatus {
        let start = Instant::now();
        loop {
            // Read the output, because the command stops if nobody reads it.
            let screen = self.screen();
            if let Some(status) = self.child.try_wait().unwrap() {
                while let Ok(bytes) = self.output.recv_timeout(Duration::from_millis(200)) {
                    self.take(&bytes);
                }
                return status;
            }
            assert!(start.elapsed() < PATIENCE, "it does not end:\n{screen}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Leaves by the key for it; the command must succeed.
    pub(crate) fn leave(&mut self) {
        self.keys("\x03");
        let status = self.end();
        assert_eq!(status.code(), Some(0), "{}", String::from_utf8_lossy(&self.bytes));
    }

    /// Closes the terminal as closing its window does, and waits until the command ends.
    pub(crate) fn close(self) -> ExitStatus {
        let Self { pty, mut child, output, closing, .. } = self;
        closing.store(true, Ordering::SeqCst);
        // The reading thread notices `closing` after the next output, which comes every second.
        while output.recv_timeout(Duration::from_secs(5)).is_ok() {}
        assert_eq!(Arc::strong_count(&pty), 1, "the terminal is still open");
        drop(pty);
        let start = Instant::now();
        loop {
            if let Some(status) = child.try_wait().unwrap() {
                return status;
            }
            if start.elapsed() > PATIENCE {
                child.kill().unwrap();
                panic!("it outlives its terminal");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}
