//! The process of a server: its arguments, and its end.

use super::cast::Cast;
use crate::conform::breach::Trouble;
use crate::conform::runner::Runner;
use crate::conform::server::{Server, filled, told};
use crate::conform::stage::{Played, Stage};
use rustix::process::{Pid, Signal, kill_process_group};
use std::io::Read as _;
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

/// Starts the server with something that is no port.
pub(super) fn bad_arguments(run: &Runner<'_>, values: &[&str], named: bool) -> Played {
    let command = run.server.command().unwrap_or_default();
    if !command.iter().any(|part| part == "{port}" || part.ends_with("={port}")) {
        return Err(Trouble::Unknown("{port} is not an argument by itself".to_owned()));
    }
    for value in values {
        let mut child =
            filled(command, value).spawn().map_err(|e| Trouble::Unknown(e.to_string()))?;
        let status = ended(&mut child, run.bounds.until(Duration::from_secs(3)));
        let Some(status) = status else {
            kill(&mut child);
            return Err(Trouble::overdue(
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
                format!("with {value:?}: {how}, and standard error {}", last_line(&said)),
                "status 2, and the value on standard error",
            ));
        }
    }
    Ok(())
}

/// What is quoted of a standard error: the last line, where most languages put what is wrong.
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

fn kill(child: &mut Child) {
    // It may have ended in this moment, which is what we want.
    let _ = kill_process_group(Pid::from_child(child), Signal::KILL);
    let _ = child.wait();
}

/// A server of its own with two members, told to stop: how it ended, and how its connections did.
pub(super) fn shutdown(
    run: &Runner<'_>,
    stage: &mut Stage<'_>,
) -> Played<(Option<ExitStatus>, Played)> {
    let command = run.server.command().unwrap_or_default();
    let server = Server::start(command, run.bounds).map_err(|e| Trouble::Unknown(e.to_string()))?;
    stage.setting.address = server.address();
    let mut cast = Cast::of(stage);
    cast.play(stage, "ann joins ann\nbob joins bob\nann sees bob join")?;
    stage.transcript.note("server", "SIGTERM");
    let status = server.asked_to_stop(run.bounds.until(Duration::from_secs(7)));
    let ends = stage.ends("ann", true).and_then(|()| stage.ends("bob", true));
    Ok((status, ends))
}

pub(super) fn shutdown_status(run: &Runner<'_>, stage: &mut Stage<'_>) -> Played {
    match shutdown(run, stage)?.0 {
        Some(status) if status.success() => Ok(()),
        Some(status) => Err(Trouble::rule(told(status), "the exit status 0")),
        None => Err(Trouble::overdue("it goes on running", "the exit status 0 within 6 s")),
    }
}
