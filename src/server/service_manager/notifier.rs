//! Datagrams to the service manager, as `sd_notify(3)` sends them.

use std::ffi::OsStr;
use std::io;
#[cfg(target_os = "linux")]
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};

/// The way to the service manager, or to nobody.
pub(super) struct Notifier(Option<(UnixDatagram, SocketAddr)>);

impl Notifier {
    /// Nobody wants to know.
    pub(super) fn none() -> Notifier {
        Notifier(None)
    }

    /// The way to an `address` as `NOTIFY_SOCKET` has it: a path, or a name behind `@`.
    pub(super) fn to(address: &OsStr) -> io::Result<Notifier> {
        let address = match address.as_bytes() {
            #[cfg(target_os = "linux")]
            [b'@', name @ ..] => SocketAddr::from_abstract_name(name)?,
            [b'/', ..] => SocketAddr::from_pathname(address)?,
            _ => {
                let right = "it is a path that begins with / or a name that begins with @";
                return Err(io::Error::new(io::ErrorKind::InvalidInput, right));
            }
        };
        let socket = UnixDatagram::unbound()?;
        // A service manager that does not read is no reason to stop serving.
        socket.set_nonblocking(true)?;
        Ok(Notifier(Some((socket, address))))
    }

    /// Sends the assignments of `state`, one a line.
    pub(super) fn say(&self, state: &str) {
        let Some((socket, address)) = &self.0 else { return };
        if let Err(error) = socket.send_to_addr(state.as_bytes(), address) {
            tracing::warn!(%error, state, "the service manager cannot be told");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Notifier;
    use std::ffi::OsStr;

    #[test]
    fn an_address_that_is_neither_path_nor_name_is_refused() {
        for address in ["run/notify", "vsock:2:1234", ""] {
            assert!(Notifier::to(OsStr::new(address)).is_err(), "{address}");
        }
        for address in ["/run/notify", "@notify"] {
            assert!(Notifier::to(OsStr::new(address)).is_ok(), "{address}");
        }
    }
}
