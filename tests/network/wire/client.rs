//! The client's end of a wire.

use super::super::layer::ClientEnd;
use super::super::layer::client::ClientLayer;
use super::super::layer::telnet::{LineEnd, TelnetClient};
use super::super::layer::websocket::WebSocketClient;
use super::super::lock;
use super::super::random::Random;
use super::{Client, End, Fin, Quirks, State, Wire};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

/// The client's side, in the hands of the test.
impl Wire {
    pub(crate) fn new(random: Random, quirks: Quirks) -> Client {
        Wire::with(random, quirks, None, VecDeque::new())
    }

    /// A wire whose client has a layer; its hello is in flight.
    pub(crate) fn layered(mut random: Random, quirks: Quirks) -> Client {
        let mut hello = Vec::new();
        let layer = ClientLayer::new(random.draw(), &mut hello);
        Wire::with(random, quirks, Some(Box::new(layer)), VecDeque::from(hello))
    }

    /// A wire whose client is a telnet that shows lines in this way.
    pub(crate) fn telnet(random: Random, quirks: Quirks, shows: LineEnd) -> Client {
        Wire::with(random, quirks, Some(Box::new(TelnetClient::new(shows))), VecDeque::new())
    }

    /// A wire whose client asks for a WebSocket of this dialect; its request is in flight.
    pub(crate) fn websocket(mut random: Random, quirks: Quirks, dialect: &str) -> Client {
        let (mut request, waits) = (Vec::new(), random.percent(50));
        let layer = WebSocketClient::new(dialect, waits, &mut request);
        Wire::with(random, quirks, Some(Box::new(layer)), VecDeque::from(request))
    }

    fn with(
        random: Random,
        quirks: Quirks,
        layer: Option<Box<dyn ClientEnd>>,
        in_flight: VecDeque<u8>,
    ) -> Client {
        Arc::new(Wire(Mutex::new(State {
            random,
            quirks,
            layer,
            in_flight,
            up: VecDeque::new(),
            fin: Fin::None,
            reset: false,
            explodes: false,
            interrupts: 0,
            down: VecDeque::new(),
            received: Vec::new(),
            stalled: false,
            end: End::Open,
            ended_first: false,
            read_after_half_close: 0,
            blocked_in_a_row: 0,
            writes: 0,
            server_read: None,
            server_write: None,
            client_read: None,
            client_write: None,
        })))
    }

    /// Changes the state and wakes whoever waited for what became of it.
    pub(super) fn change<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        let mut state = lock(&self.0);
        let result = act(&mut state);
        let due = state.due();
        drop(state);
        due.into_iter().flatten().for_each(Waker::wake);
        result
    }

    /// Sends `bytes`: they are in flight.
    pub(crate) fn post(&self, bytes: &[u8]) {
        self.change(|state| state.post(bytes));
    }

    /// Lets up to `max` bytes of what is in flight arrive; returns how much did.
    pub(crate) fn deliver(&self, max: usize) -> usize {
        self.change(|state| state.deliver(max))
    }

    /// Sends nothing more after what is in flight.
    pub(crate) fn half_close(&self) {
        self.change(|state| {
            if state.fin == Fin::None {
                state.half_close();
            }
        });
    }

    /// Breaks the connection. What had arrived stays readable, as on Linux, unless `harsh`.
    pub(crate) fn reset(&self, harsh: bool) {
        self.change(|state| {
            state.reset = true;
            state.in_flight.clear();
            state.down.clear();
            state.layer.iter_mut().for_each(|layer| layer.reset());
            if harsh {
                state.up.clear();
            }
        });
    }

    /// Lets the server's next read panic, as a fault of the server would.
    pub(crate) fn explode(&self) {
        self.change(|state| state.explodes = true);
    }

    /// Lets the server's next `count` reads and writes be interrupted by signals.
    pub(crate) fn interrupt(&self, count: usize) {
        self.change(|state| state.interrupts = count);
    }

    /// How many of these interruptions are still to come.
    pub(crate) fn interrupts(&self) -> usize {
        lock(&self.0).interrupts
    }

    /// Stops reading until it [resumes](Wire::resume).
    pub(crate) fn stall(&self) {
        self.change(|state| state.stalled = true);
    }

    pub(crate) fn resume(&self) {
        self.change(|state| state.stalled = false);
    }

    /// Reads up to `max` bytes unless it is stalled; returns how many.
    pub(crate) fn read(&self, max: usize) -> usize {
        self.change(|state| if state.stalled { 0 } else { state.take_down(max) })
    }

    /// Reads up to `max` bytes, stalled or not; returns how many.
    pub(crate) fn sip(&self, max: usize) -> usize {
        self.change(|state| state.take_down(max))
    }

    /// Everything received so far.
    pub(crate) fn received(&self) -> Vec<u8> {
        lock(&self.0).received.clone()
    }

    pub(crate) fn received_len(&self) -> usize {
        lock(&self.0).received.len()
    }

    /// What was received since the last call.
    pub(crate) fn take_received(&self) -> Vec<u8> {
        std::mem::take(&mut lock(&self.0).received)
    }

    /// What was received since the last call, as text.
    pub(crate) fn heard(&self) -> String {
        String::from_utf8(self.take_received()).expect("the scenarios send text")
    }

    /// Bytes written by the server that the client has not read.
    pub(crate) fn waiting(&self) -> usize {
        lock(&self.0).down.len()
    }

    /// How many writes of the server's were accepted.
    pub(crate) fn writes(&self) -> usize {
        lock(&self.0).writes
    }

    pub(crate) fn end(&self) -> End {
        lock(&self.0).end
    }

    pub(crate) fn is_closed(&self) -> bool {
        matches!(self.end(), End::Closed | End::ClosedUnread)
    }

    /// Bytes sent that the server has not read.
    pub(crate) fn unread(&self) -> usize {
        let state = lock(&self.0);
        let early = state.layer.as_ref().map_or(0, |layer| layer.early());
        early + state.in_flight.len() + state.up.len()
    }

    /// Bytes that the server has read after it shut down its sending half.
    pub(crate) fn read_after_half_close(&self) -> usize {
        lock(&self.0).read_after_half_close
    }

    /// Asks the server's layer for a pong; returns its number.
    pub(crate) fn ping(&self) -> u64 {
        self.change(|state| {
            let mut out = Vec::new();
            let number = state.layer.as_mut().map_or(0, |layer| layer.ping(&mut out));
            state.in_flight.extend(out);
            number
        })
    }

    /// The last ping that the server's layer has answered.
    pub(crate) fn last_pong(&self) -> u64 {
        lock(&self.0).layer.as_ref().map_or(0, |layer| layer.last_pong())
    }

    /// Ends the direction below the layer, which goes on for its part.
    pub(crate) fn cut(&self) {
        self.change(|state| state.fin = Fin::Sent);
    }

    /// Nothing is on its way: what the server's layer had to say by itself has come, and if its
    /// direction has ended, then with the layer's.
    pub(crate) fn assert_layer_is_quiet(&self) {
        let state = lock(&self.0);
        let Some(layer) = &state.layer else { return };
        let ways = [&state.in_flight, &state.up, &state.down];
        if state.stalled || state.reset || ways.iter().any(|way| !way.is_empty()) {
            return;
        }
        match state.end {
            End::Open => layer.assert_flushed(),
            End::HalfClosed => layer.assert_closed(),
            End::Closed if state.ended_first => layer.assert_closed(),
            End::Closed | End::ClosedUnread => {}
        }
    }

    /// Reads all that comes; ready at the end of the stream.
    pub(crate) fn poll_read_all(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.change(|state| {
            if !state.stalled {
                state.take_down(usize::MAX);
                if state.end != End::Open {
                    return Poll::Ready(());
                }
            }
            state.client_read = Some(cx.waker().clone());
            Poll::Pending
        })
    }

    /// Delivers what is in flight; ready when all of it has arrived.
    pub(crate) fn poll_deliver_all(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.change(|state| {
            state.deliver(usize::MAX);
            if state.in_flight.is_empty() {
                return Poll::Ready(());
            }
            state.client_write = Some(cx.waker().clone());
            Poll::Pending
        })
    }
}
