//! The daemon under a service manager, as systemd is one.
//!
//! Goal: sockets that are passed are served, and the manager is told what it has to know. Method:
//! the test is the manager: it passes real sockets by way of a shell, which knows the process id
//! that the daemon will have, and reads a socket for notices. Limits: systemd itself is not needed
//! and not there.

mod container;
mod notices;
mod packaging;
mod sockets;

use crate::process::{DEADLINE, Output, in_shell};
use rustix::process::{Pid, Signal, kill_process};
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixDatagram;
use std::process::{Child, Stdio};

/// Makes standard input and standard error, which are sockets, descriptors 3 and 4.
const PASS_ON: &str =
    r#"exec 3<&0 4<&2 2>&1 </dev/null; export LISTEN_PID=${FOR:-$$}; exec "$0" "$@""#;

/// A daemon that a service manager has started.
struct Supervised {
    child: Child,
    /// Both of its outputs.
    said: Output,
}

impl Supervised {
    /// Starts the daemon with at most two `sockets`, and these variables and options.
    fn start(sockets: &[&OwnedFd], variables: &[(&str, &str)], options: &[&str]) -> Supervised {
        assert!(sockets.len() <= 2, "there are two standard streams to pass them by");
        let passed = |index: usize| {
            let socket = sockets.get(index).map(|socket| socket.try_clone());
            socket.map_or_else(Stdio::null, |socket| socket.expect("a copy").into())
        };
        let mut command = in_shell(PASS_ON);
        if !sockets.is_empty() {
            command.env("LISTEN_FDS", sockets.len().to_string());
        }
        command.envs(variables.iter().copied()).args(options);
        command.stdin(passed(0)).stderr(passed(1)).stdout(Stdio::piped());
        let mut child = command.spawn().expect("there is a shell");
        let said = Output::of(child.stdout.take().expect("it is piped"));
        Supervised { child, said }
    }

    fn line(&self) -> String {
        self.said.line().expect("it runs")
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("it runs");
    }

    /// Its exit status, and the rest of what it says.
    fn ended(mut self) -> (Option<i32>, Vec<String>) {
        let rest = self.said.rest();
        (self.child.wait().expect("it is our child").code(), rest)
    }
}

impl Drop for Supervised {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A socket that listens, and its address as the daemon announces it.
fn listening() -> (OwnedFd, std::net::SocketAddr) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("port 0 is always free");
    let address = listener.local_addr().expect("it is bound");
    (listener.into(), address)
}

/// The next notice.
fn notice(socket: &UnixDatagram) -> String {
    socket.set_read_timeout(Some(DEADLINE)).expect("a time");
    let mut bytes = [0; 1024];
    let length = socket.recv(&mut bytes).expect("a notice comes");
    String::from_utf8(bytes[..length].to_vec()).expect("text")
}
