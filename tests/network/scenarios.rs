//! Goal: whatever several clients do at once, and however their connections fail, every room has
//! one order and everyone is sent exactly its part of it.
//!
//! Method: random sessions from seeds ([`play`](super::play)), judged by what everyone received
//! ([`history`](super::history)).
//!
//! Limits: a few rooms, clients and steps for each seed; anchors see every order, so a room that
//! ends and begins again is not among them. Whether an eviction was due is not judged, only that
//! nobody who reads is evicted.

use super::history::check;
use super::house::Network;
use super::layer::server::Wrong;
use super::play::{Session, play, play_on};
use super::replay::{each_seed, part_of};
use super::wire::End;
use crate::speech::ROOMS;
use std::collections::BTreeSet;

const SEEDS: u64 = 300;

/// [common/order-1] [common/order-2] [common/eos-3] [common/eos-6] [rooms/room-1] [rooms/text-1]
/// [rooms/leave-1] [rooms/daemon-5]
#[test]
fn every_member_is_sent_exactly_its_part_of_one_order() {
    play_all(SEEDS, Network::Plain);
}

/// As above, with a layer between session and wire.
#[test]
fn every_member_is_sent_exactly_its_part_of_one_order_over_a_layer() {
    play_all(SEEDS / 2, Network::Layered(Wrong::Nothing));
}

/// As above, with telnet between session and wire. [common/telnet-1]
#[test]
fn every_member_is_sent_exactly_its_part_of_one_order_over_telnet() {
    play_all(SEEDS / 2, Network::Telnet);
}

/// As above, with TLS between session and wire. [common/tls-1]
#[test]
fn every_member_is_sent_exactly_its_part_of_one_order_over_tls() {
    play_all(SEEDS / 2, Network::Tls);
}

/// As above, with WebSocket within TLS. [common/tls-1] [common/ws-1]
#[test]
fn every_member_is_sent_exactly_its_part_of_one_order_over_websocket_in_tls() {
    play_all(SEEDS / 4, Network::WebSocketInTls);
}

/// As above, with WebSocket between session and wire. [common/ws-1]
#[test]
fn every_member_is_sent_exactly_its_part_of_one_order_over_websocket() {
    play_all(SEEDS / 2, Network::WebSocket);
}

fn play_all(seeds: u64, network: Network) {
    let mut cases = BTreeSet::new();
    let all = each_seed(part_of(seeds), |seed| {
        let session = play_on(network, &ROOMS, seed);
        check(&session);
        cases.extend(session.cases);
    });
    let wanted = [
        "a half-close",
        "a reset",
        "a stalled member is evicted",
        "an error",
        "much is owed when time passes",
        "out of descriptors",
    ];
    assert!(!all || cases == BTreeSet::from(wanted), "the sessions are too tame: {cases:?}");
}

/// What there is to see of a session.
fn trace(session: &Session) -> (Vec<(Vec<u8>, End)>, [usize; 2]) {
    let clients = session.actors.iter().map(|actor| &actor.client);
    (clients.map(|client| (client.received(), client.end())).collect(), session.effort)
}

#[test]
fn the_same_seed_gives_the_same_bytes_everywhere() {
    each_seed(part_of(SEEDS / 10), |seed| {
        assert!(trace(&play(seed)) == trace(&play(seed)), "two runs of one seed differ");
    });
}
