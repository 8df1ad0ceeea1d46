//! The user: at a terminal, or a script.

use super::piped::Piped;
use super::render::Shown;
use super::terminal::{Terminal, has_width};
use std::collections::VecDeque;
use std::io::{self, IsTerminal as _};

/// What the user does.
#[derive(Debug)]
pub(super) enum Typed {
    /// Types a line.
    Line(Vec<u8>),
    /// Types more than a line can have.
    TooMuch,
    /// Types no more.
    End,
}

/// Where lines come from and where others are shown.
pub(super) enum User {
    Terminal(Box<Terminal>),
    /// A terminal without a prompt, and what was typed while it had one.
    Plain(Piped, VecDeque<Typed>),
    Piped(Piped),
}

impl User {
    /// A prompt needs a terminal on both sides, and room on it.
    pub(super) fn open() -> io::Result<User> {
        if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
            Ok(User::Piped(Piped::open()))
        } else if has_width() {
            Ok(User::Terminal(Box::new(Terminal::open()?)))
        } else {
            Ok(User::Plain(Piped::open(), VecDeque::new()))
        }
    }

    /// Goes on without a prompt, if that is why the terminal has failed.
    fn goes_on(&mut self, error: &io::Error) -> bool {
        let narrow = error.kind() == io::ErrorKind::Unsupported;
        if narrow && let User::Terminal(terminal) = self {
            let typed = terminal.take_typed();
            *self = User::Plain(Piped::open(), typed); // the terminal is as it was
        }
        narrow
    }

    pub(super) fn is_at_a_terminal(&self) -> bool {
        !matches!(self, User::Piped(_))
    }

    /// What the user does next; giving up waiting for it loses nothing.
    pub(super) async fn next(&mut self) -> io::Result<Typed> {
        if let User::Terminal(terminal) = self {
            match terminal.next().await {
                Err(error) if self.goes_on(&error) => {}
                typed => return typed,
            }
        }
        match self {
            User::Terminal(terminal) => terminal.next().await,
            User::Plain(piped, typed) => match typed.pop_front() {
                Some(typed) => Ok(typed),
                None => piped.next().await,
            },
            User::Piped(piped) => piped.next().await,
        }
    }

    pub(super) async fn show(&mut self, shown: &[Shown]) -> io::Result<()> {
        match self {
            _ if shown.is_empty() => Ok(()),
            User::Terminal(terminal) => match terminal.show(shown).await {
                // Nothing is put above a prompt before the next step of reading, which did not happen.
                Err(error) if self.goes_on(&error) => Piped::show(shown),
                done => done,
            },
            User::Plain(..) | User::Piped(_) => Piped::show(shown),
        }
    }

    pub(super) fn close(self) -> io::Result<()> {
        match self {
            User::Terminal(terminal) => terminal.close(),
            User::Plain(..) | User::Piped(_) => Ok(()),
        }
    }
}
