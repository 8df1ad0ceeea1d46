//! Descriptors.
//!
//! Goal: the daemon takes as many as it may have, and lives when there are no more. Method: the
//! shell's `ulimit` before it starts. Limits: that accepting fails for other reasons, and does not
//! spin meanwhile, is tested over the scripted network.

use crate::process::{Chat, Daemon, in_shell};

const LISTEN: [&str; 2] = ["--listen", "rooms://127.0.0.1:0"];

/// [rooms/room-4]
#[test]
fn the_soft_limit_is_raised_to_the_hard_one() {
    let daemon =
        Daemon::launch(in_shell("ulimit -S -n 64 && exec \"$0\" \"$@\"").args(LISTEN), 1).unwrap();
    let (soft, hard) = daemon.descriptor_limits();
    assert_eq!(soft, hard);
    assert!(hard > 64, "this machine's own hard limit shows nothing");
    let members: Vec<Chat> =
        (0..100).map(|number| Chat::join(daemon.address(), &format!("r{number}"), "u")).collect();
    assert!(daemon.descriptors() > members.len());
}

/// [common/limit-3]
#[test]
fn without_descriptors_clients_wait_until_others_leave() {
    let daemon =
        Daemon::launch(in_shell("ulimit -n 40 && exec \"$0\" \"$@\"").args(LISTEN), 1).unwrap();
    let join = |number: usize| Chat::join(daemon.address(), &format!("r{number}"), "u");
    let mut inside = vec![join(0)];
    let places = daemon.descriptors_free_below(40);
    assert!(places >= 10, "{places} places");
    inside.extend((1..=places).map(join));
    let mut waiting: Vec<Chat> = (0..20).map(|_| Chat::connect(daemon.address())).collect();
    for chat in &mut waiting {
        chat.send("JOIN late u\n");
    }
    for round in 0..3 {
        for chat in &mut inside {
            assert_eq!(chat.fence("u"), Vec::<String>::new(), "in round {round}");
        }
    }
    assert_eq!(daemon.descriptors_free_below(40), 0);
    for chat in &mut waiting {
        chat.expect_silence();
    }
    for chat in inside {
        chat.leave();
    }
    let mut served = waiting.into_iter().take(10);
    served.by_ref().for_each(|mut chat| chat.expect("u has joined\n"));
    drop(served);
    join(99).fence("u");
}
