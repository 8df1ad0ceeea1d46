//! Descriptors.
//!
//! Goal: the daemon takes as many as it may have, and lives when there are no more. Method: the
//! shell's `ulimit` before it starts. Limits: that accepting fails for other reasons, and does not
//! spin meanwhile, is tested over the scripted network.

use crate::process::{Chat, Daemon, Ended, in_shell};
use rustix::process::{Signal, geteuid};
use std::process::Command;

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

/// A daemon under a limit that says by its own words why it does not serve, if it does not; it
/// returns whether it does.
fn serves_or_says_why(limit: &str, mut command: Command) -> bool {
    match Daemon::launch(command.args(LISTEN), 1) {
        Ok(daemon) => {
            Chat::join(daemon.address(), "r", "u");
            daemon.signal(Signal::TERM);
            let ended = daemon.ended();
            assert_eq!((ended.status, ended.stderr), (Some(0), Vec::new()), "under {limit}");
            true
        }
        Err(ended) => {
            let Ended { status, stderr, .. } = ended;
            let said = stderr.concat();
            assert_eq!((status, stderr.len()), (Some(2), 1), "under {limit}: {said}");
            assert!(said.starts_with("error: cannot"), "under {limit}: {said}");
            let (option, number) = limit.rsplit_once(' ').expect("an option and a number");
            assert!(said.contains(&format!("`{option}`, which is {number}")), "{said}");
            false
        }
    }
}

/// [common/limit-3]
#[test]
fn too_few_descriptors_to_start_are_an_error_that_names_the_limit() {
    // With fewer than 4 the system cannot even load it.
    let serves: Vec<bool> = (4..=24)
        .map(|count| {
            let limit = format!("ulimit -n {count}");
            serves_or_says_why(&limit, in_shell(&format!("{limit} && exec \"$0\" \"$@\"")))
        })
        .collect();
    assert_eq!((serves[0], serves[20]), (false, true), "{serves:?}");
    assert!(serves.is_sorted(), "{serves:?}");
}

/// Root has no such limit, so the daemon runs as a user that has no other process.
#[test]
fn too_few_processes_to_start_are_an_error_that_names_the_limit() {
    let user = "setpriv --reuid 64321 --clear-groups --inh-caps=-all";
    let user = if geteuid().is_root() { user } else { "" };
    // One is the daemon itself, one is the reactor's thread, and the others are helpers.
    for count in 1..=2 {
        let script = format!("exec prlimit --nproc={count} {user} \"$0\" \"$@\" --threads 8");
        let limit = format!("ulimit -u {count}");
        assert!(!serves_or_says_why(&limit, in_shell(&script)), "under {limit}");
    }
}
