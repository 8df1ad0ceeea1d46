//! The server under test: a running one, or a child process.

use std::net::{SocketAddr, TcpStream};
use std::process::Child;
use std::time::Duration;

use super::connection::Deadline;
use super::error::LoadError;
use super::options::Options;
use super::process::Process;
use parlance_child_process as child_process;

/// Maximum wait for a server to accept its first connection.
const READY: Duration = Duration::from_secs(10);

/// Pause between two tries to connect.
const AGAIN: Duration = Duration::from_millis(5);

/// The server under test. Dropping it ends a child process.
#[derive(Debug)]
pub(super) struct Server {
    address: SocketAddr,
    process: Option<Process>,
    /// Why the process of a child cannot be looked at.
    unseen: Option<String>,
    child: Option<Child>,
}

impl Server {
    /// The running server that `options` name, or a new child process.
    pub(super) fn of(options: &Options) -> Result<Server, LoadError> {
        match options.target {
            Some(address) => Ok(Server::running(address, options.pid.map(Process::numbered))),
            None => Server::start(&options.command),
        }
    }

    /// A server that runs; `process` is looked at.
    pub(super) fn running(address: SocketAddr, process: Option<Process>) -> Server {
        Server { address, process, unseen: None, child: None }
    }

    /// Starts `command`, with a free port in place of `{port}`, and waits until it accepts
    /// connections.
    fn start(command: &[String]) -> Result<Server, LoadError> {
        if !command.iter().any(|part| part.contains("{port}")) {
            let command = command.join(" ");
            let why = format!("`{command}` does not say where its {{port}} goes");
            return Err(LoadError::Request(why));
        }
        let address =
            child_process::free_address().map_err(LoadError::io("looking for a free port"))?;
        let name = &command[0];
        let child =
            child_process::start(&mut child_process::filled(command, &address.port().to_string()))
                .map_err(|error| LoadError::Request(format!("`{name}`: {error}")))?;
        let process = Process::numbered(child.id());
        let mut server = Server::running(address, None);
        server.child = Some(child);
        server.await_ready(name)?;
        // Nobody asked for its process, so that a system without `/proc` is no error.
        match process.cpu_time() {
            Ok(_) => server.process = Some(process),
            Err(error) => server.unseen = Some(error.to_string()),
        }
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

    /// Its process, if it is known and can be looked at.
    pub(super) fn process(&self) -> Option<&Process> {
        self.process.as_ref()
    }

    /// Why its process is known and cannot be looked at.
    pub(super) fn unseen(&self) -> Option<&str> {
        self.unseen.as_deref()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            child_process::end(child);
        }
    }
}
