//! The server and the reference model under the same operations, compared after each of them.
//!
//! Both sides get the same events: reads, accepted bytes, times and retries. After every operation
//! each client must have the same delivered bytes, charge and state, and be held or not on both
//! sides. Rooms, members and total must be the same. Every held client that can resume must have
//! been woken, and the session's way to close must be the model's.
//!
//! The limits of the claim: nothing runs at the same time here, and the shell's way to close a
//! socket is left out on both sides, so that a client is over once nothing is pending.

use super::cases::Cases;
use super::observe::{Snapshot, observe};
use super::operation::{DIALECTS, Operation, SLOTS, Scenario};
use super::system::{KEPT_LINES, Seen, System};
use parlance_core::limits::{
    HELD_INTERVAL, HELD_INTERVAL_EACH, HIGH_WATER_BYTES, LOOK_INTERVAL, Limits, READ_BYTES_MAX,
    STALL_BUDGET, STALL_BUDGET_PER_BYTE, STALL_BUDGET_RENEWED_AFTER,
};
use parlance_core::protocol::{self, Ending};
use parlance_core::rate::{Rate, Rates};
use parlance_core::registry::Census;
use parlance_core::time::Time;
use parlance_model::{AccountRules, Config, Dialect, Model, OutboxState, Parting};
use std::collections::BTreeSet;
use std::time::Duration;

/// Runs `scenario` on both sides and returns what it met; panics where they differ.
pub(crate) fn run(scenario: &Scenario) -> Cases {
    let mut check = Check::new(scenario);
    for operation in &scenario.operations {
        check.perform(operation);
    }
    check.cases
}

/// As above; returns how often an operation has left a client waiting for its own rates.
pub(crate) fn run_counting_rate_waits(scenario: &Scenario) -> usize {
    let mut check = Check::new(scenario);
    for operation in &scenario.operations {
        check.perform(operation);
    }
    check.rate_waits
}

/// As above; returns how often an operation has left a client waiting for the store.
pub(crate) fn run_counting_store_waits(scenario: &Scenario) -> usize {
    let mut check = Check::new(scenario);
    let mut waits = 0;
    for operation in &scenario.operations {
        check.perform(operation);
        let waiting = (0..check.clients.len()).filter(|id| check.model.waits_for_the_store(*id));
        waits += waiting.count();
    }
    waits
}

/// How much is looked at of what an operation brought a client.
const HEARD_BYTES: usize = 8_192;

/// The dialect that is called so in the product.
fn product(dialect: Dialect) -> &'static dyn protocol::Dialect {
    let index = DIALECTS.iter().position(|other| *other == dialect);
    protocol::DIALECTS[index.expect("all dialects are on the list")]
}

/// A few lines a second: so most clients have to wait.
fn slow() -> Rates {
    let second = Duration::from_secs(1);
    Rates {
        lines: Rate::new(4, second, 6),
        bytes: Rate::new(10_000, second, 50_000),
        joins: Rate::new(2, second, 2),
        names: Rate::new(1, second, 2),
        rooms: Rate::new(1, 3 * second, 1),
        connects: Rate::OFF,
    }
}

/// The same for the model.
fn slow_in_the_model() -> parlance_model::Rates {
    let rate = |millis, burst| {
        Some(parlance_model::Rate { interval: Duration::from_millis(millis), burst })
    };
    let bytes = parlance_model::Rate { interval: Duration::from_micros(100), burst: 50_000 };
    parlance_model::Rates {
        lines: rate(250, 6),
        bytes: Some(bytes),
        joins: rate(500, 2),
        names: rate(1_000, 2),
        rooms: rate(3_000, 1),
    }
}

/// Both sides, and what their caller has to remember.
pub(crate) struct Check {
    pub(crate) dialect: Dialect,
    pub(crate) model: Model,
    pub(crate) system: System,
    pub(crate) now: u64,
    pub(crate) outbox_bytes_max: usize,
    pub(crate) total_bytes_max: usize,
    /// Names of rooms that there were once and then were not.
    pub(crate) deleted: BTreeSet<String>,
    /// Names of clients that there were once.
    pub(crate) parted_names: BTreeSet<Option<String>>,
    slots: [Option<usize>; SLOTS],
    clients: Vec<Client>,
    pub(crate) stopped: bool,
    /// Whether clients may be no faster than a few lines a second.
    rates: bool,
    /// How often an operation has left a client waiting for its own rates.
    rate_waits: usize,
    cases: Cases,
}

/// What the caller knows of one client.
struct Client {
    /// How many bytes its socket takes, as far as the model is concerned.
    window: usize,
    /// Whether its task is kept from writing.
    starves: bool,
    /// When its held request is due, by the model.
    retry_at: Option<u64>,
    /// How it must close, once its part has ended.
    ending: Option<Ending>,
    /// Whether its part has ended.
    ended: bool,
    /// How much of what was delivered to it has been compared.
    compared: usize,
    /// How much had been before the last operation.
    compared_before: usize,
}

impl Check {
    pub(crate) fn new(scenario: &Scenario) -> Check {
        let limits = Limits {
            outbox_bytes_max: scenario.outbox_bytes_max,
            total_bytes_max: scenario.total_bytes_max,
            rates: if scenario.rates { slow() } else { Rates::OFF },
            ..Limits::default()
        };
        let config = Config {
            outbox_bytes_max: limits.outbox_bytes_max,
            total_bytes_max: limits.total_bytes_max,
            high_water_bytes: HIGH_WATER_BYTES,
            stall_budget: STALL_BUDGET,
            given_back_per_byte: STALL_BUDGET_PER_BYTE,
            renewal: STALL_BUDGET_RENEWED_AFTER,
            first_line: limits.first_line,
            idle: limits.idle,
            stall: limits.stall,
            flush: limits.drain,
            rates: if scenario.rates {
                slow_in_the_model()
            } else {
                parlance_model::Rates::default()
            },
            kept_lines: scenario.keeps.then_some(KEPT_LINES),
            accounts: scenario
                .accounts
                .map(|required| AccountRules { required, registration: true }),
            ..Config::default()
        };
        Check {
            dialect: scenario.dialect,
            model: Model::new(config, scenario.dialect),
            system: System::with(
                product(scenario.dialect),
                limits,
                scenario.extensions(),
                scenario.accounts == Some(true),
            ),
            now: 0,
            outbox_bytes_max: scenario.outbox_bytes_max,
            total_bytes_max: scenario.total_bytes_max,
            deleted: BTreeSet::new(),
            parted_names: BTreeSet::new(),
            slots: [None; SLOTS],
            clients: Vec::new(),
            stopped: false,
            rates: scenario.rates,
            rate_waits: 0,
            cases: Cases::default(),
        }
    }

    /// Performs `operation` on both sides, if it is possible, and compares them.
    pub(crate) fn perform(&mut self, operation: &Operation) {
        let before = Snapshot::of(self);
        match operation {
            Operation::Connect { slot } => self.connect(*slot),
            Operation::Send { slot, payload, segment } => {
                let bytes = payload.bytes(self.dialect);
                assert!(bytes.len() <= READ_BYTES_MAX, "one read would not bring that much");
                self.with(*slot, |check, id| {
                    for read in bytes.chunks(*segment) {
                        check.receive(id, read);
                    }
                });
            }
            Operation::EndOfStream { slot } => self.with(*slot, |check, id| {
                check.model.end_of_stream(id, check.now);
                check.system_follows(id, |system| system.end_of_stream(id));
            }),
            Operation::Reset { slot } => self.with(*slot, |check, id| {
                check.model.reset(id, check.now);
                check.system_follows(id, |system| system.reset(id));
            }),
            Operation::Kick { slot } => self.with(*slot, |check, id| {
                let was_served = !check.clients[id].ended;
                check.model.kick(id, check.now);
                check.system_follows(id, |system| system.kick(id));
                if was_served {
                    check.clients[id].ending = Some(Ending::Abort); // the registry ended it
                }
            }),
            // To everybody else it is a reset.
            Operation::Dropped { slot } => self.with(*slot, |check, id| {
                if check.system.has_task(id) {
                    check.model.reset(id, check.now);
                    check.system_follows(id, |system| system.drop_task(id));
                    check.clients[id].ending = None; // its session never heard of it
                }
            }),
            Operation::Reads { slot, bytes } => self.reads(*slot, *bytes),
            Operation::ReadsAll { slot } => self.reads(*slot, usize::MAX),
            Operation::StopsReading { slot } => self.with(*slot, |check, id| {
                check.clients[id].window = 0;
                check.system.close_window(id);
            }),
            Operation::Starves { slot, starves } => self.with(*slot, |check, id| {
                check.clients[id].starves = *starves;
                check.system_follows(id, |system| system.starve(id, *starves));
            }),
            Operation::Retry { slot } => self.with(*slot, Check::retry),
            Operation::RetryAll => self.retry_all(),
            Operation::Passes { time, looked_at } => {
                self.now += u64::try_from(time.as_nanos()).expect("the times are seconds");
                self.system.time_is(Time::from_nanos(self.now));
                if *looked_at {
                    self.look_at_deadlines();
                }
            }
            Operation::Store => {
                self.model.perform_store(self.now);
                self.system.perform_store();
                self.sockets_take();
            }
            Operation::Shutdown => self.shutdown(),
        }
        self.compare(operation);
        let waits = |id: &usize| self.model.waits_for_its_rate(*id, self.now);
        self.rate_waits += (0..self.clients.len()).filter(waits).count();
        let after = Snapshot::of(self);
        self.deleted.extend(before.rooms_missing_in(&after));
        self.parted_names.extend(before.names_missing_in(&after));
        observe(&mut self.cases, &before, &after, operation);
    }

    /// Which client is in `slot`.
    pub(crate) fn client_in(&self, slot: usize) -> Option<usize> {
        self.slots[slot]
    }

    fn with(&mut self, slot: usize, act: impl FnOnce(&mut Check, usize)) {
        if let Some(id) = self.slots[slot] {
            act(self, id);
        }
    }

    fn connect(&mut self, slot: usize) {
        let free = self.slots[slot].is_none_or(|id| self.expected(id).is_gone());
        if free && !self.stopped {
            let id = self.model.connect(self.now);
            assert_eq!(self.system.connect(), id);
            self.slots[slot] = Some(id);
            self.clients.push(Client {
                window: 0,
                starves: false,
                retry_at: None,
                ending: None,
                ended: false,
                compared: 0,
                compared_before: 0,
            });
        }
    }

    fn receive(&mut self, id: usize, bytes: &[u8]) {
        if !self.model.is_held(id) {
            self.model.receive(id, bytes, self.now);
            self.note_wait(id);
        }
        self.system_follows(id, |system| system.receive(id, bytes));
    }

    fn reads(&mut self, slot: usize, bytes: usize) {
        self.with(slot, |check, id| {
            check.clients[id].window = check.clients[id].window.saturating_add(bytes);
            check.system_follows(id, |system| system.open_window(id, bytes));
        });
    }

    fn retry(&mut self, id: usize) {
        self.model.retry(id, self.now);
        self.note_wait(id);
        self.system_follows(id, |system| system.retry(id));
    }

    /// Client `id` has tried to publish: notes when it must try again, if it must.
    fn note_wait(&mut self, id: usize) {
        self.clients[id].retry_at = self.model.retry_at(id, self.now);
    }

    /// Lowest slot first, eight times round, which is more than one read can have runs in wait of
    /// the same reader.
    fn retry_all(&mut self) {
        for slot in (0..SLOTS).cycle().take(8 * SLOTS) {
            self.with(slot, Check::retry);
        }
    }

    fn look_at_deadlines(&mut self) {
        for id in 0..self.clients.len() {
            self.model.tick(id, self.now);
            self.system_follows(id, |system| system.tick(id));
            let retry_at = self.clients[id].retry_at;
            if self.model.is_held(id) && retry_at.is_some_and(|at| at <= self.now) {
                self.model.retry(id, self.now);
                self.note_wait(id);
                self.system_follows(id, |system| system.retry_if_due(id));
            }
        }
    }

    fn shutdown(&mut self) {
        self.stopped = true;
        self.model.shutdown(self.now);
        for client in self.clients.iter_mut().filter(|client| !client.ended) {
            (client.ended, client.ending) = (true, Some(Ending::Abort));
        }
        self.system.shutdown();
        self.sockets_take();
    }

    /// Something happened to client `id` in the model: notes what that determines, lets it happen
    /// to the system, then lets the sockets of the model take what they can.
    fn system_follows(&mut self, id: usize, act: impl FnOnce(&mut System)) {
        for (id, client) in self.clients.iter_mut().enumerate().filter(|(_, one)| !one.ended) {
            (client.ended, client.ending) = match self.model.outbox_state(id) {
                OutboxState::Fresh | OutboxState::Named { .. } | OutboxState::Member { .. } => {
                    (false, None)
                }
                OutboxState::Departed(_) if self.model.is_ghost(id) => (true, Some(Ending::Abort)),
                OutboxState::Departed(Parting::Lingering) => (true, Some(Ending::Linger)),
                OutboxState::Departed(Parting::Silent) => (true, Some(Ending::Silent)),
                OutboxState::Departed(_) => (true, Some(Ending::Flush)),
                OutboxState::Reset => (true, Some(Ending::Abort)),
                OutboxState::Evicted => (true, None), // whatever it was up to, it is over
            };
        }
        act(&mut self.system);
        // A client that was told to try again does so at once, whatever its time. The model takes
        // one that is evicted out of its queue at that moment; the system when its task ends.
        if self.model.is_held(id) && !self.system.was_told_to_retry(id) {
            let at = self.clients[id].retry_at.map_or(Time::NEVER, Time::from_nanos);
            let found = self.system.retries_at(id);
            // Where clients have rates a client can evict one that waits in the queue that it then
            // waits in itself: it counts that one, whose task has not ended yet.
            let counts_more = self.rates && self.model.is_behind_another(id);
            let more = if counts_more { HELD_INTERVAL_EACH * 5 } else { Duration::ZERO };
            let right = found == at || found >= at && found <= at + more;
            assert!(right, "client {id} asks again at {found:?}, by the model at {at:?}");
        }
        self.sockets_take();
    }

    fn sockets_take(&mut self) {
        let fed = self.clients.iter_mut().enumerate().filter(|(_, client)| !client.starves);
        for (id, client) in fed {
            let queued = self.model.queued(id);
            self.model.accept_bytes(id, client.window, self.now);
            if client.window != usize::MAX {
                client.window = client.window.saturating_sub(queued);
            }
            self.model.refuse(id, self.now);
        }
    }

    fn compare(&mut self, operation: &Operation) {
        for id in 0..self.clients.len() {
            self.compare_client(id, operation);
        }
        let rooms = self.model.rooms();
        let mut census = self.system.census();
        if self.stopped {
            // Nobody is announced any more, and rooms go with their connections.
            (census.rooms, census.members) = (0, 0);
        }
        let expected = Census {
            clients: (0..self.clients.len()).filter(|&id| !self.expected(id).is_gone()).count(),
            rooms: rooms.len() + if self.stopped { 0 } else { self.model.awaited_rooms() },
            members: rooms.iter().map(|(_, members)| members.len()).sum(),
            charge: self.model.total(),
        };
        assert_eq!(census, expected, "after {operation:?}");
    }

    fn compare_client(&mut self, id: usize, operation: &Operation) {
        let (model, system, client) = (&self.model, &self.system, &mut self.clients[id]);
        let place = || format!("client {id} after {operation:?}");
        let (expected, delivered) = (model.delivered(id), system.delivered(id));
        if expected.len() != delivered.len()
            || expected[client.compared..] != delivered[client.compared..]
        {
            let same = expected.iter().zip(delivered).take_while(|(a, b)| a == b).count();
            let part = |bytes: &[u8]| {
                let end = bytes.len().min(same + 80);
                format!(
                    "{} bytes, there {:?}",
                    bytes.len(),
                    bytes[same..end].escape_ascii().to_string()
                )
            };
            panic!(
                "{}: delivery differs at byte {same}\n model: {}\nsystem: {}",
                place(),
                part(expected),
                part(delivered)
            );
        }
        (client.compared_before, client.compared) = (client.compared, delivered.len());
        assert_eq!(system.charge(id), model.charge(id), "charge of {}", place());
        assert_eq!(system.is_held(id), model.is_held(id), "whether held: {}", place());
        assert_eq!(system.seen(id), seen(model, id), "standing of {}", place());
        if client.ending.is_some() {
            assert_eq!(system.ending(id), client.ending, "ending of {}", place());
        }
        system.unfinished_len(id);
        let own = model.waits_for_replies(id)
            || model.waits_for_its_rate(id, self.now)
            || model.waits_for_the_store(id);
        let free = model.waits_for(id, self.now).is_empty() && !own;
        if model.is_held(id) && free {
            // [common/flow-5]; in a strained room a join may have ended the wait too, as then more
            // members are not congested, which is seen at the next look [common/flow-9].
            let strained = model.is_in_a_strained_room(id, self.now);
            let look = match (self.rates, strained) {
                // Another has created the room that it may not create yet. [common/rate-4]
                (true, _) => HELD_INTERVAL,
                (false, true) => LOOK_INTERVAL,
                (false, false) => Duration::ZERO,
            };
            let due = Time::from_nanos(self.now) + look >= system.retries_at(id);
            assert!(due || system.was_told_to_retry(id), "nobody tells {} to go on", place());
        }
    }

    /// The beginning of what the last operation brought client `id`.
    pub(crate) fn heard(&self, id: usize) -> &[u8] {
        let new = &self.model.delivered(id)[self.clients[id].compared_before..];
        &new[..new.len().min(HEARD_BYTES)]
    }

    /// Where a client must stand.
    pub(crate) fn expected(&self, id: usize) -> Seen {
        seen(&self.model, id)
    }
}

impl Seen {
    pub(crate) fn is_gone(self) -> bool {
        matches!(self, Seen::Over | Seen::Evicted)
    }
}

/// The model's standing in the words that both sides share.
fn seen(model: &Model, id: usize) -> Seen {
    match model.outbox_state(id) {
        OutboxState::Fresh => Seen::Fresh,
        OutboxState::Named { .. } => Seen::Named,
        OutboxState::Member { .. } => Seen::Member,
        OutboxState::Departed(Parting::Flushing | Parting::Lingering) if model.queued(id) > 0 => {
            Seen::Leaving
        }
        OutboxState::Departed(_) | OutboxState::Reset => Seen::Over,
        OutboxState::Evicted => Seen::Evicted,
    }
}
