//! What all connections of one dialect share.

use super::bans::Bans;
use super::common::Common;
use super::headroom::Headroom;
use super::observe::account::Account;
use super::observe::bound::Bound;
use super::observe::events::ConnectionLog;
use super::observe::facts::Facts;
use super::observe::figures::ServiceFigures;
use super::observe::observer::Observer;
use super::permits::Permits;
use super::refused::Refused;
use super::run_queue::RunQueue;
use super::transport::Clock;
use parlance_core::limits::Limits;
use parlance_core::protocol::{CloseReason, Dialect, Extensions};
use parlance_core::rate::Rule;
use parlance_core::registry::{AccountOptions, ArchiveOptions, CallContext, Registry};
use parlance_core::time::Time;
use smol::channel::Receiver;
use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use std::task::Waker;

/// One dialect's world as the shell serves it: its registry, its bounds, its clock.
pub struct Service<C: Clock> {
    pub(super) dialect: &'static dyn Dialect,
    pub(super) registry: Registry,
    /// The extensions that its clients may use. [extensions/frame-1]
    pub(super) extensions: Extensions,
    /// Whether passwords are taken where others could read them. [extensions/account-6]
    takes_insecure_passwords: bool,
    limits: RwLock<Limits>,
    pub(super) clock: C,
    pub(super) permits: Permits,
    pub(super) headroom: Headroom,
    /// That of the executor, for the connections of all dialects.
    pub(super) run_queue: Arc<RunQueue>,
    pub(super) observer: Arc<Observer>,
    pub(super) bans: Arc<Bans>,
    pub(super) figures: ServiceFigures,
}

/// What a service keeps in a store, if its dialect knows of such things.
#[derive(Clone, Copy, Debug, Default)]
pub struct Kept {
    /// How rooms are kept. [extensions/store-1]
    pub archive: Option<ArchiveOptions>,
    /// How names have accounts. [extensions/account-1]
    pub accounts: Option<AccountRules>,
}

/// How a server treats accounts.
#[derive(Clone, Copy, Debug, Default)]
pub struct AccountRules {
    /// Whether nobody may have a name without one.
    pub required: bool,
    /// Whether clients can make accounts. [extensions/account-4]
    pub registration: bool,
    /// Whether passwords are taken where others could read them. [extensions/account-6]
    pub takes_insecure_passwords: bool,
}

impl From<Option<ArchiveOptions>> for Kept {
    fn from(archive: Option<ArchiveOptions>) -> Kept {
        Kept { archive, accounts: None }
    }
}

impl<C: Clock> Service<C> {
    /// A world of `dialect` in which nobody is yet, served by an executor of its own.
    pub fn new(dialect: &'static dyn Dialect, limits: Limits, clock: C) -> Arc<Service<C>> {
        Service::beside(&Common::default(), dialect, limits, clock)
    }

    /// The same, beside the services of other dialects, with which it has this in `common`.
    pub fn beside(
        common: &Common,
        dialect: &'static dyn Dialect,
        limits: Limits,
        clock: C,
    ) -> Arc<Service<C>> {
        Service::keeping(common, dialect, limits, clock, Kept::default())
    }

    /// The same, with rooms and accounts that are `kept`, if the dialect has such. A
    /// [`Keeper`](crate::keeping::Keeper) has to perform what the registry asks for, and a
    /// [`Judge`](crate::accounts::Judge) to answer what it asks about accounts.
    /// [extensions/store-1] [extensions/account-1]
    pub fn keeping(
        common: &Common,
        dialect: &'static dyn Dialect,
        limits: Limits,
        clock: C,
        kept: impl Into<Kept>,
    ) -> Arc<Service<C>> {
        let Kept { archive, accounts } = kept.into();
        let archive = archive.filter(|_| dialect.policy().keeps_history);
        let accounts = accounts.filter(|_| dialect.has_accounts());
        let extensions = Extensions {
            kept_rooms: archive.is_some(),
            accounts: accounts.is_some(),
            registration: accounts.is_some_and(|rules| rules.registration),
            refuses_passwords: false,
        };
        let registry = match (accounts, archive) {
            (Some(AccountRules { required, .. }), archive) => {
                let accounts = AccountOptions { required };
                Registry::with_accounts(dialect, limits.clone(), archive, accounts)
            }
            (None, Some(archive)) => Registry::with_archive(dialect, limits.clone(), archive),
            (None, None) => Registry::new(dialect, limits.clone()),
        };
        let Common { run_queue, observer, bans } = common.clone();
        let service = Service {
            dialect,
            registry,
            extensions,
            takes_insecure_passwords: accounts.is_some_and(|rules| rules.takes_insecure_passwords),
            limits: RwLock::new(limits),
            clock,
            permits: Permits::new(),
            headroom: Headroom::default(),
            run_queue,
            observer,
            bans,
            figures: ServiceFigures::default(),
        };
        service.learn_banned_names();
        Arc::new(service)
    }

    /// The limits as they are now.
    pub(super) fn limits(&self) -> RwLockReadGuard<'_, Limits> {
        self.limits.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the limits: those of the registry as it says, that of the time without a line and
    /// the rates for sessions that begin from now on, and the others for whatever is judged by them
    /// from now on. Nobody is sent away because there are too many. [common/reload-2]
    pub fn set_limits(&self, limits: &Limits) {
        self.limits.write().unwrap_or_else(PoisonError::into_inner).clone_from(limits);
        let mut call = CallContext::new(self.clock.now(), Waker::noop());
        self.registry.set_limits(limits, &mut call);
    }

    /// The registry, for its census.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// The clock of its connections.
    pub fn clock(&self) -> &C {
        &self.clock
    }

    /// What a client may use that has come by a listener that `is_private`, or is not.
    /// [extensions/account-6]
    pub(super) fn offered(&self, is_private: bool) -> Extensions {
        let refuses_passwords = !is_private && !self.takes_insecure_passwords;
        Extensions { refuses_passwords, ..self.extensions }
    }

    /// How many connections there are, lingering ones included.
    pub fn connections(&self) -> usize {
        self.permits.total()
    }

    /// How many connections have ended for `reason`.
    pub fn closings(&self, reason: CloseReason) -> u64 {
        self.figures.closings(reason)
    }

    /// How often a client has begun to wait for this rule of its rates. [common/rate-2]
    pub fn rate_waits(&self, rule: Rule) -> u64 {
        self.figures.rate_waits(rule)
    }

    /// How many lines were stored, and how many were lost because the store had failed.
    /// [extensions/store-4]
    pub fn kept_lines(&self) -> (u64, u64) {
        self.figures.kept_lines()
    }

    /// The bans have changed: nobody can take a banned name from now on. [common/ban-2]
    pub(super) fn learn_banned_names(&self) {
        let _handing_out = self.bans.handing_out.lock().unwrap_or_else(PoisonError::into_inner);
        self.registry.ban_names(self.bans.names(self.clock.now()));
    }

    /// Counts a connection of `address`, unless it is banned or comes too soon. [common/ban-1]
    /// [common/rate-5]
    ///
    /// # Errors
    /// Why it is not let in.
    pub(super) fn arrives(&self, address: IpAddr) -> Result<(), Refused> {
        self.permits.arrives(address, &self.bans, &self.limits(), self.clock.now())
    }

    /// The log of a connection, at `now`.
    pub(super) fn log<'a>(&'a self, facts: &'a Facts, now: Time) -> ConnectionLog<'a> {
        let (observer, dialect) = (&*self.observer, self.dialect.name());
        ConnectionLog { observer, dialect, facts, now }
    }

    /// A connection has ended. `account` is there if there is something to tell of it.
    /// [common/tls-9]
    pub(super) fn closed(&self, facts: &Facts, reason: CloseReason, account: Option<&Account>) {
        self.figures.closed(reason);
        let now = self.clock.now();
        let known = account.and_then(|account| account.bound);
        let bound = known.or_else(|| {
            if reason == CloseReason::TooManyClients {
                return Some(self.permits.met(facts.address(), &self.limits()));
            }
            let last = account.and_then(|account| account.last.as_ref());
            Bound::met(reason, &self.limits(), now.since(facts.since), last)
        });
        self.log(facts, now).closed(reason, account, bound);
    }

    /// Tells every connection to flush its pending lines and close. [common/shutdown-2]
    pub fn shutdown(&self) {
        self.registry.shutdown(&mut CallContext::new(self.clock.now(), Waker::noop()));
        self.permits.shutdown();
    }

    /// Closes when [`shutdown`](Service::shutdown) is called.
    pub(super) fn shuts_down(&self) -> Receiver<Infallible> {
        self.permits.shuts_down()
    }

    /// Waits until there is no connection.
    pub(super) async fn empty(&self) {
        let _ = self.permits.empty().recv().await;
    }

    /// Waits, after [`shutdown`](Service::shutdown), until the last connection is closed.
    pub async fn drained(&self) {
        // The channel carries nothing, so this returns only when it closes.
        let _ = self.permits.drained().recv().await;
    }
}
