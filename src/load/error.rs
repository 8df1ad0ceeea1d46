//! Why a run did not produce figures.

use std::fmt;
use std::io;

/// Why a run did not produce figures.
#[derive(Debug)]
#[non_exhaustive]
pub enum LoadError {
    /// The run could not be tried as asked: a limit of this process, or a process that is not there.
    Request(String),
    /// An operation of this machine failed.
    Io {
        /// What was being done.
        what: String,
        /// How it failed.
        source: io::Error,
    },
    /// The server closed a connection.
    Closed {
        /// The member whose connection it was.
        who: String,
    },
    /// A member received something other than its room's next lines.
    Mismatch {
        /// The member that received it.
        who: String,
        /// What its stream should have gone on with (abridged).
        expected: String,
        /// What it went on with (abridged).
        received: String,
    },
    /// A member is so far behind its room that remembering what it is owed takes too much memory.
    Behind {
        /// The member that is behind.
        who: String,
        /// By how many bytes.
        bytes: u64,
    },
    /// What was sent did not arrive in time.
    Stalled {
        /// What was awaited.
        what: String,
        /// For how many seconds.
        seconds: u64,
    },
    /// A comparison could not be made because one of its measurements failed.
    Contest {
        /// Who was measured.
        server: String,
        /// In which row.
        row: &'static str,
        /// How it failed.
        error: Box<LoadError>,
    },
}

impl LoadError {
    /// The exit status that stands for this error: 2 for requests that could not be tried, else 1.
    pub fn exit_status(&self) -> u8 {
        match self {
            LoadError::Request(_) => 2,
            LoadError::Contest { error, .. } => error.exit_status(),
            _ => 1,
        }
    }

    /// An adapter for `map_err`: the error of doing `what`.
    pub(super) fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> LoadError {
        move |source| LoadError::Io { what: what.into(), source }
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LoadError::Request(why) => f.write_str(why),
            LoadError::Io { what, source } => write!(f, "{what}: {source}"),
            LoadError::Closed { who } => write!(f, "{who}: the server closed the connection"),
            LoadError::Mismatch { who, expected, received } => {
                write!(f, "{who}: lost, repeated or reordered: expected {expected}, got {received}")
            }
            LoadError::Behind { who, bytes } => {
                write!(f, "{who}: {bytes} bytes behind its room")
            }
            LoadError::Contest { server, row, error } => write!(f, "{row}, {server}: {error}"),
            LoadError::Stalled { what, seconds } => {
                write!(f, "lost or late: {what} not complete after {seconds} s")
            }
        }
    }
}

impl std::error::Error for LoadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            LoadError::Io { source, .. } => Some(source),
            LoadError::Contest { error, .. } => Some(error),
            _ => None,
        }
    }
}
