//! The numbers of the model. The defaults are those of the clauses.

use std::time::Duration;

/// A line from a client is at most this long, LF and CR included [common/framing-8].
pub const LINE_MAX: usize = 20_000;

/// A run or a notice of several departures renders to at most this [common/outbox-1]
/// [common/outbox-6].
pub const RUN_MAX: usize = 65_536;

/// The most lines of its history that a room keeps [channels/history-2].
pub const HISTORY_LINES: usize = 50;

/// The most bytes that these lines have together [channels/history-3].
pub const HISTORY_BYTES: usize = 65_536;

/// What each entry costs beyond its bytes [common/outbox-3].
pub const ENTRY_COST: usize = 64;

/// What a model is told about limits and times. A time of zero for `first_line`, `idle` or `stall`
/// means that there is no such limit; every other value is taken as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// The largest charge an outbox may have [common/outbox-4].
    pub outbox_bytes_max: usize,
    /// The largest total of all outboxes [common/outbox-9].
    pub total_bytes_max: usize,
    /// A client whose charge is over this is congested [common/flow-1].
    pub mark: usize,
    /// The patience of a client [common/flow-3].
    pub patience: Duration,
    /// How long a spent client must have been at or under the mark [common/flow-4].
    pub renewal: Duration,
    /// The time for the first valid line [common/limit-1].
    pub first_line: Duration,
    /// The time between two lines, where clients may not be idle [common/idle-1].
    pub idle: Duration,
    /// The time a connection may refuse bytes without taking one [common/outbox-8].
    pub stall: Duration,
    /// The time to flush what a departed client is owed [common/eos-4] [common/close-2].
    pub flush: Duration,
    /// The time to discard input after the last line [common/close-2].
    pub linger: Duration,
    /// The bytes to discard after the last line [common/close-2].
    pub linger_bytes: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            outbox_bytes_max: 1_048_576,
            total_bytes_max: 536_870_912,
            mark: 65_536,
            patience: Duration::from_millis(250),
            renewal: Duration::from_secs(5),
            first_line: Duration::from_secs(30),
            idle: Duration::from_secs(60),
            stall: Duration::from_secs(30),
            flush: Duration::from_secs(5),
            linger: Duration::from_secs(1),
            linger_bytes: 1_048_576,
        }
    }
}

/// A duration as the model counts time.
pub(super) fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
