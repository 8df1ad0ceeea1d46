//! Networks of addresses: those of proxies, and those that are banned.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// An address, or a network in the form `ADDRESS/BITS`.
///
/// ```
/// use parlance_server::network::Network;
///
/// let network: Network = "10.0.0.0/8".parse().unwrap();
/// assert!(network.contains("10.1.2.3".parse().unwrap()));
/// assert!(network.contains("::ffff:10.1.2.3".parse().unwrap()));
/// assert!(!network.contains("11.0.0.0".parse().unwrap()));
/// let error = "10.0.0.1/8".parse::<Network>().unwrap_err();
/// assert!(error.contains("10.0.0.0/8"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Network {
    /// The first address of the network.
    address: IpAddr,
    /// How many of its bits all addresses of the network have.
    bits: u8,
}

impl Network {
    /// The network of the first `bits` bits of `address`; an address of IPv4 within IPv6 is one of
    /// IPv4. `None` if an address of its kind has fewer bits.
    pub fn around(address: IpAddr, bits: u8) -> Option<Network> {
        let address = address.to_canonical();
        let has_them = bits <= bits_of(address);
        has_them.then(|| Network { address: masked(address, bits), bits })
    }

    /// Whether it is a single address.
    pub fn is_one_address(&self) -> bool {
        self.bits == bits_of(self.address)
    }

    /// How many bits all its addresses have in common.
    pub fn bits(&self) -> u8 {
        self.bits
    }

    /// Whether an address is one of the network. An address of IPv4 within IPv6, as a listener for
    /// both has it, is one of IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.address.is_ipv4() && masked(address, self.bits) == self.address
    }
}

fn bits_of(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// `address` with zeros behind its first `bits`.
fn masked(address: IpAddr, bits: u8) -> IpAddr {
    let behind = u32::from(bits_of(address) - bits);
    match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(behind).unwrap_or(0);
            IpAddr::V4((address.to_bits() & mask).into())
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(behind).unwrap_or(0);
            IpAddr::V6((address.to_bits() & mask).into())
        }
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Network, String> {
        let wrong = || {
            format!(
                "{text:?} is no network; write it like 10.0.0.0/8 or fd00::/8, or an address \
                 like 127.0.0.1"
            )
        };
        let (address, bits) =
            text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let written: IpAddr = address.parse().map_err(|_| wrong())?;
        let most = bits_of(written);
        let digits = |bits: &str| bits.bytes().all(|byte| byte.is_ascii_digit());
        let bits = match bits {
            None => most,
            Some(bits) if digits(bits) => bits.parse().map_err(|_| wrong())?,
            Some(_) => return Err(wrong()),
        };
        if bits > most {
            return Err(format!("{text:?} is no network: {address} has {most} bits"));
        }
        let first = masked(written, bits);
        if first != written {
            return Err(format!(
                "{text:?} is no network: {address} is an address in {first}/{bits}; write that, \
                 or {address}"
            ));
        }
        if written.to_canonical() != written {
            let address = written.to_canonical();
            return Err(format!("{text:?} is one of IPv4; write it like {address}"));
        }
        Ok(Network { address: written, bits })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_one_address() {
            return self.address.fmt(f);
        }
        write!(f, "{}/{}", self.address, self.bits)
    }
}

#[cfg(test)]
mod tests {
    use super::Network;

    /// [common/proxy-1]
    #[test]
    fn a_network_contains_the_addresses_that_begin_with_its_bits() {
        for (network, inside, outside) in [
            ("0.0.0.0/0", "255.1.2.3", "::1"),
            ("::/0", "fe80::1", "127.0.0.1"),
            ("192.0.2.1", "192.0.2.1", "192.0.2.0"),
            ("192.0.2.4/31", "192.0.2.5", "192.0.2.6"),
            ("2001:db8::/32", "2001:db8:ffff::", "2001:db9::"),
            ("::1", "::1", "::"),
        ] {
            let parsed: Network = network.parse().expect("a network");
            assert_eq!(parsed.to_string(), network);
            assert!(parsed.contains(inside.parse().expect("an address")), "{network} {inside}");
            assert!(!parsed.contains(outside.parse().expect("an address")), "{network} {outside}");
        }
    }

    #[test]
    fn a_text_that_is_no_network_is_named() {
        for wrong in [
            "",
            "10",
            "10.0.0.0/33",
            "10.0.0.0/",
            "10.0.0.0/+8",
            "::/129",
            "::/999",
            "10.0.0.1/8",
            "proxy.example",
            "::ffff:10.0.0.1",
            "10.0.0.0/8/8",
        ] {
            let why = wrong.parse::<Network>().expect_err("it is none");
            assert!(why.contains(&format!("{wrong:?}")), "{why}");
        }
    }
}
