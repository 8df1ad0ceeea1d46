//! Bans: the addresses and names that an operator does not let in. [common/ban-1] [common/ban-2]

use super::network::Network;
use parlance_core::protocol::{Explanation, Name};
use parlance_core::registry::BannedName;
use parlance_core::time::Time;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError, RwLock, RwLockReadGuard};
use std::time::SystemTime;

/// Maximum bans that an operator can add.
pub const BANS_MAX: usize = 10_000;

/// Maximum bytes of a banned name: no dialect has longer ones.
const NAME_BYTES_MAX: usize = 64;

/// Stands before a name that looks like an address or a number.
const NAME_PREFIX: &str = "name:";

/// What is banned.
///
/// ```
/// use parlance_server::bans::BanTarget;
///
/// assert_eq!("192.0.2.0/24".parse::<BanTarget>().unwrap().kind(), "network");
/// assert_eq!("::1".parse::<BanTarget>().unwrap().kind(), "address");
/// assert_eq!("joe".parse::<BanTarget>().unwrap().kind(), "name");
/// assert_eq!("name:::1".parse::<BanTarget>().unwrap().to_string(), "name:::1");
/// assert!("192.0.2.1/24".parse::<BanTarget>().unwrap_err().contains("192.0.2.0/24"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BanTarget {
    /// Clients from there.
    Network(Network),
    /// Clients of this name.
    Name(Name),
}

impl BanTarget {
    /// `address`, `network` or `name`.
    pub fn kind(&self) -> &'static str {
        match self {
            BanTarget::Network(network) if network.is_one_address() => "address",
            BanTarget::Network(_) => "network",
            BanTarget::Name(_) => "name",
        }
    }

    /// Whether a client from `address` that has `name` is meant.
    pub fn matches(&self, address: IpAddr, name: Option<&Name>) -> bool {
        match self {
            BanTarget::Network(network) => network.contains(address),
            BanTarget::Name(banned) => name == Some(banned),
        }
    }
}

impl FromStr for BanTarget {
    type Err = String;

    /// A text that looks like an address or a number is none of a name, unless it begins with
    /// `name:`: a slip of the pen must not ban another than is meant, and say that all is well.
    fn from_str(text: &str) -> Result<BanTarget, String> {
        let name = |name: &str| {
            Name::new(name.as_bytes(), NAME_BYTES_MAX).map(BanTarget::Name).ok_or_else(|| {
                format!(
                    "{text:?} can be banned neither as an address or network, like 192.0.2.1 or \
                     192.0.2.0/24, nor as a name of 1 to {NAME_BYTES_MAX} graphic characters"
                )
            })
        };
        if let Some(rest) = text.strip_prefix(NAME_PREFIX) {
            return name(rest);
        }
        let address = text.split_once('/').map_or(text, |(address, _)| address);
        if address.parse::<IpAddr>().is_ok() {
            return text.parse().map(BanTarget::Network);
        }
        if looks_like_an_address(text) {
            return Err(format!(
                "{text:?} is no address or network, like 192.0.2.1, 192.0.2.0/24 or 2001:db8::/32; \
                 for a name write {NAME_PREFIX}{text}"
            ));
        }
        name(text)
    }
}

/// Whether a text is rather an address, a range of addresses or a number than a name.
fn looks_like_an_address(text: &str) -> bool {
    let (address, _zone) = text.split_once('%').unwrap_or((text, ""));
    let hexadecimal =
        address.bytes().all(|byte| byte.is_ascii_hexdigit() || b":./-".contains(&byte));
    let has_digits_alone = !address.bytes().any(|byte| byte.is_ascii_alphabetic());
    let has_a_digit = address.bytes().any(|byte| byte.is_ascii_digit());
    hexadecimal && (address.matches(':').count() > 1 || has_digits_alone && has_a_digit)
}

impl fmt::Display for BanTarget {
    /// As [`from_str`](FromStr::from_str) reads it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BanTarget::Network(network) => network.fmt(f),
            BanTarget::Name(name) => {
                let looks_like_one = name.as_str().starts_with(NAME_PREFIX)
                    || !matches!(name.as_str().parse(), Ok(BanTarget::Name(_)));
                write!(f, "{}{name}", if looks_like_one { NAME_PREFIX } else { "" })
            }
        }
    }
}

/// A ban in the configuration: what is banned, and behind a space why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenBan {
    /// What is banned.
    pub target: BanTarget,
    /// What those are told who meet it.
    pub why: Option<Explanation>,
}

impl FromStr for WrittenBan {
    type Err = String;

    fn from_str(text: &str) -> Result<WrittenBan, String> {
        let (target, why) = match text.split_once(' ') {
            Some((target, why)) => (target, Some(Explanation::new(why)?)),
            None => (text, None),
        };
        Ok(WrittenBan { target: target.parse()?, why })
    }
}

/// When a ban ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BanEnd {
    /// By the clock that decides while this process runs: one that no clock setting moves.
    pub time: Time,
    /// By the calendar, for people and for a later process.
    pub calendar: SystemTime,
}

/// What is known of a ban.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ban {
    /// What those are told who meet it.
    pub why: Option<Explanation>,
    /// When it ends, if it does.
    pub end: Option<BanEnd>,
    /// Whether the configuration has it; an operator can remove the others.
    pub is_configured: bool,
}

impl Ban {
    fn counts_at(&self, now: Time) -> bool {
        self.end.is_none_or(|end| now < end.time)
    }
}

/// Where the bans that an operator adds outlive the server. Its calls may take their time.
/// [common/ban-5]
pub trait BanKeeper: Send + Sync {
    /// Keeps a ban, in place of one of the same target.
    ///
    /// # Errors
    /// Why it is not kept.
    fn keep(&self, target: &BanTarget, ban: &Ban) -> Result<(), String>;

    /// Keeps the ban of `target` no longer.
    ///
    /// # Errors
    /// Why it is still kept.
    fn forget(&self, target: &BanTarget) -> Result<(), String>;
}

/// All bans of a server.
#[derive(Debug, Default)]
pub struct Bans {
    /// Whether there is any, so that a server without bans takes no lock for a connection.
    any: AtomicBool,
    lists: RwLock<Lists>,
    /// Held while the registries get the names, so that an older list does not replace a newer one.
    pub(super) handing_out: Mutex<()>,
}

#[derive(Debug, Default)]
struct Lists {
    configured: BTreeMap<BanTarget, Ban>,
    added: BTreeMap<BanTarget, Ban>,
    /// How many bits the banned networks have: a look at each of these finds an address in all.
    bits: BTreeSet<u8>,
}

impl Lists {
    fn all(&self) -> impl Iterator<Item = (&BanTarget, &Ban)> {
        self.configured.iter().chain(&self.added)
    }

    fn find(&self, target: &BanTarget, now: Time) -> Option<&Ban> {
        let configured = self.configured.get(target);
        configured.or_else(|| self.added.get(target).filter(|ban| ban.counts_at(now)))
    }

    /// The bans have changed.
    fn changed(&mut self, any: &AtomicBool) {
        let bits = self.all().filter_map(|(target, _)| match target {
            BanTarget::Network(network) => Some(network.bits()),
            BanTarget::Name(_) => None,
        });
        self.bits = bits.collect();
        any.store(self.all().next().is_some(), Ordering::Relaxed);
    }
}

impl Bans {
    fn lists(&self) -> RwLockReadGuard<'_, Lists> {
        self.lists.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn change<T>(&self, change: impl FnOnce(&mut Lists) -> T) -> T {
        let mut lists = self.lists.write().unwrap_or_else(PoisonError::into_inner);
        let changed = change(&mut lists);
        lists.changed(&self.any);
        changed
    }

    /// The bans of the configuration, in place of those before.
    pub fn set_configured(&self, written: &[WrittenBan]) {
        let bans = written.iter().map(|WrittenBan { target, why }| {
            (target.clone(), Ban { why: why.clone(), end: None, is_configured: true })
        });
        self.change(|lists| lists.configured = bans.collect());
    }

    /// Adds a ban, or changes the one of this target.
    ///
    /// # Errors
    /// There are [`BANS_MAX`] already.
    pub fn add(&self, target: BanTarget, ban: Ban, now: Time) -> Result<(), String> {
        self.change(|lists| {
            lists.added.retain(|_, ban| ban.counts_at(now));
            if lists.added.len() >= BANS_MAX && !lists.added.contains_key(&target) {
                return Err(format!("there are {BANS_MAX} bans, and there cannot be more"));
            }
            lists.added.insert(target, ban);
            Ok(())
        })
    }

    /// Removes a ban that was added.
    ///
    /// # Errors
    /// There is none, or it is one of the configuration.
    pub fn remove(&self, target: &BanTarget) -> Result<(), String> {
        self.change(|lists| match lists.added.remove(target) {
            Some(_) => Ok(()),
            None if lists.configured.contains_key(target) => Err(format!(
                "the ban of {target} is one of the configuration: remove it there and reload"
            )),
            None => Err(format!("there is no ban of {target}: see `bans`")),
        })
    }

    /// Every ban that counts at `now`: those of the configuration first.
    pub fn list(&self, now: Time) -> Vec<(BanTarget, Ban)> {
        let lists = self.lists();
        let counting = lists.all().filter(|(_, ban)| ban.counts_at(now));
        counting.map(|(target, ban)| (target.clone(), ban.clone())).collect()
    }

    /// The ban that an `address` meets at `now`, that of the smallest network first.
    pub(super) fn of_address(&self, address: IpAddr, now: Time) -> Option<Ban> {
        if !self.any.load(Ordering::Relaxed) {
            return None;
        }
        let lists = self.lists();
        let mut around = lists.bits.iter().rev().filter_map(|bits| Network::around(address, *bits));
        around.find_map(|network| lists.find(&BanTarget::Network(network), now).cloned())
    }

    /// The ban that `name` meets at `now`.
    pub(super) fn of_name(&self, name: &Name, now: Time) -> Option<Ban> {
        if !self.any.load(Ordering::Relaxed) {
            return None;
        }
        self.lists().find(&BanTarget::Name(name.clone()), now).cloned()
    }

    /// The banned names, for registries.
    pub(super) fn names(&self, now: Time) -> BTreeMap<Name, BannedName> {
        let of_name = |(target, ban): (BanTarget, Ban)| match target {
            BanTarget::Name(name) => {
                let until = ban.end.map_or(Time::NEVER, |end| end.time);
                Some((name, BannedName { until, why: ban.why }))
            }
            BanTarget::Network(_) => None,
        };
        // Of two bans of a name that of the configuration, which has no end, counts.
        self.list(now).into_iter().rev().filter_map(of_name).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{BANS_MAX, Ban, BanEnd, BanTarget, Bans};
    use parlance_core::protocol::Explanation;
    use parlance_core::time::Time;
    use std::net::IpAddr;
    use std::time::{Duration, SystemTime};

    fn target(text: &str) -> BanTarget {
        text.parse().expect(text)
    }

    fn ban(why: &str, seconds: Option<u64>) -> Ban {
        let end = seconds.map(|seconds| BanEnd {
            time: Time::ZERO + Duration::from_secs(seconds),
            calendar: SystemTime::UNIX_EPOCH,
        });
        Ban { why: Some(Explanation::new(why).expect(why)), end, is_configured: false }
    }

    fn why(bans: &Bans, address: &str, seconds: u64) -> Option<String> {
        let address: IpAddr = address.parse().expect(address);
        let ban = bans.of_address(address, Time::ZERO + Duration::from_secs(seconds));
        ban.and_then(|ban| ban.why).map(|why| why.to_string())
    }

    /// [common/ban-1]
    #[test]
    fn an_address_meets_the_smallest_network_that_contains_it_until_that_ban_ends() {
        let bans = Bans::default();
        for (text, seconds) in
            [("192.0.2.0/24", None), ("192.0.2.7", Some(10)), ("2001:db8::/32", Some(5))]
        {
            bans.add(target(text), ban(text, seconds), Time::ZERO).expect("there is place");
        }
        assert_eq!(why(&bans, "192.0.2.7", 9).as_deref(), Some("192.0.2.7"));
        assert_eq!(why(&bans, "192.0.2.7", 10).as_deref(), Some("192.0.2.0/24"));
        assert_eq!(why(&bans, "::ffff:192.0.2.8", 0).as_deref(), Some("192.0.2.0/24"));
        assert_eq!(why(&bans, "2001:db8::9", 4).as_deref(), Some("2001:db8::/32"));
        assert_eq!((why(&bans, "2001:db8::9", 5), why(&bans, "192.0.3.7", 0)), (None, None));
        bans.remove(&target("192.0.2.0/24")).expect("it is there");
        assert_eq!(why(&bans, "192.0.2.8", 0), None);
        assert!(bans.remove(&target("192.0.2.0/24")).unwrap_err().contains("192.0.2.0/24"));
    }

    /// [common/ban-4]
    #[test]
    fn a_ban_of_the_configuration_stays_until_that_changes() {
        let bans = Bans::default();
        bans.set_configured(&["192.0.2.1 spam".parse().expect("a ban")]);
        assert!(bans.remove(&target("192.0.2.1")).unwrap_err().contains("configuration"));
        assert_eq!(why(&bans, "192.0.2.1", 1_000_000).as_deref(), Some("spam"));
        bans.set_configured(&[]);
        assert_eq!(why(&bans, "192.0.2.1", 0), None);
    }

    #[test]
    fn the_number_of_bans_is_bounded_and_those_that_have_ended_do_not_count() {
        let bans = Bans::default();
        let add = |name: String, now| bans.add(target(&name), ban("x", Some(1)), now);
        for number in 0..BANS_MAX {
            add(format!("joe{number}"), Time::ZERO).expect("there is place");
        }
        assert!(add("ann".to_owned(), Time::ZERO).unwrap_err().contains("10000"));
        add("joe0".to_owned(), Time::ZERO).expect("that is no further ban");
        add("ann".to_owned(), Time::ZERO + Duration::from_secs(1)).expect("all have ended");
    }

    #[test]
    fn a_target_is_shown_as_it_is_read() {
        for text in [
            "joe",
            "name:10.0.0.1",
            "name:10.0.0.0/9",
            "name:name:x",
            "::/0",
            "a/b",
            "name:42",
            "dead-beef",
            "joe42",
            "a:b",
            ":-)",
            "...",
            "name:1.5",
        ] {
            assert_eq!(target(text).to_string(), text);
        }
        assert!("".parse::<BanTarget>().is_err());
        assert!("two words".parse::<BanTarget>().unwrap_err().contains("two words"));
    }

    /// [common/admin-2]
    #[test]
    fn a_mistyped_address_is_no_name() {
        for text in ["192.0.2.300", "192.0.2", "192.0.2.0-255", "fe80::1%eth0", "2001:db8:::1", "7"]
        {
            let error = text.parse::<BanTarget>().expect_err(text);
            assert!(error.contains(&format!("name:{text}")), "{error}");
        }
    }
}
