//! The server that is measured: one that runs already, or a process of ours.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::connection::Deadline;
use super::error::LoadError;
use super::options::Options;
use super::process::Process;

/// How long a server may take to accept its first connection.
const READY: Duration = Duration::from_secs(10);

/// How long to wait before a server that is not ready is tried again.
const AGAIN: Duration = Duration::from_millis(5);

/// The server that is measured. One that was started ends with this.
#[derive(Debug)]
pub(super) struct Server {
    address: SocketAddr,
    process: Option<Process>,
    child: Option<Child>,
}

impl Server {
    /// The one that `options` name, or one started as they say.
    pub(super) fn of(options: &Options) -> Result<Server, LoadError> {
        match options.target {
            Some(address) => {
                Ok(Server { address, process: options.pid.map(Process::Number), child: None })
            }
            None => Server::start(&options.command),
        }
    }

    /// Starts `command`, with a free port in place of `{port}`, and waits until it accepts connections.
    fn start(command: &[String]) -> Result<Server, LoadError> {
        if !command.iter().any(|part| part.contains("{port}")) {
            let command = command.join(" ");
            let why = format!("`{command}` does not say where its {{port}} goes");
            return Err(LoadError::Request(why));
        }
        // The port is free when it is asked for; that nobody takes it before the server does is likely.
        let probe =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|probe| probe.local_addr());
        let address = probe.map_err(LoadError::io("looking for a free port"))?;
        let port = address.port().to_string();
        let parts: Vec<_> = command.iter().map(|part| part.replace("{port}", &port)).collect();
        let child = Command::new(&parts[0])
            .args(&parts[1..])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .map_err(|error| LoadError::Request(format!("`{}`: {error}", parts[0])))?;
        let process = Some(Process::Number(child.id()));
        let mut server = Server { address, process, child: Some(child) };
        server.await_ready(&parts[0])?;
        Ok(server)
    }

    fn await_ready(&mut self, name: &str) -> Result<(), LoadError> {
        let deadline = Deadline::new("the server's start", READY);
        while TcpStream::connect(self.address).is_err() {
            let ended = self.child.as_mut().and_then(|child| child.try_wait().ok().flatten());
            if let Some(status) = ended {
                return Err(LoadError::Request(format!("`{name}` ended at once: {status}")));
            }
            deadline.left()?;
            std::thread::sleep(AGAIN);
        }
        Ok(())
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its process, if that is known.
    pub(super) fn process(&self) -> Option<Process> {
        self.process
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // It may have ended by itself; then both say so, and nobody minds.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
