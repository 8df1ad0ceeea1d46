//! The client as a child process whose input and output are pipes.

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};

const PROGRAM: &str = env!("CARGO_BIN_EXE_parlance-chat");

/// The program, with nothing in its environment that is meant for it.
pub(super) fn command() -> Command {
    crate::process::clean(Command::new(PROGRAM))
}

/// The program as bob, with a server to talk to.
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

/// Reads a pipe to its end, so that the client never waits for us.
type Reader = JoinHandle<Vec<String>>;

/// How it went.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Ended {
    pub(super) status: Option<i32>,
    pub(super) stdout: Vec<String>,
    pub(super) stderr: Vec<String>,
}

impl Script {
    /// Starts it with all of its input.
    pub(super) fn start(command: &mut Command, input: impl Into<Vec<u8>>) -> Script {
        let (script, mut stdin) = Script::start_open(command);
        let input = input.into();
        // In a thread: it may be more than the pipe holds, and the client may not read all of it.
        thread::spawn(move || drop(stdin.write_all(&input)));
        script
    }

    /// Starts it with an input that goes on as long as the other value lives.
    pub(super) fn start_open(command: &mut Command) -> (Script, impl Write + Send + use<>) {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program is there");
        let stdin = child.stdin.take().expect("it is piped");
        let stdout = read(child.stdout.take().expect("it is piped"));
        let stderr = read(child.stderr.take().expect("it is piped"));
        (Script { child, stdout, stderr }, stdin)
    }

    /// Waits until it ends by itself, which it does once its server has gone.
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
    /// It went well, and this was shown.
    #[track_caller]
    pub(super) fn expect_success(&self, stdout: &[&str]) {
        assert_eq!(self.stdout, stdout);
        assert_eq!(self.stderr, ["-- connected as bob"]);
        assert_eq!(self.status, Some(0));
    }

    /// It did not go well, for the reason that was told last.
    #[track_caller]
    pub(super) fn expect_failure(&self, why: &str) {
        let last = self.stderr.last().map_or("", |line| line);
        assert!(last.starts_with("error: ") && last.contains(why), "{self:?}");
        assert_eq!(self.status, Some(1), "{self:?}");
    }
}
