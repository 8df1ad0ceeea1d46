//! Input: from the socket through the session to the registry.

use super::observed::Asked;
use super::readiness::Readiness;
use super::scratch::Scratch;
use super::state::{Connection, ENTRIES_MAX, YIELD_FROM};
use crate::transport::{Clock, Stream};
use parlance_core::limits::READ_BYTES_MAX;
use parlance_core::protocol::table::State;
use parlance_core::registry::CallContext;
use std::io;
use std::task::Context;

/// Overwrites input that may have had a password in it. [extensions/account-7]
fn wipe(input: &mut [u8]) {
    input.fill(0);
    std::hint::black_box(input); // so that the bytes count as read, and are written
}

impl<S: Stream, C: Clock> Connection<S, C> {
    /// Feeds the session until it has nothing to take or takes no more. Returns whether the
    /// session took any input.
    pub(super) fn take_input(
        &mut self,
        scratch: &mut Scratch,
        call: &mut CallContext<'_>,
        cx: &mut Context<'_>,
    ) -> bool {
        if self.session.state().is_held() {
            // The wake that started this poll may have ended the wait.
            self.session.retry(call.now);
            self.exchange(call);
            self.read_in_vain |= self.session.state() == State::Over;
            if self.session.state().is_held() && self.writer.stream.is_broken() {
                self.session.reset();
                self.exchange(call);
            }
        }
        match self.session.state() {
            State::Held(_) | State::Over => return false,
            _ => {}
        }
        if let Some(mut kept) = self.kept.take() {
            let from = kept.taken;
            kept.taken += self.feed(&kept.leftover[from..], call);
            if self.session.take_secret() {
                wipe(&mut kept.leftover[from..kept.taken]);
            }
            self.kept = (kept.taken < kept.leftover.len()).then_some(kept);
            return true;
        }
        if !self.input.allows(|| self.writer.stream.poll_readable(cx)) {
            return false;
        }
        let limit = self.client.read_bytes_max().min(self.share_of(READ_BYTES_MAX));
        match self.writer.stream.try_read(&mut scratch.input[..limit]) {
            Ok(0) => self.session.end_of_stream(),
            Ok(read) => {
                self.tally.bytes_in += read as u64;
                if read < limit && !self.writer.stream.holds_more() {
                    // The socket is empty, and a second read would only say so.
                    self.input.refused();
                } else {
                    self.input = Readiness::Ready;
                }
                let taken = self.feed(&scratch.input[..read], call);
                if taken < read {
                    self.kept.get_or_insert_default().leftover =
                        scratch.input[taken..read].to_vec();
                }
                // What is left over may be one that was not looked at.
                let is_secret = taken < read && self.permit.service.extensions.accounts;
                if self.session.take_secret() || is_secret {
                    wipe(&mut scratch.input[..read]);
                }
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.input.refused(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                self.input = Readiness::Ready;
            }
            Err(_) => self.session.reset(),
        }
        self.exchange(call);
        true
    }

    /// Has the registry count the input that waits in this connection. [common/outbox-9]
    pub(super) fn count_held_input(&mut self, call: &mut CallContext<'_>) {
        let leftover = self.kept.as_ref().map_or(0, |kept| kept.leftover.len());
        self.client.holds_input(leftover + self.session.held_bytes(), call);
    }

    /// Whether everything that had arrived when this poll began was fed to the session. Only then
    /// is a silent client late: the delay may be the server's. [common/idle-2]
    pub(super) fn input_is_exhausted(&self) -> bool {
        let leftover = self.kept.as_ref().is_some_and(|kept| !kept.leftover.is_empty());
        self.session.state().is_held() || (!leftover && self.input != Readiness::Ready)
    }

    /// Feeds the session until it takes no more or the other tasks must run. Returns how many
    /// bytes it took.
    fn feed(&mut self, input: &[u8], call: &mut CallContext<'_>) -> usize {
        let (mut taken, entries_max) = (0, self.share_of(ENTRIES_MAX));
        while taken < input.len() {
            taken += self.session.feed(&input[taken..], call.now);
            self.exchange(call);
            self.read_in_vain |= self.session.state() == State::Over;
            let much = call.wakes() >= YIELD_FROM || call.appended() >= entries_max;
            if much || self.session.state().is_held() {
                break;
            }
        }
        taken
    }

    /// Carries requests to the registry and its answers back.
    pub(super) fn exchange(&mut self, call: &mut CallContext<'_>) {
        while let Some(request) = self.session.take_request() {
            let asked = Asked::of(&request);
            let answer = self.client.submit(request, call);
            if asked != Asked::Other {
                self.note_outcome(asked, &answer, call);
            }
            self.session.answer(answer);
        }
    }
}
