//! What the connections of a listener are let in to: a dialect, or a reception where each says
//! which dialect it wants.

use super::arrival::{Arrived, Farewell};
use super::headroom::Headroom;
use super::observe::account::Account;
use super::observe::bound::Bound;
use super::observe::events::ConnectionLog;
use super::observe::facts::{Facts, ListenerFigures};
use super::observe::figures::ServiceFigures;
use super::permit::ConnectionPermit;
use super::permits::Permits;
use super::refused::Refused;
use super::run_queue::RunQueue;
use super::service::Service;
use super::transport::Clock;
use parlance_core::limits::Limits;
use parlance_core::protocol::CloseReason;
use parlance_core::time::Time;
use smol::channel::Receiver;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

/// Where the connections of a listener go.
pub struct Entrance<C: Clock> {
    to: To<C>,
    listener: Arc<ListenerFigures>,
}

enum To<C: Clock> {
    /// Every one is a client of this dialect from the beginning.
    Service(Arc<Service<C>>),
    /// Every one is a visitor until its arrival has found out the dialect.
    Reception(Arc<Reception<C>>),
}

impl<C: Clock> From<Arc<Service<C>>> for Entrance<C> {
    fn from(service: Arc<Service<C>>) -> Entrance<C> {
        let listener = ListenerFigures::new(service.dialect.name().to_owned());
        Entrance { to: To::Service(service), listener }
    }
}

impl<C: Clock> From<Arc<Reception<C>>> for Entrance<C> {
    fn from(reception: Arc<Reception<C>>) -> Entrance<C> {
        let listener = ListenerFigures::new(VISITOR.to_owned());
        Entrance { to: To::Reception(reception), listener }
    }
}

/// The dialect of a visitor in the log, before it has one.
const VISITOR: &str = "http";

/// The services of all dialects, and the visitors that are no clients yet. These have limits like
/// those of a dialect, in all and per address, and no longer than an arrival. [common/http-7]
pub struct Reception<C: Clock> {
    /// At least one.
    services: Vec<Arc<Service<C>>>,
    visitors: Permits,
    headroom: Headroom,
    limits: RwLock<Limits>,
    figures: ServiceFigures,
}

impl<C: Clock> Reception<C> {
    /// A reception to `services`, of which there is at least one.
    pub fn new(services: &[Arc<Service<C>>], limits: Limits) -> Arc<Reception<C>> {
        assert!(!services.is_empty(), "a reception leads somewhere");
        let (visitors, headroom) = (Permits::new(), Headroom::default());
        Arc::new(Reception {
            services: services.to_vec(),
            visitors,
            headroom,
            limits: RwLock::new(limits),
            figures: ServiceFigures::default(),
        })
    }

    /// How many connections there are that have not become clients.
    pub fn visitors(&self) -> usize {
        self.visitors.total()
    }

    /// Counts a connection of `address`, unless it is banned or comes too soon. [common/ban-1]
    /// [common/rate-5]
    fn arrives(&self, address: IpAddr) -> Result<(), Refused> {
        let Service { bans, clock, .. } = self.any();
        self.visitors.arrives(address, bans, &self.limits(), clock.now())
    }

    /// Changes the limits of visitors for those to come. [common/reload-2]
    pub fn set_limits(&self, limits: &Limits) {
        self.limits.write().unwrap_or_else(PoisonError::into_inner).clone_from(limits);
    }

    fn limits(&self) -> RwLockReadGuard<'_, Limits> {
        self.limits.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns once there is no visitor.
    pub(super) async fn empty(&self) {
        let _ = self.visitors.empty().recv().await;
    }

    /// How many connections have ended for `reason` before they became clients.
    pub fn closings(&self, reason: CloseReason) -> u64 {
        self.figures.closings(reason)
    }

    /// A connection has ended before it was a client's.
    fn closed(&self, facts: &Facts, reason: CloseReason, account: Option<&Account>) {
        self.figures.closed(reason);
        let now = self.any().clock.now();
        let bound = account.and_then(|account| account.bound).or_else(|| match reason {
            CloseReason::TooManyClients => Some(self.visitors.met(facts.address(), &self.limits())),
            _ => Bound::met(reason, &self.limits(), now.since(facts.since), None),
        });
        self.log(facts, now).closed(reason, account, bound);
    }

    fn log<'a>(&'a self, facts: &'a Facts, now: Time) -> ConnectionLog<'a> {
        ConnectionLog { observer: &self.any().observer, dialect: VISITOR, facts, now }
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

/// A connection that is not let in.
pub(super) struct Refusal {
    facts: Facts,
    why: Refused,
}

/// A connection's place from its beginning on.
pub(super) enum ArrivalPermit<C: Clock> {
    Client(ConnectionPermit<C>),
    Visitor(VisitorPermit<C>),
}

/// The place of a visitor. Dropping it makes room for another.
pub(super) struct VisitorPermit<C: Clock> {
    reception: Arc<Reception<C>>,
    facts: Facts,
    /// The address that was counted.
    place: IpAddr,
    /// Known when the connection ends.
    close_reason: Option<CloseReason>,
    /// As above, if there is something to tell of it.
    account: Option<Box<Account>>,
    /// Whether the connection does not end here: a service has the rest of it.
    goes_on: bool,
}

impl<C: Clock> Entrance<C> {
    /// The same, for connections that this listener accepts.
    #[must_use]
    pub fn of(mut self, listener: &Arc<ListenerFigures>) -> Entrance<C> {
        self.listener = Arc::clone(listener);
        self
    }

    pub(super) fn listener(&self) -> &ListenerFigures {
        &self.listener
    }

    /// The place of a connection, unless too many are taken. It is taken before the arrival, so
    /// that unfinished ones are bounded. [common/limit-2] [common/limit-4]
    ///
    /// An address that the arrival replaces is no client's: it does not count for its connections,
    /// and the log names the client when it is known. [common/rate-5]
    ///
    /// # Errors
    /// What is known of a connection without a place.
    pub(super) fn admit(
        &self,
        peer: SocketAddr,
        replaced: bool,
    ) -> Result<ArrivalPermit<C>, Refusal> {
        let conn = self.any().observer.next_connection();
        let facts = Facts::new(conn, &self.listener, peer, self.clock().now());
        let address = facts.address();
        let permit = match &self.to {
            To::Service(service) => {
                let counted = if replaced { Ok(()) } else { service.arrives(address) };
                let permit = counted.and_then(|()| ConnectionPermit::new(service, &facts));
                permit.map(ArrivalPermit::Client)
            }
            To::Reception(reception) => {
                let counted = if replaced { Ok(()) } else { reception.arrives(address) };
                let permit = counted.and_then(|()| VisitorPermit::new(reception, &facts));
                permit.map(ArrivalPermit::Visitor)
            }
        };
        let permit = permit.map_err(|why| Refusal { facts, why })?;
        if !replaced {
            permit.connected();
        }
        Ok(permit)
    }

    /// There is no place for a connection.
    pub(super) fn turned_away(&self, Refusal { facts, why }: &Refusal) {
        let (reason, account) = (why.reason(), why.account());
        let account = Some(&account);
        match &self.to {
            To::Service(service) => service.closed(facts, reason, account),
            To::Reception(reception) => reception.closed(facts, reason, account),
        }
    }

    /// A service that connections may come to.
    fn any(&self) -> &Service<C> {
        match &self.to {
            To::Service(service) => service,
            To::Reception(reception) => reception.any(),
        }
    }

    /// What a connection without a place is told.
    pub(super) fn farewell(&self, refusal: &Refusal) -> Farewell {
        let dialect = match &self.to {
            To::Service(service) => Some(service.dialect),
            To::Reception(_) => None,
        };
        refusal.why.farewell(dialect)
    }

    pub(super) fn clock(&self) -> &C {
        &self.any().clock
    }
}

impl<C: Clock> ArrivalPermit<C> {
    pub(super) fn clock(&self) -> &C {
        match self {
            ArrivalPermit::Client(permit) => &permit.service.clock,
            ArrivalPermit::Visitor(permit) => &permit.reception.any().clock,
        }
    }

    pub(super) fn run_queue(&self) -> &RunQueue {
        match self {
            ArrivalPermit::Client(permit) => &permit.service.run_queue,
            ArrivalPermit::Visitor(permit) => &permit.reception.any().run_queue,
        }
    }

    /// Where the connection comes from, so far as is known.
    pub(super) fn address(&self) -> IpAddr {
        match self {
            ArrivalPermit::Client(permit) => permit.address(),
            ArrivalPermit::Visitor(permit) => permit.facts.address(),
        }
    }

    /// Closes when the shutdown begins: that of all dialects at once.
    pub(super) fn shuts_down(&self) -> Receiver<Infallible> {
        match self {
            ArrivalPermit::Client(permit) => permit.service.shuts_down(),
            ArrivalPermit::Visitor(permit) => permit.reception.any().shuts_down(),
        }
    }

    /// The log has the client, whose address is known.
    pub(super) fn connected(&self) {
        let now = self.clock().now();
        match self {
            ArrivalPermit::Client(permit) => permit.log(now).connected(),
            ArrivalPermit::Visitor(permit) => permit.reception.log(&permit.facts, now).connected(),
        }
    }

    /// The reason for which the connection ends, and what its arrival says of that.
    pub(super) fn ends_for(&mut self, reason: CloseReason, why: Option<Box<str>>) {
        let account = why.map(|why| Account { why: Some(why), ..Account::default() });
        match self {
            ArrivalPermit::Client(permit) => {
                permit.ends_for(reason);
                if let Some(account) = account {
                    permit.has_done(account);
                }
            }
            ArrivalPermit::Visitor(permit) => {
                permit.close_reason = Some(reason);
                if let Some(account) = account {
                    permit.account = Some(Box::new(account));
                }
            }
        }
    }

    /// The connection is one from `address`, as its arrival has found out. [common/limit-2]
    ///
    /// # Errors
    /// What it is told, because it may not stay.
    pub(super) fn moves_to(&mut self, address: IpAddr) -> Result<(), Farewell> {
        match self {
            ArrivalPermit::Client(permit) => {
                let moved = permit.moves_to(address);
                moved.map_err(|why| why.farewell(Some(permit.service.dialect)))
            }
            ArrivalPermit::Visitor(permit) => {
                permit.moves_to(address).map_err(|why| why.farewell(None))
            }
        }
    }

    /// The place of a client, if there is one for its address. [common/limit-2] [common/http-7]
    ///
    /// # Errors
    /// What it is told, because there is none.
    pub(super) fn of_client<S>(
        self,
        arrived: &Arrived<S>,
    ) -> Result<ConnectionPermit<C>, Farewell> {
        match self {
            ArrivalPermit::Client(mut permit) => match permit.moves_to(arrived.address) {
                Ok(()) => Ok(permit),
                Err(why) => Err(why.farewell(Some(permit.service.dialect))),
            },
            ArrivalPermit::Visitor(mut visitor) => {
                visitor.goes_on = true;
                visitor.facts.move_to(arrived.address);
                let service = visitor.reception.service(arrived.dialect);
                let counted = service.arrives(arrived.address);
                let permit = counted.and_then(|()| ConnectionPermit::new(&service, &visitor.facts));
                permit.map_err(|why| {
                    service.closed(&visitor.facts, why.reason(), Some(&why.account()));
                    why.farewell(Some(service.dialect))
                })
            }
        }
    }
}

impl<C: Clock> VisitorPermit<C> {
    /// A place for the connection with these `facts`, unless there are too many already.
    /// [common/http-7] [common/limit-4]
    fn new(reception: &Arc<Reception<C>>, facts: &Facts) -> Result<VisitorPermit<C>, Refused> {
        let place = facts.address();
        let has_place = || reception.visitors.take(place, &reception.limits());
        if !reception.headroom.admits() || !has_place() {
            return Err(Refused::Full);
        }
        let (reception, facts) = (Arc::clone(reception), facts.clone());
        Ok(VisitorPermit {
            reception,
            facts,
            place,
            close_reason: None,
            account: None,
            goes_on: false,
        })
    }

    /// See [`ArrivalPermit::moves_to`].
    fn moves_to(&mut self, address: IpAddr) -> Result<(), Refused> {
        if self.place == address {
            return Ok(());
        }
        let Reception { visitors, .. } = &*self.reception;
        let moved = self.reception.arrives(address);
        let moved =
            moved.and_then(|()| visitors.change(self.place, address, &self.reception.limits()));
        self.facts.move_to(address);
        match &moved {
            Ok(()) => self.place = address,
            Err(refused) => {
                self.close_reason = Some(refused.reason());
                self.account = Some(Box::new(refused.account()));
            }
        }
        moved
    }
}

impl<C: Clock> Drop for VisitorPermit<C> {
    fn drop(&mut self) {
        if !self.goes_on {
            let reason = self.close_reason.unwrap_or(CloseReason::Dropped);
            self.reception.closed(&self.facts, reason, self.account.as_deref());
        }
        self.reception.visitors.give_back(self.place);
    }
}
