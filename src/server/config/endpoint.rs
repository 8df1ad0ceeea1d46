//! Where a dialect is served: as users write it, and as a default port and a variable give it.

use parlance_core::protocol::{DIALECTS, Dialect};
use std::ffi::OsString;
use std::fmt;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::str::FromStr;

/// A dialect and where it is served, written `DIALECT://ADDRESS:PORT`, or
/// `DIALECT+TRANSPORT://ADDRESS:PORT`.
///
/// ```
/// use parlance_server::config::endpoint::Endpoint;
///
/// let endpoint: Endpoint = "rooms://[::1]:0".parse().unwrap();
/// assert_eq!(endpoint.to_string(), "rooms://[::1]:0");
/// let endpoint: Endpoint = "rooms+telnet://[::1]:0".parse().unwrap();
/// assert_eq!(endpoint.scheme(), "rooms+telnet");
/// assert!("rooms://:1234".parse::<Endpoint>().unwrap_err().contains("\":1234\""));
/// assert!("irc://127.0.0.1:1".parse::<Endpoint>().unwrap_err().contains("\"irc\""));
/// ```
#[derive(Clone)]
pub struct Endpoint {
    /// The dialect served.
    pub dialect: &'static dyn Dialect,
    /// What is between the dialect and TCP.
    pub transport: Transport,
    /// Where; port 0 lets the system choose.
    pub address: SocketAddr,
}

impl Endpoint {
    /// What stands before `://`.
    pub fn scheme(&self) -> String {
        match self.transport.name() {
            None => self.dialect.name().to_owned(),
            Some(transport) => format!("{}+{transport}", self.dialect.name()),
        }
    }
}

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
/// one and it is set. [login/daemon-1] [login/daemon-2]
pub(super) fn default_port(
    dialect: &dyn Dialect,
    variable: &dyn Fn(&str) -> Option<OsString>,
) -> Result<u16, String> {
    let Some(name) = dialect.port_variable() else { return Ok(dialect.default_port()) };
    let Some(value) = variable(name) else { return Ok(dialect.default_port()) };
    let value = value.to_string_lossy();
    parse_port(&value).map_err(|why| format!("invalid value '{value}' for '{name}': {why}"))
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

impl FromStr for Endpoint {
    type Err = String;

    fn from_str(text: &str) -> Result<Endpoint, String> {
        let (scheme, address) = text.split_once("://").ok_or_else(|| {
            format!("{text:?} has no \"://\"; write it like rooms://127.0.0.1:1234")
        })?;
        let (dialect, transport) = match scheme.split_once('+') {
            None => (dialect_named(scheme)?, Transport::Plain),
            Some((dialect, transport)) => (dialect_named(dialect)?, Transport::named(transport)?),
        };
        let (_, port) = address.rsplit_once(':').unwrap_or_default();
        let plain = port.bytes().all(|byte| byte.is_ascii_digit());
        let address = match address.to_socket_addrs() {
            Ok(mut found) if plain && !address.starts_with(':') => found.next(),
            _ => None,
        }
        .ok_or_else(|| format!("{address:?} is not an address and a port"))?;
        Ok(Endpoint { dialect, transport, address })
    }
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
