//! Where a name or an address is on this machine.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::str::FromStr;

/// Every address of a host, written as a name or as an address.
///
/// ```
/// use parlance_server::config::host::Host;
///
/// let host: Host = "[::1]".parse().unwrap();
/// assert_eq!(host.at(80), ["[::1]:80".parse().unwrap()]);
/// assert!("no where".parse::<Host>().unwrap_err().contains("\"no where\""));
/// ```
#[derive(Clone)]
pub struct Host {
    /// With port 0. A link-local address has its zone, which an [`IpAddr`] cannot have.
    addresses: Vec<SocketAddr>,
    written: Option<String>,
}

impl Host {
    /// Every address of this machine.
    pub fn every() -> Host {
        Host::from(IpAddr::V6(Ipv6Addr::UNSPECIFIED))
    }

    /// The name or address as it was written, without brackets.
    pub fn written(&self) -> Option<&str> {
        self.written.as_deref()
    }

    /// The addresses with a port, in the order in which the system names them.
    pub fn at(&self, port: u16) -> Vec<SocketAddr> {
        let with_port = |mut address: SocketAddr| {
            address.set_port(port);
            address
        };
        self.addresses.iter().copied().map(with_port).collect()
    }
}

impl From<IpAddr> for Host {
    fn from(address: IpAddr) -> Host {
        Host { addresses: vec![SocketAddr::new(address, 0)], written: None }
    }
}

impl FromStr for Host {
    type Err = String;

    /// An address of IPv6 may be in brackets, and may have a zone (`fe80::1%eth0`, `fe80::1%2`).
    fn from_str(text: &str) -> Result<Host, String> {
        let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
        let unusual = |character: char| !character.is_ascii_graphic();
        if bare.is_empty() || bare.contains(unusual) {
            return Err(format!("{text:?} is neither an address nor the name of a host"));
        }
        let written = Some(bare.to_owned());
        let found = (bare, 0).to_socket_addrs();
        let found = found.map(|found| Host { written, ..found.collect() });
        found.map_err(|error| format!("{text:?} is neither an address nor a known name: {error}"))
    }
}

/// A system may name an address twice.
impl FromIterator<SocketAddr> for Host {
    fn from_iter<I: IntoIterator<Item = SocketAddr>>(found: I) -> Host {
        let mut addresses = Vec::new();
        for address in found {
            if !addresses.contains(&address) {
                addresses.push(address);
            }
        }
        Host { addresses, written: None }
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.addresses).finish()
    }
}
