//! Why a run did not take place.

use std::fmt;

/// Why a run did not take place, or could not be told.
#[derive(Debug)]
#[non_exhaustive]
pub enum ConformError {
    /// What was asked for makes no sense, a selector that matches nothing included.
    Usage(String),
    /// The server could not be started or reached.
    Server(String),
    /// A case file is wrong; a fault of the suite.
    Data(String),
    /// A report could not be written.
    Output(String),
}

impl fmt::Display for ConformError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConformError::Usage(why)
            | ConformError::Server(why)
            | ConformError::Data(why)
            | ConformError::Output(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for ConformError {}
