//! The user at a terminal: a prompt, with what arrives above it.

use super::render::Shown;
use super::user::Typed;
use futures_lite::future::poll_once;
use rustix::termios::tcgetwinsize;
use rustyline_async::{Readline, ReadlineError, ReadlineEvent, SharedWriter};
use std::collections::VecDeque;
use std::future::{Future as _, poll_fn};
use std::io::{self, Write};
use std::pin::pin;
use std::task::Poll;

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
        let event = {
            let mut line = pin!(self.lines.readline());
            // Looked at before each step: the prompt would be divided into rows of no column.
            poll_fn(|cx| {
                if has_width() {
                    line.as_mut().poll(cx).map_err(plain)
                } else {
                    Poll::Ready(Err(io::ErrorKind::Unsupported.into()))
                }
            })
            .await?
        };
        match event {
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

    /// The lines that are complete already, for who goes on without a prompt.
    pub(super) fn take_typed(&mut self) -> VecDeque<Typed> {
        std::mem::take(&mut self.typed)
    }

    /// Takes the prompt away, for the program to end.
    pub(super) fn close(mut self) -> io::Result<()> {
        self.lines.flush().map_err(plain)
    }
}

/// Whether a prompt can be drawn: a terminal may say that it has no column at all, and at any time. One that
/// does not say is taken for one of the usual size.
pub(super) fn has_width() -> bool {
    tcgetwinsize(io::stdout()).map_or(true, |size| size.ws_col > 0)
}

fn plain(error: ReadlineError) -> io::Error {
    match error {
        ReadlineError::IO(error) => error,
        ReadlineError::Closed => io::ErrorKind::BrokenPipe.into(),
    }
}
