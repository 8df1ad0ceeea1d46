//! The user as a script: lines in, lines out.

use super::input::Typed;
use super::lines::{Cut, Lines};
use super::render::Shown;
use futures_lite::io::AsyncReadExt as _;
use parlance_core::limits::LINE_BYTES_MAX;
use smol::Unblock;
use std::io::{self, Stdin, Write};

const READ_BYTES: usize = 8 * 1024;

/// Standard input, output and error without a terminal.
pub(super) struct Piped {
    input: Unblock<Stdin>,
    lines: Lines,
    buffer: Box<[u8; READ_BYTES]>,
    ended: bool,
}

impl Piped {
    pub(super) fn open() -> Piped {
        Piped {
            input: Unblock::with_capacity(READ_BYTES, io::stdin()),
            // A command exceeds its line on the wire by its keyword at most.
            lines: Lines::new(LINE_BYTES_MAX + 64),
            buffer: Box::new([0; READ_BYTES]),
            ended: false,
        }
    }

    /// The next line; dropping the wait loses nothing. The last line needs no line feed.
    pub(super) async fn next(&mut self) -> io::Result<Typed> {
        loop {
            match self.lines.next() {
                Some(Cut::Line(line)) => return Ok(Typed::Line(line)),
                Some(Cut::TooLong) => return Ok(Typed::TooMuch),
                None if self.ended => {
                    return Ok(self.lines.last().map_or(Typed::End, Typed::Line));
                }
                None => match self.input.read(&mut self.buffer[..]).await? {
                    0 => self.ended = true,
                    read => self.lines.feed(&self.buffer[..read]),
                },
            }
        }
    }

    pub(super) fn show(shown: &[Shown]) -> io::Result<()> {
        let mut output = io::BufWriter::new(io::stdout().lock());
        for shown in shown {
            let text = shown.text();
            if matches!(shown, Shown::Chat(_)) {
                writeln!(output, "{text}")?;
            } else {
                // Keeps the order of events if both outputs go to one place.
                output.flush()?;
                // A closed standard error is no reason to stop.
                let _ = writeln!(io::stderr(), "{text}");
            }
        }
        output.flush()
    }
}
