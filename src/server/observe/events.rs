//! The events of the log that concern a connection: one for each thing that happens to it.
//!
//! Each has the number of its connection (`conn`), the peer, the listener and the dialect. The last
//! is `closed`, with the reason, what the client did and which bound it met. What clients say is
//! never logged. Names are graphic ASCII [common/name-1], so that they cannot forge a line.

use super::account::Account;
use super::bound::{Bound, millis};
use super::facts::Facts;
use super::observer::{Observer, TARGET};
use super::quota::Kind;
use parlance_core::protocol::{CloseReason, Fault, Name};
use parlance_core::time::Time;
use std::time::Duration;
use tracing::Level;

/// A client that has sent so many bytes is named in the log, and again after each doubling.
const MUCH_BYTES: u64 = 1024 * 1024;

/// What is written of one connection.
pub(crate) struct ConnectionLog<'a> {
    pub(crate) observer: &'a Observer,
    /// The dialect's name; `http` as long as none is known.
    pub(crate) dialect: &'static str,
    pub(crate) facts: &'a Facts,
    pub(crate) now: Time,
}

/// An event of a connection at a level, with further fields.
macro_rules! event {
    ($level:ident, $log:expr, { $($fields:tt)* }, $message:expr) => {
        tracing::$level!(
            target: TARGET,
            conn = $log.facts.conn,
            peer = %$log.facts.peer(),
            dialect = $log.dialect,
            listener = $log.facts.listener.name(),
            $($fields)*
            "{}", $message
        )
    };
}

impl ConnectionLog<'_> {
    /// Whether an event of this kind is to be written. Those that were left out before it are
    /// reported first.
    fn admits(&self, kind: Kind, reason: Option<CloseReason>) -> bool {
        if !tracing::enabled!(target: TARGET, Level::INFO) {
            return false;
        }
        let admitted = self.observer.quotas.admits(kind, reason, self.now);
        if let Some(events @ 1..) = admitted {
            let (of, reason) = (kind.message(), reason.map(reason_name));
            tracing::info!(target: TARGET, events, of, reason, "left out: too many at once");
        }
        admitted.is_some()
    }

    pub(crate) fn connected(&self) {
        if self.admits(Kind::Connected, None) {
            event!(info, self, {}, Kind::Connected.message());
        }
    }

    /// The client has its name, in no room.
    pub(crate) fn named(&self, name: Option<&Name>) {
        if self.admits(Kind::Named, None) {
            event!(info, self, { name = text(name), }, Kind::Named.message());
        }
    }

    pub(crate) fn entered(&self, name: Option<&Name>, room: Option<&Name>) {
        if self.admits(Kind::Entered, None) {
            event!(info, self, { name = text(name), room = text(room), }, Kind::Entered.message());
        }
    }

    /// The client has left its room, and stays.
    pub(crate) fn left(&self, name: Option<&Name>, room: Option<&Name>) {
        if self.admits(Kind::Left, None) {
            event!(info, self, { name = text(name), room = text(room), }, Kind::Left.message());
        }
    }

    /// A name was refused: it is taken, or `fault` says what is wrong with it. An invalid name is
    /// text of a user, and not written.
    pub(crate) fn name_refused(&self, name: Option<&Name>, fault: &Fault) {
        if self.admits(Kind::NameRefused, None) {
            let fault = fault_name(fault);
            event!(info, self, { name = text(name), fault, }, Kind::NameRefused.message());
        }
    }

    /// The session has refused a line for `fault`, and goes on.
    pub(crate) fn refused(&self, name: Option<&Name>, fault: &Fault) {
        if matches!(fault, Fault::NameInvalid | Fault::NamedAlready) {
            return self.name_refused(name, fault);
        }
        event!(debug, self, { name = text(name), fault = fault_name(fault), }, "line refused");
    }

    /// The client has shown the password of the account that it has the name of.
    pub(crate) fn logged_in(&self, name: Option<&Name>) {
        self.of_account(Kind::LoggedIn, name);
    }

    /// The client has made an account of its name.
    pub(crate) fn registered(&self, name: Option<&Name>) {
        self.of_account(Kind::Registered, name);
    }

    /// The client has another password.
    pub(crate) fn password_changed(&self, name: Option<&Name>) {
        self.of_account(Kind::PasswordChanged, name);
    }

    /// The client has no name any more.
    pub(crate) fn logged_out(&self, name: Option<&Name>) {
        self.of_account(Kind::LoggedOut, name);
    }

    fn of_account(&self, kind: Kind, name: Option<&Name>) {
        if self.admits(kind, None) {
            event!(info, self, { name = text(name), }, kind.message());
        }
    }

    /// The client was refused something for which it has to know a password. The name that it gave
    /// is not written: people type a password in its place. [extensions/account-7]
    pub(crate) fn login_failed(&self, fault: Option<&Fault>) {
        if self.admits(Kind::LoginFailed, None) {
            let fault = fault.map(fault_name);
            event!(info, self, { fault, }, Kind::LoginFailed.message());
        }
    }

    /// The client has sent `bytes` and `lines` so far, more than [`MUCH_BYTES`].
    pub(crate) fn sends_much(&self, name: Option<&Name>, bytes: u64, lines: u64) {
        if self.admits(Kind::SendsMuch, None) {
            let duration_ms = millis(self.now.since(self.facts.since));
            event!(
                info,
                self,
                { name = text(name), bytes_in = bytes, lines_in = lines, duration_ms, },
                Kind::SendsMuch.message()
            );
        }
    }

    /// The client's input waits for others to read.
    pub(crate) fn held(&self, name: Option<&Name>) {
        event!(debug, self, { name = text(name), }, "held");
    }

    /// The client's input waits no longer.
    pub(crate) fn goes_on(&self, name: Option<&Name>, held: Duration) {
        let held_ms = millis(held);
        event!(debug, self, { name = text(name), held_ms, }, "goes on");
    }

    /// The connection has ended. `account` is there if there is something to tell of it.
    pub(crate) fn closed(
        &self,
        reason: CloseReason,
        account: Option<&Account>,
        bound: Option<Bound>,
    ) {
        if !self.admits(Kind::Closed, Some(reason)) {
            return;
        }
        let nothing = Account::default();
        let done = account.unwrap_or(&nothing);
        let last = done.last;
        event!(
            info,
            self,
            {
                name = text(done.name.as_ref()),
                room = text(done.room.as_ref()),
                reason = reason_name(reason),
                fault = done.fault.as_ref().map(fault_name),
                why = done.why.as_deref(),
                limit = bound.map(|bound| bound.limit),
                value = bound.and_then(|bound| bound.value),
                max = bound.and_then(|bound| bound.max),
                unit = bound.map(|bound| bound.unit),
                bytes_in = done.bytes_in,
                lines_in = done.lines_in,
                bytes_out = done.sent.bytes,
                lines_out = done.sent.lines,
                duration_ms = millis(self.now.since(self.facts.since)),
                held_ms = millis(done.held),
                unsent_bytes = last.map_or(done.unsent, |last| last.charge) as u64,
                held_input_bytes = last.map(|last| last.held_input as u64),
                refused_ms = last.map(|last| millis(last.refused_for)),
                pending_ms = last.map(|last| millis(last.pending_for)),
                total_bytes = last.map(|last| last.total as u64),
            },
            Kind::Closed.message()
        );
    }
}

/// How many bytes are much, for a client that has sent `bytes`: the next step above.
pub(crate) fn next_much(bytes: u64) -> u64 {
    let mut next = MUCH_BYTES;
    while next <= bytes {
        next = next.saturating_mul(2);
    }
    next
}

fn text(name: Option<&Name>) -> Option<&str> {
    name.map(Name::as_str)
}

/// A reason as log and metrics name it: `outbox_overflow`.
pub(crate) fn reason_name(reason: CloseReason) -> String {
    snake_case(&format!("{reason:?}"))
}

/// A fault without what it is about: `name_taken`.
fn fault_name(fault: &Fault) -> String {
    let shown = match fault {
        Fault::Account(fault) => format!("{fault:?}"),
        fault => format!("{fault:?}"),
    };
    snake_case(shown.split('(').next().unwrap_or_default())
}

fn snake_case(text: &str) -> String {
    let mut snake = String::new();
    for letter in text.chars() {
        if letter.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::{MUCH_BYTES, fault_name, next_much, reason_name};
    use parlance_core::protocol::{AccountFault, CloseReason, Fault, Name};

    #[test]
    fn reasons_and_faults_are_words_that_a_query_can_have() {
        assert_eq!(reason_name(CloseReason::OutboxOverflow), "outbox_overflow");
        assert_eq!(reason_name(CloseReason::Idle), "idle");
        let room = Name::new(b"den", 20).expect("a name");
        assert_eq!(fault_name(&Fault::InRoomAlready(room)), "in_room_already");
        let fault = Fault::Account(AccountFault::WrongPassword);
        assert_eq!(fault_name(&fault), "wrong_password");
    }

    #[test]
    fn much_doubles() {
        assert_eq!(next_much(0), MUCH_BYTES);
        assert_eq!(next_much(MUCH_BYTES - 1), MUCH_BYTES);
        assert_eq!(next_much(MUCH_BYTES), 2 * MUCH_BYTES);
        assert_eq!(next_much(5 * MUCH_BYTES), 8 * MUCH_BYTES);
    }
}
