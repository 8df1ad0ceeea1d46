//! One connection's place among the clients.

use super::service::Service;
use super::transport::Clock;
use parlance_core::protocol::CloseReason;
use std::net::IpAddr;
use std::sync::Arc;

/// A connection's permission to be here. Dropping it makes room for another; it is the one place
/// that counts and logs the end of a connection.
pub(super) struct ConnectionPermit<C: Clock> {
    pub(super) service: Arc<Service<C>>,
    address: IpAddr,
    /// Known when the connection ends.
    close_reason: Option<CloseReason>,
}

impl<C: Clock> ConnectionPermit<C> {
    /// Lets a client from `address` in, unless there are too many already. [common/limit-2]
    pub(super) fn new(service: &Arc<Service<C>>, address: IpAddr) -> Option<ConnectionPermit<C>> {
        service.permits.take(address, &service.limits).then(|| ConnectionPermit {
            service: Arc::clone(service),
            address,
            close_reason: None,
        })
    }

    /// The client comes from `address`, as its arrival has found out. Returns whether it may stay.
    /// [common/limit-2]
    pub(super) fn moves_to(&mut self, address: IpAddr) -> bool {
        let stays = (self.address == address || self.service.arrives(address))
            && self.service.permits.change(self.address, address, &self.service.limits);
        if stays {
            self.address = address;
        }
        stays
    }

    /// Whether no rule about rates concerns the client: it is one of this machine. [common/rate-3]
    pub(super) fn is_exempt(&self) -> bool {
        self.address.to_canonical().is_loopback()
    }

    /// The reason for which the connection ends.
    pub(super) fn ends_for(&mut self, reason: CloseReason) {
        self.close_reason = Some(reason);
    }
}

impl<C: Clock> Drop for ConnectionPermit<C> {
    fn drop(&mut self) {
        self.service.closed(self.close_reason.unwrap_or(CloseReason::Dropped), self.address);
        self.service.permits.give_back(self.address);
    }
}
