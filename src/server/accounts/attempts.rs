//! How often passwords may be tried. [extensions/account-8]
//!
//! Three rules: for each network, for each account and network, and for each account. The last one
//! alone keeps nobody out, or a stranger could lock an owner out: it makes the second stricter.

use parlance_core::protocol::Name;
use parlance_core::rate::{Meter, Rate};
use parlance_core::time::Time;
use std::collections::BTreeMap;
use std::net::Ipv6Addr;
use std::time::Duration;

/// How many are remembered by one rule before any is forgotten.
const METERS_MIN: usize = 1024;

/// How many are remembered at most, before all are forgotten.
const METERS_MAX: usize = 64 * 1024;

/// What was tried of late, by what a rule is about.
#[derive(Debug)]
struct Meters<K> {
    rate: Rate,
    of: BTreeMap<K, Meter>,
    /// Above so many those are forgotten of which nothing was tried of late.
    remembered_max: usize,
}

impl<K: Ord> Meters<K> {
    fn new(interval: Duration, burst: u64) -> Meters<K> {
        let rate = Rate::new(1, interval, burst);
        Meters { rate, of: BTreeMap::new(), remembered_max: METERS_MIN }
    }

    fn meter(&mut self, key: K, now: Time) -> &mut Meter {
        if self.of.len() > self.remembered_max {
            self.of.retain(|_, meter| !meter.is_even(now));
            if self.of.len() > METERS_MAX {
                self.of.clear(); // memory is bounded, whoever tries
            }
            self.remembered_max = METERS_MIN.max(2 * self.of.len());
        }
        self.of.entry(key).or_default()
    }
}

/// What was tried of late.
#[derive(Debug)]
pub(super) struct Attempts {
    networks: Meters<Ipv6Addr>,
    pairs: Meters<(Name, Ipv6Addr)>,
    accounts: Meters<Name>,
}

impl Default for Attempts {
    fn default() -> Attempts {
        let [ten, thirty] = [10, 30].map(Duration::from_secs);
        Attempts {
            networks: Meters::new(ten, 20),
            pairs: Meters::new(thirty, 5),
            accounts: Meters::new(thirty, 20),
        }
    }
}

impl Attempts {
    /// Counts an attempt on `account` from the network `origin`; false if it is one too many.
    pub(super) fn admit(&mut self, origin: Ipv6Addr, account: &Name, now: Time) -> bool {
        let rates = (self.networks.rate, self.pairs.rate, self.accounts.rate);
        let network = self.networks.meter(origin, now);
        let pair = self.pairs.meter((account.clone(), origin), now);
        let all = self.accounts.meter(account.clone(), now);
        let is_besieged = all.due(rates.2) > now;
        let in_time = if is_besieged { pair.is_even(now) } else { pair.due(rates.1) <= now };
        if network.due(rates.0) > now || !in_time {
            return false;
        }
        network.charge(rates.0, 1, now);
        pair.charge(rates.1, 1, now);
        if !is_besieged {
            all.charge(rates.2, 1, now);
        }
        true
    }

    /// A password of `account` that came from `origin` was right.
    pub(super) fn forgive(&mut self, origin: Ipv6Addr, account: &Name) {
        self.pairs.of.remove(&(account.clone(), origin));
    }
}

#[cfg(test)]
mod tests {
    use super::{Attempts, Duration, METERS_MAX, METERS_MIN, Name, Time};
    use std::net::Ipv6Addr;

    fn name(text: &str) -> Name {
        Name::new(text.as_bytes(), 31).expect("a name")
    }

    fn network(number: u128) -> Ipv6Addr {
        Ipv6Addr::from_bits(number << 64)
    }

    fn at(seconds: u64) -> Time {
        Time::ZERO + Duration::from_secs(seconds)
    }

    /// [extensions/account-8]
    #[test]
    fn an_account_has_five_attempts_from_one_address_and_then_one_each_half_minute() {
        let (mut attempts, ann) = (Attempts::default(), name("ann"));
        let mut tries = |second| attempts.admit(network(1), &ann, at(second));
        assert!((0..5).all(|_| tries(0)));
        assert!(!tries(0) && !tries(29));
        assert!(tries(30) && !tries(30));
    }

    /// [extensions/account-8]
    #[test]
    fn an_address_has_twenty_attempts_on_all_accounts_and_then_one_each_ten_seconds() {
        let mut attempts = Attempts::default();
        let mut number = 0;
        let mut tries = |second| {
            number += 1;
            attempts.admit(network(1), &name(&format!("n{number}")), at(second))
        };
        assert!((0..20).all(|_| tries(0)));
        assert!(!tries(0) && !tries(9));
        assert!(tries(10) && !tries(10));
        assert!(attempts.admit(network(2), &name("ann"), at(0)), "another address");
    }

    /// [extensions/account-8]
    #[test]
    fn an_account_that_is_tried_from_everywhere_is_locked_for_nobody() {
        let (mut attempts, ann) = (Attempts::default(), name("ann"));
        for address in 0..100 {
            attempts.admit(network(100 + address), &ann, at(0));
        }
        let owner = network(1);
        assert!(attempts.admit(owner, &ann, at(0)), "the first attempt of an address");
        assert!(!attempts.admit(owner, &ann, at(0)), "one, not five");
        assert!(attempts.admit(owner, &ann, at(30)), "and again half a minute later");
        assert!(attempts.admit(owner, &name("bob"), at(30)), "other accounts are none of that");
        assert!((0..5).all(|_| attempts.admit(network(2), &ann, at(3_600))), "it is over");
    }

    /// [extensions/account-8]
    #[test]
    fn a_right_password_ends_the_count_of_its_account_and_address_alone() {
        let (mut attempts, ann, bob) = (Attempts::default(), name("ann"), name("bob"));
        for account in [&ann, &bob] {
            assert!((0..5).all(|_| attempts.admit(network(1), account, at(0))));
        }
        attempts.forgive(network(1), &ann);
        assert!(attempts.admit(network(1), &ann, at(0)));
        assert!(!attempts.admit(network(1), &bob, at(0)));
    }

    #[test]
    fn the_memory_of_attempts_is_bounded() {
        let mut attempts = Attempts::default();
        for number in 0..2 * METERS_MAX as u128 {
            attempts.admit(network(number), &name(&format!("n{number}")), at(0));
        }
        let counts =
            [attempts.networks.of.len(), attempts.pairs.of.len(), attempts.accounts.of.len()];
        assert!(counts.iter().all(|count| *count <= 2 * METERS_MAX), "{counts:?}");
        for number in (0..).take(4 * METERS_MIN) {
            attempts.admit(network(u128::from(number)), &name("ann"), at(86_400 + number * 60));
        }
        assert!(attempts.networks.of.len() <= 2 * METERS_MIN + 1, "those of long ago are gone");
    }
}
