//! For how long the members of a room may hold its senders: the hold budget of the room.

use super::config::{Config, nanos};

/// The hold budget of one room [common/flow-9].
#[derive(Clone, Debug, Default)]
pub(super) struct Holds {
    /// The budget used, up to `at`.
    used: u64,
    at: u64,
    /// Since when a line of the room waits for a few members.
    held_since: Option<u64>,
    strained: bool,
}

impl Holds {
    /// The budget as it is at `now`.
    pub(super) fn at(&self, now: u64, config: &Config) -> Holds {
        let mut holds = self.clone();
        let counts_from =
            self.held_since.map_or(u64::MAX, |since| since + nanos(config.short_hold));
        let held = now.saturating_sub(counts_from.max(self.at));
        let rested = now.saturating_sub(self.at) - held;
        let used = held.min(nanos(config.look_interval));
        holds.used = self.used.saturating_sub(rested / 4) + used;
        holds.at = self.at.max(now);
        if holds.used >= nanos(config.room_hold_budget) {
            holds.used = nanos(config.room_hold_budget);
            holds.strained = true;
        }
        if holds.used == 0 {
            holds.strained = false;
        }
        holds
    }

    pub(super) fn is_strained(&self) -> bool {
        self.strained
    }

    /// For how long a member may take no byte before it holds nobody, if it is a `proven` reader.
    pub(super) fn allowance(proven: bool, config: &Config) -> u64 {
        nanos(if proven { config.short_hold } else { config.first_hold })
    }

    /// A line was tried at `now`; `held` says that it has to wait for a few members.
    pub(super) fn line_tried(&mut self, held: bool, now: u64, config: &Config) {
        *self = self.at(now, config);
        if held {
            self.held_since.get_or_insert(now);
        } else {
            self.held_since = None;
        }
    }

    /// When the room is strained if the line that waits goes on waiting; `u64::MAX` if it is
    /// strained already or no line waits for a few members.
    pub(super) fn strained_at(&self, now: u64, config: &Config) -> u64 {
        match self.held_since {
            Some(since) if !self.strained => {
                let from = now.max(since + nanos(config.short_hold));
                from + (nanos(config.room_hold_budget) - self.used)
            }
            _ => u64::MAX,
        }
    }
}
