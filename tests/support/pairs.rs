//! Rules that must have been at work for one client at once: a fault may be in either alone or in
//! how the two meet.

use parlance_model::Dialect;

/// A rule that changes what becomes of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rule {
    /// Its line waits for others. [common/flow-1] [common/tell-2]
    Hold,
    /// Its line waits until it has read its replies. [common/reply-2]
    Replies,
    /// It leaves its room and stays, or waits to. [common/flow-7]
    Move,
    /// It departs, or its last pending lines are written. [common/eos-1]
    Departure,
    /// It is evicted. [common/outbox-4] [common/outbox-8] [common/outbox-9]
    Eviction,
    /// The total bound is exceeded, or a limit of time is: that of its next line, which a hold
    /// suspends, or that of its last ones. [common/outbox-9] [common/limit-1] [common/idle-1]
    Limit,
    /// The server stops. [common/shutdown-2]
    Shutdown,
}

const ALL: [Rule; 7] = [
    Rule::Hold,
    Rule::Replies,
    Rule::Move,
    Rule::Departure,
    Rule::Eviction,
    Rule::Limit,
    Rule::Shutdown,
];

/// Two different rules, in order.
pub(crate) type Pair = (Rule, Rule);

/// Each pair of `rules`.
pub(crate) fn pairs_of(rules: &[Rule]) -> impl Iterator<Item = Pair> {
    rules.iter().flat_map(|first| {
        rules.iter().filter(move |second| first < *second).map(move |second| (*first, *second))
    })
}

/// The pairs that scenarios of `dialect` must come to: all that there can be.
///
/// A reply that does not end the connection exists in simple, login and channels alone, and a line
/// that leaves a room for another or for none in channels alone.
pub(crate) fn required_pairs(dialect: Dialect) -> Vec<Pair> {
    let has = |rule: &Rule| match rule {
        Rule::Replies => !matches!(dialect, Dialect::Rooms | Dialect::Lobby),
        Rule::Move => dialect == Dialect::Channels,
        _ => true,
    };
    let rules: Vec<_> = ALL.into_iter().filter(has).collect();
    pairs_of(&rules).collect()
}
