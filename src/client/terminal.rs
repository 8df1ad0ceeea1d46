//! The user at a terminal: a prompt, with received lines above it.

use super::input::Typed;
use super::render::Shown;
use futures_lite::future::poll_once;
use rustyline_async::{Readline, ReadlineError, ReadlineEvent, SharedWriter};
use std::collections::VecDeque;
use std::io::{self, Write};

const PROMPT: &str = "> ";

/// A terminal with a prompt. Dropping it restores the terminal.
pub(super) struct Terminal {
    lines: Readline,
    above: SharedWriter,
    /// Lines that were completed while others were shown.
    typed: VecDeque<Typed>,
}

impl Terminal {
    pub(super) fn open() -> io::Result<Terminal> {
        let (mut lines, above) = Readline::new(PROMPT.to_owned()).map_err(plain)?;
        // The user's text is shown once it has been sent; the command would be a second copy.
        lines.should_print_line_on(false, false);
        Ok(Terminal { lines, above, typed: VecDeque::new() })
    }

    /// The next line; dropping the wait loses nothing.
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
        // The editor writes lines above the prompt while it reads the next one. Reading starts
        // here, so that lines keep the order of events and none is missing at the end.
        while let Some(typed) = poll_once(self.read()).await {
            self.typed.push_back(typed?);
        }
        Ok(())
    }

    /// Removes the prompt before the program ends.
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
