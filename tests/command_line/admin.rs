//! The operator's socket, and `parlance ctl`.
//!
//! Goal: an operator who has started a server can see who is there, end one, keep one out, change
//! the log, reload and drain; and nobody else can. Method: the program on both sides of a socket in
//! a folder of its own, clients that are kicked, and files that are in the way. Limits: that
//! another user is kept out is the system's doing, of which the mode of the file is looked at; what
//! commands mean is tried on scripted networks.

use crate::certificates::folder;
use crate::process::{Chat, Daemon, Ended, command};
use rustix::process::Signal;
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::Output;

struct Operated {
    socket: PathBuf,
    daemon: Daemon,
}

impl Operated {
    fn start(name: &str, options: &[&str]) -> Operated {
        let socket = folder(name).join("admin.sock");
        let daemon = launch(&socket, options).expect("it starts");
        Operated { socket, daemon }
    }

    fn ctl(&self, words: &str) -> Output {
        let mut command = command();
        command.arg("ctl").arg("--socket").arg(&self.socket).args(words.split(' '));
        command.output().expect("the program is there")
    }

    /// What a command prints that the server performs.
    fn does(&self, words: &str) -> String {
        let output = self.ctl(words);
        let (text, errors) = (of(&output.stdout), of(&output.stderr));
        assert!(output.status.success() && errors.is_empty(), "{words}: {text}{errors}");
        text
    }

    /// The error of a command that is refused.
    fn refuses(&self, words: &str) -> String {
        let output = self.ctl(words);
        assert_eq!(output.status.code(), Some(1), "{words}: {}", of(&output.stdout));
        of(&output.stderr)
    }

    fn json(&self, words: &str) -> Value {
        serde_json::from_str(&self.does(&format!("--json {words}"))).expect("it is JSON")
    }
}

fn launch(socket: &Path, options: &[&str]) -> Result<Daemon, Ended> {
    let mut command = command();
    command.arg("--admin").arg(socket).args(["--listen", "rooms://127.0.0.1:0"]).args(options);
    Daemon::launch(&mut command, 1)
}

fn of(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("it is text")
}

/// [common/admin-1] [common/admin-2]
#[test]
fn clients_are_shown_kicked_and_banned() {
    let operated = Operated::start("commands", &["--ban", "192.0.2.0/24 no spam"]);
    let address = operated.daemon.address();
    let [mut ann, mut joe] = ["ann", "joe"].map(|name| Chat::join(address, "den", name));
    ann.expect("joe has joined\n");
    let clients = operated.json("clients");
    let names: Vec<_> =
        clients.as_array().expect("a list").iter().map(|row| &row["name"]).collect();
    assert_eq!(names, ["ann", "joe"]);
    assert!(operated.does("rooms").contains("den"));
    assert_eq!(operated.json("show joe")["room"], "den");
    assert!(operated.does("kick joe take a break").starts_with("kicked joe (connection 2, "));
    joe.expect("ERROR\n");
    ann.expect("joe has left\n");
    assert!(operated.refuses("kick zed").contains("no client is called zed"));
    let banned = operated.does("ban joe --for 1h not you");
    assert_eq!(banned.lines().next(), Some("banned joe"));
    let mut again = Chat::connect(address);
    again.send("JOIN den joe\n");
    again.expect("ERROR\n");
    let bans = operated.does("bans");
    for named in ["192.0.2.0/24", "no spam", "configuration", "joe", "in 59m", "not you"] {
        assert!(bans.contains(named), "{bans}");
    }
    assert!(operated.refuses("unban 192.0.2.0/24").contains("configuration"));
    assert_eq!(operated.does("unban joe"), "joe is banned no longer\n");
    let _third = Chat::join(address, "den", "joe");
    ann.expect("joe has joined\n");
}

/// [common/ban-5]
#[test]
fn bans_outlive_a_server_that_has_a_store() {
    let data = folder("kept-bans").join("data");
    let options = ["--data", data.to_str().expect("it is text")];
    let first = Operated::start("kept-bans-1", &options);
    first.does("ban 127.0.0.1 --for 1h off you go");
    first.does("ban joe");
    first.does("ban name:10.0.0.1");
    first.does("unban joe");
    first.daemon.signal(Signal::KILL);
    assert_eq!(first.daemon.ended().status, None);
    let second = Operated::start("kept-bans-2", &options);
    Chat::connect(second.daemon.address()).expect("ERROR\n");
    let bans = second.json("bans");
    let targets: Vec<_> =
        bans.as_array().expect("a list").iter().map(|ban| &ban["target"]).collect();
    assert_eq!(targets, ["127.0.0.1", "name:10.0.0.1"]);
    assert!(bans[0]["left_s"].as_u64().is_some_and(|left| left > 3000 && left < 3600), "{bans}");
    second.does("unban 127.0.0.1");
    let _ann = Chat::join(second.daemon.address(), "den", "ann");
}

/// [common/admin-1]
#[test]
fn the_server_as_a_whole_is_shown_and_who_sends_most() {
    let operated = Operated::start("stats", &[]);
    let [_ann, mut joe] =
        ["ann", "joe"].map(|name| Chat::join(operated.daemon.address(), "den", name));
    let stats = operated.json("stats");
    assert_eq!((&stats["ready"], &stats["dialects"][0]["clients"]), (&true.into(), &2.into()));
    assert!(operated.does("stats").contains("ready: yes"));
    let mut top = command();
    top.arg("ctl").arg("--socket").arg(&operated.socket).args(["--json", "top"]);
    top.args(["--interval", "100ms", "--count", "1", "--lines", "1"]);
    // The first look may come before the lines: then they count in the second.
    joe.send("x\n".repeat(1000));
    joe.expect("joe: x\n".repeat(1000));
    let output = top.output().expect("the program is there");
    let rows: Value = serde_json::from_str(&of(&output.stdout)).expect("it is JSON");
    assert_eq!(rows.as_array().map(Vec::len), Some(1), "{rows}");
    assert!(rows[0]["bytes_in_per_s"].is_u64(), "{rows}");
}

/// [common/admin-1] [common/reload-1] [common/ban-4]
#[test]
fn a_reload_answers_with_what_has_changed_and_bans_change() {
    let path = folder("admin-reload").join("parlance.toml");
    let file = path.to_str().expect("it is text");
    let write = |text: &str| fs::write(&path, text).expect("it is written");
    write("[limits]\nclients-max = 5\n");
    let operated = Operated::start("reload-socket", &["--config", file]);
    let mut inside = Chat::join(operated.daemon.address(), "den", "ann");
    assert_eq!(operated.does("reload"), "nothing has changed\n");
    write("[limits]\nclients-max = 6\n[admin]\nban = ['127.0.0.1 off you go', 'name:x']\n");
    let changed = operated.json("reload");
    let options: Vec<_> =
        changed.as_array().expect("a list").iter().map(|row| &row["option"]).collect();
    assert_eq!(options, ["clients-max", "ban"]);
    assert_eq!((&changed[0]["from"], &changed[0]["to"]), (&"5".into(), &"6".into()));
    let mut late = Chat::connect(operated.daemon.address());
    late.expect("ERROR\n");
    assert_eq!(inside.fence("ann"), Vec::<String>::new(), "who is there stays");
    write("[limits]\nclients = 6\n");
    let refused = operated.refuses("reload");
    assert!(refused.contains("there is no key 'clients'"), "{refused}");
    assert!(operated.does("bans").contains("127.0.0.1"), "nothing of a faulty file counts");
}

/// [common/admin-1]
#[test]
fn the_filter_of_the_log_is_changed_while_the_server_runs() {
    let operated = Operated::start("filter-ctl", &["--log", "warn"]);
    assert_eq!(operated.does("log"), "warn\n");
    assert!(operated.refuses("log loud").contains("'loud'"));
    assert_eq!(operated.does("log info"), "info\n");
    let _ann = Chat::join(operated.daemon.address(), "den", "ann");
    operated.daemon.line_logged(" connected ");
}

/// [common/admin-1] [common/drain-1]
#[test]
fn a_drain_ends_the_server_when_its_clients_have_gone_and_removes_the_socket() {
    let operated = Operated::start("drain-ctl", &[]);
    let ann = Chat::join(operated.daemon.address(), "den", "ann");
    assert!(operated.does("drain").starts_with("draining: "));
    assert_eq!(operated.json("stats")["ready"], false);
    drop(ann);
    let Operated { socket, daemon } = operated;
    assert_eq!(daemon.ended().status, Some(0));
    assert!(!socket.exists());
}

/// [common/admin-1] [common/admin-3]
#[test]
fn the_socket_is_private_and_only_that_of_a_dead_server_is_replaced() {
    let operated = Operated::start("private", &[]);
    let mode = |path: &Path| fs::symlink_metadata(path).expect("it is there").permissions().mode();
    assert_eq!(mode(&operated.socket) & 0o777, 0o600);
    let fault = |socket: &Path| {
        let ended = launch(socket, &[]).map(|_| ()).expect_err("it does not start");
        assert_eq!(ended.status, Some(2));
        ended.stderr.concat()
    };
    assert!(fault(&operated.socket).contains("another server has it"));
    operated.daemon.signal(Signal::KILL);
    let Operated { socket, daemon } = operated;
    assert_eq!(daemon.ended().status, None);
    assert!(socket.exists(), "it was killed");
    drop(launch(&socket, &[]).expect("the socket of a dead server is replaced"));
    let file = folder("private-file").join("notes");
    fs::write(&file, "mine").expect("it is written");
    assert!(fault(&file).contains("another file"));
    assert_eq!(fs::read_to_string(&file).expect("it stays"), "mine");
    let nowhere = folder("private-nowhere").join("no/admin.sock");
    assert!(fault(&nowhere).contains("its folder is not there"));
    let long = folder("private-long").join("x".repeat(120));
    assert!(fault(&long).contains("107 bytes"));
}

/// [common/admin-2] [common/admin-3]
#[test]
fn a_line_that_is_no_command_is_an_error_and_one_without_end_is_cut_off() {
    let operated = Operated::start("lines", &[]);
    let ask = |bytes: &[u8]| {
        let mut stream = UnixStream::connect(&operated.socket).expect("it is there");
        stream.write_all(bytes).expect("it is read");
        let mut answer = String::new();
        BufReader::new(stream).read_line(&mut answer).expect("an answer");
        answer
    };
    assert!(ask(b"kcik 7\n").contains("did you mean `kick`?"));
    assert!(ask(b"ban joe \xff\xfe\n").contains("byte 9 of this one"));
    assert!(ask(b"\x1b[2J\n").starts_with(r#"ERROR "\u{1b}[2J" is no command"#));
    assert!(ask(&[b'x'; 5000]).contains("at most 4096 bytes"));
    let long = [&b"log "[..], &[b'x'; 5000], b"\n"].concat();
    assert!(ask(&long).contains("at most 4096 bytes"));
    let all: Vec<UnixStream> =
        (0..16).map(|_| UnixStream::connect(&operated.socket).expect("it is there")).collect();
    // Each is served once it has an answer.
    for stream in &all {
        (&*stream).write_all(b"help\n").expect("it is read");
        BufReader::new(stream).read_line(&mut String::new()).expect("an answer");
    }
    assert!(ask(b"").contains("16 operators"));
}

#[test]
fn a_socket_that_is_not_there_or_not_ours_is_an_error_that_says_what_to_do() {
    let nowhere = folder("no-server").join("admin.sock");
    let ctl = |socket: &Path| {
        let mut command = command();
        command.env("PARLANCE_ADMIN", ""); // as if it were not set
        command.arg("ctl").arg("stats").arg("--socket").arg(socket);
        let output = command.output().expect("the program is there");
        assert_eq!(output.status.code(), Some(1));
        of(&output.stderr)
    };
    assert!(ctl(&nowhere).contains("--admin PATH"));
    let listener = UnixListener::bind(&nowhere).expect("it is free");
    let other = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("somebody comes");
        BufReader::new(&stream).read_line(&mut String::new()).expect("a question");
        stream.write_all(b"hello\n").expect("it is read");
    });
    assert!(ctl(&nowhere).contains("no admin socket of parlance"));
    other.join().expect("it does not fail");
    // Another test may be between fork and exec, with all descriptors of this process.
    while UnixStream::connect(&nowhere).is_ok() {
        std::thread::yield_now();
    }
    assert!(ctl(&nowhere).contains("is it running?"));
}
