//! What a daemon can be short of while it serves.
//!
//! Goal: whatever the system takes away, clients are served, and the log says what is wrong as
//! soon as it can. Method: a disk of 64 KiB that fills up, pipes that nobody reads, limits of the
//! shell, and namespaces, where this process may make them, as root may. Limits: descriptors,
//! memory and certificates have tests of their own (`descriptors.rs`, `memory.rs`,
//! `sockets/tls.rs`); the clock of this machine is not set, see `wall_clock.rs` for what is said
//! then.

use super::metrics::{METRICS, await_sample, get};
use crate::certificates::folder;
use crate::process::{Chat, DEADLINE, Daemon, Output, clean, in_shell, program};
use rustix::process::Signal;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

const LISTEN: [&str; 2] = ["--listen", "rooms://127.0.0.1:0"];

/// A daemon with metrics that logs everything, started by a shell with `script`, in whose
/// environment `PLACE` is a path.
fn started(mut shell: Command, place: &Path) -> Daemon {
    shell
        .env("PLACE", place)
        .args(LISTEN)
        .args(METRICS)
        .args(["--listen", "login://127.0.0.1:0"])
        .args(["--log", "trace"]);
    Daemon::launch(&mut shell, 3).expect("it starts")
}

/// A command that runs `script` in namespaces of its own; the daemon is `$0` there.
fn apart(namespaces: &[&str], script: &str) -> Option<Command> {
    let mut tried = Command::new("unshare");
    let tried = tried.args(namespaces).arg("true").stderr(Stdio::null()).status();
    if !tried.is_ok_and(|status| status.success()) {
        println!("this process may not make the namespaces {namespaces:?}: not tested");
        return None;
    }
    let mut command = Command::new("unshare");
    command.args(namespaces).args(["sh", "-c", script]).arg(program("parlance"));
    Some(clean(command))
}

/// Clients of whom the log has several lines each come and go.
fn come_and_go(daemon: &Daemon, count: usize) {
    for number in 0..count {
        Chat::join(daemon.address(), "den", &format!("u{number}")).leave();
    }
}

fn assert_serves_and_stops(daemon: Daemon) {
    Chat::join(daemon.address(), "den", "joe").fence("joe");
    daemon.signal(Signal::TERM);
    assert_eq!(daemon.ended().status, Some(0));
}

/// Makes clients come and go until a text is in a file, which is returned.
fn await_text(daemon: &Daemon, file: &Path, text: &str) -> String {
    let begun = Instant::now();
    loop {
        let found = fs::read(file).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        let found = found.expect("it can be read");
        if found.contains(text) {
            return found;
        }
        assert!(begun.elapsed() < DEADLINE, "no {text:?} in {found}");
        come_and_go(daemon, 1);
    }
}

#[test]
fn a_full_disk_stops_no_client_and_its_log_says_later_what_it_lacks() {
    let script =
        "mount -t tmpfs -o size=64k none \"$PLACE\" && exec \"$0\" \"$@\" 2>>\"$PLACE/log\"";
    let Some(shell) = apart(&["--mount"], script) else { return };
    let place = folder("full-disk");
    let daemon = started(shell, &place);
    // The disk as the daemon sees it.
    let disk = Path::new("/proc").join(daemon.pid().to_string()).join("root");
    let disk = disk.join(place.strip_prefix("/").expect("it is absolute"));
    fs::write(disk.join("other"), [b'x'; 16_384]).expect("there is room");
    let begun = Instant::now();
    while !get(&daemon, "/metrics").contains("parlance_log_lines_dropped_total 3") {
        assert!(begun.elapsed() < DEADLINE, "the disk does not fill up");
        come_and_go(&daemon, 1);
    }
    fs::remove_file(disk.join("other")).expect("it is there");
    let log = await_text(&daemon, &disk.join("log"), "lines are missing from the log");
    let told = log.lines().find(|line| line.contains("are missing")).expect("it was found");
    assert!(told.contains("WARN") && told.contains("No space left on device"), "{told}");
    assert!(!told.contains("lines=0 "), "{told}");
    assert_serves_and_stops(daemon);
    fs::remove_dir_all(place).expect("it is ours");
}

/// Standard error is a pipe that is open and not read, and is read later.
#[test]
fn a_log_that_nobody_reads_stops_no_client() {
    let place = folder("pipe");
    let script = "mkfifo \"$PLACE/pipe\" && exec \"$0\" \"$@\" 2<>\"$PLACE/pipe\"";
    let daemon = started(in_shell(script), &place);
    // A pipe takes 64 KiB, and each of these lines is one of the log.
    let mut joe = Chat::connect(daemon.address_of("login"));
    joe.ask("LOGIN joe\n", "OK\n");
    let wrong = joe.sending("NOPE\n".repeat(8_000));
    for _ in 0..8_000 {
        assert!(joe.line().starts_with("ERR "));
    }
    wrong.join().expect("it reads");
    let pipe = Output::of(fs::File::open(place.join("pipe")).expect("it is there"));
    let told = loop {
        let line = pipe.line().expect("it is open");
        if line.contains("lines are missing from the log") {
            break line;
        }
    };
    assert!(told.contains("WARN") && told.contains("they came too fast"), "{told}");
    assert_serves_and_stops(daemon);
    fs::remove_dir_all(place).expect("it is ours");
}

#[test]
fn a_log_whose_reader_has_gone_stops_no_client_and_its_lines_are_counted() {
    let place = folder("broken-pipe");
    let script =
        "mkfifo \"$PLACE/pipe\"; (: <\"$PLACE/pipe\" &) ; exec \"$0\" \"$@\" 2>\"$PLACE/pipe\"";
    let daemon = started(in_shell(script), &place);
    come_and_go(&daemon, 10);
    let begun = Instant::now();
    while get(&daemon, "/metrics").contains("parlance_log_lines_dropped_total 0") {
        assert!(begun.elapsed() < DEADLINE, "no line is counted");
        come_and_go(&daemon, 1);
    }
    assert_serves_and_stops(daemon);
    fs::remove_dir_all(place).expect("it is ours");
}

/// The system sends a signal then, which would end the daemon.
#[test]
fn a_log_as_long_as_a_file_may_be_stops_no_client() {
    let place = folder("long-file");
    let script = "ulimit -f 8 && exec \"$0\" \"$@\" 2>>\"$PLACE/log\"";
    let daemon = started(in_shell(script), &place);
    come_and_go(&daemon, 60);
    assert!(!get(&daemon, "/metrics").contains("parlance_log_lines_dropped_total 0"));
    assert_serves_and_stops(daemon);
    fs::remove_dir_all(place).expect("it is ours");
}

/// As programs do that rotate logs, and as an operator does who tidies up.
#[test]
fn a_log_that_is_cut_or_moved_away_goes_on() {
    let place = folder("rotated");
    let daemon = started(in_shell("exec \"$0\" \"$@\" 2>>\"$PLACE/log\""), &place);
    let [log, moved] = ["log", "log.1"].map(|name| place.join(name));
    await_text(&daemon, &log, " closed ");
    fs::File::create(&log).expect("it is cut");
    let cut = await_text(&daemon, &log, " closed ");
    assert!(!cut.contains('\0'), "it goes on at the end of the file");
    fs::rename(&log, &moved).expect("it is ours");
    fs::File::create(&moved).expect("it is cut");
    await_text(&daemon, &moved, " closed ");
    fs::remove_file(&moved).expect("it is ours");
    assert_serves_and_stops(daemon);
    fs::remove_dir_all(place).expect("it is ours");
}

#[test]
fn standard_streams_that_are_closed_stop_nobody() {
    let daemon = started(in_shell("exec \"$0\" \"$@\" <&- 2>&-"), Path::new("/"));
    come_and_go(&daemon, 3);
    assert_serves_and_stops(daemon);
}

#[test]
fn without_proc_the_metrics_lack_what_it_would_say_and_nothing_else() {
    let script = "mount -t tmpfs none /proc && exec \"$0\" \"$@\"";
    let Some(shell) = apart(&["--mount"], script) else { return };
    let daemon = started(shell, Path::new("/"));
    let page = get(&daemon, "/metrics");
    for there in ["process_cpu_seconds_total", "process_max_fds", "parlance_clients{"] {
        assert!(page.contains(there), "no {there} in {page}");
    }
    for absent in ["process_open_fds", "process_resident_memory_bytes"] {
        assert!(!page.contains(absent), "{absent} in {page}");
    }
    assert_serves_and_stops(daemon);
}

/// What every deadline goes by. The kernel has no such namespace for the clock that people set.
#[test]
fn a_machine_that_has_run_for_ten_years_serves_as_any() {
    let years = 315_360_000.to_string();
    let namespace =
        ["--time", "--fork", "--kill-child", "--monotonic", &years, "--boottime", &years];
    let Some(shell) = apart(&namespace, "exec \"$0\" \"$@\"") else { return };
    let daemon = started(shell, Path::new("/"));
    let mut joe = Chat::join(daemon.address(), "den", "joe");
    assert!(joe.fence("joe").is_empty());
    await_sample(&daemon, "parlance_clients{dialect=\"rooms\"}", 1.0);
}

/// [common/limit-3]
#[test]
fn a_shortage_of_descriptors_has_a_beginning_and_an_end_in_the_log() {
    let log = "warn,parlance_server::accept=info";
    let mut shell = in_shell("ulimit -n 40 && exec \"$0\" \"$@\"");
    let daemon = Daemon::launch(shell.args(LISTEN).args(["--log", log]), 1).expect("it starts");
    let crowd: Vec<Chat> = (0..40).map(|_| Chat::connect(daemon.address())).collect();
    let begun = daemon.logged();
    assert!(begun.contains("WARN") && begun.contains("cannot accept"), "{begun}");
    assert!(begun.contains("Too many open files"), "{begun}");
    drop(crowd);
    assert!(daemon.logged().contains("connections are accepted again"));
    assert_serves_and_stops(daemon);
}

/// [common/reload-1]
#[test]
fn a_reload_in_a_shortage_of_descriptors_changes_nothing_and_the_next_one_works() {
    let place = folder("short-reload");
    let file = place.join("parlance.toml");
    fs::write(&file, "[log]\nlog = 'off,parlance_server::reload=info'\n").expect("it is ours");
    let mut shell =
        in_shell("ulimit -n 40 && exec \"$0\" --config \"$PLACE/parlance.toml\" \"$@\"");
    let daemon = Daemon::launch(shell.env("PLACE", &place).args(LISTEN), 1).expect("it starts");
    let mut joe = Chat::join(daemon.address(), "den", "joe");
    let crowd: Vec<Chat> = (0..40).map(|_| Chat::connect(daemon.address())).collect();
    let begun = Instant::now();
    while daemon.descriptors_free_below(40) > 0 {
        assert!(begun.elapsed() < DEADLINE);
        joe.fence("joe");
    }
    daemon.signal(Signal::HUP);
    let told = daemon.logged();
    let parts = ["ERROR", "cannot be read", "Too many open files", "the old one stays"];
    assert!(parts.iter().all(|part| told.contains(part)), "{told}");
    assert!(joe.fence("joe").is_empty());
    drop(crowd);
    while daemon.descriptors_free_below(40) < 20 {
        assert!(begun.elapsed() < DEADLINE);
        joe.fence("joe");
    }
    daemon.signal(Signal::HUP);
    assert!(daemon.logged().contains("nothing has changed"));
    fs::remove_dir_all(place).expect("it is ours");
}
