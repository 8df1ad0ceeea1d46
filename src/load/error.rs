//! The reasons for a run without figures.

use std::fmt;
use std::io;

/// The reasons for a run without figures.
#[derive(Debug)]
#[non_exhaustive]
pub enum LoadError {
    /// The run could not be tried as asked: a limit of this process, or an absent process.
    Request(String),
    /// An operation of this machine failed.
    Io {
        /// The operation.
        what: String,
        /// The error.
        source: io::Error,
    },
    /// The server closed a connection.
    Closed {
        /// The member of the connection.
        who: String,
    },
    /// A member received something other than its room's next lines.
    Mismatch {
        /// The member that received it.
        who: String,
        /// The expected bytes (abridged).
        expected: String,
        /// The received bytes (abridged).
        received: String,
    },
    /// A member is so far behind its room that its unread lines take too much memory.
    Behind {
        /// The member that is behind.
        who: String,
        /// The distance in bytes.
        bytes: u64,
    },
    /// Sent lines did not arrive in time.
    Stalled {
        /// The event that was awaited.
        what: String,
        /// The wait in seconds.
        seconds: u64,
    },
    /// A comparison could not be made because one of its measurements failed.
    Contest {
        /// The server.
        server: String,
        /// The row.
        row: &'static str,
        /// The error.
        error: Box<LoadError>,
    },
}

impl LoadError {
    /// The exit status of this error: 2 for requests that could not be tried, else 1.
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
