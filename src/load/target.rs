//! The servers that may be loaded: only those of this machine.

use std::net::{Ipv4Addr, SocketAddr};

/// The address that `text` names, if it is a loopback one.
///
/// Names other than `localhost` are refused without a lookup: whatever they resolve to, a load
/// generator must not be pointed at a machine by accident.
pub(super) fn loopback_address(text: &str) -> Result<SocketAddr, String> {
    let address = parse(text).ok_or_else(|| {
        format!("`{text}` is not HOST:PORT with a loopback IP address or `localhost` as its host")
    })?;
    // Canonical, because ::ffff:127.0.0.1 is loopback too.
    if !address.ip().to_canonical().is_loopback() {
        return Err(format!("`{text}` is not a loopback address"));
    }
    if address.port() == 0 {
        return Err(format!("`{text}` has no port to connect to"));
    }
    Ok(address)
}

fn parse(text: &str) -> Option<SocketAddr> {
    match text.strip_prefix("localhost:") {
        Some(port) => Some(SocketAddr::from((Ipv4Addr::LOCALHOST, port.parse().ok()?))),
        None => text.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::loopback_address;

    #[test]
    fn loopback_addresses_are_accepted() {
        for text in ["127.0.0.1:1234", "127.9.9.9:1", "[::1]:80", "localhost:7"] {
            assert!(loopback_address(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn others_are_refused_by_name() {
        for text in
            ["10.0.0.1:1234", "0.0.0.0:1", "[::]:1", "example.org:80", "127.0.0.1", "::1:0x"]
        {
            let error = loopback_address(text).expect_err(text);
            assert!(error.contains(text), "{error}");
        }
        assert!(loopback_address("127.0.0.1:0").is_err());
        assert!(loopback_address("localhost:65536").is_err());
    }
}
