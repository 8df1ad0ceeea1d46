//! The daemon with all five dialects.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Stdio};

/// A daemon that runs until the value is dropped.
pub(super) struct Daemon {
    child: Child,
    addresses: Vec<(String, SocketAddr)>,
}

impl Daemon {
    pub(super) fn start() -> Daemon {
        let dialects = ["rooms", "lobby", "simple", "login", "channels"];
        let mut command = crate::process::command();
        for dialect in dialects {
            command.args(["--listen", &format!("{dialect}://127.0.0.1:0")]);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("the program is there");
        let stdout = BufReader::new(child.stdout.take().expect("it is piped"));
        let lines = stdout.lines().map(|line| line.expect("it prints text"));
        let addresses = lines.take(dialects.len()).map(|line| {
            let rest = line.strip_prefix("Listening on ").expect("a start-up line");
            let (address, dialect) = rest.split_once(" (").expect("a dialect");
            (dialect.trim_end_matches(')').to_owned(), address.parse().expect("an address"))
        });
        let addresses = addresses.collect();
        Daemon { child, addresses }
    }

    /// The address of its listener for `dialect`.
    pub(super) fn address(&self, dialect: &str) -> SocketAddr {
        let found = self.addresses.iter().find(|(name, _)| name == dialect);
        found.expect("it listens for all of them").1
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
