//! A data directory: for its owner alone, and for one server at a time.

use crate::failure::{Failure, Kind};
use rustix::fs::{FlockOperation, flock};
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The name of the database in a data directory.
pub const DATABASE: &str = "parlance.db";

/// The file that the server has locked while it runs.
const LOCK: &str = "lock";

/// A data directory that this process has to itself.
#[derive(Debug)]
pub struct DataDirectory {
    path: PathBuf,
    _lock: File,
}

impl DataDirectory {
    /// Makes the directory `path`, if there is none, and keeps other servers from it.
    ///
    /// # Errors
    /// It cannot be made or used, others may read it and there is something else in it, or another
    /// server has it.
    pub fn claim(path: &Path) -> Result<DataDirectory, Failure> {
        let shown = path.display();
        let other = |message| Failure::new(Kind::Other, message);
        match DirBuilder::new().mode(0o700).create(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => {
                keep_others_out(path)?;
            }
            made => made.map_err(|error| {
                other(format!("cannot make the data directory {shown}: {error}"))
            })?,
        }
        let opened = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(path.join(LOCK));
        let lock = opened.map_err(|error| {
            other(format!("cannot write in the data directory {shown}: {error}"))
        })?;
        flock(&lock, FlockOperation::NonBlockingLockExclusive).map_err(|_| {
            let message = format!("another server has the data directory {shown}");
            Failure::new(Kind::InUse, message)
        })?;
        Ok(DataDirectory { path: path.to_owned(), _lock: lock })
    }

    /// Where the database is, or will be.
    pub fn database(&self) -> PathBuf {
        self.path.join(DATABASE)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes an empty file that nobody else may read; SQLite's other files follow it.
    pub(super) fn create_database(&self) -> Result<(), Failure> {
        let path = self.database();
        let created =
            OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&path);
        created.map(drop).map_err(|error| {
            Failure::new(Kind::Other, format!("cannot make {}: {error}", path.display()))
        })
    }
}

/// A directory that is ours, or empty, is closed to others. One with files of others is not
/// changed: it may be somebody's home.
fn keep_others_out(path: &Path) -> Result<(), Failure> {
    let shown = path.display();
    let failed =
        |error| Failure::new(Kind::Other, format!("cannot use the directory {shown}: {error}"));
    let mode = fs::metadata(path).map_err(failed)?.permissions().mode() & 0o777;
    let open_to_others = mode & 0o077 != 0;
    if !open_to_others {
        return Ok(());
    }
    let is_empty = fs::read_dir(path).map_err(failed)?.next().is_none();
    if !is_empty && !path.join(DATABASE).exists() {
        return Err(Failure::new(
            Kind::Other,
            format!(
                "the data directory {shown} has mode {mode:03o} and files of others: \
                 name an empty one, or `chmod 700` it"
            ),
        ));
    }
    fs::set_permissions(path, Permissions::from_mode(0o700)).map_err(failed)
}
