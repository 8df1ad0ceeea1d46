//! The situations that a run of the check must have met, or it has tested less than it claims.

use super::pairs::{Pair, Rule, pairs_of};
use parlance_model::Dialect;
use std::collections::{BTreeMap, BTreeSet};

macro_rules! cases {
    ($($case:ident),+ $(,)?) => {
        /// One situation.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Case { $($case),+ }

        /// All of them.
        pub(crate) const ALL: &[Case] = &[$(Case::$case),+];
    };
}

cases! {
    Joined,
    JoinRefused,
    TextInOneRead,
    TextInManyReads,
    LineOfExactlyTheLimit,
    LineTooLongBeforeJoining,
    LineTooLongAsMember,
    ErrorOwedToAFullOutbox,
    OutboxExactlyAtItsBound,
    Evicted,
    WaveOfTwo,
    WaveCausedByANotice,
    SenderEvictedByItsOwnLine,
    Stalled,
    StalledWhileLeaving,
    BystanderEvictedForTheTotal,
    LeavingClientEvictedForTheTotal,
    Congested,
    Held,
    HeldByItsOwnEcho,
    HeldAgainBehindTheFirstRun,
    HeldWentOn,
    HeldWentOnToAnUnfinishedLine,
    HeldBehindAnother,
    LineGoesFirst,
    RoomStrained,
    StrainEnds,
    RoomOverstrained,
    OverstrainEnds,
    SeveralHeld,
    ToldToRetry,
    RetriedByTheClock,
    PatienceSpent,
    SpentBeforeItIsCongested,
    PatienceRenewed,
    PatienceNotYetRenewed,
    CongestedByOurOwnDelay,
    ResetWhileHeld,
    EndOfStreamWhileHeld,
    EvictedWhileHeld,
    EndOfStreamWithUnfinishedLine,
    LeavingWhileOthersTalk,
    FlushGivenUp,
    TaskDropped,
    FirstLineTooLate,
    RoomDeletedAndMadeAgain,
    SameNameTwice,
    SeveralRooms,
    PartialWrite,
    Shutdown,
    NameTaken,
    NameFreeAgain,
    NamedInNoRoom,
    Moved,
    LeftTheRoom,
    Told,
    ToldNobody,
    ToldItself,
    TellHeld,
    TargetEvicted,
    HeldForItsReplies,
    HeldForItsRepliesWithoutName,
    WentOnAfterItsReplies,
    HistoryShown,
    Listed,
    Idle,
    IdleBeforeItsName,
    QuitByCommand,
    MistakeForgiven,
    EvictedInNoRoom,
    ListenerHears,
    ListenerEvicted,
}

/// What does not depend on the dialect and is rare: asked of the longest run, that of rooms, alone.
const RARE: [Case; 6] = [
    Case::OutboxExactlyAtItsBound,
    Case::WaveCausedByANotice,
    Case::BystanderEvictedForTheTotal,
    Case::LeavingClientEvictedForTheTotal,
    Case::PatienceNotYetRenewed,
    Case::SpentBeforeItIsCongested,
];

/// What only dialects with replies to every command can come to.
const REPLIES: [Case; 5] = [
    Case::HeldForItsReplies,
    Case::HeldForItsRepliesWithoutName,
    Case::WentOnAfterItsReplies,
    Case::MistakeForgiven,
    Case::NameTaken,
];

/// What only dialects with private messages can come to.
const PRIVATE: [Case; 6] = [
    Case::Told,
    Case::ToldNobody,
    Case::ToldItself,
    Case::TellHeld,
    Case::TargetEvicted,
    Case::Listed,
];

/// What only a dialect can come to in which clients move between rooms.
const MOVES: [Case; 5] = [
    Case::NamedInNoRoom,
    Case::Moved,
    Case::LeftTheRoom,
    Case::HistoryShown,
    Case::EvictedInNoRoom,
];

const IDLE: [Case; 2] = [Case::Idle, Case::IdleBeforeItsName];

const LISTENERS: [Case; 2] = [Case::ListenerHears, Case::ListenerEvicted];

/// The situations that scenarios of `dialect` must come to.
pub(crate) fn required(dialect: Dialect) -> Vec<Case> {
    let without: &[&[Case]] = match dialect {
        Dialect::Rooms => &[&REPLIES, &PRIVATE, &MOVES, &IDLE, &LISTENERS, &[Case::QuitByCommand]],
        Dialect::Lobby => {
            &[&RARE, &REPLIES, &PRIVATE, &MOVES, &IDLE, &[Case::QuitByCommand, Case::SeveralRooms]]
        }
        Dialect::Simple => &[
            &RARE,
            &PRIVATE,
            &MOVES,
            &IDLE,
            &LISTENERS,
            &[Case::SameNameTwice, Case::SeveralRooms],
        ],
        Dialect::Login => &[
            &RARE,
            &MOVES,
            &LISTENERS,
            &[Case::SameNameTwice, Case::SeveralRooms, Case::QuitByCommand, Case::FirstLineTooLate],
        ],
        Dialect::Channels => &[&RARE, &IDLE, &LISTENERS, &[Case::SameNameTwice]],
    };
    ALL.iter().copied().filter(|case| !without.concat().contains(case)).collect()
}

/// How often each situation was met, and which rules were at work at once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cases(BTreeMap<Case, usize>, BTreeSet<Pair>);

impl Cases {
    /// Counts `case` if it is met.
    pub(crate) fn meet(&mut self, case: Case, met: bool) {
        if met {
            *self.0.entry(case).or_default() += 1;
        }
    }

    pub(crate) fn count(&self, case: Case) -> usize {
        self.0.get(&case).copied().unwrap_or(0)
    }

    /// Counts each pair of `rules`, which are at work for one client at once.
    pub(crate) fn meet_together(&mut self, rules: &[Rule]) {
        self.1.extend(pairs_of(rules));
    }

    /// Those of `required` never met.
    pub(crate) fn missing_pairs(&self, required: &[Pair]) -> Vec<Pair> {
        required.iter().copied().filter(|pair| !self.1.contains(pair)).collect()
    }

    /// Adds what another run has met.
    pub(crate) fn add(&mut self, other: &Cases) {
        self.1.extend(&other.1);
        for (&case, &times) in &other.0 {
            *self.0.entry(case).or_default() += times;
        }
    }

    /// Those of `required` never met.
    pub(crate) fn missing(&self, required: &[Case]) -> Vec<Case> {
        required.iter().copied().filter(|&case| self.count(case) == 0).collect()
    }
}
