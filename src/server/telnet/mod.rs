//! Telnet between a session and its socket. [common/telnet-1]

mod piece;
mod stream;

pub use self::stream::Telnet;

use super::arrival::{Arrival, ArrivalError, Arrived, Farewell, turn_away};
use super::transport::Stream;
use parlance_core::protocol::telnet::Encoder;
use std::future::{Ready, ready};
use std::net::IpAddr;

/// The arrival of a telnet connection. There is nothing to wait for: the server asks for nothing,
/// and what the client asks for is answered as it comes. [common/telnet-2]
#[derive(Clone, Copy, Debug)]
pub struct OverTelnet;

impl<S: Stream> Arrival<S> for OverTelnet {
    type Stream = Telnet<S>;
    type Arriving = Ready<Result<Arrived<Telnet<S>>, ArrivalError>>;

    fn arrive(&self, stream: S, address: IpAddr) -> Self::Arriving {
        ready(Ok(Arrived { stream: Telnet::new(stream), address, dialect: None }))
    }

    fn turn_away(&self, stream: S, farewell: &Farewell) {
        let mut wire = Vec::new();
        Encoder::default().encode(&farewell.line, &mut wire);
        turn_away(&stream, &Farewell { line: wire, ..*farewell });
    }
}
