//! Several dialects in one process.
//!
//! Goal: whatever is served beside it, each dialect's clients talk with each other and with nobody
//! else. Method: every dialect there is on listeners of one daemon, with the same names everywhere.
//! Limits: one line from each client is heard by the others; what a dialect's lines mean is tested
//! elsewhere.

use crate::process::{Chat, Daemon, Ended, Wire};
use rustix::process::Signal;

/// [rooms/daemon-5]
#[test]
fn each_is_announced_and_served_alone() {
    for wire in Wire::all() {
        let daemon = Daemon::serving(&[wire.dialect], &[]);
        talk(wire, &daemon);
        let address = daemon.address();
        daemon.signal(Signal::TERM);
        let Ended { status, stdout, stderr } = daemon.ended();
        assert_eq!(stdout, [format!("Listening on {address} ({})", wire.dialect)]);
        assert_eq!((status, stderr), (Some(0), Vec::new()));
    }
}

#[test]
fn all_are_announced_in_the_order_in_which_they_were_given_and_served_together() {
    let mut wires = Wire::all();
    for _ in 0..2 {
        wires.reverse();
        let names: Vec<&str> = wires.iter().map(|wire| wire.dialect).collect();
        let daemon = Daemon::serving(&names, &[]);
        assert_eq!(daemon.dialects(), names);
        for wire in &wires {
            talk(wire, &daemon);
        }
        daemon.signal(Signal::TERM);
        assert_eq!(daemon.ended().status, Some(0));
    }
}

fn talk(wire: &Wire, daemon: &Daemon) {
    let address = daemon.address_of(wire.dialect);
    let mut joe = wire.enter(address, "joe", &[]);
    let mut bob = wire.enter(address, "bob", &["joe"]);
    joe.expect(wire.arrival("bob"));
    wire.say(&mut joe, "joe", "good day");
    bob.expect(wire.said("joe", "good day"));
    wire.say(&mut bob, "bob", "hi joe");
    joe.expect(wire.said("bob", "hi joe"));
}

/// Two listeners of each dialect, and everywhere a `joe` on the first and a `bob` on the second.
#[test]
fn listeners_of_one_dialect_share_its_world_and_two_dialects_share_nothing() {
    let wires = Wire::all();
    let names: Vec<&str> = wires.iter().map(|wire| wire.dialect).collect();
    let daemon = Daemon::serving(&[&*names, &names].concat(), &[]);
    let (ones, twos) = daemon.addresses().split_at(wires.len());
    let mut pairs: Vec<(&Wire, Chat, Chat)> = Vec::new();
    for ((wire, one), two) in wires.iter().zip(ones).zip(twos) {
        let mut joe = wire.enter(*one, "joe", &[]);
        let bob = wire.enter(*two, "bob", &["joe"]);
        joe.expect(wire.arrival("bob"));
        pairs.push((wire, joe, bob));
    }
    for (wire, joe, _) in &mut pairs {
        wire.say(joe, "joe", &format!("of {}", wire.dialect));
    }
    // Whatever somebody else's line has caused would come before the answer to one's own.
    for (wire, joe, bob) in &mut pairs {
        bob.expect(wire.said("joe", &format!("of {}", wire.dialect)));
        wire.say(bob, "bob", "heard");
        joe.expect(wire.said("bob", "heard"));
    }
    for (_, joe, bob) in &mut pairs {
        joe.expect_silence();
        bob.expect_silence();
    }
}

/// [common/limit-2] [simple/error-5] [login/error-4] [channels/error-3] [lobby/error-1]
#[test]
fn a_client_over_the_limit_is_told_so_in_every_dialect() {
    let told = [
        ("rooms", "ERROR\n"),
        ("lobby", ""),
        ("simple", "ERROR server-full\n"),
        ("login", "ERR server-full\n"),
        ("channels", "ERROR Server full\r\n"),
    ];
    let daemon = Daemon::serving(&told.map(|(dialect, _)| dialect), &["--clients-max", "1"]);
    assert_eq!(Wire::all().len(), told.len());
    for (dialect, line) in told {
        let wire = Wire::of(dialect);
        let mut first = wire.enter(daemon.address_of(dialect), "first", &[]);
        let mut second = Chat::connect(daemon.address_of(dialect));
        second.expect(line);
        second.expect_end();
        wire.say(&mut first, "first", "still here");
    }
}
