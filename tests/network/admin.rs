//! Goal: what an operator commands happens at once, to those that are meant and to nobody else,
//! and what is shown is so.
//!
//! Method: lines to the operator of a house, as its socket would have them, beside clients on
//! scripted networks. The reference model judges kicks among everything else that can happen.
//!
//! Limits: the socket, and what concerns the whole daemon (log, reload, drain), are real ones in
//! the daemon's tests.

use super::clock::VirtualClock;
use super::house::{House, before};
use super::log::events_in;
use super::replay::{in_each_of, on_each_network, on_each_network_of, on_each_plain_network_of};
use super::wire::End;
use crate::speech::{ALL, CHANNELS, LOGIN, ROOM, ROOMS, SIMPLE};
use futures_lite::future::block_on;
use parlance_core::limits::{LINGER, Limits};
use parlance_core::protocol::{CloseReason, Name};
use parlance_core::registry::BannedName;
use parlance_core::time::Time;
use parlance_server::admin::{Command, Controls, Later, Operator, Row};
use parlance_server::bans::Ban;
use serde_json::Value;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;
use tracing::Level;

const ELSEWHERE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7));

/// A house has no daemon around it.
struct NoDaemon;

impl Controls for NoDaemon {
    fn log(&self, _: Option<&str>) -> Result<String, String> {
        Err("a house has no log".to_owned())
    }

    fn reload(&self) -> Later<'_, Vec<Row>> {
        Box::pin(async { Err("a house has no configuration".to_owned()) })
    }

    fn drain(&self) -> Result<Row, String> {
        Err("a house does not stop".to_owned())
    }

    fn stats(&self) -> Row {
        Row::new()
    }
}

/// The operator of a house.
pub(crate) struct OfHouse(Operator<VirtualClock>);

pub(crate) fn operator(house: &House) -> OfHouse {
    let services = [house.service.clone()];
    OfHouse(Operator::new(&house.common, &services, house.clock.clone(), Box::new(NoDaemon)))
}

impl OfHouse {
    /// The rows of the answer to `line`.
    pub(crate) fn ask(&self, line: &str) -> Result<Vec<Row>, String> {
        let command = Command::parse(line)?;
        block_on(self.0.perform(command))
    }

    /// One column of the answer.
    fn column(&self, line: &str, key: &str) -> Vec<Value> {
        let rows = self.ask(line).expect(line);
        rows.iter().map(|row| row.get(key).cloned().unwrap_or_default()).collect()
    }
}

/// [common/kick-1] [common/kick-2]
#[test]
fn a_kicked_client_hears_why_as_its_last_line_and_its_room_that_it_has_left() {
    in_each_of(&ALL, |house| {
        let [ann, joe] = house.members(["ann", "joe"]);
        let of_joe = operator(house).column("clients", "conn").len();
        operator(house).ask(&format!("kick {of_joe} take a break")).expect("joe is there");
        house.settle();
        assert_eq!(joe.heard(), house.speech.kicked("take a break"));
        assert_eq!(ann.received(), house.speech.left("joe"));
        house.pass(LINGER);
        assert_eq!([ann.end(), joe.end()], [End::Open, End::Closed]);
        assert_eq!(house.endings(), [(CloseReason::Kicked, 1)]);
        assert_eq!(operator(house).column("clients", "name"), ["ann"]);
    });
}

/// [common/kick-1]
#[test]
fn a_name_is_free_at_once_when_its_client_is_kicked() {
    in_each_of(&[&SIMPLE, &LOGIN, &CHANNELS], |house| {
        let [joe] = house.members(["joe"]);
        joe.stall();
        operator(house).ask("kick joe").expect("joe is there");
        let other = house.member(ROOM, "joe");
        assert_eq!(other.received(), house.speech.entered("joe", &[], b""));
    });
}

/// Its input is held for a member that does not read, and its own socket takes nothing.
/// [common/kick-1] [common/kick-2]
#[test]
fn a_held_client_and_a_slow_one_are_kicked_like_any_other() {
    on_each_plain_network_of(&ROOMS, &Limits::default(), |house| {
        house.quirks.down_max = 10;
        let [ann, joe, slow] = house.members(["ann", "joe", "slow"]);
        slow.stall();
        while operator(house).column("show joe", "held_ms") == [Value::Null] {
            house.say(&joe, &"x".repeat(10_000));
        }
        let pending = operator(house).column("show slow", "pending_bytes");
        assert!(pending[0].as_u64().is_some_and(|pending| pending > 10_000), "{pending:?}");
        operator(house).ask("kick joe").expect("joe is there");
        operator(house).ask("kick slow you do not read").expect("slow is there");
        house.settle();
        let told = String::from_utf8(ann.received()).expect("it is text");
        assert!(told.ends_with("joe has left\nslow has left\n"), "{told:?}");
        house.pass(before(Limits::default().drain));
        assert_eq!([joe.end(), slow.end()], [End::Closed, End::Open], "its lines are flushed");
        slow.resume();
        house.pass(LINGER);
        let told = String::from_utf8(slow.received()).expect("it is text");
        assert!(told.ends_with("ERROR\n"), "{told:?}");
        assert_eq!(house.endings(), [(CloseReason::Kicked, 2)]);
    });
}

/// Its own socket takes nothing, so that its connection stays for its last lines. [common/kick-1]
/// [common/flow-5]
#[test]
fn nobody_waits_behind_a_client_that_was_kicked() {
    on_each_plain_network_of(&ROOMS, &Limits::default(), |house| {
        house.quirks.down_max = 10;
        let [slow, joe, ann] = house.members(["slow", "joe", "ann"]);
        slow.stall();
        joe.stall();
        while operator(house).column("show joe", "held_ms") == [Value::Null] {
            house.say(&joe, &"x".repeat(10_000));
        }
        house.say(&ann, "hello");
        assert_ne!(operator(house).column("show ann", "held_ms"), [Value::Null]);
        operator(house).ask("kick joe").expect("joe is there");
        slow.resume();
        house.settle();
        let told = String::from_utf8(slow.received()).expect("it is text");
        assert!(told.ends_with("ann: hello\n"), "{:?}", &told[told.len() - 40..]);
        assert_eq!(joe.end(), End::Open, "its lines are flushed");
    });
}

/// [common/admin-2]
#[test]
fn a_client_that_is_not_there_or_not_the_only_one_of_its_name_is_not_kicked() {
    on_each_plain_network_of(&ROOMS, &Limits::default(), |house| {
        let [_one, _other] = house.members(["joe", "joe"]);
        let error = operator(house).ask("kick joe").expect_err("there are two");
        assert!(error.contains("2 clients are called joe") && error.contains("1, 2"), "{error}");
        assert!(operator(house).ask("kick ann").unwrap_err().contains("ann"));
        assert!(operator(house).ask("kick 3").unwrap_err().contains('3'));
        operator(house).ask("kick 1").expect("it is there");
        assert!(operator(house).ask("kick 1").unwrap_err().contains("closing already"));
        house.pass(LINGER);
        assert_eq!(house.endings(), [(CloseReason::Kicked, 1)]);
    });
}

/// [common/ban-1] [common/ban-3] [common/ban-4]
#[test]
fn a_banned_address_is_told_so_at_the_door_until_the_ban_ends() {
    for speech in ALL {
        on_each_plain_network_of(speech, &Limits::default(), |house| {
            house.quirks.percent = 0; // those at the door get one write
            let inside = house.knock(ELSEWHERE);
            let neighbour = house.connect();
            house.settle();
            let ended = operator(house).ask("ban 192.0.2.0/24 for 1h no spam").expect("a ban");
            assert_eq!(ended.len(), 2, "the ban and one client: {ended:?}");
            house.pass(LINGER);
            assert_eq!([inside.end(), neighbour.end()], [End::Closed, End::Open]);
            assert_eq!(inside.heard(), house.speech.banned("no spam"));
            let late = house.knock(ELSEWHERE);
            house.settle();
            assert_eq!((late.end(), late.heard()), (End::Closed, house.speech.banned("no spam")));
            assert_eq!(house.endings(), [(CloseReason::Banned, 2)]);
            house.pass(before(Duration::from_secs(3600)).saturating_sub(LINGER));
            assert_eq!(operator(house).column("bans", "target"), ["192.0.2.0/24"]);
            let early = house.knock(ELSEWHERE);
            house.settle();
            assert_eq!(early.end(), End::Closed);
            house.pass(Duration::from_nanos(1));
            let free = house.knock(ELSEWHERE);
            house.settle();
            assert_eq!((free.end(), operator(house).column("bans", "target")), (End::Open, vec![]));
        });
    }
}

/// [common/ban-2] [common/ban-3] [common/ban-4]
#[test]
fn a_banned_name_ends_whoever_has_it_or_asks_for_it() {
    in_each_of(&ALL, |house| {
        let [ann, joe] = house.members(["ann", "joe"]);
        let ended = operator(house).ask("ban joe not you").expect("a ban");
        assert_eq!(ended.len(), 2, "the ban and one client: {ended:?}");
        house.pass(LINGER);
        assert_eq!((joe.heard(), joe.end()), (house.speech.banned("not you"), End::Closed));
        let again = house.member(ROOM, "joe");
        house.pass(LINGER);
        assert_eq!((again.heard(), again.end()), (house.speech.banned("not you"), End::Closed));
        let (left, told) = (house.speech.left("joe"), ann.received());
        assert_eq!(told, left, "once, for the first");
        assert_eq!(house.endings(), [(CloseReason::Banned, 2)]);
        operator(house).ask("unban joe").expect("there is one");
        let third = house.member(ROOM, "joe");
        house.settle();
        assert_eq!(third.end(), End::Open);
        assert!(operator(house).ask("unban joe").unwrap_err().contains("no ban of joe"));
    });
}

/// [common/ban-2]
#[test]
fn a_ban_of_a_name_ends_at_its_time() {
    on_each_plain_network_of(&CHANNELS, &Limits::default(), |house| {
        operator(house).ask("ban joe for 10s").expect("a ban");
        house.pass(before(Duration::from_secs(10)));
        let early = house.member(ROOM, "joe");
        house.pass(Duration::from_nanos(1));
        let late = house.member(ROOM, "joe");
        house.pass(LINGER);
        assert_eq!([early.end(), late.end()], [End::Closed, End::Open]);
    });
}

/// [common/admin-1]
#[test]
fn a_client_is_shown_as_it_is() {
    on_each_network_of(&CHANNELS, &Limits::default(), |house| {
        let mute = house.connect();
        let joe = house.member(ROOM, "joe");
        house.say(&joe, "hello");
        let all = operator(house);
        assert_eq!(all.column("clients", "name"), [Value::Null, "joe".into()]);
        assert_eq!(all.column("clients", "room"), [Value::Null, ROOM.into()]);
        assert_eq!(all.column("show joe", "lines_in"), [3]);
        assert_eq!(all.column("show 1", "lines_in"), [0]);
        let out = all.column("show joe", "bytes_out")[0].as_u64().expect("a number");
        assert_eq!(usize::try_from(out).expect("few"), joe.received_len());
        assert_eq!(all.column("rooms", "members"), [1]);
        house.send(&joe, "/leave\n");
        assert_eq!(all.column("show joe", "room"), [Value::Null]);
        assert!(all.ask("rooms").expect("a list").is_empty());
        house.pass(Duration::from_secs(2));
        assert_eq!(all.column("show joe", "connected_ms"), [2000]);
        mute.reset(true);
        joe.half_close();
        house.settle();
        assert!(all.ask("clients").expect("a list").is_empty());
    });
}

/// [common/admin-1]
#[test]
fn the_log_says_who_was_kicked_and_why() {
    on_each_network(|house| {
        let _joe = house.member(ROOM, "joe");
        let logged = events_in(Level::INFO, || {
            operator(house).ask("kick joe take a break").expect("joe is there");
            house.pass(LINGER);
        });
        let of = |word: &str| logged.iter().filter(|event| event.contains(word)).count();
        assert_eq!(of(r#"name="joe" why="take a break""#), 1, "{logged:?}");
        assert_eq!(of(r#"reason="kicked""#), 1, "{logged:?}");
    });
}

/// [common/ban-1] [common/ban-4]
#[test]
fn an_address_that_is_banned_while_a_connection_arrives_is_not_let_in() {
    on_each_network(|house| {
        let arriving = house.knock(ELSEWHERE);
        house.executor.run();
        operator(house).ask("ban 192.0.2.7 no spam").expect("a ban");
        house.settle();
        house.pass(LINGER);
        assert_eq!(
            (arriving.end(), arriving.heard()),
            (End::Closed, house.speech.banned("no spam"))
        );
        assert_eq!(house.endings(), [(CloseReason::Banned, 1)]);
    });
}

/// A ban that comes while a registry is asked for the name: it has not heard of the ban, and whom
/// the ban looks for has no name yet. [common/ban-2] [common/ban-4]
#[test]
fn a_name_that_is_banned_while_a_client_takes_it_ends_that_client() {
    in_each_of(&ALL, |house| {
        let ban = Ban { why: None, end: None, is_configured: false };
        let now = house.now();
        house.common.bans.add("joe".parse().expect("a name"), ban, now).expect("a ban");
        let joe = house.member(ROOM, "joe");
        house.pass(LINGER);
        assert_eq!(joe.end(), End::Closed);
        assert_eq!(house.endings(), [(CloseReason::Banned, 1)]);
    });
}

/// As when a configuration bans a name. [common/ban-4]
#[test]
fn a_client_whose_name_is_banned_later_goes_on_to_other_rooms() {
    on_each_plain_network_of(&CHANNELS, &Limits::default(), |house| {
        let joe = house.member(ROOM, "joe");
        house.common.bans.set_configured(&["joe".parse().expect("a ban")]);
        let banned = BannedName { until: Time::NEVER, why: None };
        house.service.registry().ban_names([(Name::new(b"joe", 3).expect("a name"), banned)]);
        house.send(&joe, "/join other\n");
        assert_eq!(operator(house).column("show joe", "room"), ["other"]);
        let late = house.member(ROOM, "joe");
        house.pass(LINGER);
        assert_eq!([joe.end(), late.end()], [End::Open, End::Closed]);
    });
}

/// [common/ban-4]
#[test]
fn those_that_a_ban_ends_together_do_not_hear_of_each_other() {
    in_each_of(&ALL, |house| {
        let [ann] = house.members(["ann"]);
        let those = ["bob", "joe", "zed"].map(|name| {
            let client = house.knock(ELSEWHERE);
            house.settle();
            client.post(&house.speech.enter_room(ROOM, name));
            house.settle();
            client
        });
        for client in those.iter().chain([&ann]) {
            client.heard();
        }
        operator(house).ask("ban 192.0.2.0/24 no spam").expect("a ban");
        house.settle();
        for client in &those {
            assert_eq!(client.heard(), house.speech.banned("no spam"));
        }
        let left = ["bob", "joe", "zed"].map(|name| house.speech.left(name));
        assert_eq!(ann.received(), left.concat());
    });
}

/// One that was kicked closes for a while yet. [common/kick-1] [common/admin-2]
#[test]
fn a_name_means_the_client_that_has_it_now() {
    in_each_of(&[&SIMPLE, &LOGIN, &CHANNELS], |house| {
        let [first] = house.members(["joe"]);
        operator(house).ask("kick joe").expect("joe is there");
        house.settle();
        let second = house.member(ROOM, "joe");
        let shown = operator(house).column("show joe", "conn");
        operator(house).ask("kick joe").expect("only one has the name");
        assert_eq!(shown, [2]);
        assert!(operator(house).ask("kick joe").is_err(), "nobody has it");
        house.pass(LINGER);
        assert_eq!([first.end(), second.end()], [End::Closed, End::Closed]);
    });
}
