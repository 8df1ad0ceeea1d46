//! The user at a terminal: a prompt, with what arrives above it.

use super::input::Typed;
use super::render::Shown;
use futures_lite::future::poll_once;
use rustyline_async::{Readline, ReadlineError, ReadlineEvent, SharedWriter};
use std::collections::VecDeque;
use std::io::{self, Write};

const PROMPT: &str = "> ";

/// A terminal with a prompt; as it was before, once this is dropped.
pub(super) struct Terminal {
    lines: Readline,
    above: SharedWriter,
    /// Lines that were complete while others were shown.
    typed: VecDeque<Typed>,
}

impl Terminal {
    pub(super) fn open() -> io::Result<Terminal> {
        let (mut lines, above) = Readline::new(PROMPT.to_owned()).map_err(plain)?;
        // What one says is shown when it has been said; the command as well would be the same thing twice.
        lines.should_print_line_on(false, false);
        Ok(Terminal { lines, above, typed: VecDeque::new() })
    }

    /// The next line; giving up waiting for it loses nothing.
    pub(super) async fn next(&mut self) -> io::Result<Typed> {
        match self.typed.pop_front() {
            Some(typed) => Ok(typed),
            None => self.read().await,
        }
    }

    async fn read(&mut self) -> io::Result<Typed> {
        match self.lines.readline().await.map_err(plain)? {
            ReadlineEvent::Line(line) => {
                self.lines.add_history_entry(line.clone());
                Ok(Typed::Line(line.into_bytes()))
            }
            ReadlineEvent::Eof | ReadlineEvent::Interrupted => Ok(Typed::End),
        }
    }

    pub(super) async fn show(&mut self, shown: &[Shown]) -> io::Result<()> {
        let text: String = shown.iter().map(|shown| shown.text() + "\n").collect();
        self.above.write_all(text.as_bytes())?;
        // Lines are put above the prompt while the next one is read, so that is begun now: what is shown keeps its
        // place in the order of things, and is there at the end.
        while let Some(typed) = poll_once(self.read()).await {
            self.typed.push_back(typed?);
        }
        Ok(())
    }

    /// Takes the prompt away, for the program to end.
    pub(super) fn close(mut self) -> io::Result<()> {
        self.lines.flush().map_err(plain)
    }
}

fn plain(error: ReadlineError) -> io::Error {
    match error {
        ReadlineError::IO(error) => error,
        ReadlineError::Closed => io::ErrorKind::BrokenPipe.into(),
    }
}
