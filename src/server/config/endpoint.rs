//! Where a dialect is served: as users write it, and as a default port and a variable give it.

use super::host::Host;
use parlance_core::protocol::{DIALECTS, Dialect};
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

/// A dialect and where it is served, written `DIALECT://ADDRESS:PORT`, or
/// `DIALECT+TRANSPORT://ADDRESS:PORT`.
///
/// ```
/// use parlance_server::config::endpoint::Endpoints;
///
/// let endpoints: Endpoints = "rooms://[::1]:0".parse().unwrap();
/// assert_eq!(endpoints.0[0].to_string(), "rooms://[::1]:0");
/// let endpoints: Endpoints = "rooms+telnet://[::1]:0".parse().unwrap();
/// assert_eq!(endpoints.0[0].scheme(), "rooms+telnet");
/// assert!("rooms://:1234".parse::<Endpoints>().unwrap_err().contains("\":1234\""));
/// assert!("irc://127.0.0.1:1".parse::<Endpoints>().unwrap_err().contains("\"irc\""));
/// ```
#[derive(Clone)]
pub struct Endpoint {
    /// What is served.
    pub served: Served,
    /// What is between that and TCP.
    pub transport: Transport,
    /// Where; port 0 lets the system choose.
    pub address: SocketAddr,
}

impl Endpoint {
    /// What stands before `://`.
    pub fn scheme(&self) -> String {
        let served = self.served.name();
        match self.transport.name() {
            None => served.to_owned(),
            Some(transport) => format!("{served}+{transport}"),
        }
    }
}

/// What is served in one place.
#[derive(Clone, Copy)]
pub enum Served {
    /// One dialect.
    Dialect(&'static dyn Dialect),
    /// HTTP: the page, and every dialect over WebSocket. [common/http-2]
    Http,
}

impl Served {
    /// The dialects that can be spoken there.
    pub fn dialects(self) -> Vec<&'static dyn Dialect> {
        match self {
            Served::Dialect(dialect) => vec![dialect],
            Served::Http => DIALECTS.to_vec(),
        }
    }

    /// The word before `://` and `+`.
    fn name(self) -> &'static str {
        match self {
            Served::Dialect(dialect) => dialect.name(),
            Served::Http => HTTP,
        }
    }
}

/// The scheme of a listener of HTTP.
const HTTP: &str = "http";

/// What is between a dialect and TCP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// Nothing.
    Plain,
    /// Telnet. [common/telnet-1]
    Telnet,
}

impl Transport {
    /// All that have a name.
    const NAMED: [Transport; 1] = [Transport::Telnet];

    /// The word behind `+`.
    fn name(self) -> Option<&'static str> {
        match self {
            Transport::Plain => None,
            Transport::Telnet => Some("telnet"),
        }
    }

    /// The transport of this name.
    fn named(name: &str) -> Result<Transport, String> {
        let found = Transport::NAMED.into_iter().find(|transport| transport.name() == Some(name));
        found.ok_or_else(|| {
            let known = Transport::NAMED.iter().filter_map(|transport| transport.name());
            let known: Vec<_> = known.map(|name| format!("+{name}")).collect();
            format!("\"+{name}\" is no transport; write {} or nothing", known.join(", "))
        })
    }
}

/// The dialect of this name.
///
/// # Errors
/// A message for the user, with the names that there are.
pub fn dialect_named(name: &str) -> Result<&'static dyn Dialect, String> {
    let found = DIALECTS.iter().find(|dialect| dialect.name() == name).copied();
    found.ok_or_else(|| {
        let known: Vec<_> = DIALECTS.iter().map(|dialect| dialect.name()).collect();
        format!("{name:?} is no dialect; write one of {}", known.join(", "))
    })
}

/// The port of a dialect for which none was given: what the dialect's own variable says, if it has
/// one and it is set to something of ours. [login/daemon-1] [login/daemon-2]
pub(super) fn default_port(
    dialect: &dyn Dialect,
    variable: &dyn Fn(&str) -> Option<OsString>,
) -> Result<u16, String> {
    let Some(name) = dialect.port_variable() else { return Ok(dialect.default_port()) };
    let value = variable(name).filter(|value| !value.is_empty() && !is_of_kubernetes(value));
    let Some(value) = value else { return Ok(dialect.default_port()) };
    let value = value.to_string_lossy();
    parse_port(&value).map_err(|why| format!("invalid value '{value}' for '{name}': {why}"))
}

/// Whether a variable that holds a port was set by Kubernetes, which names it after a service:
/// `PARLANCE_PORT=tcp://10.96.0.10:1234` for one called parlance.
pub(super) fn is_of_kubernetes(value: &OsStr) -> bool {
    value.to_string_lossy().contains("://")
}

/// Digits only, so that `+80`, ` 80` and `0x50` are noticed and not guessed at. [rooms/daemon-3]
pub(super) fn parse_port(text: &str) -> Result<u16, String> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse::<u16>() {
        Ok(port) if digits && port > 0 => Ok(port),
        _ => Err("a port is a decimal number from 1 to 65535".to_owned()),
    }
}

/// The system would refuse the second of two listeners in one place too, but it says neither which
/// was the first nor that both are ours.
pub(super) fn each_in_its_own_place(endpoints: &[Endpoint]) -> Result<(), String> {
    for (index, one) in endpoints.iter().enumerate() {
        if let Some(other) = endpoints[..index].iter().find(|other| overlap(one, other)) {
            return Err(format!(
                "{other} and {one} are one place: write another port for one of them, \
                 like --listen {}://ADDR:PORT",
                one.scheme()
            ));
        }
    }
    Ok(())
}

/// Whether one socket would be reached where the other listens. Port 0 stands for a port that
/// nobody has.
fn overlap(one: &Endpoint, other: &Endpoint) -> bool {
    let (one, other) = (one.address, other.address);
    // The unspecified address of IPv6 is served on IPv4 too.
    let covers = |wide: SocketAddr, narrow: SocketAddr| match wide.ip() {
        IpAddr::V6(ip) => ip.is_unspecified(),
        IpAddr::V4(ip) => ip.is_unspecified() && narrow.is_ipv4(),
    };
    one.port() != 0
        && one.port() == other.port()
        && (one == other || covers(one, other) || covers(other, one))
}

/// The endpoints of one `DIALECT://HOST:PORT`: one for each address of the host.
#[derive(Clone, Debug)]
pub struct Endpoints(pub Vec<Endpoint>);

impl FromStr for Endpoints {
    type Err = String;

    fn from_str(text: &str) -> Result<Endpoints, String> {
        let (scheme, address) = text.split_once("://").ok_or_else(|| {
            format!("{text:?} has no \"://\"; write it like rooms://127.0.0.1:1234")
        })?;
        if scheme == HTTP {
            let (host, port) = host_and_port(address)?;
            return Ok(Endpoints::serving(Served::Http, Transport::Plain, &host, port));
        }
        let (dialect, transport) = match scheme.split_once('+') {
            None => (dialect_named(scheme)?, Transport::Plain),
            Some((dialect, transport)) => (dialect_named(dialect)?, Transport::named(transport)?),
        };
        let (host, port) = host_and_port(address)?;
        Ok(Endpoints::of(dialect, transport, &host, port))
    }
}

impl Endpoints {
    /// A dialect on every address of a host.
    pub(super) fn of(
        dialect: &'static dyn Dialect,
        transport: Transport,
        host: &Host,
        port: u16,
    ) -> Endpoints {
        Endpoints::serving(Served::Dialect(dialect), transport, host, port)
    }

    /// What is `served` on every address of a host.
    fn serving(served: Served, transport: Transport, host: &Host, port: u16) -> Endpoints {
        let on = |address| Endpoint { served, transport, address };
        Endpoints(host.at(port).into_iter().map(on).collect())
    }
}

/// A host and a port, which may be 0.
fn host_and_port(text: &str) -> Result<(Host, u16), String> {
    let parts = text.rsplit_once(':').filter(|(host, _)| !host.is_empty());
    let digits = |port: &&str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    let port = parts.map(|(_, port)| port).filter(digits).and_then(|port| port.parse().ok());
    let (Some((host, _)), Some(port)) = (parts, port) else {
        return Err(format!("{text:?} is not an address and a port"));
    };
    Ok((host.parse()?, port))
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme(), self.address)
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::{Endpoints, Host, Transport, dialect_named};
    use std::net::SocketAddr;

    #[test]
    fn every_address_of_a_host_is_an_endpoint_of_its_own_once() {
        let found = ["[::1]:0", "127.0.0.1:0", "[::1]:0", "[fe80::1%2]:0"];
        let found = found.map(|address| address.parse::<SocketAddr>().expect("an address"));
        let rooms = dialect_named("rooms").expect("it is one");
        let endpoints = Endpoints::of(rooms, Transport::Plain, &Host::from_iter(found), 1234).0;
        let shown: Vec<_> = endpoints.iter().map(ToString::to_string).collect();
        let expected = ["rooms://[::1]:1234", "rooms://127.0.0.1:1234", "rooms://[fe80::1%2]:1234"];
        assert_eq!(shown, expected);
    }
}
