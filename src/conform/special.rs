//! Cases that steps cannot say: crowds, floods, and the process itself. Each is bounded in time and count.

use super::breach::Trouble;
use super::history::{self, Random, Size};
use super::login;
use super::members;
use super::runner::Runner;
use super::server::{Server, filled, told};
use super::stage::{Played, Stage};
use super::unnamed;
use super::wire::Heard;
use rustix::process::{Pid, Signal, kill_process_group};
use std::io::Read as _;
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

/// Plays the case that a file calls `runs: name`.
pub(super) fn run(name: &str, run: &Runner<'_>, stage: &mut Stage<'_>) -> Played {
    match name {
        "hundred-clients" => hundred_clients(stage),
        "half-close" => half_close(stage),
        "room-again" => room_again(stage),
        "garbage" => garbage(run, stage),
        "rapid-connections" => rapid_connections(stage),
        "endless-line" => endless_line(stage),
        "ghost" => ghost(stage),
        "stalled-room" => stalled_room(stage),
        "stopped-reader" => stopped_reader(stage),
        "burst" => burst(stage),
        "history" => histories(run, stage, 1, Size { rooms: 2, participants: 8, lines: 12 }),
        "large-histories" => {
            histories(run, stage, 4, Size { rooms: 3, participants: 32, lines: 30 })
        }
        "user-list" => login::user_list(stage),
        "idle" => login::idle(run, stage),
        "descriptors" => descriptors(run, stage),
        "memory" => memory(run, stage),
        "bad-argument" => bad_arguments(run, &["nonsense", "99999"], false),
        "almost-ports" => bad_arguments(run, &["0", "65536", "+8080", "0x50", " 80", ""], false),
        "bad-value-named" => bad_arguments(run, &["nonsense", "65536"], true),
        "shutdown-silent" => shutdown(run, stage)?.1,
        "shutdown-status" => shutdown_status(run, stage),
        "unnamed-hears" => unnamed::hears(stage),
        "unnamed-stalls" => unnamed::stalls(stage),
        "everybody-hears" => members::everybody_hears(stage),
        "name-comes-free" => members::name_comes_free(stage),
        _ => Err(Trouble::Unknown(format!("the suite has no function {name}"))),
    }
}

/// The names that case files may use.
#[cfg(test)]
pub(super) const NAMES: &[&str] = &[
    "hundred-clients",
    "half-close",
    "room-again",
    "garbage",
    "rapid-connections",
    "endless-line",
    "ghost",
    "stalled-room",
    "stopped-reader",
    "burst",
    "history",
    "large-histories",
    "user-list",
    "idle",
    "descriptors",
    "memory",
    "bad-argument",
    "almost-ports",
    "bad-value-named",
    "shutdown-silent",
    "shutdown-status",
    "unnamed-hears",
    "unnamed-stalls",
    "everybody-hears",
    "name-comes-free",
];

fn join(stage: &mut Stage<'_>, who: &str) -> Played {
    stage.say(who, &format!(r"JOIN {{room}} {who}\n"))?;
    stage.sees(who, &format!(r"{who} has joined\n"))
}

fn hundred_clients(stage: &mut Stage<'_>) -> Played {
    const CLIENTS: usize = 100;
    let names: Vec<String> = (1..=CLIENTS).map(|number| format!("m{number}")).collect();
    for name in &names {
        stage.connect(name)?;
    }
    for name in &names {
        join(stage, name)?;
    }
    for (at, name) in names.iter().enumerate() {
        let later: Vec<String> =
            names[at + 1..].iter().map(|other| format!("{other} has joined\n")).collect();
        let later = later.concat();
        if !later.is_empty() {
            stage.expect(name, later.as_bytes())?;
        }
    }
    stage.say("m100", r"hello\n")?;
    for name in &names {
        stage.sees(name, r"m100: hello\n")?;
    }
    for name in &names[1..] {
        stage.reset(name);
        stage.sees("m1", &format!(r"{name} has left\n"))?;
    }
    stage.say("m1", r"alone\n")?;
    stage.proves("m1", r"m1: alone\n")
}

/// The departure of the first member may take effect after the second has come: only what it said may not
/// be there.
fn room_again(stage: &mut Stage<'_>) -> Played {
    join(stage, "ann")?;
    stage.say("ann", r"old\n")?;
    stage.sees("ann", r"ann: old\n")?;
    stage.close("ann");
    join(stage, "bob")?;
    stage.say("bob", r"new\n")?;
    if stage.one_of("bob", &[b"bob: new\n", b"ann has left\n"])? == 1 {
        stage.sees("bob", r"bob: new\n")?;
    }
    Ok(())
}

/// Which reading of a half-close a server has takes a wait to find out: staying leaves no trace.
fn half_close(stage: &mut Stage<'_>) -> Played {
    join(stage, "ann")?;
    join(stage, "bob")?;
    stage.sees("ann", r"bob has joined\n")?;
    stage.half_close("bob")?;
    let until = stage.bounds.until(Duration::from_millis(700));
    let heard = stage.wire("ann")?.hear(until);
    let reading = if heard == Heard::Timeout { "stays" } else { "departs" };
    stage.findings.reading = Some(reading.to_owned());
    if reading == "stays" {
        stage.say("ann", r"there?\n")?;
        stage.sees("ann", r"ann: there?\n")?;
        stage.sees("bob", r"ann: there?\n")?;
        stage.reset("bob");
    }
    stage.sees("ann", r"bob has left\n")?;
    stage.say("ann", r"alone\n")?;
    stage.proves("ann", r"ann: alone\n")
}

fn garbage(run: &Runner<'_>, stage: &mut Stage<'_>) -> Played {
    let mut random = Random::new(run.manner.seed);
    join(stage, "ann")?;
    for number in 0..40 {
        let who = format!("g{number}");
        let length = 1 + random.below(3000);
        let mut bytes: Vec<u8> = (0..length).map(|_| random.below(256).to_le_bytes()[0]).collect();
        if number % 2 == 0 {
            // Inside a room, and not too long for one line.
            stage.say(&who, &format!(r"JOIN {{room2}} {who}\n"))?;
        }
        bytes.push(b'\n');
        stage.send(&who, &bytes)?;
        if number % 3 == 0 { stage.reset(&who) } else { stage.close(&who) }
    }
    stage.say("ann", r"still here\n")?;
    stage.proves("ann", r"ann: still here\n")
}

fn rapid_connections(stage: &mut Stage<'_>) -> Played {
    join(stage, "ann")?;
    for number in 0..200 {
        stage.connect("x")?;
        match number % 4 {
            0 => stage.reset("x"),
            1 => stage.close("x"),
            2 => {
                stage.send("x", b"JOIN")?;
                stage.reset("x");
            }
            _ => {
                stage.say("x", r"JOIN {room2} x\n")?;
                stage.reset("x");
            }
        }
    }
    stage.say("ann", r"still here\n")?;
    stage.proves("ann", r"ann: still here\n")
}

fn endless_line(stage: &mut Stage<'_>) -> Played {
    const MEGABYTES: usize = 16;
    join(stage, "ann")?;
    stage.connect("flood")?;
    let until = stage.bounds.until(Duration::from_secs(3));
    let chunk = vec![b'x'; 1024 * 1024];
    let mut total = 0;
    for _ in 0..MEGABYTES {
        let (sent, open) = stage.wire("flood")?.flood(&chunk, until);
        total += sent;
        if !open || sent < chunk.len() {
            break;
        }
    }
    stage.transcript.note("flood", format!("sends {total} bytes without LF"));
    stage.say("ann", r"still here\n")?;
    stage.proves("ann", r"ann: still here\n")
}

/// A member with a small receive buffer that never reads, and a reader beside it.
fn with_stopped_reader(stage: &mut Stage<'_>) -> Played {
    stage.connect_as("slow", true)?;
    join(stage, "slow")?;
    join(stage, "ann")?;
    join(stage, "bob")?;
    stage.sees("ann", r"bob has joined\n")
}

/// One kilobyte that `ann` says, as it is sent and as it is seen.
fn kilobyte(number: usize) -> (Vec<u8>, Vec<u8>) {
    let text = format!("{number:06}{}\n", "x".repeat(1000));
    let seen = format!("ann: {text}");
    (text.into_bytes(), seen.into_bytes())
}

/// Lets `ann` say kilobytes until `enough`; who reads sees each of them, and may see once that `slow` has
/// left. Returns who has seen that.
fn talk(stage: &mut Stage<'_>, lines: usize, enough: fn(&[bool; 2]) -> bool) -> Played<[bool; 2]> {
    let mut left = [false; 2];
    for number in 0..lines {
        let (sent, seen) = kilobyte(number);
        // That the server takes it is seen by its coming back.
        stage.wire("ann")?.send(&sent, Duration::from_secs(1)).ok();
        for (who, left) in ["ann", "bob"].iter().zip(&mut left) {
            let events = stage.transcript.events.len();
            if stage.one_of(who, &[&seen, b"slow has left\n"])? == 1 {
                *left = true;
                stage.expect(who, &seen)?;
            }
            // A page full of kilobytes helps nobody.
            stage.transcript.events.truncate(events);
        }
        if enough(&left) {
            break;
        }
    }
    let notice = |left: &bool| if *left { ", and sees that slow has left" } else { "" };
    for (who, left) in ["ann", "bob"].iter().zip(&left) {
        stage.transcript.note(who, format!("sees what ann says{}", notice(left)));
    }
    Ok(left)
}

fn ghost(stage: &mut Stage<'_>) -> Played {
    with_stopped_reader(stage)?;
    let left = talk(stage, 400, |_| false)?;
    stage.reset("slow");
    for (who, _) in ["ann", "bob"].iter().zip(left).filter(|(_, seen)| !seen) {
        stage.sees(who, r"slow has left\n")?;
    }
    stage.say("ann", r"gone\n")?;
    stage.proves("ann", r"ann: gone\n")
}

fn stalled_room(stage: &mut Stage<'_>) -> Played {
    with_stopped_reader(stage)?;
    stage.say("cat", r"JOIN {room2} cat\n")?;
    stage.sees("cat", r"cat has joined\n")?;
    talk(stage, 600, |_| false)?;
    stage.say("cat", r"another room\n")?;
    stage.proves("cat", r"cat: another room\n")
}

fn stopped_reader(stage: &mut Stage<'_>) -> Played {
    const MEGABYTES: usize = 24;
    with_stopped_reader(stage)?;
    if talk(stage, MEGABYTES * 1024, |left| *left == [true; 2])? == [true; 2] {
        return Ok(());
    }
    let what = format!("slow has read nothing of {MEGABYTES} MB, and is still a member");
    Err(Trouble::rule(what, "slow has left, at the latest when it is owed 1 MiB"))
}

fn burst(stage: &mut Stage<'_>) -> Played {
    const LINES: usize = 4096;
    join(stage, "ann")?;
    join(stage, "bob")?;
    stage.sees("ann", r"bob has joined\n")?;
    let mut wires = [stage.take("ann")?, stage.take("bob")?];
    let mut sender = Vec::new();
    let mut wanted = Vec::new();
    for number in 0..LINES {
        let (sent, seen) = kilobyte(number);
        sender.extend(sent);
        wanted.extend(seen);
    }
    let until = stage.bounds.until(Duration::from_secs(10));
    let [ann, bob] = &mut wires;
    // Its own lines come back to the sender, who has to read while it sends.
    let mut sent = 0;
    while sent < sender.len() && Instant::now() < until {
        let soon = Instant::now() + Duration::from_millis(5);
        let end = (sent + 256 * 1024).min(sender.len());
        let (more, open) = ann.flood(&sender[sent..end], soon);
        sent += more;
        if !open {
            break;
        }
        for wire in [&mut *ann, &mut *bob] {
            while wire.hear(Instant::now()) == Heard::Bytes {}
        }
    }
    stage.transcript.note("ann", format!("sends {sent} bytes as fast as the server takes them"));
    for (who, wire) in [("ann", ann), ("bob", bob)] {
        while wire.ahead.len() < wanted.len() && wire.hear(until) == Heard::Bytes {}
        if wire.ahead != wanted {
            let same = wire.ahead.iter().zip(&wanted).take_while(|(a, b)| a == b).count();
            let what =
                format!("{who} reads all the time and got {same} of {} bytes right", wanted.len());
            return Err(Trouble::rule(what, "every line, whole and in order"));
        }
    }
    Ok(())
}

fn histories(run: &Runner<'_>, stage: &mut Stage<'_>, count: u64, size: Size) -> Played {
    history::histories(run.book.dialect, stage, (run.manner.seed, count), size)
}

fn churn(stage: &mut Stage<'_>, rounds: usize) -> Played {
    for number in 0..rounds {
        stage.connect("x")?;
        match number % 4 {
            0 => stage.send("x", &vec![b'y'; 15_000])?,
            1 => stage.say("x", r"JOIN {room2} x\n")?,
            2 => stage.send("x", b"nonsense\n")?,
            _ => {}
        }
        if number % 2 == 0 { stage.reset("x") } else { stage.close("x") }
    }
    // A room of its own each time: when the last one's member leaves it is not waited for.
    stage.say("ann", &format!(r"JOIN {{room{rounds}}} ann\n"))?;
    stage.sees("ann", r"ann has joined\n")?;
    stage.say("ann", r"fence\n")?;
    stage.sees("ann", r"ann: fence\n")?;
    stage.close("ann");
    Ok(())
}

fn usage(run: &Runner<'_>) -> Played<(usize, u64)> {
    let unknown = || Trouble::Unknown("this system does not tell what a process uses".to_owned());
    run.server.usage().ok_or_else(unknown)
}

fn descriptors(run: &Runner<'_>, stage: &mut Stage<'_>) -> Played {
    churn(stage, 20)?;
    let before = usage(run)?.0;
    churn(stage, 200)?;
    // A server may take its time to close them, but not for ever; a few are nobody's fault.
    let until = stage.bounds.until(Duration::from_secs(3));
    loop {
        let after = usage(run)?.0;
        if after <= before + 10 {
            return Ok(());
        }
        if Instant::now() >= until {
            let what =
                format!("{before} descriptors before 200 connections, {after} when they are over");
            return Err(Trouble::rule(what, "as many as before"));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn memory(run: &Runner<'_>, stage: &mut Stage<'_>) -> Played {
    // What it takes once may stay: the first round warms up the allocator.
    churn(stage, 600)?;
    let before = usage(run)?.1;
    churn(stage, 1200)?;
    let after = usage(run)?.1;
    let most = before + 8 * 1024;
    if after > most {
        let what =
            format!("{before} KB resident before 1,200 connections, {after} KB when they are over");
        return Err(Trouble::rule(what, "about as much as before"));
    }
    Ok(())
}

/// Starts the server with something that is no port.
fn bad_arguments(run: &Runner<'_>, values: &[&str], named: bool) -> Played {
    let command = run.server.command().unwrap_or_default();
    if !command.iter().any(|part| part == "{port}") {
        return Err(Trouble::Unknown("{port} is not an argument of its own".to_owned()));
    }
    for value in values {
        let mut child =
            filled(command, value).spawn().map_err(|e| Trouble::Unknown(e.to_string()))?;
        let status = ended(&mut child, run.bounds.until(Duration::from_secs(3)));
        let Some(status) = status else {
            kill(&mut child);
            return Err(Trouble::rule(
                format!("with {value:?} it goes on running"),
                "an error, and the end",
            ));
        };
        let mut said = String::new();
        if let Some(stderr) = child.stderr.take() {
            // What is not UTF-8 does not name the value either.
            let _ = stderr.take(64 * 1024).read_to_string(&mut said);
        }
        if status.success() {
            return Err(Trouble::rule(
                format!("with {value:?} it ends with status 0"),
                "an error status",
            ));
        }
        if named && (status.code() != Some(2) || !said.contains(value)) {
            let how = told(status);
            return Err(Trouble::rule(
                format!("with {value:?}: {how}, and standard error is {said:?}"),
                "status 2, and the value on standard error",
            ));
        }
    }
    Ok(())
}

fn ended(child: &mut Child, until: Instant) -> Option<ExitStatus> {
    loop {
        if let Ok(Some(status)) = child.try_wait() {
            return Some(status);
        }
        if Instant::now() >= until {
            return None;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn kill(child: &mut Child) {
    // It may have ended in this moment, which is what we want.
    let _ = kill_process_group(Pid::from_child(child), Signal::KILL);
    let _ = child.wait();
}

/// A server of its own with two members, told to stop: how it ended, and how its connections did.
fn shutdown(run: &Runner<'_>, stage: &mut Stage<'_>) -> Played<(Option<ExitStatus>, Played)> {
    let command = run.server.command().unwrap_or_default();
    let server = Server::start(command, run.bounds).map_err(|e| Trouble::Unknown(e.to_string()))?;
    stage.setting.address = server.address();
    join(stage, "ann")?;
    join(stage, "bob")?;
    stage.sees("ann", r"bob has joined\n")?;
    stage.transcript.note("server", "SIGTERM");
    let status = server.asked_to_stop(run.bounds.until(Duration::from_secs(7)));
    let ends = stage.ends("ann", true).and_then(|()| stage.ends("bob", true));
    Ok((status, ends))
}

fn shutdown_status(run: &Runner<'_>, stage: &mut Stage<'_>) -> Played {
    match shutdown(run, stage)?.0 {
        Some(status) if status.success() => Ok(()),
        Some(status) => Err(Trouble::rule(told(status), "the exit status 0")),
        None => Err(Trouble::rule("it goes on running", "the exit status 0 within 6 s")),
    }
}
