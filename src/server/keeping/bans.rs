//! Bans that outlive the server, in the store's database. [common/ban-5]

use crate::bans::{Ban, BanEnd, BanKeeper, BanTarget, Bans};
use crate::config::options::Options;
use crate::transport::Clock;
use crate::transport::tcp::SystemClock;
use parlance_core::protocol::Explanation;
use parlance_core::time::Time;
use parlance_store::sqlite::Database;
use parlance_store::{BanKind, Bans as _, Failure, Millis};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The bans in a database. It is a connection of its own beside that of the store's thread, for
/// which a ban does not wait.
struct KeptBans(Mutex<Database>);

/// Loads the bans of the store that the options name, and returns where further ones are kept.
///
/// # Errors
/// A message for the user.
pub(crate) fn keep_bans(
    options: &Options,
    bans: &Bans,
    clock: SystemClock,
) -> Result<Option<Arc<dyn BanKeeper>>, String> {
    let Some(directory) = &options.data else { return Ok(None) };
    let kept = KeptBans::open(directory)?;
    kept.load(bans, clock.now())?;
    Ok(Some(Arc::new(kept)))
}

impl KeptBans {
    /// Those of the database in `directory`, which a server has opened.
    ///
    /// # Errors
    /// A message for the user, which names the file.
    fn open(directory: &Path) -> Result<KeptBans, String> {
        let database = Database::beside(directory).map_err(message)?;
        Ok(KeptBans(Mutex::new(database)))
    }

    fn database(&self) -> MutexGuard<'_, Database> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds them to `bans`, at `now`, and removes those that have ended.
    ///
    /// # Errors
    /// A message for the user.
    fn load(&self, bans: &Bans, now: Time) -> Result<(), String> {
        let (mut database, calendar) = (self.database(), SystemTime::now());
        for kept in database.bans().map_err(message)? {
            let end = kept.until.map(|until| end_of(until, now, calendar));
            if end.is_some_and(|end| end.time <= now) {
                database.remove_ban(kept.kind, &kept.value).map_err(message)?;
                continue;
            }
            let wrong = |why| format!("a ban of {} cannot be read: {why}", kept.value);
            let target = target_of(kept.kind, &kept.value).map_err(wrong)?;
            let why = Some(kept.reason).filter(|why| !why.is_empty());
            let why = why.map(|why| Explanation::new(&why)).transpose().map_err(wrong)?;
            bans.add(target, Ban { why, end, is_configured: false }, now)?;
        }
        Ok(())
    }
}

impl BanKeeper for KeptBans {
    fn keep(&self, target: &BanTarget, ban: &Ban) -> Result<(), String> {
        let (kind, value) = kept_as(target);
        let reason = ban.why.as_ref().map_or_else(String::new, ToString::to_string);
        let until = ban.end.map(|end| millis(end.calendar));
        let kept = parlance_store::Ban { kind, value, reason, until };
        self.database().add_ban(&kept).map_err(message)
    }

    fn forget(&self, target: &BanTarget) -> Result<(), String> {
        let (kind, value) = kept_as(target);
        self.database().remove_ban(kind, &value).map(drop).map_err(message)
    }
}

fn message(failure: Failure) -> String {
    failure.message
}

/// A name as it is, and not as a command writes it.
fn kept_as(target: &BanTarget) -> (BanKind, String) {
    match target {
        BanTarget::Network(network) if network.is_one_address() => {
            (BanKind::Address, network.to_string())
        }
        BanTarget::Network(network) => (BanKind::Network, network.to_string()),
        BanTarget::Name(name) => (BanKind::Name, name.to_string()),
    }
}

fn target_of(kind: BanKind, value: &str) -> Result<BanTarget, String> {
    match kind {
        BanKind::Address | BanKind::Network => value.parse().map(BanTarget::Network),
        BanKind::Name => format!("name:{value}").parse(),
    }
}

fn millis(calendar: SystemTime) -> Millis {
    let since = calendar.duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis::try_from(since.as_millis()).unwrap_or(Millis::MAX)
}

/// The end at `until` of a ban, where the clock shows `now` and the calendar `calendar`.
fn end_of(until: Millis, now: Time, calendar: SystemTime) -> BanEnd {
    let until = UNIX_EPOCH + Duration::from_millis(u64::try_from(until).unwrap_or(0));
    let left = until.duration_since(calendar).unwrap_or_default();
    BanEnd { time: now + left, calendar: until }
}

#[cfg(test)]
mod tests {
    use super::{KeptBans, end_of};
    use crate::bans::{Ban, BanEnd, BanKeeper, Bans};
    use parlance_core::protocol::Explanation;
    use parlance_core::time::Time;
    use parlance_store::sqlite::Database;
    use std::sync::Mutex;
    use std::time::{Duration, SystemTime};

    const HOUR: Duration = Duration::from_secs(3600);

    fn kept() -> KeptBans {
        KeptBans(Mutex::new(Database::in_memory().expect("there is memory")))
    }

    fn ending(calendar: SystemTime) -> Ban {
        let end = Some(BanEnd { time: Time::ZERO, calendar });
        Ban { why: None, end, is_configured: false }
    }

    /// [common/ban-5]
    #[test]
    fn bans_are_those_that_were_kept_with_what_is_left_of_their_time() {
        let (kept, calendar) = (kept(), SystemTime::now());
        let why = Explanation::new("no spam").ok();
        let forever = Ban { why: why.clone(), end: None, is_configured: false };
        for target in ["192.0.2.0/24", "2001:db8::1", "name:10.0.0.1", "joe"] {
            kept.keep(&target.parse().expect(target), &forever).expect("it is kept");
        }
        kept.keep(&"ann".parse().expect("a name"), &ending(calendar + HOUR)).expect("it is kept");
        kept.keep(&"old".parse().expect("a name"), &ending(calendar)).expect("it is kept");
        kept.forget(&"joe".parse().expect("a name")).expect("it is there");
        let (bans, now) = (Bans::default(), Time::ZERO + HOUR);
        kept.load(&bans, now).expect("they can be read");
        let shown = bans.list(now).into_iter().map(|(target, _)| target.to_string());
        let shown: Vec<String> = shown.collect();
        assert_eq!(shown, ["192.0.2.0/24", "2001:db8::1", "name:10.0.0.1", "ann"]);
        assert!(bans.list(now).iter().all(|(_, ban)| ban.why == why || ban.end.is_some()));
        let later = now + HOUR;
        assert_eq!(bans.list(later).len(), 3, "the hour of one is over");
        kept.load(&Bans::default(), now).expect("the one that had ended is gone");
    }

    #[test]
    fn an_end_that_is_past_is_now() {
        let now = Time::ZERO + HOUR;
        assert_eq!(end_of(0, now, SystemTime::now()).time, now);
        assert_eq!(end_of(-5, now, SystemTime::now()).time, now);
    }
}
