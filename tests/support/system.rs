//! The system under test: the sessions and the registry, driven as the shell drives them, with
//! simulated sockets in place of real ones and nothing running at the same time.
//!
//! A call names the client by its number in order of connecting, as the model's calls do. After
//! each, every woken client writes its pending lines: a wake-up that the registry forgets is a
//! delivery that the model has and the system lacks.

use super::scripted_accounts::ScriptedAccounts;
use super::scripted_store::ScriptedStore;
use parlance_core::limits::{LINE_BYTES_MAX, Limits};
use parlance_core::protocol::dialect::{Dialect, Stage};
use parlance_core::protocol::table::State;
use parlance_core::protocol::{CloseReason, Ending, Extensions, Fault, Session};
use parlance_core::registry::{
    AccountOptions, ArchiveOptions, CallContext, Census, Client, Entry, OutboxState, Registry,
    Taken,
};
use parlance_core::time::Time;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Wake, Waker};

/// How many lines a joiner is sent where rooms are kept: few, so that some are not.
pub(crate) const KEPT_LINES: usize = 7;

/// Where a client stands, as far as both sides know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    Fresh,
    Named,
    Member,
    /// It departed, and lines are still pending.
    Leaving,
    /// It departed, and nothing more is written to it.
    Over,
    Evicted,
}

/// A server without a shell.
pub(crate) struct System {
    dialect: &'static dyn Dialect,
    registry: Registry,
    limits: Limits,
    now: Time,
    clients: Vec<Connection>,
    /// What every client may use.
    extensions: Extensions,
    store: ScriptedStore,
    accounts: ScriptedAccounts,
}

/// One client: what the shell keeps of it, and the far end of its socket.
struct Connection {
    session: Session,
    /// Until it is over.
    client: Option<Client>,
    /// Input that waits while the sender is held.
    leftover: Vec<u8>,
    /// The end of the stream has come, and has not been read by the session yet.
    ended: bool,
    /// When a flush in progress is given up.
    flush_until: Option<Time>,
    /// Its task gets no processor to write with.
    starves: bool,
    /// How many bytes the socket takes.
    window: usize,
    /// The last write left bytes over.
    blocked: bool,
    delivered: Vec<u8>,
    outcome: Option<Seen>,
    /// Why the registry ended it.
    reason: Option<CloseReason>,
    /// Woken to write.
    writer: Arc<Flag>,
    /// Woken to try a held request again. In the shell it is the same waker: two tell more.
    sender: Arc<Flag>,
}

/// A waker that remembers.
#[derive(Default)]
struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Flag {
    fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    fn set(&self, value: bool) {
        self.0.store(value, Ordering::Relaxed);
    }
}

/// What happens.
impl System {
    pub(crate) fn new(dialect: &'static dyn Dialect, limits: Limits) -> System {
        System::with(dialect, limits, Extensions::OFF, false)
    }

    /// A server with these extensions, where names need an account if they are `required`.
    pub(crate) fn with(
        dialect: &'static dyn Dialect,
        limits: Limits,
        extensions: Extensions,
        required: bool,
    ) -> System {
        let archive = ArchiveOptions { lines: KEPT_LINES, next_id: 1, stores_first: false };
        let archive = extensions.kept_rooms.then_some(archive);
        let accounts = AccountOptions { required };
        let registry = match archive {
            _ if extensions.accounts => {
                Registry::with_accounts(dialect, limits.clone(), archive, accounts)
            }
            Some(archive) => Registry::with_archive(dialect, limits.clone(), archive),
            None => Registry::new(dialect, limits.clone()),
        };
        let (clients, store) = (Vec::new(), ScriptedStore::default());
        let (now, accounts) = (Time::ZERO, ScriptedAccounts::default());
        System { dialect, registry, limits, now, clients, extensions, store, accounts }
    }

    /// The store performs everything that it was asked for, and so do the accounts.
    pub(crate) fn perform_store(&mut self) {
        let mut call = CallContext::new(self.now, Waker::noop());
        self.accounts.judge_all(&self.registry, &mut call);
        loop {
            let effects = self.registry.take_effects(usize::MAX);
            if effects.writes.is_empty() && effects.reads.is_empty() {
                break;
            }
            for outcome in self.store.perform(self.dialect, effects) {
                self.registry.performed(outcome, &mut call);
            }
        }
        drop(call);
        for id in 0..self.clients.len() {
            self.after(id);
        }
    }

    pub(crate) fn time_is(&mut self, now: Time) {
        self.now = now;
    }

    pub(crate) fn connect(&mut self) -> usize {
        let mut session = Session::new(self.dialect, &self.limits, self.now);
        let mut client = self.registry.connect();
        session.offer(self.extensions);
        session.limit_rates(&self.limits.rates);
        client.limit_rates(&self.limits.rates);
        self.clients.push(Connection {
            session,
            client: Some(client),
            leftover: Vec::new(),
            ended: false,
            flush_until: None,
            starves: false,
            window: 0,
            blocked: false,
            delivered: Vec::new(),
            outcome: None,
            reason: None,
            writer: Arc::default(),
            sender: Arc::default(),
        });
        let id = self.clients.len() - 1;
        self.write(id); // as the shell does first: so the writer is asleep and wants to be woken
        id
    }

    /// One read returned `bytes`. Refused while the shell would not read.
    pub(crate) fn receive(&mut self, id: usize, bytes: &[u8]) {
        let connection = &mut self.clients[id];
        let reads = !matches!(connection.session.state(), State::Held(_) | State::Over);
        if connection.client.is_some() && reads && !connection.ended && !bytes.is_empty() {
            connection.feed(bytes, self.now);
            self.after(id);
        }
    }

    /// The end of the stream; seen once the session reads again.
    pub(crate) fn end_of_stream(&mut self, id: usize) {
        let connection = &mut self.clients[id];
        connection.ended = true;
        connection.read_the_end(self.now);
        self.after(id);
    }

    pub(crate) fn reset(&mut self, id: usize) {
        let connection = &mut self.clients[id];
        if connection.client.is_none() {
            return;
        }
        if connection.session.state() != State::Over {
            connection.session.reset();
            connection.exchange(self.now);
        }
        connection.time_is(self.now);
        connection.close(Seen::Over);
        self.after(id);
    }

    /// An operator ends the client. [common/kick-1]
    pub(crate) fn kick(&mut self, id: usize) {
        let Some(client) = &self.clients[id].client else { return };
        let remote = client.remote();
        let mut call = CallContext::new(self.now, Waker::noop());
        remote.kick(CloseReason::Kicked, &Fault::Kicked(None), &mut call);
        drop(call);
        self.after(id);
    }

    /// Whether the connection still has its task.
    pub(crate) fn has_task(&self, id: usize) -> bool {
        self.clients[id].client.is_some()
    }

    /// The connection's task ends, whatever it was doing.
    pub(crate) fn drop_task(&mut self, id: usize) {
        if self.has_task(id) {
            self.clients[id].time_is(self.now);
            self.clients[id].close(Seen::Over);
            self.after(id);
        }
    }

    /// A held request is made again, and what waits behind it.
    pub(crate) fn retry(&mut self, id: usize) {
        if self.is_held(id) {
            let now = self.now;
            self.clients[id].session.retry(now);
            self.clients[id].go_on(self.now);
            self.after(id);
        }
    }

    /// As `retry`, if the session finds that its time has come, or it was told.
    pub(crate) fn retry_if_due(&mut self, id: usize) {
        if self.was_told_to_retry(id) {
            return self.retry(id);
        }
        if self.is_held(id) {
            self.clients[id].session.time(self.now);
            if !self.is_held(id) {
                self.clients[id].go_on(self.now);
                self.after(id);
            }
        }
    }

    /// The socket takes up to `bytes` more.
    pub(crate) fn open_window(&mut self, id: usize, bytes: usize) {
        self.clients[id].window = self.clients[id].window.saturating_add(bytes);
        self.after(id);
    }

    /// Keeps the client's task from writing, or lets it write again.
    pub(crate) fn starve(&mut self, id: usize, starves: bool) {
        self.clients[id].starves = starves;
        self.after(id);
    }

    pub(crate) fn close_window(&mut self, id: usize) {
        self.clients[id].window = 0;
    }

    /// Looks at the deadlines of a client, the earliest first, that of a held request excepted.
    pub(crate) fn tick(&mut self, id: usize) {
        let now = self.now;
        let connection = &mut self.clients[id];
        let Some(client) = &mut connection.client else { return };
        let until = connection.flush_until.unwrap_or(Time::NEVER);
        let stalled_at = if connection.blocked { client.deadline() } else { Time::NEVER };
        if until <= now && until <= stalled_at {
            connection.time_is(now);
            connection.close(Seen::Over);
        } else if connection.blocked {
            client.expire(&mut CallContext::new(now, Waker::noop()));
        }
        if matches!(connection.session.state(), State::Open(_)) {
            connection.session.time(now);
            connection.exchange(now);
        }
        self.after(id);
    }

    pub(crate) fn shutdown(&mut self) {
        self.registry.shutdown(&mut CallContext::new(self.now, Waker::noop()));
        for id in 0..self.clients.len() {
            self.after(id);
        }
    }

    /// Lets all woken clients write, and `actor`, which need not be woken.
    fn after(&mut self, actor: usize) {
        for id in 0..self.clients.len() {
            if id == actor || self.clients[id].writer.is_set() {
                // A task that gets no processor is still to run.
                self.clients[id].writer.set(self.clients[id].starves);
                self.write(id);
            }
        }
    }

    fn write(&mut self, id: usize) {
        let until = self.now + self.limits.drain;
        self.clients[id].time_is(self.now);
        self.clients[id].conclude(self.now, until);
        if !self.clients[id].starves || self.clients[id].owes_nothing() {
            self.clients[id].flush(self.now);
        }
        self.clients[id].conclude(self.now, until);
    }
}

/// What can be seen.
impl System {
    pub(crate) fn clients(&self) -> usize {
        self.clients.len()
    }

    pub(crate) fn census(&self) -> Census {
        self.registry.census()
    }

    pub(crate) fn delivered(&self, id: usize) -> &[u8] {
        &self.clients[id].delivered
    }

    pub(crate) fn charge(&self, id: usize) -> usize {
        self.clients[id].client.as_ref().map_or(0, Client::charge)
    }

    pub(crate) fn ending(&self, id: usize) -> Option<Ending> {
        self.clients[id].session.ending()
    }

    /// Why the registry ended a client that is over.
    pub(crate) fn reason(&self, id: usize) -> Option<CloseReason> {
        self.clients[id].reason
    }

    pub(crate) fn is_held(&self, id: usize) -> bool {
        let connection = &self.clients[id];
        connection.client.is_some() && connection.session.state().is_held()
    }

    /// When a held client asks again by itself.
    pub(crate) fn retries_at(&self, id: usize) -> Time {
        self.clients[id].session.deadline()
    }

    /// Whether a held client was told to ask again since it asked last.
    pub(crate) fn was_told_to_retry(&self, id: usize) -> bool {
        self.clients[id].sender.is_set()
    }

    pub(crate) fn unfinished_len(&self, id: usize) -> usize {
        let length = self.clients[id].session.unfinished_len();
        assert!(length < LINE_BYTES_MAX, "an unfinished line can still be finished");
        length
    }

    pub(crate) fn seen(&self, id: usize) -> Seen {
        let connection = &self.clients[id];
        match (connection.outcome, connection.session.state()) {
            (Some(outcome), _) => outcome,
            (None, State::Open(stage) | State::Held(stage)) => match stage {
                Stage::Fresh => Seen::Fresh,
                Stage::Named => Seen::Named,
                Stage::Member => Seen::Member,
            },
            (None, State::Over) => Seen::Leaving,
            (None, state) => panic!("{state:?} is left before anybody can look"),
        }
    }
}

/// What the shell does for one client.
impl Connection {
    fn feed(&mut self, input: &[u8], now: Time) {
        let mut rest = input;
        while !rest.is_empty() {
            let used = self.session.feed(rest, now);
            assert!(used <= rest.len(), "more was consumed than given");
            rest = &rest[used..];
            self.exchange(now);
            if self.session.state().is_held() {
                self.leftover = rest.to_vec();
                return;
            }
        }
    }

    fn exchange(&mut self, now: Time) {
        let Some(client) = &mut self.client else { return };
        let waker = Waker::from(Arc::clone(&self.sender));
        while let Some(request) = self.session.take_request() {
            self.sender.set(false);
            let answer = client.submit(request, &mut CallContext::new(now, &waker));
            self.session.answer(answer);
        }
    }

    /// After a wait: the request, then the rest of that read, then the end of the stream.
    fn go_on(&mut self, now: Time) {
        self.exchange(now);
        if !self.session.state().is_held() {
            let leftover = std::mem::take(&mut self.leftover);
            self.feed(&leftover, now);
        }
        if self.ended {
            self.read_the_end(now);
        }
    }

    fn read_the_end(&mut self, now: Time) {
        if matches!(self.session.state(), State::Open(_)) {
            self.session.end_of_stream();
            self.exchange(now);
        }
    }

    /// Writes pending lines until none is left or the socket takes no more.
    fn flush(&mut self, now: Time) {
        let waker = Waker::from(Arc::clone(&self.writer));
        let mut batch = Vec::new();
        while let Some(client) = &self.client {
            if self.blocked && self.window == 0 && client.outbox_state() != OutboxState::Evicted {
                return;
            }
            self.blocked = false;
            match client.outlet().take(&mut batch, &waker) {
                Taken::Batch => {}
                Taken::Nothing(outbox_state) => return self.caught_up(outbox_state),
                Taken::Elsewhere(_) => unreachable!("nobody else writes here"),
            }
            let queued = batch.iter().map(Entry::bytes).collect::<Vec<_>>().concat();
            let accepted = queued.len().min(self.window);
            self.delivered.extend_from_slice(&queued[..accepted]);
            if self.window != usize::MAX {
                self.window -= accepted;
            }
            self.blocked = accepted < queued.len();
            client.outlet().settle(
                &mut batch,
                accepted,
                self.blocked,
                &mut CallContext::new(now, &waker),
            );
        }
    }

    /// Whether there is nothing to write, and so nothing to wait for.
    fn owes_nothing(&self) -> bool {
        self.client.as_ref().is_none_or(|client| client.charge() == 0)
    }

    /// Nothing is pending.
    fn caught_up(&mut self, outbox_state: OutboxState) {
        if outbox_state != OutboxState::Open && self.session.state() != State::Over {
            self.session.gone();
        }
        match outbox_state {
            OutboxState::Evicted => self.close(Seen::Evicted),
            OutboxState::Closed => self.close(Seen::Over),
            OutboxState::Open => {}
        }
    }

    /// Begins to close if the session is over, or the server is shutting down.
    fn conclude(&mut self, now: Time, until: Time) {
        let Some(client) = &mut self.client else { return };
        let outbox_state = client.outbox_state();
        if outbox_state == OutboxState::Closed && self.session.state() != State::Over {
            self.session.gone();
            client.gone(&mut CallContext::new(now, Waker::noop()));
        }
        match self.session.ending() {
            None => return,
            Some(_) if outbox_state == OutboxState::Evicted => self.close(Seen::Evicted),
            Some(Ending::Silent) => self.close(Seen::Over),
            Some(Ending::Flush | Ending::Linger | Ending::Abort) => {
                self.flush_until.get_or_insert(until);
            }
        }
        self.leftover.clear();
    }

    fn time_is(&mut self, now: Time) {
        if let Some(client) = &mut self.client {
            client.time_is(now);
        }
    }

    /// The connection is closed, and with it goes the handle.
    fn close(&mut self, outcome: Seen) {
        self.reason = self.client.as_ref().and_then(Client::close_reason);
        self.client = None;
        self.outcome = Some(outcome);
    }
}
