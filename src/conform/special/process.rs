//! The process of a server: its arguments, and its end.

use super::cast::Cast;
use crate::attempt::{Attempt, Played};
use crate::command::Launch;
use crate::failure::Trouble;
use crate::server::{Server, told};
use parlance_child_process as child_process;
use std::io::Read as _;
use std::process::{Child, ExitStatus};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// Starts the server with a value that is not a port.
pub(super) fn bad_arguments(attempt: &Attempt<'_>, values: &[&str], named: bool) -> Played {
    let command = attempt.setting.server.command().unwrap_or_default();
    let launch = Launch::of(command).map_err(|error| Trouble::Unknown(error.to_string()))?;
    for value in values {
        let mut child = child_process::start(&mut launch.filled(value))
            .map_err(|error| Trouble::Unknown(error.to_string()))?;
        let said = heard(&mut child);
        let status = ended(&mut child, attempt.bounds.until(Duration::from_secs(3)));
        // Processes that it has started, and left behind, may hold its standard error open.
        child_process::end(&mut child);
        let Some(status) = status else {
            return Err(Trouble::overdue(
                format!("with {value:?} it goes on running"),
                "an error, and the end",
            ));
        };
        let said = said.recv_timeout(Duration::from_secs(1)).unwrap_or_default();
        if status.success() {
            return Err(Trouble::rule(
                format!("with {value:?} it ends with status 0"),
                "an error status",
            ));
        }
        if named && (status.code() != Some(2) || !said.contains(value)) {
            let how = told(status);
            return Err(Trouble::rule(
                format!("with {value:?}: {how}, and standard error {}", last_line(&said)),
                "status 2, and the value on standard error",
            ));
        }
    }
    Ok(())
}

/// The part of a standard error that is quoted: the last line, where most languages put the error.
fn last_line(said: &str) -> String {
    match said.lines().rev().find(|line| !line.trim().is_empty()) {
        Some(line) => format!("ends in {:?}", line.chars().take(100).collect::<String>()),
        None => "is empty".to_owned(),
    }
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

/// All output of a process on its standard error, once no process holds it open any more.
fn heard(child: &mut Child) -> Receiver<String> {
    let (sender, receiver) = channel();
    let stderr = child.stderr.take();
    std::thread::spawn(move || {
        let mut said = String::new();
        if let Some(stderr) = stderr {
            // Output that is not UTF-8 does not name the value either.
            let _ = stderr.take(64 * 1024).read_to_string(&mut said);
        }
        let _ = sender.send(said); // nobody may wait for it any more
    });
    receiver
}

/// A server of its own with two members, told to stop: its exit status, and the ends of its
/// connections.
pub(super) fn shutdown(attempt: &mut Attempt<'_>) -> Played<(Option<ExitStatus>, Played)> {
    let command = attempt.setting.server.command().unwrap_or_default();
    let server =
        Server::start(command, attempt.bounds).map_err(|e| Trouble::Unknown(e.to_string()))?;
    // The layers are those of the setting's own server.
    attempt.setting.address = server.address();
    let mut cast = Cast::of(attempt);
    cast.play(attempt, "ann joins ann\nbob joins bob\nann sees bob join")?;
    attempt.transcript.note("server", "SIGTERM");
    let status = server.asked_to_stop(attempt.bounds.until(Duration::from_secs(7)));
    let ends = attempt.ends("ann", true).and_then(|()| attempt.ends("bob", true));
    Ok((status, ends))
}

pub(super) fn shutdown_status(attempt: &mut Attempt<'_>) -> Played {
    match shutdown(attempt)?.0 {
        Some(status) if status.success() => Ok(()),
        Some(status) => Err(Trouble::rule(told(status), "the exit status 0")),
        None => Err(Trouble::overdue("it goes on running", "the exit status 0 within 6 s")),
    }
}
