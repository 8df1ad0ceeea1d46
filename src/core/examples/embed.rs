//! Serves a dialect on a stream of your own: `cargo run -p parlance-core --example embed`, then
//! type `JOIN den joe` and a line of text.
//!
//! The stream blocks, so lines of other clients are written after the next read. A shell for many
//! clients passes a waker to `Outlet::take` and writes when it is called.

use parlance_core::limits::Limits;
use parlance_core::protocol::{Session, rooms::Rooms};
use parlance_core::registry::{CallContext, Entry, Registry, Taken};
use parlance_core::time::Time;
use std::io::{self, Read, Write};
use std::task::Waker;

/// Serves one client of `registry` until it leaves.
pub(crate) fn serve(
    registry: &Registry,
    mut from: impl Read,
    mut to: impl Write,
    now: impl Fn() -> Time,
) -> io::Result<()> {
    let (mut buffer, mut input) = ([0; 4096], 0..0);
    let mut session = Session::new(&Rooms, &Limits::default(), now());
    let (mut client, mut batch) = (registry.connect(), Vec::new());
    while session.ending().is_none() {
        let mut call = CallContext::new(now(), Waker::noop());
        if session.state().is_held() {
            session.retry(call.now);
        } else if input.is_empty() {
            input = 0..from.read(&mut buffer)?;
            if input.is_empty() {
                session.end_of_stream();
            }
        } else {
            input.start += session.feed(&buffer[input.clone()], call.now);
        }
        while let Some(request) = session.take_request() {
            session.answer(client.submit(request, &mut call));
        }
        client.pass_turn(&mut call);
        while client.outlet().take(&mut batch, Waker::noop()) == Taken::Batch {
            let lines: Vec<u8> = batch.iter().flat_map(Entry::bytes).copied().collect();
            let written = to.write_all(&lines);
            client.outlet().settle(&mut batch, lines.len(), false, &mut call);
            written?;
        }
    }
    Ok(())
}

#[expect(clippy::disallowed_types, clippy::disallowed_methods, reason = "a shell has the clock")]
fn main() -> io::Result<()> {
    let start = std::time::Instant::now();
    let registry = Registry::new(&Rooms, Limits::default());
    serve(&registry, io::stdin().lock(), io::stdout(), || Time::ZERO + start.elapsed())
}
