//! A member that has stopped reading.
//!
//! Goal: it costs its room nothing but its own departure. Method: its kernel keeps little for it,
//! so what it does not read stays with the server; two others talk in step, hearing each line
//! before they send the next, until they hear it leave. The bounds are set low, so that this is
//! soon. Limits: that a sender is held and for how long is tested in virtual time.

use crate::process::{Chat, Daemon};

const LINE_BYTES: usize = 19_000;

/// [common/outbox-4] [common/close-3] [common/eos-6] [rooms/leave-1]
#[test]
fn a_slow_consumer_is_evicted_and_the_others_go_on() {
    // More than kernels keep, and far less than the total bound.
    others_go_on_while_one_stalls(&["--outbox-bytes-max", "60000"], 2_000);
}

/// [common/outbox-8] [common/flow-3] [common/close-3] [common/eos-6] [rooms/leave-1]
#[test]
fn a_reader_that_stalls_too_long_is_evicted_and_the_others_go_on() {
    others_go_on_while_one_stalls(&["--outbox-bytes-max", "0", "--stall-timeout", "0.5"], 100_000);
}

/// It is gone before the others have said `rounds_max` lines each.
fn others_go_on_while_one_stalls(options: &[&str], rounds_max: usize) {
    let daemon = Daemon::start(options);
    let mut a = Chat::join(daemon.address(), "r", "a");
    let mut b = Chat::join(daemon.address(), "r", "b");
    a.expect("b has joined\n");
    let before = daemon.descriptors();
    let mut sleepy = Chat::connect_keeping(64 * 1024, daemon.address()).joined("r", "sleepy");
    a.expect("sleepy has joined\n");
    b.expect("sleepy has joined\n");

    let text = "x".repeat(LINE_BYTES);
    let mut notices = [Vec::new(), Vec::new()];
    let mut rounds = 0;
    while notices.iter().any(Vec::is_empty) {
        rounds += 1;
        assert!(rounds < rounds_max, "it is still there");
        for (speaker, name) in [(0, "a"), (1, "b")] {
            if speaker == 0 { &mut a } else { &mut b }.send(format!("{text}\n"));
            let line = format!("{name}: {text}");
            notices[0].extend(a.lines_before(&line));
            notices[1].extend(b.lines_before(&line));
        }
    }
    daemon.settle(before, || notices[0].extend(a.fence("a")));
    notices[0].extend(a.fence("a"));
    notices[1].extend(b.fence("b").into_iter().filter(|line| !line.starts_with("a: fence")));
    assert_eq!(notices, [["sleepy has left"], ["sleepy has left"]], "once each, and nothing else");

    // What the kernels had taken is the beginning of what was said, cut off anywhere, and no more.
    let heard = String::from_utf8(sleepy.rest()).unwrap();
    let mut lines = heard.split('\n');
    let cut = lines.next_back().unwrap();
    let said = [format!("a: {text}"), format!("b: {text}")];
    assert!(lines.zip(said.iter().cycle()).all(|(line, said)| line == said));
    assert!(said.iter().any(|line| line.starts_with(cut)), "it ends in {cut:?}");
}
