//! The socket of the operator: a file that nobody else can open. [common/admin-1]

use rustix::fs::Mode;
use rustix::process::umask;
use smol::Async;
use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

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
    remove_stale(path)?;
    let mask = umask(Mode::from_raw_mode(0o177));
    let bound = UnixListener::bind(path);
    umask(mask);
    let listener = bound.map_err(|error| match error.kind() {
        ErrorKind::NotFound => format!(
            "cannot open the admin socket {shown}: its folder is not there; make the folder, \
                 or write another path"
        ),
        ErrorKind::InvalidInput => format!(
            "cannot open the admin socket {shown}: a path of a socket has at most 107 bytes"
        ),
        _ => failed(error),
    })?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).map_err(failed)?;
    let file = AdminFile { path: path.to_owned(), identity: identity(path).map_err(failed)? };
    let listener = Async::new(listener).map_err(failed)?;
    Ok((AdminListener(listener), file))
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
