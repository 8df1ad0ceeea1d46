//! The daemon as the first process of a container.
//!
//! Limits: only where this process may make a namespace of processes, as root may; the image itself
//! needs a daemon of Docker's.

use crate::process::{Chat, DEADLINE, Daemon, clean, program};
use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::process::{Command, Stdio};
use std::time::Instant;

fn children(process: u32) -> Vec<u32> {
    let listed = fs::read_to_string(format!("/proc/{process}/task/{process}/children"));
    let listed = listed.expect("it runs");
    listed.split_whitespace().map(|number| number.parse().expect("a process id")).collect()
}

/// A command that runs `script` as the first process of a namespace; the daemon is `$0` there.
fn first_process(script: &str) -> Command {
    let mut command = Command::new("unshare");
    command.args(["--pid", "--fork", "--kill-child", "sh", "-c", script]);
    command.arg(program("parlance"));
    clean(command)
}

fn may_make_namespaces() -> bool {
    let mut tried = Command::new("unshare");
    let tried = tried.args(["--pid", "--fork", "true"]).stderr(Stdio::null()).status();
    tried.is_ok_and(|status| status.success())
}

#[test]
fn the_first_process_of_a_container_stops_at_sigterm() {
    if !may_make_namespaces() {
        return;
    }
    let mut command = first_process(r#"exec "$0" --listen rooms://127.0.0.1:0"#);
    let daemon = Daemon::launch(&mut command, 1).unwrap();
    let mut chat = Chat::join(daemon.address(), "r", "u");
    let first = children(daemon.pid())[0];
    let first = Pid::from_raw(i32::try_from(first).expect("a small number")).expect("not zero");
    kill_process(first, Signal::TERM).expect("it runs");
    chat.expect_end();
    assert_eq!(daemon.ended().status, Some(0));
}

#[test]
fn orphans_that_end_leave_no_zombies() {
    if !may_make_namespaces() {
        return;
    }
    // One that has ended before the daemon begins or at any time after, and one that ends once this
    // test closes its pipe.
    let script =
        r#"(true &); (cat <&3 >/dev/null &); exec 3<&-; exec "$0" --listen rooms://127.0.0.1:0"#;
    let (reader, writer) = std::io::pipe().expect("a pipe");
    let script = format!("exec 3<&0 </dev/null; {script}");
    let mut command = first_process(&script);
    let daemon = Daemon::launch_reading(&mut command, Stdio::from(reader), 1).unwrap();
    drop(command);
    let first = children(daemon.pid())[0];
    assert!(!children(first).is_empty(), "the orphan lives");
    drop(writer);
    let begun = Instant::now();
    let mut chat = Chat::join(daemon.address(), "r", "u");
    while !children(first).is_empty() {
        assert!(begun.elapsed() < DEADLINE, "{:?} are zombies", children(first));
        chat.fence("u");
    }
}
