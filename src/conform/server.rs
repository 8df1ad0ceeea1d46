//! The server under test: one that runs already, or a process that the suite starts.

use super::ConformError;
use super::bounds::Bounds;
use super::command::Launch;
use super::transport::Transport;
use parlance_child_process as child_process;
use rustix::process::{Pid, Signal, kill_process_group};
use std::collections::VecDeque;
use std::fs;
use std::io::{BufRead as _, BufReader, Read};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ExitStatus};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Maximum time until a started server accepts its first connection, at `--patience 1`.
const READY: Duration = Duration::from_secs(10);
/// Maximum time until it ends after SIGTERM.
const GOODBYE: Duration = Duration::from_secs(1);
/// Number of lines of its standard error that are kept, the last ones, and the maximum bytes of one
/// line.
const REMEMBERED: usize = 10_000;
const LONGEST: u64 = 4096;

type Lines = Arc<Mutex<VecDeque<(Instant, String)>>>;

/// The server under test.
#[derive(Debug)]
pub(super) struct Server {
    command: Vec<String>,
    /// How it is started, if the suite starts it.
    launch: Option<Launch>,
    bounds: Bounds,
    transport: Transport,
    state: Mutex<State>,
    stderr: Lines,
}

#[derive(Debug)]
struct State {
    address: SocketAddr,
    child: Option<Child>,
    /// How many processes ended before this one.
    generation: usize,
}

impl Server {
    /// A server that runs already at `address`.
    pub(super) fn attach(address: SocketAddr, bounds: Bounds) -> Server {
        let state = Mutex::new(State { address, child: None, generation: 0 });
        let transport = Transport::default();
        let (command, stderr) = (Vec::new(), Lines::default());
        Server { command, launch: None, bounds, transport, state, stderr }
    }

    /// Starts a server, and waits until it accepts connections.
    pub(super) fn start(command: &[String], bounds: Bounds) -> Result<Server, ConformError> {
        let stderr = Lines::default();
        let launch = Launch::of(command)?;
        let state = Mutex::new(started(&launch, bounds, &stderr)?);
        let (command, transport) = (command.to_vec(), Transport::default());
        Ok(Server { command, launch: Some(launch), bounds, transport, state, stderr })
    }

    /// The same server, reached through layers.
    pub(super) fn over(mut self, transport: Transport) -> Server {
        self.transport = transport;
        self
    }

    /// What lies between its lines and its sockets.
    pub(super) fn transport(&self) -> &Transport {
        &self.transport
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.state().address
    }

    /// The command that starts it, if the suite started it.
    pub(super) fn command(&self) -> Option<&[String]> {
        (!self.command.is_empty()).then_some(&self.command)
    }

    /// Whether the port is an argument by itself, so that another value can replace it.
    pub(super) fn port_is_an_argument(&self) -> bool {
        self.command.iter().any(|part| part == "{port}" || part.ends_with("={port}"))
    }

    /// Says how its process ended, if it did, and starts another one for the rest of the run.
    pub(super) fn crashed(&self, grace: Duration) -> Option<String> {
        let mut state = self.state();
        let until = Instant::now() + grace;
        // The connections of a process end a moment before the system reports its exit status.
        let status = loop {
            match state.child.as_mut()?.try_wait().ok()? {
                Some(status) => break status,
                None if Instant::now() >= until => return None,
                None => std::thread::sleep(Duration::from_millis(2)),
            }
        };
        state.stop();
        let generation = state.generation + 1;
        let told = told(status);
        match self.started() {
            Ok(again) => {
                *state = again;
                state.generation = generation;
            }
            Err(error) => return Some(format!("{told}, and then not started again: {error}")),
        }
        Some(told)
    }

    /// Ends a process that answers nobody and starts another one, unless that has happened since
    /// `generation`. Whether there is another one now.
    pub(super) fn restart(&self, generation: usize) -> bool {
        let mut state = self.state();
        if state.generation != generation || state.child.is_none() {
            return state.child.is_some();
        }
        state.stop();
        let Ok(again) = self.started() else { return false };
        *state = again;
        state.generation = generation + 1;
        true
    }

    /// Whether the suite started it, it has ended, and it did not start again.
    pub(super) fn is_gone(&self) -> bool {
        self.command().is_some() && self.state().child.is_none()
    }

    /// The number of the process: another number after each crash.
    pub(super) fn generation(&self) -> usize {
        self.state().generation
    }

    /// The lines on its standard error since then.
    pub(super) fn said_since(&self, begun: Instant) -> Vec<(Instant, String)> {
        let lines = self.stderr.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().filter(|(when, _)| *when >= begun).cloned().collect()
    }

    /// Open descriptors and resident kibibytes of all processes of its group.
    pub(super) fn usage(&self) -> Option<(usize, u64)> {
        let group = self.state().child.as_ref()?.id();
        let mut sum = (0, 0);
        for entry in fs::read_dir("/proc").ok()?.flatten() {
            let path = entry.path();
            let Ok(stat) = fs::read_to_string(path.join("stat")) else { continue };
            // After the name in parentheses: state, parent, group.
            let field = stat.rsplit_once(')').and_then(|(_, rest)| rest.split_whitespace().nth(2));
            if field.and_then(|field| field.parse().ok()) != Some(group) {
                continue;
            }
            sum.0 += fs::read_dir(path.join("fd")).map_or(0, Iterator::count);
            sum.1 += resident(&fs::read_to_string(path.join("status")).unwrap_or_default());
        }
        (sum.0 > 0).then_some(sum)
    }

    /// Sends SIGTERM to its process and waits for its end, at most until `until`.
    pub(super) fn asked_to_stop(&self, until: Instant) -> Option<ExitStatus> {
        let mut state = self.state();
        let child = state.child.as_mut()?;
        // If it has ended already, its status says so.
        let _ = kill_process_group(Pid::from_child(child), Signal::TERM);
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

    /// Starts it once more, after its end, with the data that it has.
    pub(super) fn start_again(&self) -> Result<(), ConformError> {
        let again = self.started()?;
        *self.state() = again;
        Ok(())
    }

    fn started(&self) -> Result<State, ConformError> {
        let attached = || ConformError::Server("the suite did not start it".to_owned());
        started(self.launch.as_ref().ok_or_else(attached)?, self.bounds, &self.stderr)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Ends the whole group: SIGTERM first, then SIGKILL.
    fn stop(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        let group = Pid::from_child(&child);
        // The group may be gone already, which is the goal.
        let _ = kill_process_group(group, Signal::TERM);
        let begun = Instant::now();
        while begun.elapsed() < GOODBYE && matches!(child.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(5));
        }
        child_process::end(&mut child);
    }
}

impl Drop for State {
    fn drop(&mut self) {
        self.stop();
    }
}

fn resident(status: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok()).unwrap_or(0)
}

/// How a process ended, for people.
pub(super) fn told(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt as _;
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("it exited with status {code}"),
        (None, Some(signal)) => format!("signal {signal} killed it"),
        (None, None) => "for no known reason".to_owned(),
    }
}

fn started(launch: &Launch, bounds: Bounds, lines: &Lines) -> Result<State, ConformError> {
    let failed = |what: String| ConformError::Server(what);
    let address =
        child_process::free_address().map_err(|error| failed(format!("no free port: {error}")))?;
    let mut child = child_process::start(&mut launch.filled(&address.port().to_string()))
        .map_err(|error| failed(format!("{}: {error}", launch.program())))?;
    if let Some(stderr) = child.stderr.take() {
        let lines = Arc::clone(lines);
        std::thread::spawn(move || remember(stderr, &lines));
    }
    let mut state = State { address, child: Some(child), generation: 0 };
    let until = bounds.until(READY);
    while TcpStream::connect_timeout(&address, Duration::from_millis(200)).is_err() {
        let status = state.child.as_mut().and_then(|child| child.try_wait().ok().flatten());
        if let Some(status) = status {
            let told = told(status);
            return Err(failed(format!("the server did not start: {told} [{}]", last(lines))));
        }
        if Instant::now() >= until {
            return Err(failed(format!("the server does not accept connections on {address}")));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(state)
}

/// Reads the server's standard error to its end, so that the server never blocks on it, and keeps
/// the last lines.
fn remember(stderr: impl Read, lines: &Lines) {
    let mut reader = BufReader::new(stderr);
    let mut line = Vec::new();
    while let Ok(1..) = reader.by_ref().take(LONGEST).read_until(b'\n', &mut line) {
        let text = String::from_utf8_lossy(line.strip_suffix(b"\n").unwrap_or(&line)).into_owned();
        let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == REMEMBERED {
            lines.pop_front();
        }
        lines.push_back((Instant::now(), text));
        line.clear();
    }
}

fn last(lines: &Lines) -> String {
    let lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
    lines.back().map_or_else(|| "nothing on standard error".to_owned(), |(_, line)| line.clone())
}
