//! The socket of the operator: a file that nobody else can open. [common/admin-1]

use rustix::fs::{FlockOperation, Mode, flock};
use rustix::io::Errno;
use rustix::process::umask;
use smol::Async;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

/// How often the folder of the socket is tried to lock: anybody who can read it can hold the lock.
const LOCK_ATTEMPTS: usize = 200;

/// The time between two attempts.
const LOCK_RETRY: Duration = Duration::from_millis(10);

/// The socket, bound.
pub(crate) struct AdminListener(Async<UnixListener>);

/// The file of the socket. Dropping it removes the file.
pub(crate) struct AdminFile {
    path: PathBuf,
    /// Device and inode: another server may have put another file there meanwhile.
    identity: (u64, u64),
}

/// Binds `path`, which only this user can open from its first moment on. The socket of a server
/// that is gone is replaced.
///
/// Files that other threads make at the same time are as private: so call it before there are any.
///
/// # Errors
/// A message for the operator, which names the path and what would be right.
pub(crate) fn bind(path: &Path) -> Result<(AdminListener, AdminFile), String> {
    let shown = path.display();
    let failed = |error: io::Error| format!("cannot open the admin socket {shown}: {error}");
    let mask = umask(Mode::from_raw_mode(0o177));
    let listener = replace(path);
    umask(mask);
    let listener = listener?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).map_err(failed)?;
    let file = AdminFile { path: path.to_owned(), identity: identity(path).map_err(failed)? };
    let listener = Async::new(listener).map_err(failed)?;
    Ok((AdminListener(listener), file))
}

/// Binds `path`, in place of the socket of a server that is gone.
fn replace(path: &Path) -> Result<UnixListener, String> {
    let _turn = turn(path);
    remove_stale(path)?;
    let shown = path.display();
    UnixListener::bind(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => format!(
            "cannot open the admin socket {shown}: its folder is not there; make the folder, \
                 or write another path"
        ),
        ErrorKind::InvalidInput => format!(
            "cannot open the admin socket {shown}: a path of a socket has at most 107 bytes"
        ),
        _ => format!("cannot open the admin socket {shown}: {error}"),
    })
}

/// Waits for other servers that start in the folder of `path` at this moment, and has them wait
/// until the result is dropped: a socket that is not listening yet looks like that of a server that
/// is gone. `None` if the folder cannot be locked, or is for longer than any start takes.
fn turn(path: &Path) -> Option<File> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = File::open(folder.unwrap_or(Path::new("."))).ok()?;
    for _ in 0..LOCK_ATTEMPTS {
        match flock(&folder, FlockOperation::NonBlockingLockExclusive) {
            Err(Errno::WOULDBLOCK) => thread::sleep(LOCK_RETRY),
            locked => return locked.ok().map(|()| folder),
        }
    }
    None
}

impl AdminListener {
    /// The next connection.
    pub(super) async fn accept(&self) -> io::Result<Async<UnixStream>> {
        self.0.accept().await.map(|(stream, _)| stream)
    }
}

fn identity(path: &Path) -> io::Result<(u64, u64)> {
    fs::symlink_metadata(path).map(|file| (file.dev(), file.ino()))
}

/// Removes the socket of a server that is gone.
fn remove_stale(path: &Path) -> Result<(), String> {
    let Ok(file) = fs::symlink_metadata(path) else { return Ok(()) };
    let shown = path.display();
    if !file.file_type().is_socket() {
        return Err(format!(
            "cannot open the admin socket {shown}: there is another file, which stays as it is; \
             write another path"
        ));
    }
    match UnixStream::connect(path) {
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => {
            let failed = |error| format!("cannot replace the admin socket {shown}: {error}");
            fs::remove_file(path).map_err(failed)
        }
        _ => Err(format!(
            "cannot open the admin socket {shown}: another server has it; write another path"
        )),
    }
}

impl Drop for AdminFile {
    fn drop(&mut self) {
        if identity(&self.path).is_ok_and(|identity| identity == self.identity) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::replace;
    use std::fs;
    use std::os::unix::net::UnixListener;
    use std::sync::Barrier;
    use std::thread;

    /// [common/admin-3]
    #[test]
    fn of_servers_that_start_at_once_over_a_stale_socket_one_has_it() {
        let folder = std::env::temp_dir().join(format!("parlance-admin-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        let path = folder.join("admin.sock");
        for round in 0..100 {
            // A socket that nobody listens on any more.
            drop(UnixListener::bind(&path).expect("it is free"));
            let barrier = Barrier::new(4);
            let start = || {
                barrier.wait();
                replace(&path)
            };
            let bound: Vec<_> = thread::scope(|scope| {
                let starts: Vec<_> = (0..4).map(|_| scope.spawn(start)).collect();
                starts.into_iter().map(|start| start.join().expect("it returns")).collect()
            });
            assert_eq!(bound.iter().filter(|bound| bound.is_ok()).count(), 1, "round {round}");
            fs::remove_file(&path).expect("it is there");
        }
        fs::remove_dir(&folder).expect("it is empty");
    }
}
