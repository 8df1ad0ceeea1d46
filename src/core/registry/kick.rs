//! The end of a client at the word of an operator: it was kicked, or its name is banned.

use super::banned_names::BannedName;
use super::call_context::CallContext;
use super::client::Client;
use super::peer::Peer;
use super::shared::Shared;
use crate::protocol::{CloseReason, Fault, Name};

impl Shared {
    /// Ends `peers` for `reason`; false for each that has ended already. They leave their rooms and
    /// their names are free at once. Pending lines stay, the one for `fault` is the last.
    /// [common/kick-1] [common/kick-2]
    ///
    /// All are ended before the first departure is announced: so nobody is told of one who goes at
    /// the same moment, and a room is gone through once for all of them.
    pub(super) fn kick(
        &self,
        peers: &[&Peer],
        (reason, fault): (CloseReason, &Fault),
        call: &mut CallContext<'_>,
    ) -> Vec<bool> {
        let mut farewell = Vec::new();
        self.delivery.dialect.fault(fault, &mut farewell);
        let (farewell, ledger) = (self.delivery.chunk(farewell), &self.delivery.ledger);
        let mut close = |peer: &&Peer| peer.close(farewell.clone(), reason, ledger, call);
        let ended: Vec<bool> = peers.iter().map(&mut close).collect();
        let gone = peers.iter().zip(&ended).filter(|(_, ended)| **ended);
        self.remove_evicted(&gone.map(|(peer, _)| *peer).collect::<Vec<_>>(), call);
        ended
    }
}

impl Client {
    /// Whether `name` is banned and the client asks for it, which then has ended. [common/ban-2]
    ///
    /// One that has its name asks for none when it enters a room: those who are there when a
    /// configuration bans their name stay. [common/ban-4]
    pub(super) fn is_banned(&self, name: &Name, call: &mut CallContext<'_>) -> bool {
        if self.peer.has_name() {
            return false;
        }
        let Some(BannedName { why, .. }) = self.shared.banned_names.find(name, call.now) else {
            return false;
        };
        self.shared.kick(&[&self.peer], (CloseReason::Banned, &Fault::Banned(why)), call);
        true
    }
}

#[cfg(all(test, not(parlance_loom)))]
mod tests {
    use crate::limits::{HIGH_WATER_BYTES, Limits};
    use crate::protocol::rooms::Rooms;
    use crate::protocol::{Answer, CloseReason, Fault, Name, Request};
    use crate::registry::{CallContext, Client, Registry};
    use crate::time::Time;
    use std::task::Waker;

    fn read_all(client: &Client, call: &mut CallContext<'_>) {
        let mut batch = Vec::new();
        client.outlet().take(&mut batch, Waker::noop());
        let pending = batch.iter().map(|entry| entry.bytes().len()).sum();
        client.outlet().settle(&mut batch, pending, false, call);
    }

    /// Its connection stays for its last lines. [common/kick-1] [common/flow-5]
    #[test]
    fn nobody_waits_behind_a_client_that_was_kicked_while_it_waited() {
        let registry = Registry::new(&Rooms, Limits::default());
        let mut call = CallContext::new(Time::ZERO, Waker::noop());
        let mut member = |name: &str| {
            let mut client = registry.connect();
            let [room, name] = ["den", name].map(|text| Name::new(text.as_bytes(), 20).unwrap());
            assert_eq!(client.submit(Request::Enter { room, name }, &mut call), Answer::Entered);
            client
        };
        let [slow, mut joe, mut ann] = ["slow", "joe", "ann"].map(&mut member);
        let lines = |bytes| Request::Publish { lines: vec![b'\n'; bytes] };
        assert_eq!(joe.submit(lines(HIGH_WATER_BYTES), &mut call), Answer::Published);
        read_all(&joe, &mut call);
        read_all(&ann, &mut call);
        for sender in [&mut joe, &mut ann] {
            assert!(matches!(sender.submit(lines(1), &mut call), Answer::Wait { .. }));
        }
        assert!(joe.remote().kick(CloseReason::Kicked, &Fault::Kicked(None), &mut call));
        read_all(&slow, &mut call);
        let behind = ann.submit(lines(1), &mut call);
        assert!(matches!(behind, Answer::Wait { .. }), "his connection does not know yet");
        joe.gone(&mut call);
        assert_eq!(ann.submit(lines(1), &mut call), Answer::Published);
    }
}
