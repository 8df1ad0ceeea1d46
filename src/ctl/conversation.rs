//! Questions and answers over the admin socket.

use serde_json::{Map, Value};
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long the server may take for an answer: a reload looks names up.
const ANSWER: Duration = Duration::from_secs(30);

/// Maximum bytes of a line of an answer: a reload shows all bans of a configuration in one.
const LINE_BYTES_MAX: u64 = 64 << 20;

/// Maximum characters that are shown of an answer that is none.
const SHOWN_MAX: usize = 100;

/// A line of a server's answer.
pub(crate) type Row = Map<String, Value>;

/// A connection to a server.
#[derive(Debug)]
pub(crate) struct Conversation {
    stream: BufReader<UnixStream>,
    socket: PathBuf,
}

impl Conversation {
    /// Connects to the server at `socket`.
    ///
    /// # Errors
    /// A message for the user, which says what would be right.
    pub(crate) fn begin(socket: &Path) -> Result<Conversation, String> {
        let shown = socket.display();
        let stream = UnixStream::connect(socket).map_err(|error| {
            let advice = match error.kind() {
                ErrorKind::PermissionDenied => {
                    "the user that runs the server can reach it, and root: try sudo"
                }
                ErrorKind::NotFound => {
                    "start the server with --admin PATH, and say the same with --socket PATH"
                }
                _ => "no server has the socket: is it running?",
            };
            format!("cannot reach the server at {shown}: {error}; {advice}")
        })?;
        let failed = |error| format!("cannot speak with the server at {shown}: {error}");
        stream.set_read_timeout(Some(ANSWER)).map_err(failed)?;
        stream.set_write_timeout(Some(ANSWER)).map_err(failed)?;
        Ok(Conversation { stream: BufReader::new(stream), socket: socket.to_owned() })
    }

    /// The rows of the answer to `line`.
    ///
    /// # Errors
    /// What the server says is wrong, or that it does not answer.
    pub(crate) fn ask(&mut self, line: &str) -> Result<Vec<Row>, String> {
        if line.contains(['\n', '\r']) {
            return Err("a command is one line".to_owned());
        }
        let shown = self.socket.display();
        let failed = |error| format!("the server at {shown} does not answer: {error}");
        match self.stream.get_mut().write_all(format!("{line}\n").as_bytes()) {
            // A server that does not listen may have said why before it closed.
            Err(error) if error.kind() != ErrorKind::BrokenPipe => return Err(failed(error)),
            _ => {}
        }
        let mut rows = Vec::new();
        loop {
            let mut answer = String::new();
            let mut line = self.stream.by_ref().take(LINE_BYTES_MAX);
            let read = line.read_line(&mut answer).map_err(failed)?;
            let answer = answer.trim_end_matches('\n');
            if read == 0 {
                return Err(format!("the server at {shown} has closed the connection"));
            }
            if answer == "OK" {
                return Ok(rows);
            }
            if let Some(error) = answer.strip_prefix("ERROR ") {
                return Err(error.to_owned());
            }
            let Ok(Value::Object(row)) = serde_json::from_str(answer) else {
                let answer: String = answer.chars().take(SHOWN_MAX).collect();
                return Err(format!("{shown} is no admin socket of parlance: {answer:?}"));
            };
            rows.push(row);
        }
    }
}
