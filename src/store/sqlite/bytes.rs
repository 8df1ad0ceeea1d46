//! Names and texts, which are bytes, as SQLite's values.

use rusqlite::ToSql;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef};

/// Text where it is one, so that an operator can read it.
pub(super) struct Bytes<'a>(pub(super) &'a [u8]);

impl ToSql for Bytes<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let is_text = std::str::from_utf8(self.0).is_ok() && !self.0.contains(&0);
        let value = if is_text { ValueRef::Text(self.0) } else { ValueRef::Blob(self.0) };
        Ok(ToSqlOutput::Borrowed(value))
    }
}

/// The same, read.
pub(super) struct Owned(pub(super) Vec<u8>);

impl FromSql for Owned {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Owned> {
        match value {
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Ok(Owned(bytes.to_vec())),
            _ => Err(FromSqlError::InvalidType),
        }
    }
}
