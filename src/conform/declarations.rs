//! What case files say about readings: their names, and the conditions and words that depend on
//! them.

/// Holds if a clause is read in a certain way, or in any other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Condition {
    pub(super) clause: String,
    pub(super) reading: String,
    pub(super) so: bool,
}

/// The names of a clause's readings, ours first.
#[derive(Clone, Debug)]
pub(super) struct Declared {
    pub(super) clause: String,
    pub(super) names: Vec<String>,
}

/// A part of a line that depends on a reading.
#[derive(Clone, Debug)]
pub(super) struct Word {
    pub(super) name: String,
    pub(super) clause: String,
    /// A template for each reading.
    pub(super) texts: Vec<(String, String)>,
}

impl Condition {
    /// `login/msg-2=echo` or `login/msg-2!=echo`.
    pub(super) fn parsed(text: &str) -> Option<Condition> {
        let (clause, reading) = text.split_once('=')?;
        let so = !clause.ends_with('!');
        let clause = clause.trim_end_matches('!').to_owned();
        Some(Condition { clause, reading: reading.to_owned(), so })
    }
}
