//! The limits of clients, in all and per address.

use super::bans::Bans;
use super::observe::bound::Bound;
use super::refused::Refused;
use super::run_queue::network;
use parlance_core::limits::Limits;
use parlance_core::rate::{Meter, Rate};
use parlance_core::time::Time;
use smol::channel::{Receiver, Sender};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How many addresses are remembered before any is forgotten.
const ARRIVALS_MIN: usize = 1024;

/// How many are remembered at most, before all are forgotten.
const ARRIVALS_MAX: usize = 64 * 1024;

/// The places that are taken.
pub(super) struct Permits {
    counts: Mutex<Counts>,
    shutdown: Receiver<Infallible>,
    drained: Receiver<Infallible>,
}

struct Counts {
    total: usize,
    /// Clients per address, see [`counted_as`]. [common/limit-2]
    by_address: BTreeMap<Ipv6Addr, usize>,
    /// The connections of late, per address; empty where there is no rule. [common/rate-5]
    arrivals: BTreeMap<Ipv6Addr, Meter>,
    /// Above so many addresses those are forgotten that have made none of late.
    arrivals_max: usize,
    /// Nothing is ever sent: it is dropped, and the channel closes, when the shutdown begins.
    runs: Option<Sender<Infallible>>,
    /// As above, when the last connection of a server that shuts down has ended.
    alive: Option<Sender<Infallible>>,
    /// As above, when the last connection has ended, if somebody waits for it.
    inhabited: Option<Sender<Infallible>>,
}

impl Counts {
    fn close_if_drained(&mut self) {
        if self.total == 0 {
            self.inhabited = None;
        }
        if self.runs.is_none() && self.total == 0 {
            self.alive = None;
        }
    }

    /// Takes a place of `address`, unless all of them are taken.
    fn take(&mut self, address: Option<Ipv6Addr>, limits: &Limits) -> bool {
        let Some(address) = address else { return true };
        let count = self.by_address.get(&address).copied().unwrap_or(0);
        let free = count < limits.clients_per_address_max;
        if free {
            self.by_address.insert(address, count + 1);
        }
        free
    }

    /// Counts a connection of `address`; false if it comes too soon. [common/rate-5]
    fn arrives(&mut self, address: Option<Ipv6Addr>, rate: Rate, now: Time) -> bool {
        let Some(address) = address.filter(|_| !rate.is_off()) else { return true };
        if self.arrivals.len() > self.arrivals_max {
            self.arrivals.retain(|_, meter| !meter.is_even(now));
            if self.arrivals.len() > ARRIVALS_MAX {
                self.arrivals.clear(); // memory is bounded, whoever comes
            }
            self.arrivals_max = ARRIVALS_MIN.max(2 * self.arrivals.len());
        }
        let meter = self.arrivals.entry(address).or_default();
        let in_time = meter.due(rate) <= now;
        if in_time {
            meter.charge(rate, 1, now);
        }
        in_time
    }

    /// The limit per address, if it keeps another client of `address` out.
    fn met(&self, address: Option<Ipv6Addr>, limits: &Limits) -> Option<Bound> {
        let (count, max) = (*self.by_address.get(&address?)?, limits.clients_per_address_max);
        (count >= max).then(|| Bound::of_clients("clients-per-address-max", count, max))
    }

    fn give_back(&mut self, address: Option<Ipv6Addr>) {
        let Some(address) = address else { return };
        if let Some(count) = self.by_address.get_mut(&address) {
            *count -= 1;
            if *count == 0 {
                self.by_address.remove(&address);
            }
        }
    }
}

/// What `address` counts as: its network. Loopback does not count. [common/limit-2]
pub(super) fn counted_as(address: IpAddr) -> Option<Ipv6Addr> {
    (!address.to_canonical().is_loopback()).then(|| network(address))
}

impl Permits {
    pub(super) fn new() -> Permits {
        let ((runs, shutdown), (alive, drained)) =
            (smol::channel::bounded(1), smol::channel::bounded(1));
        let (runs, alive) = (Some(runs), Some(alive));
        let counts = Counts {
            total: 0,
            by_address: BTreeMap::new(),
            arrivals: BTreeMap::new(),
            arrivals_max: ARRIVALS_MIN,
            runs,
            alive,
            inhabited: None,
        };
        Permits { counts: Mutex::new(counts), shutdown, drained }
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many connections there are.
    pub(super) fn total(&self) -> usize {
        self.counts().total
    }

    /// Takes a place for a client from `address`; false if there are too many already.
    /// [common/limit-2]
    pub(super) fn take(&self, address: IpAddr, limits: &Limits) -> bool {
        let mut counts = self.counts();
        let free = counts.total < limits.clients_max && counts.take(counted_as(address), limits);
        counts.total += usize::from(free);
        free
    }

    /// A connection of `address` is made: counts it, unless it is banned or comes too soon after
    /// others of this address. [common/ban-1] [common/rate-5]
    ///
    /// # Errors
    /// Why it is not let in.
    pub(super) fn arrives(
        &self,
        address: IpAddr,
        bans: &Bans,
        limits: &Limits,
        now: Time,
    ) -> Result<(), Refused> {
        if let Some(ban) = bans.of_address(address, now) {
            return Err(Refused::Banned(ban.why));
        }
        let rate = limits.rates.connects;
        let in_time = rate.is_off() || self.counts().arrives(counted_as(address), rate, now);
        if in_time { Ok(()) } else { Err(Refused::Met(Bound::CONNECTS)) }
    }

    /// The limit that keeps another client from `address` out, as it is now. Where none does, it
    /// was memory. [common/limit-2] [common/limit-4]
    pub(super) fn met(&self, address: IpAddr, limits: &Limits) -> Bound {
        let counts = self.counts();
        if counts.total >= limits.clients_max {
            return Bound::of_clients("clients-max", counts.total, limits.clients_max);
        }
        counts.met(counted_as(address), limits).unwrap_or(Bound::MEMORY)
    }

    /// A client comes from `to`, not `from` as its socket said. [common/limit-2]
    ///
    /// # Errors
    /// The limit that keeps it out, if there are too many from there already.
    pub(super) fn change(&self, from: IpAddr, to: IpAddr, limits: &Limits) -> Result<(), Refused> {
        let [from, to] = [from, to].map(counted_as);
        if from != to {
            let mut counts = self.counts();
            if !counts.take(to, limits) {
                return Err(Refused::Met(counts.met(to, limits).unwrap_or(Bound::MEMORY)));
            }
            counts.give_back(from);
        }
        Ok(())
    }

    /// A client from `address` has gone.
    pub(super) fn give_back(&self, address: IpAddr) {
        let mut counts = self.counts();
        counts.total -= 1;
        counts.give_back(counted_as(address));
        counts.close_if_drained();
    }

    /// The server shuts down: arrivals end, and [`drained`](Permits::drained) closes with the last
    /// connection.
    pub(super) fn shutdown(&self) {
        let mut counts = self.counts();
        let runs = counts.runs.take();
        counts.close_if_drained();
        drop(counts);
        drop(runs); // it wakes every arrival, so not under the lock
    }

    /// Closes when the shutdown begins.
    pub(super) fn shuts_down(&self) -> Receiver<Infallible> {
        self.shutdown.clone()
    }

    /// Closes once there is no connection.
    pub(super) fn empty(&self) -> Receiver<Infallible> {
        let (inhabited, empty) = smol::channel::bounded(1);
        let mut counts = self.counts();
        counts.inhabited = Some(inhabited);
        counts.close_if_drained();
        empty
    }

    /// Closes after the shutdown, with the last connection.
    pub(super) fn drained(&self) -> &Receiver<Infallible> {
        &self.drained
    }
}

#[cfg(test)]
mod tests {
    use super::counted_as;
    use std::net::Ipv6Addr;

    fn counted(address: &str) -> Option<Ipv6Addr> {
        counted_as(address.parse().expect("an address"))
    }

    /// [common/limit-2]
    #[test]
    fn ipv6_counts_by_64_bits_and_ipv4_whole() {
        let network = Some("2001:db8:1:2::".parse().expect("an address"));
        for address in ["2001:db8:1:2::", "2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff"] {
            assert_eq!(counted(address), network, "{address}");
        }
        assert_ne!(counted("2001:db8:1:3::"), network);
        assert_eq!(counted("192.0.2.1"), counted("::ffff:192.0.2.1"));
        assert_ne!(counted("192.0.2.1"), counted("192.0.2.2"));
        assert_ne!(counted("192.0.2.1"), counted("::192.0.2.1"), "which is in ::/64");
    }

    /// [common/limit-2]
    #[test]
    fn loopback_does_not_count() {
        for address in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
            assert_eq!(counted(address), None, "{address}");
        }
        assert_ne!(counted("::2"), None);
    }
}
