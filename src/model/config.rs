//! The bounds and times of the model. The defaults are those of the clauses.

use std::time::Duration;

/// The longest line of a client, in bytes, LF and CR included [common/framing-8].
pub const LINE_MAX: usize = 20_000;

/// The maximum of a rendered run, or of a notice of several departures, in bytes
/// [common/outbox-1] [common/outbox-6].
pub const RUN_MAX: usize = 65_536;

/// The maximum of lines in a room's history [channels/history-2].
pub const HISTORY_LINES: usize = 50;

/// The maximum of bytes in a room's history [channels/history-3].
pub const HISTORY_BYTES: usize = 65_536;

/// The fixed charge of each entry, in bytes [common/outbox-3].
pub const ENTRY_COST: usize = 64;

/// The fixed charge of each rendered entry, however many outboxes share it [common/outbox-9].
pub const CHUNK_COST: usize = 64;

/// The limits of a model. A time of zero for `first_line`, `idle` or `stall` means that there is no
/// such limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// The largest charge of one outbox, in bytes [common/outbox-4].
    pub outbox_bytes_max: usize,
    /// The total bound: the largest charge of all outboxes, in bytes [common/outbox-9].
    pub total_bytes_max: usize,
    /// The high-water mark: a client with a larger charge is congested [common/flow-1].
    pub high_water_bytes: usize,
    /// The stall budget of a client [common/flow-3].
    pub stall_budget: Duration,
    /// How much of a budget is used between two looks, at most [common/flow-3].
    pub look_interval: Duration,
    /// How long a client waits for other senders before it is looked after [common/flow-6].
    pub held_interval: Duration,
    /// What is added to that for each client that waits [common/flow-6].
    pub held_interval_each: Duration,
    /// How much of its stall budget a client gets back for each byte that it takes [common/flow-4].
    pub given_back_per_byte: Duration,
    /// How long a client with an exhausted budget must have been at or under the high-water mark
    /// [common/flow-4].
    pub renewal: Duration,
    /// How long a hold for a few members may last without use of the room's hold budget
    /// [common/flow-9].
    pub short_hold: Duration,
    /// The hold budget of a room [common/flow-9].
    pub room_hold_budget: Duration,
    /// How long a client that is not a proven reader may hold the senders of a strained room
    /// [common/flow-9].
    pub first_hold: Duration,
    /// The hold budget of a strained room [common/flow-9].
    pub strained_hold_budget: Duration,
    /// How long a client may hold the senders of an overstrained room if it has joined since the
    /// room was strained [common/flow-9].
    pub newcomer_hold: Duration,
    /// How many bytes a client has to take to be a proven reader [common/flow-9].
    pub proven_bytes: usize,
    /// The time for the first valid line [common/limit-1].
    pub first_line: Duration,
    /// The time between two lines, in dialects with an idle limit [common/idle-1].
    pub idle: Duration,
    /// The time a connection may refuse bytes without taking one [common/outbox-8].
    pub stall: Duration,
    /// The time to flush the pending lines of a departed client [common/eos-4] [common/close-2].
    pub flush: Duration,
    /// The time to discard input after the last line [common/close-2].
    pub linger: Duration,
    /// The maximum of bytes discarded after the last line [common/close-2].
    pub linger_bytes: usize,
    /// How fast clients may be [common/rate-1].
    pub rates: Rates,
    /// How many lines a joiner is sent, if rooms are kept in a store, which channels alone can
    /// [extensions/store-1].
    pub kept_lines: Option<usize>,
    /// How names with accounts are treated, if there are any, which channels alone can
    /// [extensions/account-1].
    pub accounts: Option<AccountRules>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            outbox_bytes_max: 1_048_576,
            total_bytes_max: 536_870_912,
            high_water_bytes: 65_536,
            stall_budget: Duration::from_millis(250),
            look_interval: Duration::from_millis(50),
            held_interval: Duration::from_millis(250),
            held_interval_each: Duration::from_micros(250),
            given_back_per_byte: Duration::from_micros(4),
            renewal: Duration::from_secs(5),
            short_hold: Duration::from_millis(50),
            room_hold_budget: Duration::from_millis(250),
            first_hold: Duration::from_millis(10),
            strained_hold_budget: Duration::from_millis(50),
            newcomer_hold: Duration::from_millis(1),
            proven_bytes: 262_144,
            first_line: Duration::from_secs(30),
            idle: Duration::from_secs(60),
            stall: Duration::from_secs(30),
            flush: Duration::from_secs(5),
            linger: Duration::from_secs(1),
            linger_bytes: 16_777_216,
            rates: Rates::default(),
            kept_lines: None,
            accounts: None,
        }
    }
}

/// How a server treats accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountRules {
    /// Whether nobody may have a name without an account [extensions/account-1].
    pub required: bool,
    /// Whether clients may make accounts [extensions/account-4].
    pub registration: bool,
}

/// One unit each `interval`, and `burst` units at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Between two units.
    pub interval: Duration,
    /// The most units at once.
    pub burst: u32,
}

/// The rates of a server; where there is none, there is no rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rates {
    /// Lines.
    pub lines: Option<Rate>,
    /// Bytes of lines.
    pub bytes: Option<Rate>,
    /// Rooms that are asked for.
    pub joins: Option<Rate>,
    /// Names that are asked for.
    pub names: Option<Rate>,
    /// Rooms that are created [common/rate-4].
    pub rooms: Option<Rate>,
}

/// A duration as the model counts time.
pub(super) fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
