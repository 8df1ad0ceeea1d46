//! What is wrong with a layer of a connection.

use std::fmt;

/// Why a connection cannot go on, in words for a person. What they quote of the server is escaped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerError {
    words: String,
    lasts: bool,
}

impl LayerError {
    /// An error that another attempt may not have.
    pub(crate) fn new(words: impl Into<String>) -> LayerError {
        LayerError { words: words.into(), lasts: false }
    }

    /// An error that every attempt would have: the server is not the one that is trusted.
    pub(crate) fn lasting(words: impl Into<String>) -> LayerError {
        LayerError { words: words.into(), lasts: true }
    }

    /// Whether it is useless to try again, because the server's certificate was refused.
    pub fn lasts(&self) -> bool {
        self.lasts
    }
}

impl fmt::Display for LayerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)
    }
}

impl std::error::Error for LayerError {}
