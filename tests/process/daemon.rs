//! The daemon as a child process.

use super::output::Output;
use super::{DEADLINE, reading};
use rustix::process::{Pid, Signal, kill_process};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A daemon that runs until it is told to stop, or until this is dropped.
pub struct Daemon {
    child: Child,
    addresses: Vec<SocketAddr>,
    /// The dialect of each listener.
    dialects: Vec<String>,
    announced: Vec<String>,
    stdout: Output,
    stderr: Output,
}

/// How a daemon ended, and all it said.
#[derive(Debug)]
pub struct Ended {
    /// Nothing if a signal killed it.
    pub status: Option<i32>,
    pub stdout: Vec<String>,
    pub stderr: Vec<String>,
}

/// The program `name` of this repository, which `cargo test` built beside the test program.
pub fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("the system knows where this program is");
    let folder = test.ancestors().nth(2).expect("test programs are in target/PROFILE/deps");
    let path = folder.join(name);
    assert!(path.exists(), "{} is missing; `cargo build --workspace` makes it", path.display());
    path
}

/// The program, with nothing in its environment that is meant for it.
pub fn command() -> Command {
    clean(Command::new(program("parlance")))
}

/// The program as a shell starts it that runs `script`: it is `$0` there, its arguments `$@`.
pub fn in_shell(script: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", script]).arg(program("parlance"));
    clean(shell)
}

/// A loopback address with `port`.
pub fn loopback(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

/// A command without what this environment has for our programs.
pub fn clean(mut command: Command) -> Command {
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("PARLANCE_") || text.starts_with("CHAT_") || text == "RUST_LOG" {
            command.env_remove(&name);
        }
    }
    command
}

impl Daemon {
    /// A daemon with one listener on loopback and these options.
    pub fn start(options: &[&str]) -> Daemon {
        Daemon::serving(&["rooms"], options)
    }

    /// A daemon with a listener on loopback for each of `dialects`, and these options.
    pub fn serving(dialects: &[&str], options: &[&str]) -> Daemon {
        let mut command = command();
        for dialect in dialects {
            command.arg("--listen").arg(format!("{dialect}://127.0.0.1:0"));
        }
        command.args(options);
        Daemon::launch(&mut command, dialects.len()).expect("the daemon starts")
    }

    /// Starts `command` and waits until it has announced so many listeners, or has ended.
    pub fn launch(command: &mut Command, listeners: usize) -> Result<Daemon, Ended> {
        Daemon::launch_reading(command, Stdio::null(), listeners)
    }

    /// As [`launch`](Daemon::launch), with this standard input.
    pub fn launch_reading(
        command: &mut Command,
        stdin: Stdio,
        listeners: usize,
    ) -> Result<Daemon, Ended> {
        command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program is there");
        let mut daemon = Daemon {
            stdout: Output::of(child.stdout.take().expect("it is piped")),
            stderr: Output::of(child.stderr.take().expect("it is piped")),
            child,
            addresses: Vec::new(),
            dialects: Vec::new(),
            announced: Vec::new(),
        };
        for _ in 0..listeners {
            let Some(line) = daemon.stdout.line() else { return Err(daemon.ended()) };
            let (address, dialect) = listener(&line);
            daemon.addresses.push(address);
            daemon.dialects.push(dialect);
            daemon.announced.push(line);
        }
        Ok(daemon)
    }

    /// Where the first listener is.
    pub fn address(&self) -> SocketAddr {
        self.addresses[0]
    }

    /// Where the first listener of a dialect is.
    pub fn address_of(&self, dialect: &str) -> SocketAddr {
        let index = self.dialects.iter().position(|name| name == dialect);
        self.addresses[index.unwrap_or_else(|| panic!("{dialect} is not served"))]
    }

    /// The dialect of every listener.
    pub fn dialects(&self) -> &[String] {
        &self.dialects
    }

    /// Where every listener is.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("it runs");
    }

    /// The next line that it writes to standard error.
    pub fn logged(&self) -> String {
        self.stderr.line().expect("it runs")
    }

    /// The next line of the log that tells of the end of a connection.
    pub fn closing_logged(&self) -> String {
        self.line_logged("closed")
    }

    /// The next line of the log with this text.
    pub fn line_logged(&self, text: &str) -> String {
        loop {
            let line = self.logged();
            if line.contains(text) {
                return line;
            }
        }
    }

    /// Waits until it ends by itself.
    pub fn ended(mut self) -> Ended {
        let mut stdout = std::mem::take(&mut self.announced);
        stdout.extend(self.stdout.rest());
        let stderr = self.stderr.rest();
        let status = self.child.wait().expect("it is our child").code();
        Ended { status, stdout, stderr }
    }

    pub fn descriptors(&self) -> usize {
        reading::descriptors(self.child.id())
    }

    /// How many more it may open under a limit, whatever it has inherited above that.
    pub fn descriptors_free_below(&self, limit: usize) -> usize {
        reading::descriptors_free_below(self.child.id(), limit)
    }

    pub fn processor_time(&self) -> Duration {
        reading::processor_time(self.child.id())
    }

    pub fn resident_bytes(&self) -> usize {
        reading::resident_bytes(self.child.id())
    }

    pub fn address_space_bytes(&self) -> usize {
        reading::address_space_bytes(self.child.id())
    }

    pub fn descriptor_limits(&self) -> (usize, usize) {
        reading::descriptor_limits(self.child.id())
    }

    pub fn thread_names(&self) -> Vec<String> {
        reading::threads(self.child.id()).into_values().map(|thread| thread.name).collect()
    }

    /// Waits until it has no more than so many descriptors open, with `fence` as the pace.
    pub fn settle(&self, descriptors: usize, mut fence: impl FnMut()) {
        let begun = Instant::now();
        while self.descriptors() > descriptors {
            assert!(begun.elapsed() < DEADLINE, "{} of {descriptors} open", self.descriptors());
            fence();
        }
    }
}

/// What a start-up line says.
fn listener(line: &str) -> (SocketAddr, String) {
    let known = line.strip_prefix("Listening on ").and_then(|rest| rest.strip_suffix(')'));
    let parts = known.and_then(|known| known.split_once(" ("));
    let parts = parts.and_then(|(address, name)| Some((address.parse().ok()?, name.to_owned())));
    parts.unwrap_or_else(|| panic!("not a start-up line: {line:?}"))
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have ended long ago; then both say so, and nobody minds.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
