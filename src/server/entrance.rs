//! What the connections of a listener are let in to: a dialect, or a reception where each says
//! which dialect it wants.

use super::arrival::Arrived;
use super::headroom::Headroom;
use super::permit::ConnectionPermit;
use super::permits::Permits;
use super::service::Service;
use super::transport::Clock;
use parlance_core::limits::Limits;
use parlance_core::protocol::CloseReason;
use smol::channel::Receiver;
use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;

/// Where the connections of a listener go.
pub enum Entrance<C: Clock> {
    /// Every one is a client of this dialect from the beginning.
    Service(Arc<Service<C>>),
    /// Every one is a visitor until its arrival has found out the dialect.
    Reception(Arc<Reception<C>>),
}

impl<C: Clock> From<Arc<Service<C>>> for Entrance<C> {
    fn from(service: Arc<Service<C>>) -> Entrance<C> {
        Entrance::Service(service)
    }
}

impl<C: Clock> From<Arc<Reception<C>>> for Entrance<C> {
    fn from(reception: Arc<Reception<C>>) -> Entrance<C> {
        Entrance::Reception(reception)
    }
}

/// The services of all dialects, and the visitors that are no clients yet. These have limits like
/// those of a dialect, in all and per address, and no longer than an arrival. [common/http-7]
pub struct Reception<C: Clock> {
    /// At least one.
    services: Vec<Arc<Service<C>>>,
    visitors: Permits,
    headroom: Headroom,
    limits: Limits,
}

impl<C: Clock> Reception<C> {
    /// A reception to `services`, of which there is at least one.
    pub fn new(services: &[Arc<Service<C>>], limits: Limits) -> Arc<Reception<C>> {
        assert!(!services.is_empty(), "a reception leads somewhere");
        let (visitors, headroom) = (Permits::new(), Headroom::default());
        Arc::new(Reception { services: services.to_vec(), visitors, headroom, limits })
    }

    /// How many connections there are that have not become clients.
    pub fn visitors(&self) -> usize {
        self.visitors.total()
    }

    /// Counts a connection of `address`; false if it comes too soon. [common/rate-5]
    fn arrives(&self, address: IpAddr) -> bool {
        self.visitors.arrives(address, &self.limits, self.any().clock.now())
    }

    fn any(&self) -> &Service<C> {
        &self.services[0]
    }

    /// The service of the dialect of this name. An arrival names one that is served.
    fn service(&self, dialect: Option<&str>) -> Arc<Service<C>> {
        let named = |service: &&Arc<Service<C>>| Some(service.dialect.name()) == dialect;
        Arc::clone(self.services.iter().find(named).unwrap_or(&self.services[0]))
    }
}

/// A connection's place from its beginning on.
pub(super) enum ArrivalPermit<C: Clock> {
    Client(ConnectionPermit<C>),
    Visitor(VisitorPermit<C>),
}

/// The place of a visitor. Dropping it makes room for another.
pub(super) struct VisitorPermit<C: Clock> {
    reception: Arc<Reception<C>>,
    address: IpAddr,
    /// Known when the connection ends here.
    close_reason: Option<CloseReason>,
}

impl<C: Clock> Entrance<C> {
    /// The place of a connection from `address`, unless too many are taken. It is taken before the
    /// arrival, so that unfinished ones are bounded. [common/limit-2] [common/limit-4]
    ///
    /// An address that the arrival replaces is no client's, and does not count for its connections.
    /// [common/rate-5]
    pub(super) fn admit(&self, address: IpAddr, replaced: bool) -> Option<ArrivalPermit<C>> {
        match self {
            Entrance::Service(service) => {
                if !replaced && !service.arrives(address) {
                    return None;
                }
                let admits = service.headroom.admits();
                let permit = admits.then(|| ConnectionPermit::new(service, address)).flatten()?;
                tracing::debug!(%address, dialect = service.dialect.name(), "connected");
                Some(ArrivalPermit::Client(permit))
            }
            Entrance::Reception(reception) => {
                let limits = &reception.limits;
                if !replaced && !reception.arrives(address) {
                    return None;
                }
                if !reception.headroom.admits() || !reception.visitors.take(address, limits) {
                    return None;
                }
                tracing::debug!(%address, "connected, to ask for a dialect");
                let reception = Arc::clone(reception);
                Some(ArrivalPermit::Visitor(VisitorPermit {
                    reception,
                    address,
                    close_reason: None,
                }))
            }
        }
    }

    /// There is no place for a connection from `address`.
    pub(super) fn turned_away(&self, address: IpAddr) {
        match self {
            Entrance::Service(service) => service.closed(CloseReason::TooManyClients, address),
            Entrance::Reception(_) => log_end(CloseReason::TooManyClients, address),
        }
    }

    /// What a connection without a place is told by the dialect, if it is known.
    pub(super) fn farewell(&self) -> Vec<u8> {
        match self {
            Entrance::Service(service) => service.farewell(),
            Entrance::Reception(_) => Vec::new(),
        }
    }

    pub(super) fn clock(&self) -> &C {
        match self {
            Entrance::Service(service) => &service.clock,
            Entrance::Reception(reception) => &reception.any().clock,
        }
    }
}

impl<C: Clock> ArrivalPermit<C> {
    pub(super) fn clock(&self) -> &C {
        match self {
            ArrivalPermit::Client(permit) => &permit.service.clock,
            ArrivalPermit::Visitor(permit) => &permit.reception.any().clock,
        }
    }

    /// Closes when the shutdown begins: that of all dialects at once.
    pub(super) fn shuts_down(&self) -> Receiver<Infallible> {
        match self {
            ArrivalPermit::Client(permit) => permit.service.shuts_down(),
            ArrivalPermit::Visitor(permit) => permit.reception.any().shuts_down(),
        }
    }

    /// The reason for which the connection ends.
    pub(super) fn ends_for(&mut self, reason: CloseReason) {
        match self {
            ArrivalPermit::Client(permit) => permit.ends_for(reason),
            ArrivalPermit::Visitor(permit) => permit.close_reason = Some(reason),
        }
    }

    /// The connection is one from `address`, as its arrival has found out. Returns whether it may
    /// stay. [common/limit-2]
    pub(super) fn moves_to(&mut self, address: IpAddr) -> bool {
        match self {
            ArrivalPermit::Client(permit) => permit.moves_to(address),
            ArrivalPermit::Visitor(permit) => permit.moves_to(address),
        }
    }

    /// There is no place for the address that was found. Returns what the client is told.
    pub(super) fn declined(mut self) -> Vec<u8> {
        self.ends_for(CloseReason::TooManyClients);
        match self {
            ArrivalPermit::Client(permit) => permit.service.farewell(),
            ArrivalPermit::Visitor(_) => Vec::new(),
        }
    }

    /// The place of a client, if there is one for its address. [common/limit-2] [common/http-7]
    pub(super) fn of_client<S>(
        self,
        arrived: &Arrived<S>,
    ) -> Result<ConnectionPermit<C>, Arc<Service<C>>> {
        match self {
            ArrivalPermit::Client(mut permit) => {
                if permit.moves_to(arrived.address) {
                    return Ok(permit);
                }
                permit.ends_for(CloseReason::TooManyClients);
                Err(Arc::clone(&permit.service))
            }
            ArrivalPermit::Visitor(visitor) => {
                let service = visitor.reception.service(arrived.dialect);
                let admits = service.headroom.admits() && service.arrives(arrived.address);
                let permit = admits.then(|| ConnectionPermit::new(&service, arrived.address));
                permit.flatten().ok_or_else(|| {
                    service.closed(CloseReason::TooManyClients, arrived.address);
                    service
                })
            }
        }
    }
}

impl<C: Clock> VisitorPermit<C> {
    fn moves_to(&mut self, address: IpAddr) -> bool {
        let Reception { visitors, limits, .. } = &*self.reception;
        let stays = (self.address == address || self.reception.arrives(address))
            && visitors.change(self.address, address, limits);
        if stays {
            self.address = address;
        }
        stays
    }
}

impl<C: Clock> Drop for VisitorPermit<C> {
    fn drop(&mut self) {
        if let Some(reason) = self.close_reason {
            log_end(reason, self.address);
        }
        self.reception.visitors.give_back(self.address);
    }
}

/// The end of a connection that was no client's.
fn log_end(reason: CloseReason, address: IpAddr) {
    tracing::debug!(?reason, %address, "closed before it was a client's");
}
