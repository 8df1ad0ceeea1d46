//! The user: at a terminal, or a script.

use super::charset::Charset;
use super::history_file::HistoryFile;
use super::input::{Input, Typed, parse, verbs};
use super::options::{ColorChoice, Options};
use super::piped::{Output, Piped};
use super::render::Shown;
use super::style::Style;
use super::terminal::{Terminal, Wants};
use super::vocabulary::Vocabulary;
use super::world::Person;
use parlance_speech::Dialect;
use std::io::{self, IsTerminal as _};

/// The user of the program.
pub(super) struct User {
    kind: Kind,
    dialect: Dialect,
}

enum Kind {
    Terminal(Box<Terminal>),
    Piped(Box<Piped>),
}

impl User {
    /// A prompt needs a terminal for both input and output, and one that can move its cursor.
    pub(super) fn open(options: &Options) -> io::Result<User> {
        let able = std::env::var_os("TERM").is_some_and(|term| !term.is_empty() && term != "dumb");
        let interactive = io::stdin().is_terminal() && io::stdout().is_terminal();
        let kind = if interactive && able && !options.json {
            let style = Style { marks: true, ..style(options, true, able) };
            let place = HistoryFile::place(|name| std::env::var(name).ok());
            let opened = place.filter(|_| !options.no_history).map(|at| HistoryFile::open(&at));
            // A home that cannot be written is no reason to stop.
            let (history, earlier) = match opened {
                Some(Ok((file, lines))) => (Some(file), lines),
                Some(Err(_)) | None => (None, Vec::new()),
            };
            Kind::Terminal(Box::new(Terminal::open(style, history, &earlier)?))
        } else {
            let stdout = style(options, io::stdout().is_terminal(), able);
            let stderr = style(options, io::stderr().is_terminal(), able);
            Kind::Piped(Box::new(Piped::open(Output { stdout, stderr, json: options.json })))
        };
        Ok(User { kind, dialect: options.dialect })
    }

    pub(super) fn close(self) -> io::Result<()> {
        match self.kind {
            Kind::Terminal(terminal) => terminal.close(),
            Kind::Piped(_) => Ok(()),
        }
    }
}

impl Person for User {
    fn is_at_a_terminal(&self) -> bool {
        matches!(self.kind, Kind::Terminal(_))
    }

    /// A script's lines wait until they are wanted; a user at a terminal can always leave.
    async fn next(&mut self, wants: Wants, words: &Vocabulary) -> io::Result<Typed> {
        let known = verbs(self.dialect);
        let is_local = |line: &[u8]| !matches!(parse(line, known), Ok(Some(Input::Command(_))));
        match &mut self.kind {
            Kind::Terminal(terminal) => terminal.next(wants, words, is_local).await,
            Kind::Piped(piped) if wants == Wants::Lines => piped.next().await,
            Kind::Piped(_) => futures_lite::future::pending().await,
        }
    }

    fn show(&mut self, shown: &[Shown]) -> io::Result<()> {
        match &mut self.kind {
            _ if shown.is_empty() => Ok(()),
            Kind::Terminal(terminal) => terminal.show(shown),
            Kind::Piped(piped) => piped.show(shown),
        }
    }

    fn set_prompt(&mut self, room: Option<&[u8]>, unread: usize) -> io::Result<()> {
        let Kind::Terminal(terminal) = &mut self.kind else { return Ok(()) };
        let room = room.map(super::sanitize::sanitize_name).unwrap_or_default();
        let unread = if unread == 0 { String::new() } else { format!("({unread} private) ") };
        terminal.set_prompt(&format!("{unread}{room}> "))
    }

    fn left_over(&self) -> Vec<String> {
        match &self.kind {
            Kind::Terminal(terminal) => terminal.left_over(),
            Kind::Piped(_) => Vec::new(),
        }
    }
}

/// The looks of one output.
fn style(options: &Options, terminal: bool, able: bool) -> Style {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let colours = match options.color {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => terminal && able && !refused,
    };
    // A file has no charset: its bytes are those of the chat.
    let charset = if terminal { Charset::of_process() } else { Charset::Utf8 };
    Style { colours, timestamps: options.timestamps, marks: false, charset }
}
