//! A look at a database that changes nothing, before it is opened.

use super::connection::{Database, damaged};
use super::schema::{APPLICATION_ID, refuse_newer};
use crate::failure::{Failure, Kind};
use rusqlite::OpenFlags;
use std::fmt::Write;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// The header of a file of SQLite, see <https://sqlite.org/fileformat2.html>.
const HEADER_BYTES: usize = 100;
const MAGIC: &[u8] = b"SQLite format 3\0";
const USER_VERSION_AT: usize = 60;
const APPLICATION_ID_AT: usize = 68;

/// Whether there is no database yet.
///
/// # Errors
/// It is damaged, newer, or of another program. No file is touched.
pub(super) fn examine(path: &Path) -> Result<bool, Failure> {
    let shown = path.display();
    let failed = |error| Failure::new(Kind::Other, format!("cannot read {shown}: {error}"));
    let mut file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
        opened => opened.map_err(failed)?,
    };
    let mut header = Vec::new();
    file.by_ref().take(HEADER_BYTES as u64).read_to_end(&mut header).map_err(failed)?;
    let log = path.with_extension("db-wal");
    let has_log = fs::metadata(&log).is_ok_and(|log| log.len() > 0);
    if header.is_empty() && !has_log {
        return Ok(true); // made, and then the server was killed
    }
    if header.len() < HEADER_BYTES || !header.starts_with(MAGIC) {
        return Err(damaged(&shown, &"it is no database of SQLite"));
    }
    let number = |at: usize| {
        let bytes = header[at..at + 4].try_into().expect("the header is longer");
        i32::from_be_bytes(bytes)
    };
    // Both are zero until the first migration is in the file.
    let (application, version) = (number(APPLICATION_ID_AT), number(USER_VERSION_AT));
    if application != APPLICATION_ID && !(application == 0 && version == 0) {
        return Err(Failure::new(Kind::Other, format!("{shown} is a database of something else")));
    }
    refuse_newer(path, version)?;
    if !has_log {
        // Without a log the file is all there is, and can be read as one that nobody writes.
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
        let still = Database::connect(Path::new(&immutable(path)), flags)?;
        still.check_pages().map_err(|failure| damaged(&shown, &why(&failure)))?;
    }
    Ok(false)
}

/// What SQLite said, without the name that the file had there.
fn why(failure: &Failure) -> String {
    let message = failure.message.split("is damaged: ").last().unwrap_or_default();
    message.split("; move it away").next().unwrap_or_default().to_owned()
}

/// The address of a file that SQLite neither writes nor locks, nor makes others beside it.
fn immutable(path: &Path) -> String {
    let mut address = String::from("file:");
    for byte in path.as_os_str().as_bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' => address.push(char::from(*byte)),
            byte if byte.is_ascii_alphanumeric() => address.push(char::from(*byte)),
            byte => write!(address, "%{byte:02X}").expect("a string takes everything"),
        }
    }
    address + "?immutable=1"
}
