//! Output: from the outbox to the socket.

use super::readiness::Readiness;
use super::state::{Connection, Flushed};
use super::writer::Written;
use crate::transport::{Clock, Stream};
use parlance_core::registry::{CallContext, OutboxState};
use std::sync::Arc;
use std::task::{Context, Waker};

impl<S: Stream, C: Clock> Connection<S, C> {
    /// Writes until the outbox is empty, the socket refuses, or the bound of one call is reached.
    pub(super) fn flush(&mut self, call: &mut CallContext<'_>, cx: &mut Context<'_>) -> Flushed {
        let own = Waker::from(Arc::clone(&self.writer));
        loop {
            if !self.output.allows(|| self.writer.stream.poll_writable(cx)) {
                // The socket was tried in this poll, or the stall has not lasted long enough.
                self.client.expire(call);
                return match self.client.outbox_state() {
                    OutboxState::Evicted => Flushed::Evicted,
                    outbox_state => Flushed::Blocked(outbox_state),
                };
            }
            let flushed = match self.writer.write(call.now, &own) {
                Written::All(OutboxState::Evicted) => Flushed::Evicted,
                Written::All(outbox_state) => Flushed::Empty(outbox_state),
                Written::Elsewhere(outbox_state) => Flushed::Blocked(outbox_state),
                Written::Enough => Flushed::More,
                Written::Broken => Flushed::Broken,
                Written::Refused => {
                    self.output.refused();
                    continue;
                }
            };
            self.output = Readiness::Ready;
            return flushed;
        }
    }
}
