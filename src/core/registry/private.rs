//! Requests that concern one client: private messages and lists.

use super::call_context::CallContext;
use super::client::Client;
use super::entry::Class;
use super::outbox::{Appended, OutboxState};
use super::peer::Peer;
use super::turns::{Queue, position_at};
use super::wait_queue::cost;
use crate::protocol::dialect::Listing;
use crate::protocol::{Answer, Fault, Name, Request};
use crate::sync::Arc;

impl Client {
    /// Delivers a line to the client called `to`. The names stay locked until the line is in its
    /// outbox, so that the name cannot pass to another client meanwhile.
    /// [common/tell-1] [common/tell-2] [common/tell-3]
    pub(super) fn tell(
        &mut self,
        to: Name,
        line: Result<Vec<u8>, Fault>,
        call: &mut CallContext<'_>,
    ) -> Answer {
        let names = self.shared.delivery.names.lock();
        // An eviction releases the sender's name under this lock and announces it later. Until the
        // release the sender may still deliver.
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
        let own = position_at(&target, &self.turns);
        if let Some((until, position)) = target.holds_private(own, cost(line.len()), call) {
            let waiting = Some((Queue::Private(target), position));
            self.turns.get_or_insert_default().waiting = waiting;
            return Answer::Wait { request: Request::Tell { to, line: Ok(line) }, until };
        }
        let appended = self.append_to(&target, line, call);
        if let (Some(position), Some(turns)) = (own, &mut self.turns) {
            turns.waiting = None;
            target.private_wait_ends(position, true, call);
        }
        drop(names);
        if appended == Appended::Queued {
            let mut receipt = Vec::new();
            self.shared.delivery.dialect.delivered(&mut receipt);
            return self.reply(receipt, Answer::Done);
        }
        // The sender hears that no client has the name, so the name must be free by then, even if
        // the thread that evicted the target has not released it yet.
        if target.outbox().state() == OutboxState::Evicted {
            self.shared.remove_evicted(&[&target], call);
        }
        self.refuse(&Fault::UserNotFound)
    }

    fn append_to(&self, target: &Peer, line: Vec<u8>, call: &mut CallContext<'_>) -> Appended {
        let delivery = &self.shared.delivery;
        let bytes_max = delivery.bounds.outbox_bytes_max();
        let chunk = delivery.chunk(line);
        // Charged before it can be settled, as in a fan-out.
        delivery.ledger.entries_appended(1);
        let appended =
            target.append_or_evict(&chunk, Class::Private, bytes_max, &delivery.ledger, call);
        if appended == Appended::Queued {
            delivery.counters.delivered(chunk.lines(), 1);
        } else {
            delivery.ledger.entries_removed(1);
        }
        appended
    }

    /// Answers with a list, taken at one moment: no other line comes between its lines.
    /// [common/reply-1]
    pub(super) fn list(&self, listing: Listing, call: &mut CallContext<'_>) -> Answer {
        match (listing, &self.membership) {
            (Listing::Members, Some(membership)) => {
                // Replied to under the lock: nothing of the room comes between.
                let mut members = membership.room.lock();
                let list = members.member_list(&self.shared.delivery, call);
                self.reply_with(list, Answer::Done)
            }
            (Listing::Members, None) => self.refuse(&Fault::NotInRoom),
            (Listing::Rooms, _) => {
                let delivery = &self.shared.delivery;
                let chunk = self.shared.occupied.list(call, |names| {
                    let mut lines = Vec::new();
                    delivery.dialect.list(listing, names, &mut lines);
                    delivery.chunk(lines)
                });
                self.reply_with(chunk, Answer::Done)
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

    /// No session makes this request.
    #[test]
    fn a_list_of_members_is_refused_outside_a_room() {
        let mut ann = Registry::new(&Channels, Limits::default()).connect();
        let mut call = CallContext::new(Time::ZERO, Waker::noop());
        assert_eq!(ann.submit(Request::List(Listing::Members), &mut call), Answer::Refused);
        let mut batch = Vec::new();
        ann.outlet().take(&mut batch, Waker::noop());
        assert_eq!(batch[0].bytes(), b"ERROR Not in a room\r\n");
    }
}
