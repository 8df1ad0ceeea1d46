//! Faults that show only when many clients join, talk and leave.

use super::dialects::ALL;
use crate::mutants::fault::Fault::Said;
use crate::mutants::lines::Kind;
use crate::mutants::mutation::Mutation;
use crate::mutants::scene::{Cause, Scene};
use crate::mutants::tools::by_kind;
use parlance_model::Dialect;

/// Lines lost for all, leaked, announced too early, and announced to some.
pub(super) static MUTATIONS: &[Mutation] = &[
    Mutation::new(
        "one-line-in-fifty-lost-for-all",
        ALL,
        "common/order-1",
        "loses one line in fifty before anybody is sent it",
        &[Said(one_in_fifty_lost)],
    ),
    Mutation::new(
        "every-seventh-departure-told-to-some",
        &[Dialect::Rooms, Dialect::Simple, Dialect::Login, Dialect::Channels],
        "common/eos-6",
        "does not tell every member of every departure",
        &[Said(|scene, cause, bytes| {
            by_kind(scene, cause, &bytes, |scene, kind, line| {
                scene.own.count += usize::from(kind == Kind::Left);
                let lost = kind == Kind::Left && scene.own.count % 7 == 3;
                if lost { Vec::new() } else { line.to_vec() }
            })
        })],
    ),
    Mutation::new(
        "text-leaks-into-other-channels",
        &[Dialect::Channels],
        "channels/room-1",
        "now and then sends what is said in one room to all of them",
        &[Said(leaks)],
    ),
];

/// Chosen by its text, so that no client gets it.
fn one_in_fifty_lost(scene: &mut Scene<'_>, cause: &Cause, bytes: Vec<u8>) -> Vec<u8> {
    by_kind(scene, cause, &bytes, |_, kind, line| {
        let mix = |hash: u32, byte: &u8| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
        let hash = line.iter().fold(0x811c_9dc5, mix);
        let lost = kind == Kind::Text && (hash >> 8) % 50 == 7;
        if lost { Vec::new() } else { line.to_vec() }
    })
}

fn leaks(scene: &mut Scene<'_>, cause: &Cause, bytes: Vec<u8>) -> Vec<u8> {
    by_kind(scene, cause, &bytes, |scene, kind, line| {
        scene.own.count += usize::from(kind == Kind::Text);
        if kind == Kind::Text && cause.actor == scene.id && scene.own.count % 5 == 2 {
            let id = scene.id;
            for (_, members) in scene.model.rooms() {
                for member in members.iter().filter(|_| !members.contains(&id)) {
                    scene.say(*member, line);
                }
            }
        }
        line.to_vec()
    })
}
