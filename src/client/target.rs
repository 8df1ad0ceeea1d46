//! The server as users write it: `HOST`, `HOST:PORT`, `DIALECT://HOST:PORT/ROOM` or
//! `DIALECT+tls://HOST:PORT/ROOM`.

use parlance_speech::Dialect;
use percent_encoding::percent_decode_str;
use std::str::FromStr;

/// A server, and what it is told at once.
///
/// ```
/// use parlance_client::Target;
///
/// let target: Target = "channels://[::1]:9999/%23general".parse().unwrap();
/// assert_eq!((target.host.as_str(), target.port), ("::1", Some(9999)));
/// assert_eq!(target.room.as_deref(), Some("#general"));
/// assert!("irc://localhost".parse::<Target>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// What it speaks.
    pub dialect: Option<Dialect>,
    /// Whether it speaks that in TLS.
    pub tls: bool,
    /// Its name or address, without brackets.
    pub host: String,
    /// Its port.
    pub port: Option<u16>,
    /// The room to join.
    pub room: Option<String>,
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Target, String> {
        let (dialect, tls, rest) = match text.split_once("://") {
            Some((scheme, rest)) => {
                let (name, tls) = match scheme.split_once('+') {
                    Some((name, "tls")) => (name, true),
                    Some((_, other)) => {
                        return Err(format!("DIALECT and DIALECT+tls are known, not +{other}"));
                    }
                    None => (scheme, false),
                };
                (Some(parse_dialect(name)?), tls, rest)
            }
            None => (None, false, text),
        };
        let (place, room) = match rest.split_once('/') {
            Some((place, room)) => (place, Some(room).filter(|room| !room.is_empty())),
            None => (rest, None),
        };
        let room = room.map(|room| percent_decode_str(room).decode_utf8_lossy().into_owned());
        let (host, port) = parted(place)?;
        let port = port.map(parse_port).transpose()?;
        if host.is_empty() {
            return Err("a host has a name or an address".to_owned());
        }
        Ok(Target { dialect, tls, host: host.to_owned(), port, room })
    }
}

/// Host and port; an IPv6 address with a port stands in brackets.
fn parted(place: &str) -> Result<(&str, Option<&str>), String> {
    if let Some(inside) = place.strip_prefix('[') {
        let (host, rest) = inside.split_once(']').ok_or("a bracket is not closed")?;
        return match rest.strip_prefix(':') {
            Some(port) => Ok((host, Some(port))),
            None if rest.is_empty() => Ok((host, None)),
            None => Err("a port follows its host after a colon".to_owned()),
        };
    }
    match place.split_once(':') {
        Some((host, port)) if !port.contains(':') => Ok((host, Some(port))),
        // Several colons are an address.
        _ => Ok((place, None)),
    }
}

pub(super) fn parse_dialect(text: &str) -> Result<Dialect, String> {
    Dialect::from_name(text).ok_or_else(|| {
        let known = Dialect::ALL.map(Dialect::name);
        format!("there is {}", known.join(", "))
    })
}

/// Digits only, as the daemon reads its port.
pub(super) fn parse_port(text: &str) -> Result<u16, String> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse::<u16>() {
        Ok(port) if digits && port > 0 => Ok(port),
        _ => Err("a port is a decimal number from 1 to 65535".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::Target;
    use parlance_speech::Dialect;

    #[test]
    fn each_form_is_understood() {
        for (text, dialect, host, port, room) in [
            ("login+tls://h:1", Some(Dialect::Login), "h", Some(1), None),
            ("chat.example", None, "chat.example", None, None),
            ("chat.example:80", None, "chat.example", Some(80), None),
            ("::1", None, "::1", None, None),
            ("[::1]", None, "::1", None, None),
            ("[::1]:80", None, "::1", Some(80), None),
            ("login://h", Some(Dialect::Login), "h", None, None),
            ("channels://h/", Some(Dialect::Channels), "h", None, None),
            ("channels://h:1/#r", Some(Dialect::Channels), "h", Some(1), Some("#r")),
            ("rooms://h/a%2fb", Some(Dialect::Rooms), "h", None, Some("a/b")),
        ] {
            let room = room.map(str::to_owned);
            let tls = text.contains("+tls");
            let wanted = Target { dialect, tls, host: host.to_owned(), port, room };
            assert_eq!(text.parse(), Ok(wanted), "{text}");
        }
    }

    #[test]
    fn other_forms_are_refused() {
        for text in [
            "",
            ":80",
            "h:",
            "h:0",
            "h:x",
            "[::1",
            "[::1]80",
            "irc://h",
            "rooms://",
            "/r",
            "rooms+ssl://h",
            "tls://h",
        ] {
            assert!(text.parse::<Target>().is_err(), "{text}");
        }
    }
}
