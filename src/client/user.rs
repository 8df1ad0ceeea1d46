//! The user: at a terminal, or a script.

use super::input::Typed;
use super::piped::Piped;
use super::render::Shown;
use super::terminal::Terminal;
use std::io::{self, IsTerminal as _};

/// The source of commands and the sink of lines to show.
pub(super) enum User {
    Terminal(Box<Terminal>),
    Piped(Piped),
}

impl User {
    /// A prompt needs a terminal for both input and output.
    pub(super) fn open() -> io::Result<User> {
        if io::stdin().is_terminal() && io::stdout().is_terminal() {
            Ok(User::Terminal(Box::new(Terminal::open()?)))
        } else {
            Ok(User::Piped(Piped::open()))
        }
    }

    pub(super) fn is_at_a_terminal(&self) -> bool {
        matches!(self, User::Terminal(_))
    }

    /// The next input; dropping the wait loses nothing.
    pub(super) async fn next(&mut self) -> io::Result<Typed> {
        match self {
            User::Terminal(terminal) => terminal.next().await,
            User::Piped(piped) => piped.next().await,
        }
    }

    pub(super) async fn show(&mut self, shown: &[Shown]) -> io::Result<()> {
        match self {
            _ if shown.is_empty() => Ok(()),
            User::Terminal(terminal) => terminal.show(shown).await,
            User::Piped(_) => Piped::show(shown),
        }
    }

    pub(super) fn close(self) -> io::Result<()> {
        match self {
            User::Terminal(terminal) => terminal.close(),
            User::Piped(_) => Ok(()),
        }
    }
}
