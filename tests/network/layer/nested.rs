//! A client's end of a layer within another.

use super::super::random::Random;
use super::ClientEnd;
use super::tls::TlsClient;
use super::websocket::WebSocketClient;

/// What `inner` sends is what `outer` carries.
pub(crate) struct Nested<I, O> {
    inner: I,
    outer: O,
    /// For what is sent where the wire gives no randomness.
    random: Random,
}

impl Nested<WebSocketClient, TlsClient> {
    /// The hello of TLS is put into `out`; the request waits for the handshake.
    pub(crate) fn websocket_in_tls(dialect: &str, random: &mut Random, out: &mut Vec<u8>) -> Self {
        let (mut request, waits) = (Vec::new(), random.percent(50));
        let inner = WebSocketClient::new(dialect, waits, &mut request);
        let mut outer = TlsClient::new(random, out);
        outer.post(&request, random, out);
        Nested { inner, outer, random: Random::new(random.draw()) }
    }
}

impl<I: ClientEnd, O: ClientEnd> ClientEnd for Nested<I, O> {
    fn post(&mut self, bytes: &[u8], random: &mut Random, out: &mut Vec<u8>) {
        let mut carried = Vec::new();
        self.inner.post(bytes, random, &mut carried);
        self.outer.post(&carried, random, out);
    }

    fn ping(&mut self, out: &mut Vec<u8>) -> u64 {
        let mut carried = Vec::new();
        let number = self.inner.ping(&mut carried);
        self.outer.post(&carried, &mut self.random, out);
        number
    }

    fn last_pong(&self) -> u64 {
        self.inner.last_pong()
    }

    fn end(&mut self, out: &mut Vec<u8>) -> bool {
        let mut carried = Vec::new();
        let ends = self.inner.end(&mut carried);
        self.outer.post(&carried, &mut self.random, out);
        ends && self.outer.end(out)
    }

    fn take(
        &mut self,
        wire: &[u8],
        random: &mut Random,
        out: &mut Vec<u8>,
        received: &mut Vec<u8>,
    ) -> bool {
        let (mut came, mut carried) = (Vec::new(), Vec::new());
        let outer_ends = self.outer.take(wire, random, out, &mut came);
        let inner_ends = self.inner.take(&came, random, &mut carried, received);
        if !carried.is_empty() {
            self.outer.post(&carried, random, out);
        }
        outer_ends || (inner_ends && self.outer.end(out))
    }

    fn early(&self) -> usize {
        self.inner.early() + self.outer.early()
    }

    fn reset(&mut self) {
        self.inner.reset();
        self.outer.reset();
    }

    fn assert_flushed(&self) {
        self.inner.assert_flushed();
        self.outer.assert_flushed();
    }

    fn assert_closed(&self) {
        self.inner.assert_closed();
        self.outer.assert_closed();
    }
}
