//! The user as a script: lines in, lines out.

use super::clock::{moment, time_of_day};
use super::input::Typed;
use super::json;
use super::lines::{Cut, Lines};
use super::render::Shown;
use super::style::Style;
use futures_lite::io::AsyncReadExt as _;
use parlance_core::limits::LINE_BYTES_MAX;
use smol::Unblock;
use std::io::{self, Stdin, Write};

const READ_BYTES: usize = 8 * 1024;

/// The mark that some editors put before UTF-8.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// The looks of both outputs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Output {
    pub(super) stdout: Style,
    pub(super) stderr: Style,
    /// Whether events are shown as JSON.
    pub(super) json: bool,
}

/// Standard input, output and error without a terminal.
pub(super) struct Piped {
    input: Unblock<Stdin>,
    output: Output,
    lines: Lines,
    buffer: Box<[u8; READ_BYTES]>,
    begun: bool,
    ended: bool,
}

impl Piped {
    pub(super) fn open(output: Output) -> Piped {
        Piped {
            input: Unblock::with_capacity(READ_BYTES, io::stdin()),
            output,
            // A command exceeds its line on the wire by its keyword at most.
            lines: Lines::new(LINE_BYTES_MAX + 64),
            buffer: Box::new([0; READ_BYTES]),
            begun: false,
            ended: false,
        }
    }

    /// The next line; dropping the wait loses nothing. The last line needs no line feed.
    pub(super) async fn next(&mut self) -> io::Result<Typed> {
        loop {
            match self.lines.next() {
                Some(Cut::Line(line)) => return Ok(Typed::Line(self.begin(line))),
                Some(Cut::TooLong) => return Ok(Typed::TooMuch),
                None if self.ended => {
                    let last = self.lines.last().map(|line| self.begin(line));
                    return Ok(last.map_or(Typed::End, Typed::Line));
                }
                None => match self.input.read(&mut self.buffer[..]).await? {
                    0 => self.ended = true,
                    read => self.lines.feed(&self.buffer[..read]),
                },
            }
        }
    }

    /// The line without a mark of its encoding, if it is the first.
    fn begin(&mut self, line: Vec<u8>) -> Vec<u8> {
        let first = !std::mem::replace(&mut self.begun, true);
        match line.strip_prefix(BYTE_ORDER_MARK) {
            Some(rest) if first => rest.to_vec(),
            _ => line,
        }
    }

    pub(super) fn show(&self, shown: &[Shown]) -> io::Result<()> {
        let mut output = io::BufWriter::new(io::stdout().lock());
        for shown in shown {
            if self.output.json {
                writeln!(output, "{}", json::line(shown, &moment()))?;
            } else if shown.is_chat() {
                writeln!(output, "{}", self.output.stdout.line(shown, &time_of_day()))?;
            } else {
                // Keeps the order of events if both outputs go to one place.
                output.flush()?;
                let text = self.output.stderr.line(shown, &time_of_day());
                // A closed standard error is no reason to stop.
                let _ = writeln!(io::stderr(), "{text}");
            }
        }
        output.flush()
    }
}
