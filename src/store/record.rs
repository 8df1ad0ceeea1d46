//! Lines and topics as values.

/// Milliseconds since 1970 in UTC.
pub type Millis = i64;

/// Something to store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Record<'a> {
    /// A line that was said in a room.
    Line {
        /// Its number, larger than that of every line before.
        id: u64,
        /// The room's name.
        room: &'a [u8],
        /// The name of the client that said it.
        sender: &'a [u8],
        /// When it was said.
        at: Millis,
        /// The text, without what the dialect puts around it.
        text: &'a [u8],
    },
    /// The topic of a room from now on; none if the text is empty.
    Topic {
        /// The room's name.
        room: &'a [u8],
        /// The name of the client that set it.
        sender: &'a [u8],
        /// When it was set.
        at: Millis,
        /// The topic.
        text: &'a [u8],
    },
}

/// A line as it was stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// See [`Record::Line`].
    pub id: u64,
    /// When it was said.
    pub at: Millis,
    /// The name of the client that said it.
    pub sender: Vec<u8>,
    /// The text.
    pub text: Vec<u8>,
}

/// Which lines of a room are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recall {
    /// Only lines with smaller numbers.
    pub before: u64,
    /// At most so many.
    pub lines_max: usize,
    /// At most so many bytes of names and texts; one line at least, if there is any.
    pub bytes_max: usize,
}

/// The topic of a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// The name of the client that set it.
    pub sender: Vec<u8>,
    /// The topic.
    pub text: Vec<u8>,
}

/// What is kept of a room.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Its last lines, oldest first.
    pub lines: Vec<Line>,
    /// Its topic, if it has one.
    pub topic: Option<Topic>,
}

/// How long lines are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// Lines that are older go.
    pub age_max: Option<Millis>,
    /// The oldest lines go while the store is larger, in bytes.
    pub bytes_max: Option<u64>,
}
