//! The metrics: what of all figures is exported, under which name.

use super::events::reason_name;
use super::exposition::{Exposition, Kind};
use super::facts::ListenerFigures;
use super::histogram::BOUNDS_MICROS;
use super::log_writer::LogWriter;
use super::observer::Observer;
use super::process::{self, StartTime};
use super::pulse::Pulse;
use super::readiness::Readiness;
use crate::entrance::Reception;
use crate::service::Service;
use crate::transport::Clock;
use parlance_core::protocol::CloseReason;
use parlance_core::rate::Rule;
use parlance_core::registry::Snapshot;
use parlance_core::time::Time;
use std::sync::Arc;
use std::sync::OnceLock;
use std::time::Duration;

/// Reasons for which the registry closes a connection, whatever its client does.
const EVICTIONS: [CloseReason; 3] =
    [CloseReason::Stalled, CloseReason::OutboxOverflow, CloseReason::TotalBound];

/// What metrics are made of.
pub struct Sources<C: Clock> {
    /// The phase of the daemon.
    pub readiness: Readiness,
    pulse: Pulse<C>,
    clock: C,
    began: Time,
    pub(super) observer: Arc<Observer>,
    log: LogWriter,
    start: StartTime,
    pub(super) served: OnceLock<Served<C>>,
}

/// What is there once the daemon listens.
pub(super) struct Served<C: Clock> {
    pub(super) services: Vec<Arc<Service<C>>>,
    pub(super) reception: Arc<Reception<C>>,
    listeners: Vec<Arc<ListenerFigures>>,
}

impl<C: Clock> Sources<C> {
    /// Those of a process that begins now.
    pub(crate) fn new(observer: &Arc<Observer>, log: LogWriter, clock: C) -> Sources<C> {
        Sources {
            readiness: Readiness::default(),
            began: clock.now(),
            pulse: Pulse::new(clock.clone()),
            clock,
            observer: Arc::clone(observer),
            log,
            start: StartTime::now(),
            served: OnceLock::new(),
        }
    }

    /// Shows, for ever, that the executor runs tasks: `/healthz` asks for it.
    pub async fn beat(self: Arc<Self>) {
        self.pulse.beat().await;
    }

    /// For how long the process has been there.
    pub(super) fn age(&self) -> Duration {
        self.clock.now().since(self.began)
    }

    /// Whether the executor has run tasks of late.
    pub(super) fn is_alive(&self) -> bool {
        self.pulse.is_felt()
    }

    /// The daemon listens.
    pub fn serve(
        &self,
        services: &[Arc<Service<C>>],
        reception: &Arc<Reception<C>>,
        listeners: Vec<Arc<ListenerFigures>>,
    ) {
        let reception = Arc::clone(reception);
        let served = Served { services: services.to_vec(), reception, listeners };
        let _ = self.served.set(served); // it listens once
    }
}

/// All metrics, as text.
pub fn exposition<C: Clock>(sources: &Sources<C>) -> String {
    let mut page = Exposition::default();
    page.metric("parlance_build_info", Kind::Gauge, "Version of this program; always 1.")
        .sample(&[("version", env!("CARGO_PKG_VERSION"))], 1);
    let is_ready = sources.readiness.obstacles().is_empty();
    page.metric("parlance_ready", Kind::Gauge, "Whether the server is ready for clients.")
        .sample(&[], u8::from(is_ready));
    page.metric(
        "parlance_log_events_left_out_total",
        Kind::Counter,
        "Events that were left out of the log because there were too many.",
    )
    .sample(&[], sources.observer.events_left_out());
    page.metric(
        "parlance_log_lines_dropped_total",
        Kind::Counter,
        "Lines of the log that could not be written, or not fast enough.",
    )
    .sample(&[], sources.log.dropped());
    if let Some(served) = sources.served.get() {
        let snapshots: Vec<_> = served.services.iter().map(Seen::new).collect();
        expose_traffic(&mut page, &snapshots);
        expose_memory(&mut page, &snapshots);
        expose_rates(&mut page, &snapshots);
        expose_fan_out(&mut page, &snapshots);
        expose_store(&mut page, &snapshots);
        expose_endings(&mut page, served);
        expose_listeners(&mut page, served);
    }
    process::expose(&mut page, sources.start);
    page.into_text()
}

/// A service and what its registry says, all of one moment.
struct Seen<'a, C: Clock> {
    service: &'a Service<C>,
    dialect: &'static str,
    registry: Snapshot,
}

impl<'a, C: Clock> Seen<'a, C> {
    fn new(service: &'a Arc<Service<C>>) -> Seen<'a, C> {
        let (dialect, registry) = (service.dialect.name(), service.registry.snapshot());
        Seen { service, dialect, registry }
    }
}

/// A metric with a sample for each dialect.
fn by_dialect<C: Clock, T: std::fmt::Display>(
    page: &mut Exposition,
    seen: &[Seen<'_, C>],
    (name, kind, help): (&'static str, Kind, &str),
    value: impl Fn(&Seen<'_, C>) -> T,
) {
    let mut metric = page.metric(name, kind, help);
    for one in seen {
        metric.sample(&[("dialect", one.dialect)], value(one));
    }
}

fn expose_traffic<C: Clock>(page: &mut Exposition, seen: &[Seen<'_, C>]) {
    use Kind::{Counter, Gauge};
    let clients = ("parlance_clients", Gauge, "Clients that are connected.");
    by_dialect(page, seen, clients, |one| one.registry.clients);
    let max = ("parlance_clients_max", Gauge, "Most clients at once.");
    by_dialect(page, seen, max, |one| Max(one.service.limits().clients_max));
    let rooms = ("parlance_rooms", Gauge, "Rooms that have members.");
    by_dialect(page, seen, rooms, |one| one.registry.rooms);
    let lines = ("parlance_received_lines_total", Counter, "Lines that clients have sent.");
    by_dialect(page, seen, lines, |one| one.service.figures.input().1);
    let bytes =
        ("parlance_received_bytes_total", Counter, "Bytes that clients have sent, without layers.");
    by_dialect(page, seen, bytes, |one| one.service.figures.input().0);
    let lines = ("parlance_sent_lines_total", Counter, "Lines that were sent to clients.");
    by_dialect(page, seen, lines, |one| one.registry.sent.lines);
    let bytes =
        ("parlance_sent_bytes_total", Counter, "Bytes that were sent to clients, without layers.");
    by_dialect(page, seen, bytes, |one| one.registry.sent.bytes);
    let help = "Lines that were queued for a recipient, counted for each.";
    by_dialect(page, seen, ("parlance_deliveries_total", Counter, help), |one| {
        one.registry.deliveries
    });
    let help = "Names that were refused because another client had them.";
    by_dialect(page, seen, ("parlance_names_refused_total", Counter, help), |one| {
        one.registry.names_refused
    });
}

fn expose_memory<C: Clock>(page: &mut Exposition, seen: &[Seen<'_, C>]) {
    use Kind::{Counter, Gauge};
    let help = "Bytes queued to all clients and held of their input.";
    by_dialect(page, seen, ("parlance_outbox_bytes", Gauge, help), |one| one.registry.total);
    let help = "Most bytes that may be queued and held.";
    by_dialect(page, seen, ("parlance_outbox_bytes_max", Gauge, help), |one| {
        Max(one.service.limits().total_bytes_max)
    });
    let help = "Clients whose input waits for others to read.";
    by_dialect(page, seen, ("parlance_held_clients", Gauge, help), |one| {
        one.service.figures.holds().0
    });
    let help = "Seconds for which the input of clients was held, added up.";
    by_dialect(page, seen, ("parlance_held_seconds_total", Counter, help), |one| {
        one.service.figures.holds().1
    });
}

fn expose_rates<C: Clock>(page: &mut Exposition, seen: &[Seen<'_, C>]) {
    let help = "How often clients began to wait for their rate, by rule.";
    let mut metric = page.metric("parlance_rate_waits_total", Kind::Counter, help);
    for one in seen {
        for rule in Rule::ALL {
            let labels = [("dialect", one.dialect), ("rule", rule.name())];
            metric.sample(&labels, one.service.rate_waits(rule));
        }
    }
}

/// Of dialects whose rooms are kept in a store, and not there without any.
fn expose_store<C: Clock>(page: &mut Exposition, seen: &[Seen<'_, C>]) {
    use Kind::{Counter, Gauge};
    let kept = |one: &&Seen<'_, C>| one.service.extensions.kept_rooms;
    if !seen.iter().any(|one| kept(&one)) {
        return;
    }
    let mut sample = |name, kind, help, value: &dyn Fn(&Seen<'_, C>) -> u64| {
        let mut metric = page.metric(name, kind, help);
        for one in seen.iter().filter(kept) {
            metric.sample(&[("dialect", one.dialect)], value(one));
        }
    };
    let help = "Lines that were stored.";
    sample("parlance_stored_lines_total", Counter, help, &|one| one.service.kept_lines().0);
    let help = "Lines that were not stored because the store had failed.";
    sample("parlance_lost_lines_total", Counter, help, &|one| one.service.kept_lines().1);
    let help = "Bytes that wait to be stored.";
    sample("parlance_unstored_bytes", Gauge, help, &|one| one.service.registry.unstored() as u64);
}

/// A bound; the largest number is none.
struct Max(usize);

impl std::fmt::Display for Max {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0 == usize::MAX { f.write_str("+Inf") } else { self.0.fmt(f) }
    }
}

fn expose_fan_out<C: Clock>(page: &mut Exposition, seen: &[Seen<'_, C>]) {
    let help = "From reading lines to having written to their idle recipients.";
    let mut metric = page.metric("parlance_fan_out_seconds", Kind::Histogram, help);
    for one in seen {
        let dialect = ("dialect", one.dialect);
        let (cumulative, count, sum_nanos) = one.service.figures.fan_out.read();
        for (bound, count) in BOUNDS_MICROS.into_iter().zip(cumulative) {
            let bound = Duration::from_micros(bound).as_secs_f64().to_string();
            metric.sample_of("_bucket", &[dialect, ("le", &bound)], count);
        }
        metric.sample_of("_bucket", &[dialect, ("le", "+Inf")], count);
        let sum = Duration::from_nanos(sum_nanos).as_secs_f64();
        metric.sample_of("_sum", &[dialect], sum).sample_of("_count", &[dialect], count);
    }
}

fn expose_endings<C: Clock>(page: &mut Exposition, served: &Served<C>) {
    let help = "Connections that have ended, by reason; those of dialect http were no clients yet.";
    let mut metric = page.metric("parlance_closed_connections_total", Kind::Counter, help);
    for reason in CloseReason::ALL {
        let name = reason_name(reason);
        for service in &served.services {
            let labels = [("dialect", service.dialect.name()), ("reason", &*name)];
            metric.sample(&labels, service.closings(reason));
        }
        let labels = [("dialect", "http"), ("reason", &*name)];
        metric.sample(&labels, served.reception.closings(reason));
    }
    let help = "Slow clients that were evicted, by reason.";
    let mut metric = page.metric("parlance_evictions_total", Kind::Counter, help);
    for reason in EVICTIONS {
        for service in &served.services {
            let labels = [("dialect", service.dialect.name()), ("reason", &*reason_name(reason))];
            metric.sample(&labels, service.closings(reason));
        }
    }
}

fn expose_listeners<C: Clock>(page: &mut Exposition, served: &Served<C>) {
    let visitors = served.reception.visitors();
    page.metric("parlance_visitors", Kind::Gauge, "Connections of HTTP that are no clients yet.")
        .sample(&[], visitors);
    let help = "Connections that were accepted.";
    let mut metric = page.metric("parlance_accepted_connections_total", Kind::Counter, help);
    for listener in &served.listeners {
        metric.sample(&[("listener", listener.name())], listener.accepted());
    }
    let help = "Attempts to accept a connection that have failed, as for want of descriptors.";
    let mut metric = page.metric("parlance_accept_errors_total", Kind::Counter, help);
    for listener in &served.listeners {
        metric.sample(&[("listener", listener.name())], listener.errors());
    }
}
