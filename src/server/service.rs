//! What all connections of one dialect share, and who is let in.

use super::transport::Clock;
use parlance_core::limits::Limits;
use parlance_core::protocol::Dialect;
use parlance_core::registry::{Registry, Turn};
use smol::channel::{Receiver, Sender};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

/// One dialect's world as the shell serves it: its registry, its bounds, its clock.
pub struct World<C: Clock> {
    pub(super) dialect: &'static dyn Dialect,
    pub(super) registry: Registry,
    pub(super) limits: Limits,
    pub(super) clock: C,
    admitted: Mutex<Admitted>,
    drained: Receiver<Infallible>,
}

struct Admitted {
    total: usize,
    /// Clients per address that is not loopback. [common/limit-2]
    by_address: BTreeMap<Ipv6Addr, usize>,
    shuts_down: bool,
    /// Nothing is ever sent: it is dropped, and the channel closes, when the last connection of a
    /// server that shuts down has ended.
    alive: Option<Sender<Infallible>>,
}

impl Admitted {
    fn close_if_drained(&mut self) {
        if self.shuts_down && self.total == 0 {
            self.alive = None;
        }
    }
}

/// A connection's permission to be here; dropping it makes room for another.
pub(super) struct Admission<C: Clock> {
    pub(super) world: Arc<World<C>>,
    /// In the one form that takes no room for saying which.
    address: Ipv6Addr,
}

impl<C: Clock> World<C> {
    /// A world of `dialect` in which nobody is yet.
    pub fn new(dialect: &'static dyn Dialect, limits: Limits, clock: C) -> Arc<World<C>> {
        let (alive, drained) = smol::channel::bounded(1);
        Arc::new(World {
            dialect,
            registry: Registry::new(dialect, limits.clone()),
            limits,
            clock,
            admitted: Mutex::new(Admitted {
                total: 0,
                by_address: BTreeMap::new(),
                shuts_down: false,
                alive: Some(alive),
            }),
            drained,
        })
    }

    /// The registry, for its census.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// How many connections there are, lingering ones included.
    pub fn connections(&self) -> usize {
        self.admitted().total
    }

    /// Tells every connection to flush what it owes and close. [common/shutdown-2]
    pub fn shutdown(&self) {
        self.registry.shutdown(&mut Turn::new(self.clock.now(), Waker::noop()));
        let mut admitted = self.admitted();
        admitted.shuts_down = true;
        admitted.close_if_drained();
    }

    fn admitted(&self) -> MutexGuard<'_, Admitted> {
        self.admitted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits, after [`shutdown`](World::shutdown), until the last connection is closed.
    pub async fn drained(&self) {
        // The channel carries nothing, so this returns only when it closes.
        let _ = self.drained.recv().await;
    }

    /// Lets a client from `address` in, unless there are too many already. [common/limit-2]
    pub(super) fn admit(self: &Arc<Self>, address: IpAddr) -> Option<Admission<C>> {
        let address = match address {
            IpAddr::V4(address) => address.to_ipv6_mapped(),
            IpAddr::V6(address) => address,
        };
        let mut admitted = self.admitted();
        if admitted.total >= self.limits.clients_max {
            return None;
        }
        if !address.to_canonical().is_loopback() {
            let count = admitted.by_address.entry(address).or_insert(0);
            if *count >= self.limits.clients_per_address_max {
                return None;
            }
            *count += 1;
        }
        admitted.total += 1;
        drop(admitted);
        Some(Admission { world: Arc::clone(self), address })
    }
}

impl<C: Clock> Drop for Admission<C> {
    fn drop(&mut self) {
        let mut admitted = self.world.admitted();
        admitted.total -= 1;
        admitted.close_if_drained();
        if let Some(count) = admitted.by_address.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                admitted.by_address.remove(&self.address);
            }
        }
    }
}
