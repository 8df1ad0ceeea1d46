//! The user at a terminal: a prompt, with received lines above it.

mod bell;
mod modes;

use self::bell::Bell;
use self::modes::RawMode;
use super::clock::time_of_day;
use super::editor::{Decision, Editor};
use super::history_file::HistoryFile;
use super::input::Typed;
use super::render::Shown;
use super::sanitize::sanitize;
use super::style::{BELL, Style};
use super::vocabulary::Vocabulary;
use async_signal::{Signal, Signals};
use futures_lite::{StreamExt as _, future};
use rustix::io::Errno;
use rustix::process::{Signal as Kill, getpid, kill_process};
use smol::Async;
use std::collections::VecDeque;
use std::io::{self, Write as _};
use std::os::fd::OwnedFd;
use std::time::Instant;

const READ_BYTES: usize = 16 * 1024;

/// Maximum number of lines that wait for the conversation; no key is read while more do.
const WAITING_MAX: usize = 10_000;

/// What the conversation can do with a line now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wants {
    /// Take it.
    Lines,
    /// Take commands that need no server; other lines wait.
    Local,
    /// The same without a connection, of which the user is told.
    Offline,
}

/// A terminal with a prompt. Dropping it restores the terminal.
pub(super) struct Terminal {
    input: Async<OwnedFd>,
    raw: RawMode,
    signals: Signals,
    editor: Editor,
    style: Style,
    history: Option<HistoryFile>,
    bell: Bell,
    /// Complete lines that wait for the conversation.
    waiting: VecDeque<Typed>,
    /// Whether the terminal is gone.
    gone: bool,
}

/// The event that ended a wait.
enum Happening {
    Readable(io::Result<()>),
    Signal(Option<io::Result<Signal>>),
}

impl Terminal {
    pub(super) fn open(
        style: Style,
        history: Option<HistoryFile>,
        earlier: &[String],
    ) -> io::Result<Terminal> {
        let input = Async::new_nonblocking(rustix::io::dup(io::stdin())?)?;
        let signals = Signals::new([Signal::Winch, Signal::Cont])?;
        let raw = RawMode::enter()?;
        let editor = Editor::new(style.charset, earlier);
        let mut terminal = Terminal {
            input,
            raw,
            signals,
            editor,
            style,
            history,
            bell: Bell::default(),
            waiting: VecDeque::new(),
            gone: false,
        };
        terminal.redraw("")?;
        Ok(terminal)
    }

    /// The next input that is wanted; dropping the wait loses nothing.
    pub(super) async fn next(
        &mut self,
        wants: Wants,
        words: &Vocabulary,
        is_local: impl Fn(&[u8]) -> bool,
    ) -> io::Result<Typed> {
        loop {
            if let Some(typed) = self.take(wants, &is_local) {
                return Ok(typed);
            }
            let full = self.waiting.len() >= WAITING_MAX;
            let input = &self.input;
            let readable = async {
                if full {
                    future::pending::<()>().await;
                }
                Happening::Readable(input.readable().await)
            };
            let signals = &mut self.signals;
            let signal = async { Happening::Signal(signals.next().await) };
            match future::or(signal, readable).await {
                Happening::Readable(done) => {
                    done?;
                    self.read(wants, words)?;
                }
                // The stopped program may have lost its modes to the shell.
                Happening::Signal(Some(Ok(Signal::Cont))) => {
                    self.raw.enter_again()?;
                    self.redraw("")?;
                }
                Happening::Signal(_) => self.redraw("")?,
            }
        }
    }

    /// A line that waits, if it is wanted now.
    fn take(&mut self, wants: Wants, is_local: impl Fn(&[u8]) -> bool) -> Option<Typed> {
        // Lines of a user that is gone are said if that is possible at once.
        if self.gone && (self.waiting.is_empty() || wants != Wants::Lines) {
            return Some(Typed::End);
        }
        if wants == Wants::Lines {
            return self.waiting.pop_front();
        }
        // The end does not wait for lines that may never go out.
        if self.waiting.contains(&Typed::End) {
            self.waiting.clear();
            return Some(Typed::End);
        }
        let local = |typed: &Typed| matches!(typed, Typed::Line(line) if is_local(line));
        let at = self.waiting.iter().position(local)?;
        self.waiting.remove(at)
    }

    fn read(&mut self, wants: Wants, words: &Vocabulary) -> io::Result<()> {
        let mut buffer = [0; READ_BYTES];
        let read = match rustix::io::read(self.input.get_ref(), &mut buffer) {
            Ok(0) | Err(Errno::IO) => {
                self.gone = true;
                return Ok(());
            }
            Ok(read) => read,
            Err(Errno::INTR | Errno::AGAIN) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        let mut above = String::new();
        for decision in self.editor.feed(&buffer[..read], words) {
            match decision {
                Decision::Typed(typed, new) => {
                    if let Typed::Line(line) = &typed {
                        let line = String::from_utf8_lossy(line);
                        if let Some(history) = self.history.as_mut().filter(|_| new) {
                            history.add(&line);
                        }
                        if wants == Wants::Offline && !line.starts_with('/') {
                            let notice = "kept until the server is back".to_owned();
                            above += &self.row(&Shown::Notice(notice));
                        }
                    }
                    self.waiting.push_back(typed);
                }
                Decision::Texts(lines) => {
                    let texts = lines.into_iter().map(|line| Typed::Text(line.into_bytes()));
                    self.waiting.extend(texts);
                }
                Decision::Show(lines) => {
                    for line in lines {
                        above += &(self.style.charset.show(&line) + "\r\n");
                    }
                }
                Decision::Clear => above += "\x1b[H\x1b[2J",
                Decision::Suspend => self.suspend()?,
            }
        }
        self.redraw(&above)
    }

    /// Stops the program as the shell expects it, until the shell continues it.
    fn suspend(&mut self) -> io::Result<()> {
        let erased = self.editor.erase(RawMode::size());
        write(&erased)?;
        self.raw.leave()?;
        kill_process(getpid(), Kill::TSTP)?;
        self.raw.enter_again()
    }

    /// Shows lines above the prompt.
    pub(super) fn show(&mut self, shown: &[Shown]) -> io::Result<()> {
        let rows: String = shown.iter().map(|shown| self.row(shown)).collect();
        self.redraw(&rows)
    }

    /// Lines that were typed and not taken, and the draft.
    pub(super) fn left_over(&self) -> Vec<String> {
        let text = |typed: &Typed| match typed {
            Typed::Line(text) | Typed::Text(text) => Some(sanitize(text)),
            Typed::TooMuch | Typed::End => None,
        };
        let draft = sanitize(self.editor.draft().as_bytes());
        self.waiting
            .iter()
            .filter_map(text)
            .chain([draft])
            .filter(|text| !text.is_empty())
            .collect()
    }

    /// Changes the prompt.
    pub(super) fn set_prompt(&mut self, prompt: &str) -> io::Result<()> {
        if self.editor.set_prompt(prompt) { self.redraw("") } else { Ok(()) }
    }

    fn row(&mut self, shown: &Shown) -> String {
        let line = self.style.line(shown, &time_of_day()) + "\r\n";
        match line.strip_prefix(BELL) {
            Some(quiet) if !self.bell.rings(Instant::now()) => quiet.to_owned(),
            _ => line,
        }
    }

    /// Draws prompt and line anew, below `above`.
    fn redraw(&mut self, above: &str) -> io::Result<()> {
        let size = RawMode::size();
        let erased = self.editor.erase(size);
        let drawn = self.editor.draw(size);
        write(&[&erased, above, &drawn].concat())
    }

    /// Removes the prompt before the program ends.
    pub(super) fn close(mut self) -> io::Result<()> {
        write(&self.editor.erase(RawMode::size()))?;
        self.raw.leave()
    }
}

/// Writes in one piece, so that the screen does not flicker.
fn write(text: &str) -> io::Result<()> {
    let mut output = io::stdout().lock();
    output.write_all(text.as_bytes())?;
    output.flush()
}
