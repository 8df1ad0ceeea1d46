//! What is known of a connection from its first moment on.

use parlance_core::time::Time;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A listener as the log and the metrics name it, and what has come in by it.
#[derive(Debug)]
pub struct ListenerFigures {
    name: String,
    /// Whether nobody on the way can read what clients send.
    is_private: bool,
    accepted: AtomicU64,
    errors: AtomicU64,
}

impl ListenerFigures {
    /// A listener of this name, like `rooms+tls://0.0.0.0:7000`.
    pub fn new(name: String) -> Arc<ListenerFigures> {
        ListenerFigures::with(name, false)
    }

    /// The same, where nobody on the way can read what clients send. [extensions/account-6]
    pub fn private(name: String) -> Arc<ListenerFigures> {
        ListenerFigures::with(name, true)
    }

    fn with(name: String, is_private: bool) -> Arc<ListenerFigures> {
        let (accepted, errors) = (AtomicU64::new(0), AtomicU64::new(0));
        Arc::new(ListenerFigures { name, is_private, accepted, errors })
    }

    /// Whether nobody on the way can read what clients send.
    pub fn is_private(&self) -> bool {
        self.is_private
    }

    /// Its scheme, address and port.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many connections it has accepted.
    pub fn accepted(&self) -> u64 {
        self.accepted.load(Ordering::Relaxed)
    }

    /// How many attempts to accept have failed.
    pub fn errors(&self) -> u64 {
        self.errors.load(Ordering::Relaxed)
    }

    pub(crate) fn failed(&self) {
        self.errors.fetch_add(1, Ordering::Relaxed);
    }
}

/// A connection's number, its peer, its listener and its beginning.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    /// Unique in this process, in order of accepting.
    pub(crate) conn: u64,
    address: IpAddr,
    /// 0 where only the address is known.
    port: u16,
    pub(crate) listener: Arc<ListenerFigures>,
    pub(crate) since: Time,
}

impl Facts {
    /// Those of connection `conn` that `listener` has just accepted.
    pub(crate) fn new(
        conn: u64,
        listener: &Arc<ListenerFigures>,
        peer: SocketAddr,
        now: Time,
    ) -> Facts {
        listener.accepted.fetch_add(1, Ordering::Relaxed);
        Facts {
            conn,
            address: peer.ip(),
            port: peer.port(),
            listener: Arc::clone(listener),
            since: now,
        }
    }

    /// The peer's address, which counts towards the limit per address.
    pub(crate) fn address(&self) -> IpAddr {
        self.address
    }

    /// The peer is at `address`, as its arrival has found out: the port of the socket is not its.
    pub(crate) fn move_to(&mut self, address: IpAddr) {
        if self.address != address {
            (self.address, self.port) = (address, 0);
        }
    }

    /// The peer as the log names it: address and port, or the address alone.
    pub(crate) fn peer(&self) -> Peer {
        Peer(self.address, self.port)
    }
}

/// See [`Facts::peer`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(IpAddr, u16);

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Peer(address, 0) => write!(f, "{address}"),
            Peer(address, port) => write!(f, "{}", SocketAddr::new(*address, *port)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Facts, ListenerFigures};
    use parlance_core::time::Time;

    fn facts(peer: &str) -> Facts {
        let listener = ListenerFigures::new("rooms://127.0.0.1:1".to_owned());
        Facts::new(1, &listener, peer.parse().expect("one"), Time::ZERO)
    }

    #[test]
    fn a_peer_has_its_port_until_another_address_is_found() {
        let mut facts = facts("[2001:db8::1]:99");
        assert_eq!(facts.peer().to_string(), "[2001:db8::1]:99");
        facts.move_to(facts.address());
        assert_eq!(facts.peer().to_string(), "[2001:db8::1]:99");
        facts.move_to("192.0.2.1".parse().expect("one"));
        assert_eq!(facts.peer().to_string(), "192.0.2.1");
    }

    #[test]
    fn connections_are_counted_by_listener() {
        let listener = ListenerFigures::new("rooms://127.0.0.1:1".to_owned());
        let peer = "127.0.0.1:9".parse().expect("one");
        for conn in 1..=2 {
            Facts::new(conn, &listener, peer, Time::ZERO);
        }
        assert_eq!((listener.accepted(), listener.errors()), (2, 0));
    }
}
