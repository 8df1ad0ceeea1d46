//! Seeds: which to play, and how a failing one is named.

use super::house::{House, Network};
use super::layer::server::Wrong;
use super::wire::Quirks;
use crate::speech::{ROOMS, Speech};
use parlance_core::limits::Limits;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Networks that each named scenario is played on: the first is perfect, the others are not, and
/// on a third of them readiness lies.
const NETWORKS: u64 = 12;

/// As many of them again with a layer of records over the wires, as many with TLS, as many with
/// telnet, as many with WebSocket, and as many with WebSocket within TLS.
const LAYERED: u64 = 6;

/// Of each kind of network, how many are played where `PARLANCE_THOROUGH` is not set: a perfect
/// one, one that is not, and one on which readiness lies.
const USUALLY: u64 = 3;

const LAYERED_END: u64 = NETWORKS + LAYERED;
const TLS_END: u64 = LAYERED_END + LAYERED;
const TELNET_END: u64 = TLS_END + LAYERED;
const WEBSOCKET_END: u64 = TELNET_END + LAYERED;

/// Of so many seeds those that are played: all where `PARLANCE_THOROUGH` is set, or else the first
/// third.
pub(crate) fn part_of(count: u64) -> u64 {
    if is_thorough() { count } else { count.div_ceil(3) }
}

fn is_thorough() -> bool {
    std::env::var_os("PARLANCE_THOROUGH").is_some()
}

#[expect(clippy::disallowed_methods, reason = "a replay is asked for in the environment")]
fn asked_for() -> Option<u64> {
    let asked = std::env::var("PARLANCE_SEED").ok()?;
    Some(asked.parse().expect("PARLANCE_SEED is a number"))
}

/// Plays `scenario` for each seed below `count`, or for the one in `PARLANCE_SEED` alone; says
/// whether it played all of them.
pub(crate) fn each_seed(count: u64, mut scenario: impl FnMut(u64)) -> bool {
    let asked = asked_for();
    let all = asked.is_none();
    let seeds = asked.map_or(0..count, |seed| seed..seed + 1);
    for seed in seeds {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| scenario(seed))) {
            let said = panic.downcast_ref::<String>().map(String::as_str);
            let said = said.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("");
            panic!(
                "seed {seed} fails; replay it with `PARLANCE_SEED={seed} cargo test --test \
                 network`: {said}"
            );
        }
    }
    all
}

/// Plays a named scenario on several networks with the default limits.
pub(crate) fn on_each_network(scenario: impl Fn(&mut House)) {
    on_each_network_with(&Limits::default(), scenario);
}

/// Plays a named scenario on several networks.
pub(crate) fn on_each_network_with(limits: &Limits, scenario: impl Fn(&mut House)) {
    on_each_network_of(&ROOMS, limits, scenario);
}

/// Plays a named scenario in these dialects, on several networks with the default limits.
pub(crate) fn in_each_of(dialects: &[&'static Speech], scenario: impl Fn(&mut House)) {
    for speech in dialects {
        on_each_network_of(speech, &Limits::default(), &scenario);
    }
}

/// Plays a named scenario in one dialect, on several networks, some of them with a
/// layer.
pub(crate) fn on_each_network_of(
    speech: &'static Speech,
    limits: &Limits,
    scenario: impl Fn(&mut House),
) {
    on_networks(speech, limits, WEBSOCKET_END + LAYERED, scenario);
}

/// Plays a scenario that counts what is read at a time, on several networks without the layers over
/// which a client sends much more than lines.
pub(crate) fn on_each_network_of_lines(scenario: impl Fn(&mut House)) {
    on_networks(&ROOMS, &Limits::default(), LAYERED_END, scenario);
}

/// Plays a scenario in which a client is silent for long, on several networks without WebSocket,
/// whose clients are asked whether they are there.
pub(crate) fn on_each_network_that_asks_nothing(scenario: impl Fn(&mut House)) {
    on_networks(&ROOMS, &Limits::default(), TELNET_END, scenario);
}

/// Plays a scenario that counts bytes of the wire, or that is over before a layer's handshake.
pub(crate) fn on_each_plain_network_of(
    speech: &'static Speech,
    limits: &Limits,
    scenario: impl Fn(&mut House),
) {
    on_networks(speech, limits, NETWORKS, scenario);
}

/// Whether a network is one of the first of its kind.
fn is_usual(seed: u64) -> bool {
    let place = if seed < NETWORKS { seed } else { (seed - NETWORKS) % LAYERED };
    place < USUALLY
}

fn on_networks(
    speech: &'static Speech,
    limits: &Limits,
    count: u64,
    scenario: impl Fn(&mut House),
) {
    each_seed(count, |seed| {
        if !is_usual(seed) && !is_thorough() && asked_for().is_none() {
            return;
        }
        let network = match seed {
            0..NETWORKS => Network::Plain,
            NETWORKS..LAYERED_END => Network::Layered(Wrong::Nothing),
            LAYERED_END..TLS_END => Network::Tls,
            TLS_END..TELNET_END => Network::Telnet,
            TELNET_END..WEBSOCKET_END => Network::WebSocket,
            _ => Network::WebSocketInTls,
        };
        let mut house = House::on(network, speech, seed, limits.clone());
        let first = [0, NETWORKS, LAYERED_END, TLS_END, TELNET_END, WEBSOCKET_END];
        if !first.contains(&seed) {
            house.quirks = Quirks { percent: 25, lies: seed % 3 == 2, ..Quirks::NONE };
        }
        scenario(&mut house);
    });
}
