//! Tickets: registrations of requests that wait for one outbox.
//!
//! [`Client::submit`](super::Client::submit) answers any request that cannot be performed yet with
//! [`Answer::Wait`](crate::protocol::Answer::Wait). Before that, [`Tickets::register`] leaves a
//! ticket with each outbox that the request waits for. [`Tickets::resume`] redeems the tickets once
//! the outbox has changed, and the shell makes the request again. Lines of a room, leaves, moves
//! and requests behind unread replies wait in this way. Requests that wait for each other, and
//! private lines to one client, have a place in a [`WaitQueue`](super::wait_queue::WaitQueue).

use super::call_context::CallContext;
use std::task::Waker;

/// The registration of one waiting request: it resumes the task that made the request.
#[derive(Debug)]
struct Ticket(Waker);

/// The requests that wait for one outbox, in the order in which they began to wait.
#[derive(Debug, Default)]
pub(super) struct Tickets(Vec<Ticket>);

impl Tickets {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Registers the request that the caller makes, once however often it is made again.
    pub(super) fn register(&mut self, call: &CallContext<'_>) {
        if !self.0.iter().any(|Ticket(waker)| waker.will_wake(call.caller)) {
            self.0.push(Ticket(call.caller.clone()));
        }
    }

    /// Redeems all tickets: each request may be made again.
    pub(super) fn resume(&mut self, call: &mut CallContext<'_>) {
        call.senders.extend(self.0.drain(..).map(|Ticket(waker)| waker));
    }
}
