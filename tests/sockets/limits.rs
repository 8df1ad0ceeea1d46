//! Limits on clients.
//!
//! Goal: whoever is over a limit is told so, and a place given up can be had. Method: a daemon with
//! few places. Limits: loopback is exempt from the limit per address, so that one is tested without
//! sockets.

use crate::process::{Chat, DEADLINE, Daemon};
use std::time::Instant;

/// [common/limit-2]
#[test]
fn clients_over_the_limit_get_the_error_and_a_place_given_up_is_free_again() {
    let daemon = Daemon::start(&["--clients-max", "3"]);
    let mut members: Vec<Chat> =
        (0..3).map(|number| Chat::join(daemon.address(), &format!("r{number}"), "u")).collect();
    for _ in 0..50 {
        let mut late = Chat::connect(daemon.address());
        late.expect("ERROR\n");
        late.expect_end();
    }
    for member in &mut members {
        assert_eq!(member.fence("u"), Vec::<String>::new(), "those inside do not notice");
    }
    members.pop().unwrap().leave();
    let begun = Instant::now();
    loop {
        // The place is free an instant after the one who had it sees its end.
        let mut next = Chat::connect(daemon.address());
        if next.try_send("JOIN r u\n").is_ok() && next.line() == "u has joined" {
            break next.expect_silence();
        }
        assert!(begun.elapsed() < DEADLINE, "the place was not given back");
    }
}

/// [common/limit-1]
#[test]
fn a_client_without_a_first_line_is_closed_without_a_line_and_a_member_may_be_silent() {
    let daemon = Daemon::start(&["--first-line-timeout", "0.3"]);
    let mut member = Chat::join_in_time(daemon.address(), "r", "u");
    let mut silent = Chat::connect(daemon.address());
    let mut halfway = Chat::connect(daemon.address());
    // Where this thread has to wait for its turn, even this may be too late, and comes to the same.
    let _ = halfway.try_send("JOIN r v");
    silent.expect_end();
    halfway.expect_end();
    assert_eq!(member.fence("u"), Vec::<String>::new());
}
