//! Clients that mean no good, or do not know what they do.
//!
//! Goal: they neither end the service nor wear it down. Method: floods of connections, and every
//! input that the fuzzers keep, followed each time by a chat that must work; descriptors and
//! processor time are read from `/proc`. Limits: what is kept is what the fuzzers have found so
//! far.

use crate::process::{Chat, Daemon};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Every second one has sent its JOIN; whoever the room hears joining it hears leaving, once.
///
/// [rooms/daemon-5] [common/eos-5] [common/limit-3]
#[test]
fn two_thousand_resets_in_a_row_leave_a_working_server() {
    let daemon = Daemon::start(&[]);
    let mut observer = Chat::join(daemon.address(), "r", "o");
    let before = daemon.descriptors();
    for number in 0..2_000 {
        let mut chat = Chat::connect(daemon.address());
        if number % 2 == 0 {
            chat.send(format!("JOIN r u{number}\n"));
        }
        chat.reset();
    }
    Chat::join(daemon.address(), "fence", "f").leave(); // accepted after all of them
    let mut heard = Vec::new();
    daemon.settle(before, || heard.extend(observer.fence("o")));
    heard.extend(observer.fence("o"));
    let mut present: BTreeMap<String, bool> = BTreeMap::new();
    for line in heard {
        let (user, verb) = line.split_once(' ').unwrap();
        let was = present.insert(user.to_owned(), verb == "has joined");
        assert_eq!(was, if verb == "has joined" { None } else { Some(true) }, "{line}");
    }
    assert!(present.values().all(|&there| !there), "somebody never left");
    assert_eq!(daemon.descriptors(), before);
}

/// The silent client gives the others seconds to spin in: its own end is the event to wait for.
/// That others speak before theirs is up is what the seconds are for, too.
///
/// [rooms/daemon-5] [common/limit-1] [common/close-2]
#[test]
fn no_way_of_ending_a_connection_spins() {
    let daemon = Daemon::start(&["--first-line-timeout", "3"]);
    let mut observer = Chat::join(daemon.address(), "r", "o");
    drop(Chat::connect(daemon.address())); // closed before JOIN
    assert_eq!(Chat::connect(daemon.address()).leave(), b"");
    Chat::connect(daemon.address()).reset();
    let mut gone = Chat::connect(daemon.address());
    gone.send("JOIN r");
    drop(gone);
    let mut in_error = Chat::connect(daemon.address()); // and stays connected
    in_error.send("EAT tacos\n");
    in_error.expect("ERROR\n");
    let mut silent = Chat::connect(daemon.address());
    observer.fence("o");
    let before = daemon.processor_time();
    silent.expect_end();
    observer.fence("o");
    let used = daemon.processor_time().saturating_sub(before);
    assert!(used <= Duration::from_millis(100), "{used:?} of processor time for nothing");
}

/// [rooms/daemon-5] [common/misuse-1]
#[test]
fn every_input_that_the_fuzzers_keep_is_survived() {
    let daemon = Daemon::start(&[]);
    let mut observer = Chat::join(daemon.address(), "observers", "o");
    let before = daemon.descriptors();
    for path in kept_inputs() {
        let input = fs::read(&path).unwrap();
        let mut chat = Chat::connect(daemon.address());
        // It may be cut off for what it sends, while it sends it.
        if chat.try_send(input).is_ok() {
            chat.finish();
        }
        chat.discard();
    }
    daemon.settle(before, || drop(observer.fence("o")));
    let mut guest = Chat::join(daemon.address(), "observers", "guest");
    observer.expect("guest has joined\n");
    guest.send("still here?\n");
    observer.expect("guest: still here?\n");
    assert_eq!(guest.leave(), b"guest: still here?\n");
    observer.expect("guest has left\n");
}

/// `fuzz/corpus/*/*` and `fuzz/regressions/*/*`, as far as they are there.
fn kept_inputs() -> Vec<PathBuf> {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    let kept = ["corpus", "regressions"].map(|folder| entries(&fuzz.join(folder))).concat();
    let files = kept.iter().flat_map(|folder| entries(folder)).filter(|path| path.is_file());
    let files: Vec<PathBuf> = files.collect();
    assert!(kept.is_empty() || !files.is_empty(), "folders without an input in them");
    files
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries.map(|entry| entry.expect("a readable folder").path()).collect()
}
