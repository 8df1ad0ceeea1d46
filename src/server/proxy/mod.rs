//! The PROXY protocol: a proxy says in front of a connection whose it is. [common/proxy-1]

mod arriving;
mod header;
mod stream;

pub use self::arriving::Arriving;
pub(super) use self::header::begins_with_header;
pub use self::header::{Header, read_header};
pub use self::stream::Behind;

use super::arrival::{Arrival, Farewell};
use super::network::Network;
use super::transport::Stream;
use std::io::ErrorKind;
use std::net::IpAddr;
use std::sync::Arc;

/// How many reads of what came behind a failure are discarded.
const DISCARDS_MAX: usize = 16;

/// How many bytes such a read takes.
const CHUNK_BYTES: usize = 4096;

/// The arrival of a connection that may come through a proxy: a header, then another arrival, for
/// the address that the header has.
#[derive(Clone)]
pub struct OverProxy<A> {
    networks: Arc<[Network]>,
    then: A,
}

impl<A> OverProxy<A> {
    /// Connections from `networks` begin with a header, and those from elsewhere must not.
    pub fn new(networks: &[Network], then: A) -> OverProxy<A> {
        OverProxy { networks: networks.into(), then }
    }

    fn is_proxy(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(address))
    }
}

impl<S, A> Arrival<S> for OverProxy<A>
where
    S: Stream + Unpin,
    A: Arrival<Behind<S>> + Clone + Unpin,
{
    type Stream = A::Stream;
    type Arriving = Arriving<S, A>;

    fn arrive(&self, stream: S, address: IpAddr) -> Arriving<S, A> {
        if self.is_proxy(address) {
            return Arriving::reading(stream, address, self.then.clone());
        }
        Arriving::none(self.then.arrive(Behind::none(stream), address))
    }

    fn turn_away(&self, stream: S, farewell: &Farewell) {
        self.then.turn_away(Behind::header(stream, &[]), farewell);
    }

    fn replaces(&self, address: IpAddr) -> bool {
        self.is_proxy(address)
    }

    fn found(arriving: &Arriving<S, A>) -> Option<IpAddr> {
        arriving.found()
    }

    fn decline(arriving: &mut Arriving<S, A>, farewell: &Farewell) {
        arriving.decline(farewell);
    }
}

/// Reads what has come, so far as others need not wait for it, so that the close is no reset.
fn discard(stream: &impl Stream) {
    let mut chunk = [0; CHUNK_BYTES];
    for _ in 0..DISCARDS_MAX {
        match stream.try_read(&mut chunk) {
            Ok(1..) => {}
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            _ => return,
        }
    }
}
