//! Which of the readings that the documents allow the server has.

use super::declarations::{Condition, Word};
use super::script::Book;
use std::collections::BTreeMap;

/// The known readings of a server, each with the case that found it out. For all other clauses, our
/// own reading is assumed.
#[derive(Clone, Debug, Default)]
pub(super) struct Readings {
    /// Whether all probes have run: what is unknown then could not be found out.
    pub(super) probed: bool,
    found: BTreeMap<String, (String, String)>,
}

impl Readings {
    /// Notes a reading. Returns the reading that was found before, and its case, if it is another
    /// one.
    pub(super) fn note(
        &mut self,
        clause: &str,
        reading: &str,
        case: &str,
    ) -> Result<(), (String, String)> {
        let found = || (reading.to_owned(), case.to_owned());
        let first = self.found.entry(clause.to_owned()).or_insert_with(found);
        if first.0 == reading { Ok(()) } else { Err(first.clone()) }
    }

    /// The reading of a clause that was found out.
    pub(super) fn found(&self, clause: &str) -> Option<&str> {
        self.found.get(clause).map(|(reading, _)| reading.as_str())
    }

    pub(super) fn holds(&self, condition: &Condition, book: &Book) -> bool {
        let ours = || {
            let declared = book.readings.iter().find(|one| one.clause == condition.clause);
            declared.and_then(|one| one.names.first()).map(String::as_str)
        };
        let reading = self.found(&condition.clause).or_else(ours);
        (reading == Some(condition.reading.as_str())) == condition.so
    }

    /// The words of the book with these readings.
    pub(super) fn words(&self, book: &Book) -> BTreeMap<String, String> {
        let chosen = |word: &Word| {
            let found = self.found(&word.clause);
            let text = word.texts.iter().find(|(reading, _)| Some(reading.as_str()) == found);
            let text = text.or(word.texts.first())?;
            Some((word.name.clone(), text.1.clone()))
        };
        book.words.iter().filter_map(chosen).collect()
    }
}

/// The clause, or the respect of it, that a reading belongs to.
pub(super) fn in_respect<'r>(clause: &str, reading: &'r str) -> (String, &'r str) {
    match reading.split_once('=') {
        Some((respect, reading)) => (format!("{clause}.{respect}"), reading),
        None => (clause.to_owned(), reading),
    }
}
