//! `--data`: rooms on disk.
//!
//! Goal: what the server says it has stored is there whatever becomes of the server, and an
//! operator can look at it and copy it meanwhile. Method: a daemon on a directory of its own is
//! killed under load, has its disk filled, and is given files that it cannot use; what is stored
//! is read by `parlance data`. Limits: a process is killed, not a machine, so that nothing is
//! shown of failures of power; `scripts/kill-store` repeats the kills.

use crate::process::{Chat, Daemon, command, in_shell, program};
use rustix::process::Signal;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

/// A data directory that is gone with the test.
pub(super) struct Data(PathBuf);

impl Data {
    pub(super) fn new(name: &str) -> Data {
        let path = std::env::temp_dir().join(format!("parlance-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        Data(path)
    }

    pub(super) fn text(&self) -> &str {
        self.0.to_str().expect("the system's own folder has a name of text")
    }

    pub(super) fn serve(&self, options: &[&str]) -> Daemon {
        Daemon::serving(&["channels"], &[&["--data", self.text()], options].concat())
    }

    /// What `parlance data` prints, and whether it succeeds.
    fn tool(&self, arguments: &[&str]) -> (bool, String) {
        let mut tool = command();
        let output = tool.arg("data").args(arguments).args(["--data", self.text()]).output();
        let output = output.expect("the program is there");
        let text = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(text).expect("text"))
    }

    /// All lines that are stored: number, name and text.
    fn export(&self) -> Vec<(u64, String, String)> {
        let (succeeds, text) = self.tool(&["export"]);
        assert!(succeeds, "{text}");
        let word = |line: &Value, key| line[key].as_str().expect("a string").to_owned();
        let line = |line: &str| {
            let line: Value = serde_json::from_str(line).expect("a line of JSON");
            (line["id"].as_u64().expect("a number"), word(&line, "name"), word(&line, "text"))
        };
        text.lines().map(line).collect()
    }

    pub(super) fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let entries = fs::read_dir(&self.0).expect("it is there").flatten();
        entries.map(|entry| (entry.path(), fs::read(entry.path()).expect("a file"))).collect()
    }
}

impl Drop for Data {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn member(address: SocketAddr, name: &str) -> Chat {
    let mut chat = Chat::connect(address);
    chat.send(format!("USERNAME {name}\nJOIN #den\n"));
    chat.expect(format!("OK Welcome, {name}!\r\n"));
    chat
}

/// Says its numbers until its connection ends, and reads what it is sent.
fn say_numbers(address: SocketAddr, name: &str) -> thread::JoinHandle<()> {
    let mut stream = TcpStream::connect(address).expect("it listens");
    let mut echo = stream.try_clone().expect("a socket");
    let hello = format!("USERNAME {name}\nJOIN #den\n");
    thread::spawn(move || {
        let reader = thread::spawn(move || {
            let mut buffer = vec![0; 65_536];
            while matches!(echo.read(&mut buffer), Ok(1..)) {}
        });
        let mut written = stream.write_all(hello.as_bytes());
        for number in 0.. {
            written = written.and_then(|()| stream.write_all(format!("{number}\n").as_bytes()));
            if written.is_err() {
                break;
            }
        }
        reader.join().expect("it only reads");
    })
}

/// What a member heard until the server was gone.
struct Heard {
    /// When, the name and the text, in order.
    lines: Vec<(Instant, String, String)>,
    /// The largest number that `/history` has shown.
    acknowledged: u64,
}

/// Listens to a room and has the server killed after so many lines.
fn listen_and_kill(daemon: &Daemon, name: &str, kill_after: usize) -> Heard {
    let mut stream = TcpStream::connect(daemon.address()).expect("it listens");
    stream.set_read_timeout(Some(crate::process::DEADLINE)).expect("a socket");
    let hello = format!("USERNAME {name}\nJOIN #den\n/topic load\n");
    stream.write_all(hello.as_bytes()).expect("it reads");
    let mut heard = Heard { lines: Vec::new(), acknowledged: 0 };
    let mut reader = BufReader::new(stream.try_clone().expect("a socket"));
    let (mut line, mut is_live) = (String::new(), false);
    while matches!(reader.read_line(&mut line), Ok(1..)) && line.ends_with('\n') {
        let words: Vec<&str> = line.trim_end().splitn(4, ' ').collect();
        match words[..] {
            ["TOPIC", _, setter, _] => is_live |= setter == name, // behind the history
            ["HISTORY", id, ..] => heard.acknowledged = id.parse().expect("a number"),
            ["ROOM", _, name, text] if is_live => {
                heard.lines.push((Instant::now(), name.to_owned(), text.to_owned()));
                let count = heard.lines.len();
                if count == kill_after {
                    daemon.signal(Signal::KILL);
                } else if count < kill_after && count % 2_000 == 50 {
                    stream.write_all(b"/history 1\n").expect("it is not killed yet");
                }
            }
            _ => {}
        }
        line.clear();
    }
    heard
}

/// Kills a server under load and returns the time for which lines are missing that were heard.
fn kill_once(data: &Data, round: usize, durability: &str) -> Duration {
    let daemon = data.serve(&["--durability", durability]);
    let names = ["a", "b", "c"].map(|name| format!("{name}{round}"));
    let listener = format!("listener{round}");
    let kill_after =
        if durability == "full" { 100 + round % 50 } else { 20_000 + 5_771 * round % 10_000 };
    let talkers = names.each_ref().map(|name| say_numbers(daemon.address(), name));
    let heard = listen_and_kill(&daemon, &listener, kill_after);
    assert_eq!(daemon.ended().status, None, "it was killed");
    for talker in talkers {
        talker.join().expect("it talks until the end");
    }

    let (whole, report) = data.tool(&["check"]);
    assert!(whole, "{report}");
    let stored = data.export();
    assert!(stored.windows(2).all(|pair| pair[0].0 < pair[1].0), "numbers are out of order");
    let last_id = stored.last().map_or(0, |(id, ..)| *id);
    assert!(heard.acknowledged <= last_id, "a line that /history has shown is missing");
    let of_round = |name: &str| names.iter().any(|own| own == name);
    for name in &names {
        let texts = stored.iter().filter(|(_, sender, _)| sender == name).map(|(.., text)| text);
        for (number, text) in texts.enumerate() {
            assert_eq!(*text, number.to_string(), "lines of {name} are not in order, once each");
        }
    }
    let stored: Vec<_> = stored.into_iter().filter(|(_, name, _)| of_round(name)).collect();
    // What was heard from the first line on that the listener did not miss is stored in this order.
    let (began, name, text) = heard.lines.first().expect("it has heard something");
    let first = stored.iter().position(|(_, sender, said)| (sender, said) == (name, text));
    let kept = first.map_or(&[][..], |first| &stored[first..]);
    let pairs = heard.lines.iter().zip(kept);
    for ((_, name, text), (_, sender, said)) in pairs {
        assert_eq!((name, text), (sender, said), "the store has another order");
    }
    let missing = &heard.lines[kept.len().min(heard.lines.len())..];
    let last_kept = heard.lines[..heard.lines.len() - missing.len()].last();
    // Where none is stored, all are missing.
    let kept_until = last_kept.map_or(began, |(at, ..)| at);
    missing.last().map_or(Duration::ZERO, |(at, ..)| at.duration_since(*kept_until))
}

/// How often a test kills its server: more if `scripts/kill-store` says so.
fn kills(usually: usize) -> usize {
    let given = std::env::var("PARLANCE_KILLS").ok();
    given.map_or(usually, |kills| kills.parse().expect("PARLANCE_KILLS is a number"))
}

/// [extensions/store-2]
#[test]
fn a_server_that_is_killed_keeps_what_it_has_stored_in_order_and_once() {
    let data = Data::new("killed");
    let mut longest = Duration::ZERO;
    for round in 0..kills(4) {
        longest = longest.max(kill_once(&data, round, "normal"));
    }
    println!("at most {} ms were missing", longest.as_millis());
    let allowed = if std::env::var_os("PARLANCE_KILLS").is_some() { 100 } else { 1_000 };
    assert!(longest <= Duration::from_millis(allowed), "{longest:?} were missing");
}

/// [extensions/store-2]
#[test]
fn a_server_that_stores_first_loses_no_line_that_was_heard() {
    let data = Data::new("killed-full");
    for round in 0..kills(3) {
        assert_eq!(kill_once(&data, round, "full"), Duration::ZERO, "in round {round}");
    }
}

#[test]
fn a_running_servers_data_can_be_checked_copied_and_exported() {
    let data = Data::new("tools");
    let daemon = data.serve(&[]);
    let mut ann = member(daemon.address(), "ann");
    ann.expect("OK Joined #den (0 users)\r\n");
    ann.send("h\u{e9}llo \"there\"\n/history\n");
    ann.expect("ROOM #den ann h\u{e9}llo \"there\"\r\nOK History #den (1)\r\n");
    let (whole, report) = data.tool(&["check"]);
    assert!(whole && report.contains(" is whole: version 3, 1 rooms, 1 lines"), "{report}");
    let line = (1, "ann".to_owned(), "h\u{e9}llo \"there\"".to_owned());
    assert_eq!(data.export(), [line]);
    let copy = data.0.join("copy");
    let copy_name = copy.to_str().expect("text");
    assert_eq!(data.tool(&["backup", copy_name]), (true, String::new()));
    let (again, error) = data.tool(&["backup", copy_name]);
    assert!(!again && error.contains("already"), "{error}");
    let second = command()
        .args(["--listen", "channels://127.0.0.1:0", "--data", data.text()])
        .output()
        .expect("the program is there");
    let error = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(error.contains("another server has the data directory"), "{error}");
    assert_eq!(second.status.code(), Some(2));
    daemon.signal(Signal::TERM);
    assert_eq!(daemon.ended().status, Some(0));
    let (missing, error) = Data::new("nothing").tool(&["check"]);
    assert!(!missing && error.contains("has no database"), "{error}");
}

/// [extensions/store-1] [extensions/history-4] [extensions/topic-3]
#[test]
fn a_room_is_as_it_was_after_a_restart() {
    let data = Data::new("restart");
    let daemon = data.serve(&[]);
    let mut ann = member(daemon.address(), "ann");
    ann.expect("OK Joined #den (0 users)\r\n");
    ann.send("one\n/topic tea\ntwo\n");
    ann.expect("ROOM #den ann one\r\nTOPIC #den ann tea\r\nROOM #den ann two\r\n");
    daemon.signal(Signal::TERM);
    assert_eq!(daemon.ended().status, Some(0));
    let daemon = data.serve(&["--history-lines", "1"]);
    let mut bob = member(daemon.address(), "bob");
    bob.expect("OK Joined #den (0 users)\r\nROOM #den ann two\r\nTOPIC #den ann tea\r\n");
}

/// [extensions/store-4]
#[test]
fn a_disk_that_is_full_stops_nobody_and_is_told_to_those_who_ask() {
    let data = Data::new("full");
    drop(data.serve(&[])); // its tables are there
    let mut limited = in_shell("trap '' XFSZ; ulimit -f 200; exec \"$0\" \"$@\"");
    limited.args(["--listen", "channels://127.0.0.1:0", "--metrics", "127.0.0.1:0"]);
    limited.args(["--data", data.text(), "--log", "error"]);
    let daemon = Daemon::launch(&mut limited, 2).expect("the daemon starts");
    let mut ann = member(daemon.address(), "ann");
    ann.expect("OK Joined #den (0 users)\r\n");
    let text = "x".repeat(10_000);
    let begun = Instant::now();
    loop {
        ann.send(format!("{text}\n/history 1\n"));
        ann.expect(format!("ROOM #den ann {text}\r\n"));
        let answer = ann.line();
        ann.line();
        if answer.ends_with(", history is not kept now\r") {
            break;
        }
        assert!(begun.elapsed() < crate::process::DEADLINE, "the disk is never full");
    }
    let log = daemon.line_logged("history is not kept");
    assert!(log.contains("ERROR") && log.contains("parlance.db"), "{log}");
    let mut ready = TcpStream::connect(daemon.address_of("metrics")).expect("it listens");
    ready.write_all(b"GET /readyz HTTP/1.1\r\nHost: here\r\n\r\n").expect("it reads");
    let mut answer = String::new();
    ready.read_to_string(&mut answer).expect("text");
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("store"), "{answer}");
}

#[test]
fn a_newer_or_damaged_database_ends_the_start_and_nothing_is_touched() {
    type Damage = fn(&mut Vec<u8>);
    let damages: [(&str, Damage); 3] = [
        ("has version 9", |file| file[60..64].copy_from_slice(&9_u32.to_be_bytes())),
        ("is damaged", |file| file[..16].fill(b'?')),
        ("is damaged", |file| file.truncate(file.len() - 5_000)),
    ];
    for (expected, damage) in damages {
        let data = Data::new("damaged");
        drop(data.serve(&[]));
        let path = data.0.join("parlance.db");
        let _ = fs::remove_file(data.0.join("parlance.db-wal"));
        let _ = fs::remove_file(data.0.join("parlance.db-shm"));
        let mut file = fs::read(&path).expect("it is there");
        damage(&mut file);
        fs::write(&path, file).expect("it is ours");
        let before = data.files();
        let mut started = command();
        started.args(["--listen", "channels://127.0.0.1:0", "--data", data.text()]);
        let output = started.output().expect("the program is there");
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(error.contains(expected) && error.contains("parlance.db"), "{error}");
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
        assert!(data.files() == before, "{expected}: something was touched");
    }
}

#[test]
fn options_of_the_store_need_a_directory() {
    for option in [["--durability", "full"], ["--history-days", "7"], ["--history-bytes", "1GiB"]] {
        let output = command().args(option).output().expect("the program is there");
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(error.contains(option[0]) && error.contains("write --data DIR"), "{error}");
    }
}

/// Every command that docs/operating.md shows for kept rooms does what it says there.
#[test]
fn the_walk_of_the_operators_page_is_real() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/operating.md");
    let page = fs::read_to_string(page).expect("it is there");
    let (_, rest) = page.split_once("## Keeping rooms").expect("the section is there");
    let section = rest.split("\n## ").next().unwrap_or(rest);
    let blocks = section.split("```sh\n").skip(1).map(|block| block.split("```").next().unwrap());
    let data = Data::new("walk");
    fs::create_dir(&data.0).expect("a new folder");
    let listening = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listening.local_addr().expect("it has one").port().to_string();
    drop(listening);
    let shown: Vec<String> = blocks
        .map(|block| block.replace("9999", &port).replace("/var/lib/parlance", data.text()))
        .collect();
    let [serve, talk, look, restore, prune] = &shown[..] else { panic!("{} blocks", shown.len()) };
    let folder = program("parlance").parent().expect("it is in one").to_owned();
    let shell = |script: &str| {
        let mut shell = Command::new("sh");
        let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap_or_default());
        shell.arg("-ec").arg(script).env("PATH", path).current_dir(&data.0);
        crate::process::clean(shell)
    };
    let exec = |line: &str| format!("exec {}", line.trim());
    let daemon = Daemon::launch(&mut shell(&exec(serve)), 1).expect("the daemon starts");
    let run = |script: &str| {
        let output = shell(script).output().expect("there is a shell");
        let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(output.status.success(), "{script}: {text}");
        text
    };
    let said = run(talk);
    assert!(said.contains("Anyone here?"), "{said}");
    let looked = run(look);
    assert!(looked.contains("is whole") && looked.contains("Anyone here?"), "{looked}");
    daemon.signal(Signal::TERM);
    assert_eq!(daemon.ended().status, Some(0));
    run(restore);
    let daemon = Daemon::launch(&mut shell(&exec(prune)), 1).expect("the daemon starts again");
    let mut bob = member(daemon.address(), "bob");
    bob.expect("OK Joined #den (0 users)\r\n");
    assert!(bob.line().ends_with("Anyone here?\r"));
}
