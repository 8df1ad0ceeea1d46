//! What a report of an earlier run says, for a run of what did not pass.

use super::ConformError;
use super::result::{SCHEMA, Verdict};
use super::script::Book;
use serde::Deserialize;
use std::path::Path;

/// The fields of a report that are needed; a report may hold more.
#[derive(Debug, Deserialize)]
struct LastRun {
    dialect: String,
    results: Vec<LastResult>,
}

#[derive(Debug, Deserialize)]
struct LastResult {
    id: String,
    verdict: Verdict,
    /// What it follows from, if it was not judged for that reason.
    cause: Option<serde::de::IgnoredAny>,
}

/// The cases that were wrong, inconclusive or not reached in the report at `path`, by id.
///
/// # Errors
///
/// Fails if it is no report, or is of another dialect, or of cases that are not known.
pub(super) fn failed(path: &Path, book: &Book) -> Result<Vec<String>, ConformError> {
    let failed = |why: String| ConformError::Usage(format!("{}: {why}", path.display()));
    let run: LastRun = serde_json::from_value(report(path)?)
        .map_err(|error| failed(format!("not a report: {error}")))?;
    if run.dialect != book.dialect {
        return Err(failed(format!(
            "it is of the dialect {}, and --dialect is {}",
            run.dialect, book.dialect
        )));
    }
    let unknown = |result: &&LastResult| !book.cases.iter().any(|case| case.id == result.id);
    if let Some(result) = run.results.iter().find(unknown) {
        return Err(failed(format!("no case {:?}: it is of another version", result.id)));
    }
    let again = |result: &LastResult| {
        result.verdict.is_wrong() || result.verdict.is_unknown() || result.cause.is_some()
    };
    Ok(run.results.into_iter().filter(again).map(|result| result.id).collect())
}

/// A report as JSON, of the schema of this version.
///
/// # Errors
///
/// Fails if it cannot be read, or is no report, or one of another schema.
pub(super) fn report(path: &Path) -> Result<serde_json::Value, ConformError> {
    let failed = |why: String| ConformError::Usage(format!("{}: {why}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
    let value: serde_json::Value =
        serde_json::from_str(&text).map_err(|error| failed(format!("not JSON: {error}")))?;
    match value.get("schema") {
        None => Err(failed("not a report of parlance-conform: no \"schema\"".to_owned())),
        Some(schema) if schema != SCHEMA => {
            Err(failed(format!("its schema is {schema}, and this reads {SCHEMA:?}")))
        }
        Some(_) => Ok(value),
    }
}
