//! Clients that wait for their own rates [common/rate-1] [common/rate-2] [common/rate-4].

use super::act::Act;
use super::config::Rates;
use super::lines::{self, Cut};
use super::{ClientId, Model, OutboxState};

impl Model {
    /// Counts the line that the input of a client begins with, or the run [common/rate-1].
    /// Returns when it may be acted on.
    pub(super) fn count_line(&mut self, id: ClientId, act: &Act, now: u64) -> u64 {
        let rates = self.config.rates;
        self.clients[id].pace.run_bytes = None;
        if rates == Rates::default() {
            return now;
        }
        let (_, whole) = self.first_run(id);
        let client = &mut self.clients[id];
        let fresh = client.outbox_state == OutboxState::Fresh;
        let (pace, input) = (&mut client.pace, &client.input);
        let mut taken = 0;
        let mut wait = 0;
        while let Cut::Line(_, length) = lines::cut(&input[taken..]) {
            let own = pace.lines.wait(rates.lines, now).max(pace.bytes.wait(rates.bytes, now));
            if taken > 0 && (own > 0 || taken >= whole) {
                break;
            }
            wait = own.max(wait);
            pace.lines.add(rates.lines, 1, now);
            pace.bytes.add(rates.bytes, length, now);
            taken += length;
        }
        pace.run_bytes = Some(taken);
        if matches!(act, Act::Enter { .. }) {
            wait = wait.max(pace.joins.wait(rates.joins, now));
            pace.joins.add(rates.joins, 1, now);
        }
        let names = matches!(act, Act::Name(_) | Act::LogIn { .. } | Act::Ghost(_));
        if names || fresh && matches!(act, Act::Enter { .. } | Act::Register { .. }) {
            wait = wait.max(pace.names.wait(rates.names, now));
            pace.names.add(rates.names, 1, now);
        }
        pace.acts_at = now + wait;
        pace.acts_at
    }

    /// How long a client has to wait for its own rates before it acts [common/rate-2]
    /// [common/rate-4].
    pub(super) fn rate_wait(&self, id: ClientId, act: &Act, now: u64) -> u64 {
        let pace = &self.clients[id].pace;
        let own = pace.acts_at.saturating_sub(now);
        match act {
            Act::Enter { room, .. } if own == 0 && self.members(room).is_empty() => {
                pace.rooms.wait(self.config.rates.rooms, now)
            }
            _ => own,
        }
    }

    /// Whether the line of a held client waits for the client's own rates.
    pub fn waits_for_its_rate(&self, id: ClientId, now: u64) -> bool {
        self.waiting_act(id).is_some_and(|act| self.rate_wait(id, &act, now) > 0)
    }

    /// A client creates a room [common/rate-4].
    pub(super) fn creates_a_room(&mut self, id: ClientId, now: u64) {
        self.clients[id].pace.rooms.add(self.config.rates.rooms, 1, now);
    }
}
