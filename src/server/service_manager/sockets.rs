//! Listening sockets that a service manager has opened for the daemon (socket activation).

use crate::config::endpoint::{Endpoint, Endpoints, Served, Transport};
use listenfd::ListenFd;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::net::{Ipv4Addr, TcpListener};
use std::vec;

/// A listening socket, and what it is to serve if its name says so.
struct Given {
    socket: TcpListener,
    /// With the address of the socket.
    endpoint: Option<Endpoint>,
}

/// The sockets that were passed, in their order.
pub(crate) struct GivenSockets(Vec<Given>);

/// The names that systemd and its tools give a socket to which nobody gave one.
const NAMES_OF_NOBODY: [&str; 3] = ["", "unknown", "stored"];

impl GivenSockets {
    /// Takes the sockets over that `LISTEN_FDS` counts, if they are for this process.
    ///
    /// It removes the variables, so it has to be called before there are other threads.
    ///
    /// # Errors
    /// A message for the user, which names the variable or the socket at fault. [common/service-1]
    pub(crate) fn from_environment() -> Result<GivenSockets, String> {
        let set = |name| std::env::var_os(name).filter(|value: &OsString| !value.is_empty());
        let Some(count) = set("LISTEN_FDS") else { return Ok(GivenSockets(Vec::new())) };
        if count.to_str().and_then(|count| count.parse::<u16>().ok()).is_none() {
            return Err(format!(
                "LISTEN_FDS is {:?}, and not the number of sockets",
                count.display().to_string()
            ));
        }
        let names = set("LISTEN_FDNAMES").map(|names| names.to_string_lossy().into_owned());
        let mut passed = ListenFd::from_env();
        let names = names.iter().flat_map(|names| names.split(':')).map(str::to_owned);
        let names = names.map(Some).chain(std::iter::repeat(None)).take(passed.len());
        let take = |(index, name): (usize, Option<String>)| {
            let name = name.unwrap_or_default();
            take(&mut passed, index, &name)
                .map_err(|why| format!("socket {} of LISTEN_FDS ({name:?}) {why}", index + 1))
        };
        names.enumerate().map(take).collect::<Result<_, _>>().map(GivenSockets)
    }

    /// What is served instead of the `endpoints` that the options ask for, and on which sockets.
    /// Without sockets it is just that, and there is nothing to take in place of binding.
    ///
    /// # Errors
    /// A message for the user: the sockets do not fit what the options ask for. [common/service-1]
    pub(crate) fn in_place_of(
        self,
        endpoints: Vec<Endpoint>,
    ) -> Result<(Vec<Endpoint>, vec::IntoIter<TcpListener>), String> {
        if self.0.is_empty() {
            return Ok((endpoints, Vec::new().into_iter()));
        }
        let named = self.0.iter().filter(|given| given.endpoint.is_some()).count();
        if named != 0 && named != self.0.len() {
            return Err(format!(
                "{named} of the {} sockets of LISTEN_FDS are named after what they serve; \
                 write FileDescriptorName= for each, or for none",
                self.0.len()
            ));
        }
        let served = if named == 0 {
            self.in_order(endpoints)?
        } else {
            let named: Vec<Endpoint> =
                self.0.iter().filter_map(|given| given.endpoint.clone()).collect();
            fits(&named, &endpoints)?;
            named
        };
        let sockets: Vec<_> = self.0.into_iter().map(|given| given.socket).collect();
        Ok((served, sockets.into_iter()))
    }

    /// The endpoints, each at the address of the socket in the same place.
    fn in_order(&self, endpoints: Vec<Endpoint>) -> Result<Vec<Endpoint>, String> {
        if self.0.len() != endpoints.len() {
            return Err(format!(
                "LISTEN_FDS passes {} sockets without names, and there is to listen on {}: write \
                 one --listen for each socket, in their order, or FileDescriptorName= with a \
                 scheme like channels, rooms+tls or http",
                self.0.len(),
                shown(&endpoints)
            ));
        }
        let placed = |(endpoint, given): (Endpoint, &Given)| {
            Ok(Endpoint { address: given.socket.local_addr()?, ..endpoint })
        };
        let placed: std::io::Result<Vec<_>> =
            endpoints.into_iter().zip(&self.0).map(placed).collect();
        placed.map_err(|error| error.to_string())
    }
}

/// A socket with its name, which is a scheme or says nothing.
fn take(passed: &mut ListenFd, index: usize, name: &str) -> Result<Given, String> {
    let socket = passed.take_tcp_listener(index).map_err(|error| format!("is none: {error}"))?;
    let socket = socket.ok_or("is none")?;
    let is_listening = socket2::SockRef::from(&socket).is_listener();
    if !is_listening.map_err(|error| format!("is none: {error}"))? {
        return Err("does not listen; write Accept=no in its unit".to_owned());
    }
    let address = socket.local_addr().map_err(|error| format!("has no address: {error}"))?;
    let says_nothing = NAMES_OF_NOBODY.contains(&name) || name.ends_with(".socket");
    let endpoint = if says_nothing { None } else { Some(scheme(name)?) };
    let endpoint =
        endpoint.map(|(served, transport)| Endpoint { served, transport, address, host: None });
    Ok(Given { socket, endpoint })
}

/// What a scheme stands for.
fn scheme(name: &str) -> Result<(Served, Transport), String> {
    let anywhere = Ipv4Addr::UNSPECIFIED;
    let endpoints: Endpoints = format!("{name}://{anywhere}:0")
        .parse()
        .map_err(|why| format!("has a name that says nothing: {why}, or http, or https"))?;
    let endpoint = endpoints.0.first().ok_or("has a name that says nothing")?;
    Ok((endpoint.served, endpoint.transport))
}

/// Notices sockets for which there is no listener, and the other way round.
fn fits(sockets: &[Endpoint], endpoints: &[Endpoint]) -> Result<(), String> {
    let schemes = |of: &[Endpoint]| of.iter().map(Endpoint::scheme).collect::<BTreeSet<_>>();
    let (passed, asked) = (schemes(sockets), schemes(endpoints));
    if passed == asked {
        return Ok(());
    }
    let list = |schemes: BTreeSet<String>| schemes.into_iter().collect::<Vec<_>>().join(", ");
    Err(format!(
        "LISTEN_FDNAMES passes sockets for {}, and the options ask for {}: write a --listen with \
         each scheme that a socket is named after, and no other",
        list(passed),
        list(asked)
    ))
}

fn shown(endpoints: &[Endpoint]) -> String {
    endpoints.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
