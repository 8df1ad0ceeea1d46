//! What all connections of one dialect share, and who is let in.

use super::transport::Clock;
use parlance_core::limits::Limits;
use parlance_core::protocol::{CloseReason, Dialect};
use parlance_core::registry::{CallContext, Registry};
use smol::channel::{Receiver, Sender};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

/// One dialect's world as the shell serves it: its registry, its bounds, its clock.
pub struct Service<C: Clock> {
    pub(super) dialect: &'static dyn Dialect,
    pub(super) registry: Registry,
    pub(super) limits: Limits,
    pub(super) clock: C,
    permits: Mutex<Permits>,
    /// Ended connections, by reason.
    closings: [AtomicU64; CloseReason::ALL.len()],
    drained: Receiver<Infallible>,
}

struct Permits {
    total: usize,
    /// Clients per address that is not loopback. [common/limit-2]
    by_address: BTreeMap<Ipv6Addr, usize>,
    shuts_down: bool,
    /// Nothing is ever sent: it is dropped, and the channel closes, when the last connection of a
    /// server that shuts down has ended.
    alive: Option<Sender<Infallible>>,
}

impl Permits {
    fn close_if_drained(&mut self) {
        if self.shuts_down && self.total == 0 {
            self.alive = None;
        }
    }
}

/// A connection's permission to be here; dropping it makes room for another.
pub(super) struct ConnectionPermit<C: Clock> {
    pub(super) service: Arc<Service<C>>,
    /// In the one form that takes no room for saying which.
    address: Ipv6Addr,
}

impl<C: Clock> Service<C> {
    /// A world of `dialect` in which nobody is yet.
    pub fn new(dialect: &'static dyn Dialect, limits: Limits, clock: C) -> Arc<Service<C>> {
        let (alive, drained) = smol::channel::bounded(1);
        Arc::new(Service {
            dialect,
            registry: Registry::new(dialect, limits.clone()),
            limits,
            clock,
            permits: Mutex::new(Permits {
                total: 0,
                by_address: BTreeMap::new(),
                shuts_down: false,
                alive: Some(alive),
            }),
            closings: [const { AtomicU64::new(0) }; CloseReason::ALL.len()],
            drained,
        })
    }

    /// The registry, for its census.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// How many connections there are, lingering ones included.
    pub fn connections(&self) -> usize {
        self.permits().total
    }

    /// How many connections have ended for `reason`.
    pub fn closings(&self, reason: CloseReason) -> u64 {
        self.closings[reason as usize].load(Ordering::Relaxed)
    }

    pub(super) fn count_closing(&self, reason: CloseReason) {
        self.closings[reason as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// Tells every connection to flush its pending lines and close. [common/shutdown-2]
    pub fn shutdown(&self) {
        self.registry.shutdown(&mut CallContext::new(self.clock.now(), Waker::noop()));
        let mut permits = self.permits();
        permits.shuts_down = true;
        permits.close_if_drained();
    }

    fn permits(&self) -> MutexGuard<'_, Permits> {
        self.permits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits, after [`shutdown`](Service::shutdown), until the last connection is closed.
    pub async fn drained(&self) {
        // The channel carries nothing, so this returns only when it closes.
        let _ = self.drained.recv().await;
    }

    /// Lets a client from `address` in, unless there are too many already. [common/limit-2]
    pub(super) fn permit(self: &Arc<Self>, address: IpAddr) -> Option<ConnectionPermit<C>> {
        let address = match address {
            IpAddr::V4(address) => address.to_ipv6_mapped(),
            IpAddr::V6(address) => address,
        };
        let mut permits = self.permits();
        if permits.total >= self.limits.clients_max {
            return None;
        }
        if !address.to_canonical().is_loopback() {
            let count = permits.by_address.entry(address).or_insert(0);
            if *count >= self.limits.clients_per_address_max {
                return None;
            }
            *count += 1;
        }
        permits.total += 1;
        drop(permits);
        Some(ConnectionPermit { service: Arc::clone(self), address })
    }
}

impl<C: Clock> Drop for ConnectionPermit<C> {
    fn drop(&mut self) {
        let mut permits = self.service.permits();
        permits.total -= 1;
        permits.close_if_drained();
        if let Some(count) = permits.by_address.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                permits.by_address.remove(&self.address);
            }
        }
    }
}
