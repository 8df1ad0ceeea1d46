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

/// As many of them again with a layer of records over the wires, as many with telnet, and as many
/// with WebSocket.
const LAYERED: u64 = 6;

const LAYERED_END: u64 = NETWORKS + LAYERED;

const TELNET_END: u64 = LAYERED_END + LAYERED;

/// Plays `scenario` for each seed below `count`, or for the one in `PARLANCE_SEED` alone; says
/// whether it played all of them.
#[expect(clippy::disallowed_methods, reason = "a replay is asked for in the environment")]
pub(crate) fn each_seed(count: u64, mut scenario: impl FnMut(u64)) -> bool {
    let asked = std::env::var("PARLANCE_SEED").ok();
    let asked = asked.map(|seed| seed.parse().expect("PARLANCE_SEED is a number"));
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

/// Plays a named scenario in one dialect, on several networks, some of them with a layer or telnet.
pub(crate) fn on_each_network_of(
    speech: &'static Speech,
    limits: &Limits,
    scenario: impl Fn(&mut House),
) {
    on_networks(speech, limits, TELNET_END + LAYERED, scenario);
}

/// Plays a scenario that counts what is read at a time, on several networks without telnet, over
/// which a client sends more than lines.
pub(crate) fn on_each_network_without_telnet(scenario: impl Fn(&mut House)) {
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

fn on_networks(
    speech: &'static Speech,
    limits: &Limits,
    count: u64,
    scenario: impl Fn(&mut House),
) {
    each_seed(count, |seed| {
        let network = match seed {
            0..NETWORKS => Network::Plain,
            NETWORKS..LAYERED_END => Network::Layered(Wrong::Nothing),
            LAYERED_END..TELNET_END => Network::Telnet,
            _ => Network::WebSocket,
        };
        let mut house = House::on(network, speech, seed, limits.clone());
        if ![0, NETWORKS, LAYERED_END, TELNET_END].contains(&seed) {
            house.quirks = Quirks { percent: 25, lies: seed % 3 == 2, ..Quirks::NONE };
        }
        scenario(&mut house);
    });
}
