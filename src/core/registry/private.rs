//! What concerns one client at a time: private messages and lists.

use super::call_context::CallContext;
use super::client::Client;
use super::outbox::{Appended, OutboxState};
use super::peer::Peer;
use crate::protocol::dialect::Listing;
use crate::protocol::{Answer, Fault, Name, Request};
use crate::sync::Arc;

impl Client {
    /// Delivers a line to the client called `to`. Found, it stays until the line is in its outbox:
    /// its name cannot pass to anybody else meanwhile. [common/tell-1] [common/tell-2] [common/tell-3]
    pub(super) fn tell(
        &self,
        to: Name,
        line: Result<Vec<u8>, Fault>,
        call: &mut CallContext<'_>,
    ) -> Answer {
        let names = self.shared.names.lock();
        // Its name is given back under this lock, and others hear of it after: until then it may tell.
        if self.outbox_state() != OutboxState::Open {
            return Answer::Gone;
        }
        let Some(target) = names.holder(&to).map(Arc::clone) else {
            drop(names);
            return self.refuse(&Fault::UserNotFound);
        };
        let line = match line {
            Ok(line) => line,
            Err(fault) => {
                drop(names);
                return self.refuse(&fault);
            }
        };
        if let Some(until) = target.holds_until(call) {
            return Answer::Wait { request: Request::Tell { to, line: Ok(line) }, until };
        }
        let appended = self.append_to(&target, line, call);
        drop(names);
        if appended == Appended::Queued {
            let mut receipt = Vec::new();
            self.shared.dialect.delivered(&mut receipt);
            return self.reply(receipt, Answer::Done);
        }
        // Who is told that nobody has the name can take it, whoever evicted the target and is not done.
        if target.outbox().state() == OutboxState::Evicted {
            self.shared.remove_evicted(&target, call);
        }
        self.refuse(&Fault::UserNotFound)
    }

    fn append_to(&self, target: &Peer, line: Vec<u8>, call: &mut CallContext<'_>) -> Appended {
        let shared = &self.shared;
        let bytes_max = shared.limits.outbox_bytes_max;
        let chunk = shared.chunk(line);
        // Charged before it can be settled, as in a fan-out.
        shared.ledger.entries_appended(1);
        let appended =
            target.append_or_evict(&chunk, bytes_max, self.peer.id, &shared.ledger, call);
        if appended != Appended::Queued {
            shared.ledger.entries_removed(1);
        }
        appended
    }

    /// Answers with a list, taken at one moment: nothing comes between its lines. [common/reply-1]
    pub(super) fn list(&self, listing: Listing) -> Answer {
        match (listing, &self.membership) {
            (Listing::Members, Some(membership)) => {
                let members = membership.room.lock();
                let lines = members.list(&self.shared);
                self.reply(lines, Answer::Done)
            }
            (Listing::Members, None) => self.refuse(&Fault::NotInRoom),
            (Listing::Rooms, _) => {
                let mut lines = Vec::new();
                let rooms = self.shared.occupied.lock();
                self.shared.dialect.list(listing, &mut rooms.iter(), &mut lines);
                drop(rooms);
                self.reply(lines, Answer::Done)
            }
        }
    }
}

#[cfg(all(test, not(parlance_loom)))]
mod tests {
    use super::{Answer, CallContext, Listing, Request};
    use crate::limits::Limits;
    use crate::protocol::channels::Channels;
    use crate::registry::Registry;
    use crate::time::Time;
    use std::task::Waker;

    /// No session asks for it.
    #[test]
    fn who_is_in_no_room_has_no_members_listed() {
        let mut ann = Registry::new(&Channels, Limits::default()).connect();
        let mut call = CallContext::new(Time::ZERO, Waker::noop());
        assert_eq!(ann.submit(Request::List(Listing::Members), &mut call), Answer::Refused);
        let mut batch = Vec::new();
        ann.outlet().take(&mut batch, Waker::noop());
        assert_eq!(batch[0].bytes(), b"ERROR Not in a room\r\n");
    }
}
