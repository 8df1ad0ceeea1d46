//! Why a connection ends, and how it is closed.

/// Why a connection ends; there is one variant for each ending.
///
/// A session knows the endings that its client or its clock causes
/// ([`Session::close_reason`](super::Session::close_reason)). The registry knows those that other
/// clients or the operator cause
/// ([`Client::close_reason`](crate::registry::Client::close_reason)). The reason of the session
/// comes first: a client that stalls while its last lines are flushed has left already. What serves
/// the connections knows those of connections that have no session yet or lose it.
///
/// ```
/// use parlance_core::protocol::{CloseReason, Ending};
///
/// assert_eq!(CloseReason::EndOfStream.ending(), Ending::Flush);
/// assert_eq!(CloseReason::OutboxOverflow.ending(), Ending::Abort);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseReason {
    /// The client sent end of stream. [common/eos-1]
    EndOfStream,
    /// The client asked for the end with a command of its dialect.
    Quit,
    /// The connection is broken, seen by a read or a write. [common/eos-5]
    Reset,
    /// The client sent a line that ends the connection. [common/close-1]
    ProtocolFault,
    /// The client speaks TLS where it is not spoken. [common/tls-9]
    TlsHello,
    /// The client sent no line within the idle limit of its dialect. [common/idle-1]
    Idle,
    /// The client sent no valid first line in time. [common/limit-1]
    FirstLineLate,
    /// The client accepted no byte within the stall limit. [common/outbox-8]
    Stalled,
    /// The outbox would exceed its bound: the client is a slow consumer. [common/outbox-4]
    OutboxOverflow,
    /// The outbox was the largest when all together exceeded their bound. [common/outbox-9]
    TotalBound,
    /// The server shuts down. [common/shutdown-1]
    Shutdown,
    /// An operator ended the connection. [common/kick-1]
    Kicked,
    /// Another connection has logged in to the client's name. [extensions/account-3]
    Ghosted,
    /// The client's address or its name is banned. [common/ban-1] [common/ban-2]
    Banned,
    /// The client's address or the server has too many clients. [common/limit-2]
    TooManyClients,
    /// What the client had to do before its session went wrong.
    ArrivalFailed,
    /// What the client had to do before its session was not done in time.
    ArrivalLate,
    /// The server dropped the connection: its task panicked, or was cancelled.
    Dropped,
}

impl CloseReason {
    /// Every reason, in the order of the variants: `ALL[reason as usize] == reason`.
    pub const ALL: [CloseReason; 18] = [
        CloseReason::EndOfStream,
        CloseReason::Quit,
        CloseReason::Reset,
        CloseReason::ProtocolFault,
        CloseReason::TlsHello,
        CloseReason::Idle,
        CloseReason::FirstLineLate,
        CloseReason::Stalled,
        CloseReason::OutboxOverflow,
        CloseReason::TotalBound,
        CloseReason::Shutdown,
        CloseReason::Kicked,
        CloseReason::Ghosted,
        CloseReason::Banned,
        CloseReason::TooManyClients,
        CloseReason::ArrivalFailed,
        CloseReason::ArrivalLate,
        CloseReason::Dropped,
    ];

    /// How a connection is closed for this reason.
    pub const fn ending(self) -> Ending {
        match self {
            CloseReason::EndOfStream => Ending::Flush,
            CloseReason::Quit
            | CloseReason::ProtocolFault
            | CloseReason::TlsHello
            | CloseReason::Idle
            | CloseReason::Kicked
            | CloseReason::Ghosted
            | CloseReason::Banned => Ending::Linger,
            CloseReason::FirstLineLate
            | CloseReason::TooManyClients
            | CloseReason::ArrivalFailed
            | CloseReason::ArrivalLate
            | CloseReason::Dropped => Ending::Silent,
            CloseReason::Reset
            | CloseReason::Stalled
            | CloseReason::OutboxOverflow
            | CloseReason::TotalBound
            | CloseReason::Shutdown => Ending::Abort,
        }
    }
}

/// How a connection is to be closed once its session is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The client sent end of stream: flush the pending lines, then close. [common/eos-4]
    Flush,
    /// After a fault, a command or a kick: flush, shut down the write side, discard input for a
    /// bounded time and number of bytes, close. [common/close-2]
    Linger,
    /// Close, and queue no line: the client is not worth one, or there is no session for it.
    /// [common/limit-1]
    Silent,
    /// The connection is broken, the client was evicted or the server shuts down: nothing more is
    /// queued. [common/close-3]
    Abort,
}
