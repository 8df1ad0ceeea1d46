//! The client as a child process whose input and output are pipes.

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};

const PROGRAM: &str = env!("CARGO_BIN_EXE_parlance-chat");

/// The program, without variables that it would read, in a locale with UTF-8. It keeps no history,
/// which would be that of the user who runs the tests.
pub(super) fn command() -> Command {
    let mut command = crate::process::clean(Command::new(PROGRAM));
    command.env("LC_ALL", "C.UTF-8").env("CHAT_NO_HISTORY", "1");
    for name in ["USER", "LOGNAME", "NO_COLOR"] {
        command.env_remove(name);
    }
    command
}

/// The program with the user bob, for this server.
pub(super) fn bob(dialect: &str, server: SocketAddr) -> Command {
    let mut command = command();
    let (host, port) = (server.ip().to_string(), server.port().to_string());
    command.args(["--dialect", dialect, "--username", "bob", "--host", &host, "--port", &port]);
    command
}

/// A script that runs the client.
pub(super) struct Script {
    child: Child,
    stdout: Reader,
    stderr: Reader,
}

/// Reads a pipe to its end, so that the client is never blocked by the test.
type Reader = JoinHandle<Vec<String>>;

/// The outcome of a run.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Ended {
    pub(super) status: Option<i32>,
    pub(super) stdout: Vec<String>,
    pub(super) stderr: Vec<String>,
}

impl Script {
    /// Starts the program with all of its input.
    pub(super) fn start(command: &mut Command, input: impl Into<Vec<u8>>) -> Script {
        let (script, mut stdin) = Script::start_open(command);
        let input = input.into();
        // Writes in a thread: the input may exceed the pipe, and the client may not read all of it.
        thread::spawn(move || drop(stdin.write_all(&input)));
        script
    }

    /// Starts the program with an input that stays open as long as the second value lives.
    pub(super) fn start_open(command: &mut Command) -> (Script, impl Write + Send + use<>) {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program is there");
        let stdin = child.stdin.take().expect("it is piped");
        let stdout = read(child.stdout.take().expect("it is piped"));
        let stderr = read(child.stderr.take().expect("it is piped"));
        (Script { child, stdout, stderr }, stdin)
    }

    /// Waits until the program ends by itself, which it does once its server is gone.
    pub(super) fn ended(mut self) -> Ended {
        let stdout = self.stdout.join().expect("it prints text");
        let stderr = self.stderr.join().expect("it prints text");
        let status = self.child.wait().expect("it is our child");
        Ended { status: status.code(), stdout, stderr }
    }
}

fn read(mut pipe: impl Read + Send + 'static) -> Reader {
    thread::spawn(move || {
        let mut text = String::new();
        pipe.read_to_string(&mut text).expect("text");
        text.lines().map(str::to_owned).collect()
    })
}

impl Ended {
    /// The program succeeded and showed these lines.
    #[track_caller]
    pub(super) fn expect_success(&self, stdout: &[&str]) {
        assert_eq!(self.stdout, stdout);
        assert_eq!(self.stderr, ["-- connected as bob"]);
        assert_eq!(self.status, Some(0));
    }

    /// The program failed; its last message gives this reason.
    #[track_caller]
    pub(super) fn expect_failure(&self, why: &str) {
        let last = self.stderr.last().map_or("", |line| line);
        assert!(last.starts_with("error: ") && last.contains(why), "{self:?}");
        assert_eq!(self.status, Some(1), "{self:?}");
    }
}
