//! What all connections of one dialect share.

use super::busy::Busy;
use super::headroom::Headroom;
use super::permits::Permits;
use super::transport::Clock;
use parlance_core::limits::Limits;
use parlance_core::protocol::{CloseReason, Dialect, Fault};
use parlance_core::registry::{CallContext, Registry};
use smol::channel::Receiver;
use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Waker;

/// One dialect's world as the shell serves it: its registry, its bounds, its clock.
pub struct Service<C: Clock> {
    pub(super) dialect: &'static dyn Dialect,
    pub(super) registry: Registry,
    pub(super) limits: Limits,
    pub(super) clock: C,
    pub(super) permits: Permits,
    pub(super) headroom: Headroom,
    /// Those of all dialects that the executor serves.
    pub(super) busy: Arc<Busy>,
    /// Ended connections, by reason.
    closings: [AtomicU64; CloseReason::ALL.len()],
}

impl<C: Clock> Service<C> {
    /// A world of `dialect` in which nobody is yet, served by an executor of its own.
    pub fn new(dialect: &'static dyn Dialect, limits: Limits, clock: C) -> Arc<Service<C>> {
        Service::beside(&Arc::default(), dialect, limits, clock)
    }

    /// The same, served by an executor that has the `busy` connections of other dialects too.
    pub fn beside(
        busy: &Arc<Busy>,
        dialect: &'static dyn Dialect,
        limits: Limits,
        clock: C,
    ) -> Arc<Service<C>> {
        Arc::new(Service {
            dialect,
            registry: Registry::new(dialect, limits.clone()),
            limits,
            clock,
            permits: Permits::new(),
            headroom: Headroom::default(),
            busy: Arc::clone(busy),
            closings: [const { AtomicU64::new(0) }; CloseReason::ALL.len()],
        })
    }

    /// The registry, for its census.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// How many connections there are, lingering ones included.
    pub fn connections(&self) -> usize {
        self.permits.total()
    }

    /// How many connections have ended for `reason`.
    pub fn closings(&self, reason: CloseReason) -> u64 {
        self.closings[reason as usize].load(Ordering::Relaxed)
    }

    /// Counts a connection of `address`; false if it comes too soon. [common/rate-5]
    pub(super) fn arrives(&self, address: IpAddr) -> bool {
        let rate = self.limits.rates.connects;
        rate.is_off() || self.permits.arrives(address, &self.limits, self.clock.now())
    }

    /// A connection from `address` has ended.
    pub(super) fn closed(&self, reason: CloseReason, address: IpAddr) {
        self.closings[reason as usize].fetch_add(1, Ordering::Relaxed);
        if reason == CloseReason::TlsHello {
            let dialect = self.dialect.name();
            tracing::info!(%address, dialect, "TLS on a listener without it"); // [common/tls-9]
        }
        tracing::debug!(?reason, %address, dialect = self.dialect.name(), "closed");
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

    /// Waits, after [`shutdown`](Service::shutdown), until the last connection is closed.
    pub async fn drained(&self) {
        // The channel carries nothing, so this returns only when it closes.
        let _ = self.permits.drained().recv().await;
    }

    /// What a client over a limit is told, if the dialect has a line for it. [common/limit-2]
    pub(super) fn farewell(&self) -> Vec<u8> {
        let mut farewell = Vec::new();
        self.dialect.fault(&Fault::TooManyClients, &mut farewell);
        farewell
    }
}
