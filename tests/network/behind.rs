//! Goal: the end that a layer has read together with the last bytes ends the connection, though
//! nothing more comes below.
//!
//! Method: a layer whose stream ends with a mark, over a reactor like async-io's: asked after a
//! wake it says that nothing is there, and wakes again only if something is left below.
//!
//! Limits: the layer is no real one; `sockets::tls` has those.

use super::clock::VirtualClock;
use super::house::LOOPBACK;
use super::lock;
use super::pool::Pool;
use super::random::Random;
use super::stream::{Door, ScriptedListener, ScriptedStream};
use super::wire::{Quirks, Wire};
use parlance_core::limits::Limits;
use parlance_core::protocol::rooms::Rooms;
use parlance_core::registry::Census;
use parlance_server::arrival::{Arrival, ArrivalError, Arrived, Farewell};
use parlance_server::transport::Stream;
use parlance_server::{Service, serve};
use std::future::{Ready, ready};
use std::io::{self, IoSlice};
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

/// The last byte of a stream.
const MARK: u8 = 4;

/// What the reactor has to wake.
type Waiting = Arc<Mutex<Option<Waker>>>;

struct Marks(Waiting);

struct Marked {
    below: ScriptedStream,
    ended: AtomicBool,
    waiting: Waiting,
}

impl Arrival<ScriptedStream> for Marks {
    type Stream = Marked;
    type Arriving = Ready<Result<Arrived<Marked>, ArrivalError>>;

    fn arrive(&self, below: ScriptedStream, address: IpAddr) -> Self::Arriving {
        let waiting = Arc::clone(&self.0);
        let stream = Marked { below, ended: AtomicBool::new(false), waiting };
        ready(Ok(Arrived { stream, address, dialect: None }))
    }

    fn turn_away(&self, _: ScriptedStream, _: &Farewell) {}
}

impl Stream for Marked {
    fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.holds_more() {
            return Ok(0);
        }
        let count = self.below.try_read(buffer)?;
        let mark = buffer[..count].iter().position(|byte| *byte == MARK);
        self.ended.store(mark.is_some(), Ordering::Relaxed);
        Ok(mark.unwrap_or(count))
    }

    fn try_write_vectored(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        self.below.try_write_vectored(slices)
    }

    fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.holds_more() {
            return Poll::Ready(Ok(()));
        }
        *lock(&self.waiting) = Some(cx.waker().clone());
        Poll::Pending
    }

    fn poll_writable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.below.poll_writable(cx)
    }

    fn holds_more(&self) -> bool {
        self.ended.load(Ordering::Relaxed)
    }

    fn shutdown_write(&self) -> io::Result<()> {
        self.below.shutdown_write()
    }
}

/// [common/eos-1] [common/tls-1] [common/ws-8]
#[test]
fn an_end_that_is_read_with_the_last_bytes_is_acted_upon() {
    Pool::run(|pool| {
        let (door, waiting) = (Door::default(), Waiting::default());
        let service = Service::new(&Rooms, Limits::default(), VirtualClock::default());
        let listener = ScriptedListener(door.clone());
        let arrival = Marks(Arc::clone(&waiting));
        let accepting = pool.start(serve(listener, arrival, Arc::clone(&service), pool.clone()));
        let joe = Wire::new(Random::new(1), Quirks::NONE);
        door.knock(&joe, LOOPBACK);
        for bytes in [&b"JOIN den joe\n"[..], b"half a line\x04"] {
            joe.post(bytes);
            joe.deliver(usize::MAX);
            lock(&waiting).take().into_iter().for_each(Waker::wake);
            pool.wait_until_idle();
        }
        assert_eq!(service.registry().census(), Census::default(), "joe is still there");
        assert!(joe.is_closed());
        smol::block_on(accepting.cancel());
    });
}
