//! One connection's place among the clients.

use super::observe::account::Account;
use super::observe::events::ConnectionLog;
use super::observe::facts::Facts;
use super::observe::roster::Entry;
use super::refused::Refused;
use super::service::Service;
use super::transport::Clock;
use parlance_core::protocol::{CloseReason, Fault, Name};
use parlance_core::registry::{CallContext, Client};
use parlance_core::time::Time;
use std::net::IpAddr;
use std::sync::Arc;
use std::task::Waker;

/// A connection's permission to be here. Dropping it makes room for another; it is the one place
/// that counts and logs the end of a connection.
pub(super) struct ConnectionPermit<C: Clock> {
    pub(super) service: Arc<Service<C>>,
    pub(super) facts: Facts,
    /// Known when the connection ends.
    close_reason: Option<CloseReason>,
    /// As above, if there is something to tell of it.
    account: Option<Box<Account>>,
    /// What the operator sees of the client, where there is one to see it.
    pub(super) entry: Option<Arc<Entry>>,
}

impl<C: Clock> ConnectionPermit<C> {
    /// Lets a client in, unless there are too many already. [common/limit-2] [common/limit-4]
    ///
    /// # Errors
    /// There are.
    pub(super) fn new(
        service: &Arc<Service<C>>,
        facts: &Facts,
    ) -> Result<ConnectionPermit<C>, Refused> {
        let has_place = || service.permits.take(facts.address(), &service.limits());
        if !service.headroom.admits() || !has_place() {
            return Err(Refused::Full);
        }
        Ok(ConnectionPermit {
            service: Arc::clone(service),
            facts: facts.clone(),
            close_reason: None,
            account: None,
            entry: None,
        })
    }

    /// The connection is that of `client` from now on.
    ///
    /// Its address may have been banned since it was let in: an arrival takes its time. A ban looks
    /// for clients after it counts, so one of the two sees the other. [common/ban-1] [common/ban-4]
    pub(super) fn becomes(&mut self, client: &Client) {
        let Service { observer, dialect, clock, bans, .. } = &*self.service;
        if let Some(roster) = observer.roster() {
            self.entry = Some(roster.enter(self.facts.clone(), dialect.name(), client.remote()));
        }
        let now = clock.now();
        if let Some(ban) = bans.of_address(self.facts.address(), now) {
            let mut call = CallContext::new(now, Waker::noop());
            client.remote().kick(CloseReason::Banned, &Fault::Banned(ban.why), &mut call);
        }
    }

    /// The client has this name and is in this room. The name may have been banned since the
    /// registry was asked for it; as above, one of the two sees the other. [common/ban-4]
    pub(super) fn is_called(
        &self,
        name: Option<&Name>,
        room: Option<&Name>,
        call: &mut CallContext<'_>,
    ) {
        let Some(entry) = &self.entry else { return };
        let is_new = entry.is_called(name, room);
        let new = name.filter(|_| is_new);
        if let Some(ban) = new.and_then(|name| self.service.bans.of_name(name, call.now)) {
            entry.remote.kick(CloseReason::Banned, &Fault::Banned(ban.why), call);
        }
    }

    /// The client comes from `address`, as its arrival has found out. [common/limit-2]
    ///
    /// # Errors
    /// Why it may not stay.
    pub(super) fn moves_to(&mut self, address: IpAddr) -> Result<(), Refused> {
        let before = self.facts.address();
        if before == address {
            return Ok(());
        }
        let Service { permits, .. } = &*self.service;
        let limits = self.service.limits();
        let moved = self.service.arrives(address);
        let moved = moved.and_then(|()| permits.change(before, address, &limits));
        drop(limits);
        match &moved {
            Ok(()) => self.facts.move_to(address),
            // Its place is that of the other address until it is given back.
            Err(refused) => {
                self.ends_for(refused.reason());
                self.has_done(Account { found: Some(address), ..refused.account() });
            }
        }
        moved
    }

    /// Whether no rule about rates concerns the client: it is one of this machine. [common/rate-3]
    pub(super) fn is_exempt(&self) -> bool {
        self.address().to_canonical().is_loopback()
    }

    /// Where the client comes from.
    pub(super) fn address(&self) -> IpAddr {
        self.facts.address()
    }

    /// The reason for which the connection ends.
    pub(super) fn ends_for(&mut self, reason: CloseReason) {
        self.close_reason = Some(reason);
    }

    /// What there is to tell of the connection at its end.
    pub(super) fn has_done(&mut self, account: Account) {
        self.account = Some(Box::new(account));
    }

    /// The log of this connection, at `now`.
    pub(super) fn log(&self, now: Time) -> ConnectionLog<'_> {
        self.service.log(&self.facts, now)
    }
}

impl<C: Clock> Drop for ConnectionPermit<C> {
    fn drop(&mut self) {
        let place = self.facts.address();
        if let Some(found) = self.account.as_ref().and_then(|account| account.found) {
            self.facts.move_to(found);
        }
        if let (Some(entry), Some(roster)) = (&self.entry, self.service.observer.roster()) {
            roster.leave(entry);
        }
        let reason = self.close_reason.unwrap_or(CloseReason::Dropped);
        self.service.closed(&self.facts, reason, self.account.as_deref());
        self.service.permits.give_back(place);
    }
}
