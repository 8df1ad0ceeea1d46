//! A server, its network and its clock: what every scenario plays in.

use super::clock::VirtualClock;
use super::executor::Executor;
use super::layer::handshake::Layers;
use super::layer::server::Wrong;
use super::layer::telnet::LineEnd;
use super::layer::tls;
use super::log::ask_each_time;
use super::random::Random;
use super::stream::{Door, ScriptedListener, ScriptedStream};
use super::wire::{Client, Quirks, Wire};
use crate::speech::{CHANNELS, ROOM, Speech};
use parlance_core::limits::Limits;
use parlance_core::protocol::{CloseReason, DIALECTS};
use parlance_core::registry::{ArchiveOptions, Census};
use parlance_core::time::Time;
use parlance_server::arrival::{Arrival, Plain};
use parlance_server::http::OverHttp;
use parlance_server::observe::{ListenerFigures, Observer};
use parlance_server::telnet::OverTelnet;
use parlance_server::tls::OverTls;
use parlance_server::transport::Clock;
use parlance_server::{Common, Entrance, Kept, Service, serve};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

pub(crate) const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// The shortest span of virtual time.
pub(crate) const TICK: Duration = Duration::from_nanos(1);

/// The last moment before `span` has passed.
pub(crate) fn before(span: Duration) -> Duration {
    span.saturating_sub(TICK)
}

/// What the connections of a house run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Network {
    /// The wires alone.
    Plain,
    /// A layer of records over the wires.
    Layered(Wrong),
    /// Telnet over the wires.
    Telnet,
    /// TLS over the wires.
    Tls,
    /// WebSocket over the wires, which begins with a request of HTTP.
    WebSocket,
    /// WebSocket within TLS.
    WebSocketInTls,
}

pub(crate) struct House {
    pub(crate) speech: &'static Speech,
    pub(crate) executor: Executor,
    pub(crate) clock: VirtualClock,
    pub(crate) service: Arc<Service<VirtualClock>>,
    pub(crate) common: Common,
    pub(crate) door: Door,
    pub(crate) random: Random,
    /// What clients connect with.
    network: Network,
    /// Of the next connection.
    pub(crate) quirks: Quirks,
    clients: Vec<Client>,
    accepting: u64,
}

impl House {
    pub(crate) fn serving(speech: &'static Speech, seed: u64, limits: Limits) -> House {
        House::on(Network::Plain, speech, seed, limits)
    }

    pub(crate) fn on(
        network: Network,
        speech: &'static Speech,
        seed: u64,
        limits: Limits,
    ) -> House {
        let mut house = match network {
            Network::Plain => House::behind(Plain, speech, seed, limits),
            Network::Layered(wrong) => House::behind(Layers(wrong), speech, seed, limits),
            Network::Telnet => House::behind(OverTelnet, speech, seed, limits),
            Network::Tls => House::behind(OverTls::new(tls::config(), Plain), speech, seed, limits),
            Network::WebSocket => {
                let clock = VirtualClock::default();
                House::behind_at(clock.clone(), OverHttp::new(clock, &[]), speech, seed, limits)
            }
            Network::WebSocketInTls => {
                let clock = VirtualClock::default();
                let arrival = OverTls::new(tls::config(), OverHttp::new(clock.clone(), &[]));
                House::behind_at(clock, arrival, speech, seed, limits)
            }
        };
        house.network = network;
        house
    }

    /// A house whose connections begin with `arrival`.
    pub(crate) fn behind(
        arrival: impl Arrival<ScriptedStream>,
        speech: &'static Speech,
        seed: u64,
        limits: Limits,
    ) -> House {
        House::behind_at(VirtualClock::default(), arrival, speech, seed, limits)
    }

    /// A house of channels whose rooms are kept. Nothing is stored or read until a scenario
    /// performs it.
    pub(crate) fn keeping(limits: Limits, archive: ArchiveOptions) -> House {
        let clock = VirtualClock::default();
        House::of(clock, Plain, &CHANNELS, (1, limits), Some(archive).into())
    }

    /// A house of channels with what is `kept`, by a listener that `is_private`, or is not.
    /// Nothing is found out about accounts until a scenario does so.
    pub(crate) fn with_accounts(seed: u64, limits: Limits, kept: Kept, is_private: bool) -> House {
        let mut house = House::of(VirtualClock::default(), Plain, &CHANNELS, (seed, limits), kept);
        if is_private {
            house.stop_accepting();
            let figures = ListenerFigures::private("channels".to_owned());
            let entrance = Entrance::from(Arc::clone(&house.service)).of(&figures);
            let listener = ScriptedListener(house.door.clone());
            let accepting = serve(listener, Plain, entrance, house.executor.clone());
            house.accepting = house.executor.start(accepting);
        }
        house
    }

    /// A house with this clock, which its arrival has too.
    fn behind_at(
        clock: VirtualClock,
        arrival: impl Arrival<ScriptedStream>,
        speech: &'static Speech,
        seed: u64,
        limits: Limits,
    ) -> House {
        House::of(clock, arrival, speech, (seed, limits), Kept::default())
    }

    fn of(
        clock: VirtualClock,
        arrival: impl Arrival<ScriptedStream>,
        speech: &'static Speech,
        (seed, limits): (u64, Limits),
        kept: Kept,
    ) -> House {
        ask_each_time();
        let dialect = DIALECTS.iter().find(|dialect| dialect.name() == speech.dialect);
        let dialect = *dialect.expect("every dialect of the table is served");
        let mut random = Random::new(seed);
        let executor = Executor::new(random.fork());
        let observer = Arc::new(Observer::with_roster());
        let common = Common { observer, ..Common::default() };
        let service = Service::keeping(&common, dialect, limits, clock.clone(), kept);
        let door = Door::default();
        let listener = ScriptedListener(door.clone());
        let accepting =
            executor.start(serve(listener, arrival, Arc::clone(&service), executor.clone()));
        let quirks = Quirks::NONE;
        let (network, clients) = (Network::Plain, Vec::new());
        House {
            speech,
            executor,
            clock,
            service,
            common,
            door,
            random,
            network,
            quirks,
            clients,
            accepting,
        }
    }

    /// A client at the door; it is let in when the server gets round to it.
    pub(crate) fn knock(&mut self, address: IpAddr) -> Client {
        let (random, quirks) = (self.random.fork(), self.quirks);
        let client = match self.network {
            Network::Plain => Wire::new(random, quirks),
            Network::Layered(_) => Wire::layered(random, quirks),
            Network::Telnet => Wire::telnet(random, quirks, self.line_end()),
            Network::Tls => Wire::tls(random, quirks),
            Network::WebSocket => Wire::websocket(random, quirks, self.speech.dialect),
            Network::WebSocketInTls => Wire::websocket_in_tls(random, quirks, self.speech.dialect),
        };
        self.clients.push(Arc::clone(&client));
        self.door.knock(&client, address);
        client
    }

    /// How many bytes the server's end of a layer seals before it knows that they can be written.
    pub(crate) fn sealed_bytes_max(&self) -> usize {
        match self.network {
            Network::Plain | Network::Telnet | Network::WebSocket => 0,
            Network::Layered(_) => 4_000,
            Network::Tls | Network::WebSocketInTls => 16 * 1024,
        }
    }

    /// As the server's lines end in this dialect.
    fn line_end(&self) -> LineEnd {
        if self.speech.dialect == CHANNELS.dialect { LineEnd::CrLf } else { LineEnd::Lf }
    }

    /// A connected client without a layer, whatever the server's connections have.
    pub(crate) fn connect_plainly(&mut self) -> Client {
        let network = std::mem::replace(&mut self.network, Network::Plain);
        let client = self.connect();
        self.network = network;
        client
    }

    pub(crate) fn connect(&mut self) -> Client {
        let client = self.knock(LOOPBACK);
        self.settle();
        client
    }

    /// A connected client that has asked to enter `room` under `name`.
    pub(crate) fn member(&mut self, room: &str, name: &str) -> Client {
        let client = self.connect();
        client.post(&self.speech.enter_room(room, name));
        self.settle();
        client
    }

    /// Members of one room, who have forgotten what they were sent so far.
    pub(crate) fn members<const COUNT: usize>(&mut self, names: [&str; COUNT]) -> [Client; COUNT] {
        let clients = names.map(|name| self.member(ROOM, name));
        for client in &clients {
            client.heard();
        }
        clients
    }

    /// Says `text` in the words of the dialect.
    pub(crate) fn say(&mut self, client: &Client, text: &str) {
        client.post(&self.speech.say(text));
        self.settle();
    }

    /// Sends `text` and lets everything happen that follows without time passing.
    pub(crate) fn send(&mut self, client: &Client, text: &str) {
        client.post(text.as_bytes());
        self.settle();
    }

    /// Everything arrives, everyone who is not stalled reads, until nothing moves any more.
    pub(crate) fn settle(&self) {
        loop {
            self.executor.run();
            let moved: usize = self
                .clients
                .iter()
                .map(|client| client.deliver(usize::MAX) + client.read(usize::MAX))
                .sum();
            if moved == 0 {
                return self.clients.iter().for_each(|client| client.assert_layer_is_quiet());
            }
        }
    }

    /// How many writes the server has made so far.
    pub(crate) fn writes(&self) -> usize {
        self.clients.iter().map(|client| client.writes()).sum()
    }

    pub(crate) fn now(&self) -> Time {
        self.clock.now()
    }

    /// Lets `span` pass, one deadline after the other, and settles after each.
    pub(crate) fn pass(&self, span: Duration) {
        self.settle();
        let until = self.now() + span;
        while let Some(due) = self.clock.next_due().filter(|due| *due <= until) {
            self.clock.set(due.max(self.now()));
            self.settle();
        }
        self.clock.set(until);
        self.settle();
    }

    /// Closes the listener, as the daemon does at a signal.
    pub(crate) fn stop_accepting(&self) {
        self.executor.cancel(self.accepting);
    }

    /// The reasons for which connections have ended, and how many for each.
    pub(crate) fn endings(&self) -> Vec<(CloseReason, u64)> {
        let counted = CloseReason::ALL.map(|reason| (reason, self.service.closings(reason)));
        counted.into_iter().filter(|(_, count)| *count > 0).collect()
    }

    /// Stops the server; the flag says whether it has drained.
    pub(crate) fn stop(&self) -> Arc<AtomicBool> {
        self.stop_accepting();
        self.service.shutdown();
        let drained = Arc::new(AtomicBool::new(false));
        let (service, flag) = (Arc::clone(&self.service), Arc::clone(&drained));
        self.executor.start(async move {
            service.drained().await;
            flag.store(true, Ordering::Relaxed);
        });
        drained
    }

    /// Nobody is left and nothing is kept.
    pub(crate) fn assert_empty(&self) {
        assert_eq!(self.service.registry().census(), Census::default(), "something is kept");
        assert_eq!(self.service.connections(), 0, "a place is still taken");
        assert!(self.clients.iter().all(|client| client.is_closed()), "a connection is open");
    }
}

impl Drop for House {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("in the dialect {}:", self.speech.dialect);
        }
        self.executor.clear();
    }
}
