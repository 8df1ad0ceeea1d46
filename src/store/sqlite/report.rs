//! What an operator asks of a database, whether or not a server has it.

use super::connection::{Database, damaged, failed};
use crate::failure::{Failure, Kind};
use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// A room's or a user's name, or a text, in JSON: those that are no UTF-8 are in hexadecimal, and
/// so are those that look as if they were.
macro_rules! shown {
    ($column:literal) => {
        concat!(
            "iif(typeof(",
            $column,
            ") = 'text' AND ",
            $column,
            " NOT LIKE 'hex:%', ",
            $column,
            ", 'hex:' || hex(",
            $column,
            "))"
        )
    };
}

/// All lines, as objects of JSON.
const EXPORT: &str = concat!(
    "SELECT json_object('id', line.id, 'time', strftime('%Y-%m-%dT%H:%M:%fZ', at / 1000.0, ",
    "'unixepoch'), 'room', ",
    shown!("room.name"),
    ", 'name', ",
    shown!("sender"),
    ", 'text', ",
    shown!("text"),
    ") FROM line JOIN room ON room.id = line.room ORDER BY line.id"
);

/// What is in a database that was found to be whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The version of the tables.
    pub version: i64,
    /// Rooms of which something is kept.
    pub rooms: u64,
    /// Lines.
    pub lines: u64,
    /// Bans.
    pub bans: u64,
    /// Bytes in use.
    pub bytes: u64,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Report { version, rooms, lines, bans, bytes } = self;
        write!(
            f,
            "whole: version {version}, {rooms} rooms, {lines} lines, {bans} bans, {bytes} bytes"
        )
    }
}

impl Database {
    /// Looks at every page, index and reference, and counts what there is.
    ///
    /// # Errors
    /// Something is damaged, or cannot be read.
    pub fn report(&self) -> Result<Report, Failure> {
        let found: String = self.run(|connection| {
            connection.pragma_query_value(None, "integrity_check", |row| row.get(0))
        })?;
        if found != "ok" {
            return Err(damaged(&self.path.display(), &found));
        }
        let strays =
            self.run(|connection| connection.prepare("PRAGMA foreign_key_check")?.exists([]))?;
        if strays {
            return Err(damaged(&self.path.display(), &"there are lines of no room"));
        }
        let version = self.version()?;
        self.run(|connection| {
            let number = |query: &str| connection.query_row(query, [], |row| row.get::<_, u64>(0));
            Ok(Report {
                version,
                rooms: number("SELECT count(*) FROM room")?,
                lines: number("SELECT count(*) FROM line")?,
                bans: if version < 2 { 0 } else { number("SELECT count(*) FROM ban")? },
                bytes: number("PRAGMA page_count")? * number("PRAGMA page_size")?,
            })
        })
    }

    /// Copies the database as it is at this moment to the new file `target`, which is there whole
    /// or not at all.
    ///
    /// # Errors
    /// There is such a file, or it cannot be written.
    pub fn backup(&self, target: &Path) -> Result<(), Failure> {
        let shown = target.display();
        let cannot = |what: &dyn fmt::Display| {
            Failure::new(Kind::Other, format!("cannot write {shown}: {what}"))
        };
        if target.exists() {
            return Err(cannot(&"there is such a file already"));
        }
        let mut part = target.as_os_str().to_owned();
        part.push(".part");
        let part = Path::new(&part);
        let made =
            OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(part);
        made.map_err(|error| cannot(&error))?;
        self.copy_to(part)
            .and_then(|()| publish(part, target).map_err(|error| cannot(&error)))
            .inspect_err(|_| _ = fs::remove_file(part))
    }

    fn copy_to(&self, part: &Path) -> Result<(), Failure> {
        let mut copy = Connection::open(part).map_err(|error| failed(part, &error))?;
        let copied = {
            let backup = Backup::new(&self.connection, &mut copy);
            // All at once: between two steps a writer would have it begin again.
            backup.and_then(|backup| backup.step(-1))
        };
        match copied.map_err(|error| failed(part, &error))? {
            StepResult::Done => Ok(()),
            _ => Err(Failure::new(Kind::InUse, format!("{} is busy", self.path.display()))),
        }
    }

    /// Writes all lines to `out`, one object of JSON each, in their order.
    ///
    /// # Errors
    /// The database cannot be read, or `out` not written.
    pub fn export(&self, out: &mut dyn Write) -> Result<(), Failure> {
        let wrote = self.run(|connection| {
            let mut all = connection.prepare(EXPORT)?;
            let mut rows = all.query([])?;
            while let Some(row) = rows.next()? {
                let line = row.get_ref(0)?.as_str()?;
                if let Err(error) = writeln!(out, "{line}") {
                    return Ok(Err(error));
                }
            }
            Ok(out.flush())
        })?;
        wrote.map_err(|error| Failure::new(Kind::Other, format!("cannot write: {error}")))
    }
}

/// Has the disk have the file before it gets its name.
fn publish(part: &Path, target: &Path) -> io::Result<()> {
    File::open(part)?.sync_all()?;
    fs::rename(part, target)
}
