//! One connection's place among the clients.

use super::observe::account::Account;
use super::observe::bound::Bound;
use super::observe::events::ConnectionLog;
use super::observe::facts::Facts;
use super::service::Service;
use super::transport::Clock;
use parlance_core::protocol::CloseReason;
use parlance_core::time::Time;
use std::net::IpAddr;
use std::sync::Arc;

/// A connection's permission to be here. Dropping it makes room for another; it is the one place
/// that counts and logs the end of a connection.
pub(super) struct ConnectionPermit<C: Clock> {
    pub(super) service: Arc<Service<C>>,
    pub(super) facts: Facts,
    /// Known when the connection ends.
    close_reason: Option<CloseReason>,
    /// As above, if there is something to tell of it.
    account: Option<Box<Account>>,
}

impl<C: Clock> ConnectionPermit<C> {
    /// Lets a client in, unless there are too many already. [common/limit-2]
    pub(super) fn new(service: &Arc<Service<C>>, facts: &Facts) -> Option<ConnectionPermit<C>> {
        let address = facts.address();
        service.permits.take(address, &service.limits()).then(|| ConnectionPermit {
            service: Arc::clone(service),
            facts: facts.clone(),
            close_reason: None,
            account: None,
        })
    }

    /// The client comes from `address`, as its arrival has found out. Returns whether it may stay.
    /// [common/limit-2]
    pub(super) fn moves_to(&mut self, address: IpAddr) -> bool {
        let before = self.facts.address();
        let permits = &self.service.permits;
        let refused_by = if before != address && !self.service.arrives(address) {
            Some(Bound::CONNECTS)
        } else {
            permits.change(before, address, &self.service.limits()).err()
        };
        let Some(bound) = refused_by else {
            self.facts.move_to(address);
            return true;
        };
        // Its place is that of the other address until it is given back.
        let found = Some(address);
        self.has_done(Account { found, ..Account::of_refused(Some(bound)) });
        false
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
        let reason = self.close_reason.unwrap_or(CloseReason::Dropped);
        self.service.closed(&self.facts, reason, self.account.as_deref());
        self.service.permits.give_back(place);
    }
}
