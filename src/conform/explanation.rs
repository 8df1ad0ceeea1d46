//! Everything about a case or a clause, for a reader.

use super::ConformError;
use super::dialect::{self, COMMON};
use super::reader;
use super::script::Book;
use super::spec::Spec;
use std::fmt::Write as _;

/// The full text about a case or a clause: of this dialect, or of the first one that has it.
///
/// # Errors
///
/// Fails if no dialect has it.
pub(super) fn explained(dialect: Option<&str>, id: &str) -> Result<String, ConformError> {
    let wanted = |name: &&str| dialect.is_none_or(|dialect| dialect == *name);
    let names = dialect::names().into_iter().filter(wanted);
    let known = names.flat_map(|name| [dialect::dialect(name), dialect::extended(name)]);
    for dialect in known.flatten() {
        let spec = Spec::of(&[COMMON, dialect.spec]);
        if let Some(text) = text(&spec, &reader::book(dialect)?, id) {
            return Ok(text);
        }
    }
    let list = match dialect {
        Some(_) => "--list",
        None => "--dialect and --list",
    };
    Err(ConformError::Usage(format!("no case or clause {id}; see {list}")))
}

/// The text about a case or a clause of one dialect, if it has it.
fn text(spec: &Spec, book: &Book, id: &str) -> Option<String> {
    let case = book.cases.iter().find(|case| case.id == id);
    let clause = spec.get(case.map_or(id, |case| &case.clause))?;
    let (level, kind) = (clause.level.name(), clause.kind.name());
    let mut text = format!("{} · {level} · {kind}\n\n{}\n", clause.id, clause.text);
    if let Some(case) = case {
        let _ = write!(text, "\n{}\n  {}\n  Hint: {}\n", case.id, case.says, case.hint);
        return Some(text);
    }
    for case in book.cases.iter().filter(|case| case.clause == clause.id) {
        let _ = write!(text, "\n{}\n  {}\n", case.id, case.says);
    }
    for (_, reason) in book.unjudged.iter().filter(|(unjudged, _)| *unjudged == clause.id) {
        let _ = write!(text, "\nNot judged: {reason}\n");
    }
    Some(text)
}
