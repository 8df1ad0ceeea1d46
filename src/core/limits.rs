//! Every bound as a named constant, beside the clause of `spec/` that fixes it.

use crate::rate::Rates;
use std::time::Duration;

/// The longest line accepted from a client, in bytes, LF and any CR included. Lines up to this
/// length are delivered whole. [common/framing-4] [common/framing-8] [rooms/text-2]
pub const LINE_BYTES_MAX: usize = 20_000;

/// The maximum of one rendered run of lines, in bytes. It bounds the bytes appended to an outbox in
/// one step. A single line and its name always fit. [common/outbox-1]
pub const CHUNK_BYTES_MAX: usize = 64 * 1024;

/// The fixed charge of each outbox entry, in bytes, so that a million tiny lines cannot hold far
/// more memory than the bound says. [common/outbox-3]
pub const ENTRY_BYTES: usize = 64;

/// The fixed charge of each rendered entry, however many outboxes share it, in bytes: its header
/// and what the allocator adds. [common/outbox-9]
pub const CHUNK_BYTES: usize = 64;

/// The high-water mark of an outbox, in bytes of charge: above it the member is congested, and
/// senders are held (backpressure). [common/flow-1]
pub const HIGH_WATER_BYTES: usize = 64 * 1024;

/// The stall budget: how long one congested member that takes no bytes may hold the senders of its
/// room. [common/flow-3]
pub const STALL_BUDGET: Duration = Duration::from_millis(250);

/// How much of its stall budget a client gets back for each byte that it takes: all of it for
/// 62,500 bytes, so that a steady reader of 250 kB/s is waited for without end. [common/flow-4]
pub const STALL_BUDGET_PER_BYTE: Duration = Duration::from_micros(4);

/// How much of a budget is used between two looks at a member, at most. Looks come this often while
/// a line waits; a longer time between two is a pause of our process, and no member's fault.
/// [common/flow-3]
pub const LOOK_INTERVAL: Duration = Duration::from_millis(50);

/// How often a client that waits for other senders is looked after: its connection may have been
/// reset meanwhile. [common/flow-6]
pub const HELD_INTERVAL: Duration = Duration::from_millis(250);

/// What is added to that for each client that waits, so that thousands are not woken all the time.
/// [common/flow-6]
pub const HELD_INTERVAL_EACH: Duration = Duration::from_micros(250);

/// How long a member must stay at or under the high-water mark before an exhausted stall budget is
/// renewed. [common/flow-4]
pub const STALL_BUDGET_RENEWED_AFTER: Duration = Duration::from_secs(5);

/// How long a hold for a few members may last without use of the room's hold budget. A steady
/// reader of 1.3 MB/s takes so long to come under the high-water mark again. [common/flow-9]
pub const SHORT_HOLD: Duration = Duration::from_millis(50);

/// The hold budget of a room: how long lines may wait for a few members, beyond [`SHORT_HOLD`] each
/// time, before the room is strained. [common/flow-9]
pub const ROOM_HOLD_BUDGET: Duration = Duration::from_millis(250);

/// How many bytes a client has to take, in all, to be a *proven* reader: more than a
/// kernel takes by default for a client that reads nothing. [common/flow-9]
pub const PROVEN_BYTES: usize = 256 * 1024;

/// How long a member that is not a proven reader may take no byte before a strained room waits for
/// it no longer. [common/flow-9]
pub const FIRST_HOLD: Duration = Duration::from_millis(10);

/// How long lines of a strained room may wait for a few members in all, before the room is
/// overstrained. [common/flow-9]
pub const STRAINED_HOLD_BUDGET: Duration = Duration::from_millis(50);

/// How long a member may take no byte before an overstrained room waits for it no longer, if it has
/// joined since the room was strained. [common/flow-9]
pub const NEWCOMER_HOLD: Duration = Duration::from_millis(1);

/// The fewest members of a crowded room, in which senders take turns. [common/flow-8]
///
/// A run for fewer members costs tens of microseconds, so that even as many senders as members that
/// are ready at once delay other rooms by milliseconds only.
pub const CROWD_MEMBERS_MIN: usize = 256;

/// The most entries that a crowded room appends in one turn, unless a single request appends more.
/// [common/flow-8]
///
/// They cost some milliseconds of one processor, which is what other rooms wait at most.
pub const TURN_ENTRIES_MAX: usize = 64 * 1024;

/// The maximum of one read from a socket, in bytes; also of the input kept for a held sender.
pub const READ_BYTES_MAX: usize = 64 * 1024;

/// The maximum of one read while more than half of the total bound is used. [common/outbox-9]
pub const SMALL_READ_BYTES_MAX: usize = 4 * 1024;

/// The maximum that the kernel may hold unsent for one connection, in bytes. The kernel's default
/// is megabytes, and it wakes a writer only after a third of that is sent: a steady reader of
/// 1 MB/s would seem to refuse for more than a second at a time. [common/flow-3]
pub const UNSENT_BYTES_MAX: u32 = 64 * 1024;

/// The maximum of input discarded before a connection is closed, in bytes, so that closing sends no
/// reset. The systems of both ends keep less by default of what one client has sent: 6 MiB that
/// have arrived and 4 MiB that have not. [common/close-2] [common/shutdown-2]
pub const LINGER_BYTES_MAX: u32 = 16 * 1024 * 1024;

/// How long input is discarded before a connection is closed. [common/close-2] [common/shutdown-2]
pub const LINGER: Duration = Duration::from_secs(1);

/// How long the arrival of a connection may take: whatever it has to do before its session begins.
pub const ARRIVAL: Duration = Duration::from_secs(10);

/// The most answers to telnet's requests that wait for one client. While so many wait, nothing is
/// read from it. [common/telnet-6]
pub const TELNET_ANSWERS_MAX: usize = 1024;

/// The longest message of a WebSocket client, in bytes. [common/ws-9]
pub const WS_MESSAGE_BYTES_MAX: u64 = 64 * 1024;

/// The most bytes of pongs that wait for one WebSocket client. [common/ws-6]
pub const WS_ANSWERS_BYTES_MAX: usize = 2048;

/// How long a WebSocket client may be silent before it is asked whether it is there.
/// [common/ws-7]
pub const WS_SILENCE: Duration = Duration::from_secs(30);

/// How long it may then be silent before it is given up. [common/ws-7]
pub const WS_PING_TIMEOUT: Duration = Duration::from_secs(60);

/// The longest header of the PROXY protocol, in bytes: nginx reads no more either.
/// [common/proxy-2]
pub const PROXY_HEADER_BYTES_MAX: usize = 4 * 1024;

/// The longest head of a request of HTTP, in bytes. [common/http-3]
pub const HTTP_HEAD_BYTES_MAX: usize = 8 * 1024;

/// The longest user or room name of the rooms dialect, in bytes. [rooms/join-3] [rooms/join-4]
pub const ROOMS_NAME_BYTES_MAX: usize = 20;

/// The longest user name of the lobby dialect, in bytes. [lobby/name-2]
pub const LOBBY_NAME_BYTES_MAX: usize = 64;

/// The longest user name of the simple dialect, in bytes. [simple/join-2]
pub const SIMPLE_NAME_BYTES_MAX: usize = 32;

/// The longest user name of the login dialect, in bytes. [login/login-2]
pub const LOGIN_NAME_BYTES_MAX: usize = 32;

/// The longest user or room name of the channels dialect, in bytes.
/// [channels/name-2] [channels/join-2]
pub const CHANNELS_NAME_BYTES_MAX: usize = 31;

/// The maximum of lines in a room's history. [channels/history-2]
pub const HISTORY_LINES_MAX: usize = 50;

/// The maximum of bytes in a room's history, as rendered, terminators included.
/// [channels/history-3]
pub const HISTORY_BYTES_MAX: usize = 64 * 1024;

/// How many lines a client is sent that asks for its room's history without a number.
/// [extensions/history-1]
pub const RECALL_LINES: usize = 50;

/// The most lines of its room's history that a client is sent at once. [extensions/history-3]
pub const RECALL_LINES_MAX: usize = 1_000;

/// The most bytes of names and texts that it is sent at once. [extensions/history-3]
pub const RECALL_BYTES_MAX: usize = 256 * 1024;

/// The longest topic of a room, in bytes. [extensions/topic-2]
pub const TOPIC_BYTES_MAX: usize = 255;

/// The shortest password, in bytes. [extensions/account-6]
pub const PASSWORD_BYTES_MIN: usize = 8;

/// The longest password, in bytes. [extensions/account-6]
pub const PASSWORD_BYTES_MAX: usize = 128;

/// The most passwords that wait for a hash at once. [extensions/account-9]
pub const INQUIRIES_MAX: usize = 256;

/// The most bytes that wait to be stored before senders are held: so many are stored within a tenth
/// of a second. [extensions/store-3]
pub const ARCHIVE_BYTES_MAX: usize = 1024 * 1024;

/// The most bytes that are stored in one step, unless a single run is longer: readers of the store
/// wait for one step at most.
pub const ARCHIVE_STEP_BYTES_MAX: usize = 256 * 1024;

/// The bounds that the operator may change. A duration of [`Duration::MAX`] or a count of
/// [`usize::MAX`] switches a bound off.
///
/// ```
/// let limits = parlance_core::limits::Limits::default();
/// assert_eq!(limits.outbox_bytes_max, 1024 * 1024);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The largest charge of one outbox, in bytes; a member that would exceed it is evicted.
    /// [common/outbox-4]
    pub outbox_bytes_max: usize,
    /// The total bound: the largest charge of all outboxes, in bytes, shared bytes counted once.
    /// [common/outbox-9]
    pub total_bytes_max: usize,
    /// How long a client may take to send its first valid line. [common/limit-1]
    pub first_line: Duration,
    /// The idle limit, for dialects that have one: how long a client may send no whole line.
    /// [common/idle-1]
    pub idle: Duration,
    /// The stall limit: how long a client with pending lines may accept no byte. [common/outbox-8]
    pub stall: Duration,
    /// How long the pending lines of a leaving client are flushed. [common/eos-4]
    pub drain: Duration,
    /// When a room is crowded, and how much it does in one turn. [common/flow-8]
    pub crowd: CrowdLimits,
    /// The maximum of connections. [common/limit-2]
    pub clients_max: usize,
    /// The maximum of connections from one address, loopback exempt; the addresses of an IPv6
    /// network of 64 bits count as one. [common/limit-2]
    pub clients_per_address_max: usize,
    /// How fast clients may be, loopback exempt. [common/rate-1]
    pub rates: Rates,
}

/// The bounds of crowded rooms; other values than the default are for tests. [common/flow-8]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CrowdLimits {
    /// The fewest members of a crowded room.
    pub members_min: usize,
    /// The most entries of one turn, unless a single request appends more.
    pub turn_entries_max: usize,
}

impl Default for CrowdLimits {
    fn default() -> CrowdLimits {
        CrowdLimits { members_min: CROWD_MEMBERS_MIN, turn_entries_max: TURN_ENTRIES_MAX }
    }
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            outbox_bytes_max: 1024 * 1024,
            total_bytes_max: 512 * 1024 * 1024,
            first_line: Duration::from_secs(30),
            idle: Duration::from_secs(60),
            stall: Duration::from_secs(30),
            drain: Duration::from_secs(5),
            crowd: CrowdLimits::default(),
            rates: Rates::OFF,
            clients_max: 10_000,
            clients_per_address_max: 1_000,
        }
    }
}
