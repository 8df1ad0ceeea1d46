//! How many events of a kind are written to the log, so that a flood of connections is no flood of
//! log.

use parlance_core::protocol::CloseReason;
use parlance_core::time::Time;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Events of a kind that may be written at once.
pub(super) const BURST: u32 = 1_000;

/// Each of these spans one more may be written.
pub(super) const INTERVAL: Duration = Duration::from_millis(50);

/// The kinds of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Connected,
    Named,
    Entered,
    Left,
    NameRefused,
    LoggedIn,
    LoginFailed,
    Registered,
    PasswordChanged,
    LoggedOut,
    SendsMuch,
    Closed,
}

impl Kind {
    /// Every kind, in the order of the variants.
    const ALL: [Kind; 12] = [
        Kind::Connected,
        Kind::Named,
        Kind::Entered,
        Kind::Left,
        Kind::NameRefused,
        Kind::LoggedIn,
        Kind::LoginFailed,
        Kind::Registered,
        Kind::PasswordChanged,
        Kind::LoggedOut,
        Kind::SendsMuch,
        Kind::Closed,
    ];

    /// As the message of its events.
    pub(super) const fn message(self) -> &'static str {
        match self {
            Kind::Connected => "connected",
            Kind::Named => "named",
            Kind::Entered => "entered",
            Kind::Left => "left",
            Kind::NameRefused => "name refused",
            Kind::LoggedIn => "logged in",
            Kind::LoginFailed => "login failed",
            Kind::Registered => "registered",
            Kind::PasswordChanged => "password changed",
            Kind::LoggedOut => "logged out",
            Kind::SendsMuch => "sends much",
            Kind::Closed => "closed",
        }
    }
}

/// The events of one kind.
#[derive(Debug)]
struct Quota(Mutex<State>);

#[derive(Debug)]
struct State {
    /// When the whole burst may be written again.
    whole_at: Time,
    /// How many were left out since one was written last.
    left_out: u64,
}

impl Quota {
    const fn new() -> Quota {
        Quota(Mutex::new(State { whole_at: Time::ZERO, left_out: 0 }))
    }

    /// If an event may be written at `now`, how many were left out before it.
    fn admits(&self, now: Time) -> Option<u64> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let whole_at = state.whole_at.max(now) + INTERVAL;
        if whole_at.since(now) > INTERVAL * BURST {
            state.left_out += 1;
            return None;
        }
        state.whole_at = whole_at;
        Some(std::mem::take(&mut state.left_out))
    }

    /// How many were left out and not reported yet; now they are.
    fn take_left_out(&self) -> u64 {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut state.left_out)
    }
}

/// A quota for each kind of event. Endings have one for each reason: those who come and go by
/// themselves in numbers cannot hide an eviction.
#[derive(Debug)]
pub(super) struct Quotas {
    kinds: [Quota; Kind::ALL.len()],
    endings: [Quota; CloseReason::ALL.len()],
    left_out: AtomicU64,
}

impl Default for Quotas {
    fn default() -> Quotas {
        Quotas {
            kinds: [const { Quota::new() }; Kind::ALL.len()],
            endings: [const { Quota::new() }; CloseReason::ALL.len()],
            left_out: AtomicU64::new(0),
        }
    }
}

impl Quotas {
    fn of(&self, kind: Kind, reason: Option<CloseReason>) -> &Quota {
        reason.map_or(&self.kinds[kind as usize], |reason| &self.endings[reason as usize])
    }

    /// If an event may be written at `now`, how many of its kind were left out before it.
    pub(super) fn admits(&self, kind: Kind, reason: Option<CloseReason>, now: Time) -> Option<u64> {
        let admitted = self.of(kind, reason).admits(now);
        if admitted.is_none() {
            self.left_out.fetch_add(1, Ordering::Relaxed);
        }
        admitted
    }

    /// How many were left out and not reported yet, of all kinds together; now they are.
    pub(super) fn take_left_out(&self) -> u64 {
        self.kinds.iter().chain(&self.endings).map(Quota::take_left_out).sum()
    }

    /// How many were left out so far.
    pub(super) fn left_out(&self) -> u64 {
        self.left_out.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::{BURST, INTERVAL, Kind, Quotas};
    use parlance_core::protocol::CloseReason;
    use parlance_core::time::Time;

    #[test]
    fn each_kind_has_its_place() {
        for (place, kind) in Kind::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, place);
        }
    }

    #[test]
    fn a_flood_of_events_is_cut_to_a_burst_and_then_a_rate_and_counted() {
        let quotas = Quotas::default();
        let admits = |now| quotas.admits(Kind::Connected, None, now);
        for _ in 0..BURST {
            assert_eq!(admits(Time::ZERO), Some(0));
        }
        for _ in 0..7 {
            assert_eq!(admits(Time::ZERO), None);
        }
        let later = Time::ZERO + INTERVAL;
        assert_eq!((admits(later), admits(later)), (Some(7), None));
        assert_eq!(quotas.left_out(), 8);
        assert_eq!((quotas.take_left_out(), quotas.take_left_out()), (1, 0));
        let rested = later + INTERVAL * BURST;
        assert!((0..BURST).all(|_| admits(rested).is_some()) && admits(rested).is_none());
    }

    #[test]
    fn a_flood_of_departures_hides_no_eviction() {
        let quotas = Quotas::default();
        let admits = |reason| quotas.admits(Kind::Closed, Some(reason), Time::ZERO);
        while admits(CloseReason::EndOfStream).is_some() {}
        assert_eq!(admits(CloseReason::OutboxOverflow), Some(0));
        assert_eq!(quotas.admits(Kind::Connected, None, Time::ZERO), Some(0));
    }
}
