//! What a connection says of itself to the log and the counters. Nothing is decided by it.

use super::state::Connection;
use crate::observe::account::Account;
use crate::observe::events::next_much;
use crate::transport::{Clock, Stream};
use parlance_core::protocol::dialect::Stage;
use parlance_core::protocol::table::State;
use parlance_core::protocol::{Answer, Fault, Name, Request};
use parlance_core::rate::Rule;
use parlance_core::registry::CallContext;
use parlance_core::time::Time;

/// A request of which the log or a counter has the outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    Name,
    Enter,
    Leave,
    Publish,
    Reply,
    LogIn,
    Ghost,
    Register,
    ChangePassword,
    LogOut,
    Other,
}

impl Asked {
    pub(super) fn of(request: &Request) -> Asked {
        match request {
            Request::Name { .. } => Asked::Name,
            Request::Enter { .. } => Asked::Enter,
            Request::Leave => Asked::Leave,
            Request::Publish { .. } => Asked::Publish,
            Request::Reply { .. } => Asked::Reply,
            Request::LogIn { .. } => Asked::LogIn,
            Request::Ghost { .. } => Asked::Ghost,
            Request::Register { .. } => Asked::Register,
            Request::ChangePassword { .. } => Asked::ChangePassword,
            Request::LogOut => Asked::LogOut,
            Request::Tell { .. }
            | Request::List(_)
            | Request::History(_)
            | Request::Topic
            | Request::SetTopic { .. }
            | Request::Depart { .. } => Asked::Other,
        }
    }
}

impl<S: Stream, C: Clock> Connection<S, C> {
    /// The registry has answered a request, and the session does not know yet.
    pub(super) fn note_outcome(
        &mut self,
        asked: Asked,
        answer: &Answer,
        call: &mut CallContext<'_>,
    ) {
        if matches!(answer, Answer::Named | Answer::Entered | Answer::Left) {
            let room = self.session.room().filter(|_| *answer != Answer::Left);
            self.permit.is_called(self.session.name(), room, call);
        }
        if *answer == Answer::LoggedOut {
            self.permit.is_called(None, None, call);
        }
        let refusal = self.client.take_refusal().map(Fault::Account);
        let now = call.now;
        let (log, session) = (self.permit.log(now), &mut self.session);
        match (asked, answer) {
            (Asked::Publish, Answer::Published) => {
                self.tally.published_at = self.tally.published_at.min(now);
            }
            (Asked::Name, Answer::Named) => log.named(session.name()),
            (Asked::Enter, Answer::Entered) => log.entered(session.name(), session.room()),
            (Asked::Leave, Answer::Left) => log.left(session.name(), session.room()),
            (Asked::Name | Asked::Enter, Answer::Refused) => {
                log.name_refused(session.name(), &refusal.unwrap_or(Fault::NameTaken));
            }
            (Asked::LogIn | Asked::Ghost, Answer::Named) => log.logged_in(session.name()),
            (Asked::Register, Answer::Named | Answer::Done) => log.registered(session.name()),
            (Asked::ChangePassword, Answer::Done) => log.password_changed(session.name()),
            (Asked::LogOut, Answer::LoggedOut) => log.logged_out(session.name()),
            (
                Asked::LogIn | Asked::Ghost | Asked::Register | Asked::ChangePassword,
                Answer::Refused,
            ) => log.login_failed(refusal.as_ref()),
            (Asked::Reply, _) => {
                if let Some(fault) = session.take_fault() {
                    log.refused(session.name(), &fault);
                }
            }
            _ => {}
        }
    }

    /// Input was taken: the session had taken `lines` before, and `bytes` had been read.
    pub(super) fn note_input(&mut self, (bytes, lines): (u64, u64), call: &CallContext<'_>) {
        let (bytes_now, lines_now) = (self.tally.bytes_in, self.session.lines());
        if (bytes_now, lines_now) != (bytes, lines) {
            self.permit.service.figures.received(bytes_now - bytes, lines_now - lines);
            if let Some(entry) = &self.permit.entry {
                entry.has_sent(bytes_now, lines_now);
            }
        }
        if bytes_now >= self.tally.much_at {
            self.tally.much_at = next_much(bytes_now);
            self.permit.log(call.now).sends_much(self.session.name(), bytes_now, lines_now);
        }
    }

    /// Notes whether the session is held.
    pub(super) fn note_hold(&mut self, call: &CallContext<'_>) {
        let now = call.now;
        let is_held = self.session.state().is_held();
        if is_held == (self.tally.held_since != Time::NEVER) {
            return;
        }
        if let Some(entry) = &self.permit.entry {
            entry.is_held(is_held.then_some(now));
        }
        if is_held {
            self.tally.held_since = now;
            self.permit.service.figures.hold_begins();
            let creates = self.client.waits_to_create().then_some(Rule::Rooms);
            if let Some(rule) = self.session.waits_for(now).or(creates) {
                self.permit.service.figures.rate_wait_begins(rule);
            }
            self.permit.log(now).held(self.name_to_log());
        } else {
            self.hold_ends(now);
        }
    }

    /// The client's name, but not one that it claims to be an account's: people type a password in
    /// its place. [extensions/account-7]
    fn name_to_log(&self) -> Option<&Name> {
        let claims = self.session.state() == State::Held(Stage::Fresh);
        self.session.name().filter(|_| !claims || !self.permit.service.extensions.accounts)
    }

    fn hold_ends(&mut self, now: Time) {
        let span = now.since(std::mem::replace(&mut self.tally.held_since, Time::NEVER));
        self.tally.held += span;
        self.permit.service.figures.hold_ends(span);
        self.permit.log(now).goes_on(self.session.name(), span);
    }

    /// The recipients of the last lines have been written to, where there are `any` that were not
    /// being written to already.
    pub(super) fn note_written(&mut self, any: bool) {
        if !any {
            self.tally.published_at = Time::NEVER;
        } else if self.tally.published_at != Time::NEVER {
            self.note_fan_out(self.permit.service.clock.now());
        }
    }

    /// By now the recipients of the last lines have been written to, if there were any.
    pub(super) fn note_fan_out(&mut self, now: Time) {
        if self.tally.published_at != Time::NEVER {
            let begun = std::mem::replace(&mut self.tally.published_at, Time::NEVER);
            self.permit.service.figures.fan_out.note(now.since(begun));
        }
    }

    /// Leaves with the permit what there is to tell at the end.
    pub(super) fn account_for_itself(&mut self) {
        if self.tally.held_since != Time::NEVER {
            self.hold_ends(self.permit.service.clock.now());
        }
        let ended_itself = self.session.close_reason().is_some();
        let account = Account {
            name: self.session.name().cloned(),
            room: self.session.room().cloned(),
            bytes_in: self.tally.bytes_in,
            lines_in: self.session.lines(),
            sent: self.client.sent(),
            held: self.tally.held,
            unsent: self.client.charge(),
            fault: self.session.take_fault(),
            last: self.client.last_figures().filter(|_| !ended_itself),
            why: self.writer.stream.refusal().map(Into::into),
            ..Account::default()
        };
        self.permit.has_done(account);
    }
}
