//! The lines that members receive, in every dialect that has them.

use super::dialects::{ALL, ANNOUNCING};
use crate::mutants::fault::Fault::{self, Said};
use crate::mutants::lines::Kind;
use crate::mutants::mutation::Mutation;
use crate::mutants::scene::{Cause, Scene};
use crate::mutants::tools::{by_kind, without};
use parlance_model::Dialect;

const NO_ECHO: &[Fault] = &[Said(|scene, cause, bytes| {
    if cause.actor == scene.id { without(scene, cause, &bytes, Kind::Text) } else { bytes }
})];

/// Lines lost, doubled, and in another order.
pub(super) static MUTATIONS: &[Mutation] = &[
    Mutation::new(
        "no-echo",
        &[Dialect::Rooms],
        "rooms/text-1",
        "does not send a line back to its author",
        NO_ECHO,
    ),
    Mutation::new(
        "no-echo-in-lobby",
        &[Dialect::Lobby],
        "lobby/text-1",
        "does not send a line back to its author",
        NO_ECHO,
    ),
    Mutation::new(
        "no-echo-in-channels",
        &[Dialect::Channels],
        "channels/msg-1",
        "does not send a line back to its author",
        NO_ECHO,
    ),
    Mutation::new(
        "echo-only",
        ALL,
        "common/order-1",
        "sends a line to nobody but its author",
        &[Said(|scene, cause, bytes| {
            if cause.actor == scene.id { bytes } else { without(scene, cause, &bytes, Kind::Text) }
        })],
    ),
    Mutation::new(
        "departures-twice",
        ANNOUNCING,
        "common/eos-6",
        "announces each departure twice",
        &[Said(|scene, cause, bytes| {
            by_kind(scene, cause, &bytes, |_, kind, line| {
                line.repeat(if kind == Kind::Left { 2 } else { 1 })
            })
        })],
    ),
    Mutation::new(
        "departures-never",
        ANNOUNCING,
        "common/eos-6",
        "announces no departure",
        &[Said(|scene, cause, bytes| without(scene, cause, &bytes, Kind::Left))],
    ),
    Mutation::new(
        "one-line-in-thirty-lost",
        ALL,
        "common/order-1",
        "loses one line in thirty on its way to one of its readers",
        &[Said(one_in_thirty_lost)],
    ),
    Mutation::new(
        "one-line-in-thirty-twice",
        ALL,
        "common/order-1",
        "sends one line in thirty twice",
        &[Said(|scene, cause, bytes| {
            by_kind(scene, cause, &bytes, |scene, kind, line| {
                scene.own.count += usize::from(kind == Kind::Text);
                let twice = kind == Kind::Text && scene.own.count % 30 == 20;
                line.repeat(if twice { 2 } else { 1 })
            })
        })],
    ),
    Mutation::new(
        "order-differs-between-readers",
        ALL,
        "common/order-1",
        "shows two lines in one order to one reader and in the other to another",
        &[Said(order_differs)],
    ),
];

fn one_in_thirty_lost(scene: &mut Scene<'_>, cause: &Cause, bytes: Vec<u8>) -> Vec<u8> {
    if cause.actor == scene.id {
        return bytes; // its author sees it, which makes it hard to find
    }
    by_kind(scene, cause, &bytes, |scene, kind, line| {
        scene.own.count += usize::from(kind == Kind::Text);
        let lost = kind == Kind::Text && scene.own.count % 30 == 0;
        if lost { Vec::new() } else { line.to_vec() }
    })
}

/// Every tenth line waits for the next, for every second client.
fn order_differs(scene: &mut Scene<'_>, cause: &Cause, bytes: Vec<u8>) -> Vec<u8> {
    let odd = scene.id % 2 == 1;
    by_kind(scene, cause, &bytes, |scene, kind, line| {
        scene.own.count += usize::from(kind == Kind::Text);
        if odd && kind == Kind::Text && scene.own.count % 10 == 9 {
            scene.own.count += 1;
            scene.own.kept = line.to_vec();
            return Vec::new();
        }
        [line, &std::mem::take(&mut scene.own.kept)].concat()
    })
}
