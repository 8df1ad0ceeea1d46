//! Goal: in the other dialects too, whatever several clients do at once, everyone is sent exactly
//! its part of one order.
//!
//! Method: the random sessions of [`play`](super::play). The room's order is what its anchor heard,
//! which never speaks. A part begins after the answer to the join, which in channels shows who is
//! there and what was said last, and ends before the own departure.
//!
//! Limits: where joins are not told (lobby, login) a part may begin anywhere; commands that are one
//! dialect's own, moves and private messages among them, are not played.

use super::house::Network;
use super::layer::server::Wrong;
use super::play::{Actor, Leaving, Session, play_in, play_on};
use super::replay::{each_seed, part_of};
use super::wire::End;
use crate::speech::{CHANNELS, LOBBY, LOGIN, SIMPLE, Speech};

const SEEDS: u64 = 30;
const KEPT_LINES: usize = 50;
const KEPT_BYTES: usize = 65_536;

/// [common/order-1] [common/order-2] [common/eos-3] [common/eos-6] [lobby/text-1] [simple/send-1]
/// [login/msg-1] [channels/msg-1] [channels/history-1] [channels/join-4]
#[test]
fn every_member_of_every_dialect_is_sent_exactly_its_part_of_one_order() {
    for speech in [&LOBBY, &SIMPLE, &LOGIN, &CHANNELS] {
        each_seed(part_of(SEEDS), |seed| check(&play_in(speech, seed)));
    }
}

/// As above. [common/order-1] [common/eos-3]
#[test]
fn every_member_of_every_dialect_is_sent_exactly_its_part_over_a_layer() {
    for speech in [&LOBBY, &SIMPLE, &LOGIN, &CHANNELS] {
        each_seed(part_of(SEEDS / 2), |seed| {
            check(&play_on(Network::Layered(Wrong::Nothing), speech, seed));
        });
    }
}

/// As above. [common/telnet-1]
#[test]
fn every_member_of_every_dialect_is_sent_exactly_its_part_over_telnet() {
    for speech in [&LOBBY, &SIMPLE, &LOGIN, &CHANNELS] {
        each_seed(part_of(SEEDS / 2), |seed| check(&play_on(Network::Telnet, speech, seed)));
    }
}

/// As above. [common/tls-1]
#[test]
fn every_member_of_every_dialect_is_sent_exactly_its_part_over_tls() {
    for speech in [&LOBBY, &SIMPLE, &LOGIN, &CHANNELS] {
        each_seed(part_of(SEEDS / 2), |seed| check(&play_on(Network::Tls, speech, seed)));
    }
}

/// As above. [common/ws-1]
#[test]
fn every_member_of_every_dialect_is_sent_exactly_its_part_over_websocket() {
    for speech in [&LOBBY, &SIMPLE, &LOGIN, &CHANNELS] {
        each_seed(part_of(SEEDS / 2), |seed| check(&play_on(Network::WebSocket, speech, seed)));
    }
}

fn check(session: &Session) {
    for anchor in session.actors.iter().filter(|actor| actor.anchor) {
        let mut room = Room { speech: session.speech, name: &anchor.room, together: Vec::new() };
        if session.crowded {
            let left = |actor: &Actor| room.text(room.speech.left_room(room.name, &actor.name));
            room.together = session.actors.iter().map(left).collect();
        }
        let received = text(anchor);
        let entered = room.text(room.speech.entered_room(room.name, &anchor.name, &[], b""));
        let order = received.strip_prefix(&entered).expect("it was alone").to_owned();
        for actor in
            session.actors.iter().filter(|actor| actor.room == anchor.room && !actor.anchor)
        {
            check_part(&room, actor, &order, &anchor.name);
        }
    }
}

struct Room<'a> {
    speech: &'static Speech,
    name: &'a str,
    /// Departure notices that may be missing before a client's own, because members that depart
    /// together are not told of each other. Empty unless the room is crowded. [common/flow-8]
    together: Vec<String>,
}

fn text(actor: &Actor) -> String {
    String::from_utf8(actor.client.received()).expect("everyone sends text")
}

impl Room<'_> {
    fn text(&self, bytes: Vec<u8>) -> String {
        assert!(!self.name.is_empty());
        String::from_utf8(bytes).expect("everyone sends text")
    }

    /// Whether `rest` is nothing but notices of members that departed together with the client.
    fn departed_together(&self, rest: &str) -> bool {
        rest.split_inclusive('\n').all(|line| self.together.iter().any(|notice| notice == line))
    }

    /// Whether `part` ends `order`, but for notices of members that departed together.
    fn ends(&self, order: &str, part: &str) -> bool {
        let at = order.rfind(part).map(|at| at + part.len());
        at.is_some_and(|at| self.departed_together(&order[at..]))
    }

    /// The lines that the room hears of `actor`.
    fn said(&self, actor: &Actor) -> Vec<String> {
        let said = |text| self.text(self.speech.said_room(self.name, &actor.name, text));
        actor.said.iter().map(said).collect()
    }

    /// What whoever joins after `before` is shown: who is there in order of joining, and the
    /// history.
    fn shown(&self, actor: &Actor, before: &str, anchor: &str) -> String {
        let (mut present, mut kept) = (vec![anchor], Vec::new());
        for line in before.split_inclusive('\n') {
            match line.trim_end().splitn(4, ' ').collect::<Vec<_>>()[..] {
                ["JOIN", _, name] => present.push(name),
                ["LEAVE", _, name] => present.retain(|each| *each != name),
                _ => kept.push(line),
            }
        }
        kept = kept.split_off(kept.len().saturating_sub(KEPT_LINES));
        while kept.concat().len() > KEPT_BYTES {
            kept.remove(0);
        }
        let said = kept.concat().into_bytes();
        self.text(self.speech.entered_room(self.name, &actor.name, &present, &said))
    }
}

/// Where in `order` the only line that is `line` begins and ends; it is told at most once.
fn place(order: &str, line: &str) -> Option<(usize, usize)> {
    let mut at = 0;
    let mut found = None;
    for each in order.split_inclusive('\n').filter(|_| !line.is_empty()) {
        if each == line {
            assert!(found.is_none(), "{line:?} is told twice");
            found = Some((at, at + each.len()));
        }
        at += each.len();
    }
    found
}

fn check_part(room: &Room<'_>, actor: &Actor, order: &str, anchor: &str) {
    let (speech, name, received) = (room.speech, &actor.name, text(actor));
    let whole = !actor.stalled_ever && actor.leaving != Some(Leaving::Reset);
    let farewell = if actor.leaving == Some(Leaving::Error) { speech.too_long } else { "" };
    let joined = place(order, &room.text(speech.joined_room(room.name, name)));
    let left = place(order, &room.text(speech.left_room(room.name, name)));
    let (said, prefix) = (room.said(actor), own_prefix(room, name));
    let heard = |line: &&str| line.starts_with(&prefix);
    // The others hear all that it said, in its order, or the beginning of it.
    let of_it: String = order.split_inclusive('\n').filter(heard).collect();
    assert!(said.concat().starts_with(&of_it), "{name}'s lines are not in its order");
    assert!(!whole || said.concat() == of_it, "{name} said more than the room heard");
    let order = &order[..left.map_or(order.len(), |(from, _)| from)];
    match joined {
        Some((from, to)) => {
            let part =
                order[to..].split_inclusive('\n').filter(|line| speech.echoes || !heard(line));
            let shown = room.shown(actor, &order[..from], anchor);
            let wanted = shown + &part.collect::<String>() + farewell;
            assert!(wanted.starts_with(&received), "{name} was sent {received:?}, not {wanted:?}");
            let rest = wanted.strip_prefix(&received);
            let sent = rest.is_some_and(|rest| room.departed_together(rest));
            assert!(!whole || sent, "{name} was not sent all of its part");
            assert!(left.is_some(), "{name}'s departure is told");
        }
        None => check_some_part(room, actor, order, &received, farewell, whole),
    }
    assert!(!whole || actor.client.end() == End::Closed, "{name}'s connection was reset");
}

/// What the lines of `name` begin with.
fn own_prefix(room: &Room<'_>, name: &str) -> String {
    room.text(room.speech.said_room(room.name, name, "")).trim_end_matches(['\r', '\n']).to_owned()
}

/// The part of who joined untold, or not at all, ends where the order does and begins anywhere.
fn check_some_part(
    room: &Room<'_>,
    actor: &Actor,
    order: &str,
    received: &str,
    farewell: &str,
    whole: bool,
) {
    let name = &actor.name;
    let tells_joins = !room.speech.joined("").is_empty();
    assert!(!whole || !actor.joined || !tells_joins, "{name} never joined");
    if whole {
        let part = received.strip_suffix(farewell).expect("it was told why it had to go");
        let entered = if actor.joined {
            room.text(room.speech.entered(name, &[], b""))
        } else {
            String::new()
        };
        if tells_joins {
            return assert_eq!(part, "", "{name} never joined");
        }
        let part = part.strip_prefix(&entered).expect("its join was answered");
        let ends = if room.speech.dialect == LOGIN.dialect {
            room.ends(order, part)
        } else {
            order.contains(part)
        };
        assert!(ends, "{name} was not sent a part of the order: {part:?}");
        let prefix = own_prefix(room, name);
        let own = part.split_inclusive('\n').filter(|line| line.starts_with(&prefix));
        assert_eq!(own.count(), actor.said.len(), "{name} was not sent its own lines");
    } else {
        let entered = room.text(room.speech.entered(name, &[], b""));
        let cut = |count: usize| received.strip_suffix(&farewell[..count]);
        let fits = |part: &str| {
            let part = part.strip_prefix(&entered).unwrap_or(part);
            entered.starts_with(part) || order.contains(part)
        };
        let channels = room.speech.dialect == CHANNELS.dialect; // a welcome and no room yet
        let fits = (0..=farewell.len())
            .filter_map(cut)
            .any(|part| fits(part) || channels && part.starts_with("OK Welcome"));
        assert!(fits, "{name} was sent {received:?}, which is no part of the order");
    }
}
