//! The outbox of one client: pending and delivered bytes, and the stall budgets.

use super::budget::Budget;
use super::config::{Config, ENTRY_COST};

/// One entry of an outbox.
#[derive(Clone, Debug)]
struct Entry {
    /// The number of the run, line, notice or reply: the same in every outbox that it was appended
    /// to.
    number: u64,
    /// All its bytes.
    bytes: Vec<u8>,
    /// The number of bytes written.
    written: usize,
    class: Class,
}

/// The kind of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// A run or a notice.
    Room,
    /// A private line.
    Private,
    /// A reply, which counts neither towards the bound nor a high-water mark [common/outbox-7].
    Reply,
}

/// The classes that congest a client, each with a stall budget of its own [common/flow-3].
const BOTH: [Class; 2] = [Class::Room, Class::Private];

/// An outbox, with the state of the connection it is written to.
#[derive(Clone, Debug, Default)]
pub(super) struct Outbox {
    /// Entries that are not written completely, oldest first.
    entries: Vec<Entry>,
    /// All bytes ever written.
    delivered: Vec<u8>,
    /// Since when the connection has refused bytes without taking one.
    refusing_since: Option<u64>,
    /// The stall budget for lines of the room.
    for_room: Budget,
    /// The stall budget for private lines.
    for_private: Budget,
    /// Whether the line that was tried last in the room had to wait, while the connection refused
    /// bytes.
    line_waits: bool,
    /// Since when something is pending without a break.
    pending_since: u64,
    /// How many bytes the connection has taken.
    taken: usize,
}

impl Outbox {
    /// All bytes written and not taken.
    pub(super) fn delivered(&self) -> &[u8] {
        &self.delivered
    }

    /// Takes the bytes written since the last call.
    pub(super) fn take_delivered(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.delivered)
    }

    /// The bytes not yet written, replies included.
    pub(super) fn queued(&self) -> usize {
        self.entries.iter().map(|entry| entry.bytes.len() - entry.written).sum()
    }

    /// The charge [common/outbox-3].
    pub(super) fn charge(&self) -> usize {
        self.entries.iter().map(|entry| entry.bytes.len() - entry.written + ENTRY_COST).sum()
    }

    /// The charge that counts towards the bound [common/outbox-7].
    fn charge_without_replies(&self) -> usize {
        self.charge() - self.charge_of(Class::Reply)
    }

    fn charge_of(&self, class: Class) -> usize {
        let counted = self.entries.iter().filter(|entry| entry.class == class);
        counted.map(|entry| entry.bytes.len() - entry.written + ENTRY_COST).sum()
    }

    /// The number and whole length of each entry, for the total [common/outbox-9].
    pub(super) fn held_entries(&self) -> Vec<(u64, usize)> {
        self.entries.iter().map(|entry| (entry.number, entry.bytes.len())).collect()
    }

    /// An entry is appended: if it is the only one, something is pending from now on.
    fn note_pending(&mut self, now: u64) {
        if self.entries.is_empty() {
            self.pending_since = now;
        }
    }

    /// The charge times the time in which something was always pending, and the charge
    /// [common/outbox-9].
    pub(super) fn weight(&self, now: u64) -> (u128, usize) {
        let pending = now.saturating_sub(self.pending_since);
        (self.charge() as u128 * u128::from(pending), self.charge())
    }

    /// Since when the connection has refused bytes.
    pub(super) fn refusing_since(&self) -> Option<u64> {
        self.refusing_since
    }

    /// Whether the charge of lines of the room, or of private lines, is over the high-water mark
    /// [common/flow-1] [common/tell-2].
    pub(super) fn congested(&self, config: &Config) -> bool {
        self.congested_by(Class::Room, config) || self.congested_by(Class::Private, config)
    }

    /// Whether the charge of entries of one class is over the high-water mark.
    pub(super) fn congested_by(&self, class: Class, config: &Config) -> bool {
        self.charge_of(class) > config.high_water_bytes
    }

    /// Whether any part of a reply is not written, and the charge with all replies is over the
    /// high-water mark
    /// [common/reply-2].
    pub(super) fn has_too_much_queued(&self, config: &Config) -> bool {
        self.charge_of(Class::Reply) > 0 && self.charge() > config.high_water_bytes
    }

    /// The stall budget for entries of one class; replies have none.
    fn budget(&mut self, class: Class) -> &mut Budget {
        if class == Class::Private { &mut self.for_private } else { &mut self.for_room }
    }

    /// Whether the stall budget for one class is exhausted: the client holds no such line
    /// [common/flow-3].
    pub(super) fn exhausted(&self, class: Class, now: u64, config: &Config) -> bool {
        let budget = if class == Class::Private { &self.for_private } else { &self.for_room };
        budget.exhausted(self.congested_by(class, config), now, config)
    }

    /// Whether the client is a proven reader [common/flow-9].
    pub(super) fn is_proven(&self, config: &Config) -> bool {
        self.taken >= config.proven_bytes
    }

    /// The rest of the stall budget for one class.
    pub(super) fn budget_left(&self, class: Class, now: u64, config: &Config) -> u64 {
        let budget = if class == Class::Private { &self.for_private } else { &self.for_room };
        budget.left(now, config)
    }

    /// Stops the clock of one stall budget.
    fn stop_the_clock(&mut self, class: Class, now: u64, config: &Config) {
        let congested = self.congested_by(class, config);
        self.budget(class).stop_the_clock(congested, now, config);
    }

    /// Starts the clock of one stall budget, if it runs as things are [common/flow-3].
    fn start_the_clock(&mut self, class: Class, now: u64, config: &Config) {
        let line_waits = class == Class::Room && self.line_waits;
        let runs = self.congested_by(class, config) || line_waits;
        let refuses = self.refusing_since.is_some();
        self.budget(class).start_the_clock(refuses && runs, now);
    }

    /// A private line waits: the budget is looked at, and its clock goes on from `now`
    /// [common/flow-3].
    pub(super) fn look(&mut self, now: u64, config: &Config) {
        self.stop_the_clock(Class::Private, now, config);
        self.start_the_clock(Class::Private, now, config);
    }

    /// Appends an entry; false, and nothing done, if the outbox cannot hold it [common/outbox-4].
    pub(super) fn append(
        &mut self,
        number: u64,
        bytes: &[u8],
        class: Class,
        now: u64,
        config: &Config,
    ) -> bool {
        if self.charge_without_replies() + bytes.len() + ENTRY_COST > config.outbox_bytes_max {
            return false;
        }
        let was_congested = self.congested_by(class, config);
        for each in BOTH {
            self.stop_the_clock(each, now, config);
        }
        self.note_pending(now);
        self.entries.push(Entry { number, bytes: bytes.to_vec(), written: 0, class });
        if self.congested_by(class, config) && !was_congested {
            self.budget(class).rises(now, config);
        }
        for each in BOTH {
            self.start_the_clock(each, now, config);
        }
        true
    }

    /// Appends a reply, whatever is pending already [common/outbox-7].
    pub(super) fn append_reply(&mut self, number: u64, bytes: &[u8], now: u64) {
        self.note_pending(now);
        self.entries.push(Entry { number, bytes: bytes.to_vec(), written: 0, class: Class::Reply });
    }

    /// The connection takes up to `n` bytes.
    pub(super) fn accept(&mut self, n: usize, now: u64, config: &Config) {
        if n == 0 || self.entries.is_empty() {
            return;
        }
        let were_congested = BOTH.map(|class| self.congested_by(class, config));
        for class in BOTH {
            self.stop_the_clock(class, now, config);
        }
        self.refusing_since = None;
        self.line_waits = false;
        let (mut left, mut of_classes) = (n, [0, 0]);
        while left > 0 && !self.entries.is_empty() {
            let entry = &mut self.entries[0];
            let taken = left.min(entry.bytes.len() - entry.written);
            self.delivered.extend_from_slice(&entry.bytes[entry.written..entry.written + taken]);
            entry.written += taken;
            self.taken += taken;
            match entry.class {
                Class::Room => of_classes[0] += taken,
                Class::Private => of_classes[1] += taken,
                Class::Reply => {}
            }
            left -= taken;
            if entry.written == entry.bytes.len() {
                self.entries.remove(0);
            }
        }
        for ((class, was), bytes) in BOTH.into_iter().zip(were_congested).zip(of_classes) {
            let congested = self.congested_by(class, config);
            self.budget(class).taken(bytes, (was, congested), now, config);
        }
    }

    /// A write found that the connection takes nothing.
    pub(super) fn refuse(&mut self, now: u64, config: &Config) {
        if self.entries.is_empty() || self.refusing_since.is_some() {
            return;
        }
        self.refusing_since = Some(now);
        for class in BOTH {
            self.start_the_clock(class, now, config);
        }
    }

    /// A line was tried in the room; `waits` says that it has to wait for a member
    /// [common/flow-3].
    pub(super) fn line_tried(&mut self, waits: bool, now: u64, config: &Config) {
        self.stop_the_clock(Class::Room, now, config);
        self.line_waits = waits && self.refusing_since.is_some();
        self.start_the_clock(Class::Room, now, config);
    }

    /// Drops the pending entries; the connection is gone.
    pub(super) fn drop_queue(&mut self) {
        self.entries.clear();
        self.refusing_since = None;
        for class in BOTH {
            self.budget(class).start_the_clock(false, 0);
        }
    }
}
