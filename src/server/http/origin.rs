//! Which web pages may connect. A browser sends the origin of the page with its request for a
//! WebSocket, and connects whatever the page is: the server has to look. [common/http-5]

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;
use std::sync::{Arc, PoisonError, RwLock};

/// The origin of a web page, written `SCHEME://HOST` or `SCHEME://HOST:PORT`.
///
/// ```
/// use parlance_server::http::Origin;
///
/// let origin: Origin = "https://Chat.example:443".parse().unwrap();
/// assert_eq!(origin.to_string(), "https://chat.example");
/// assert!("chat.example".parse::<Origin>().unwrap_err().contains("\"chat.example\""));
/// assert!("https://chat.example/page".parse::<Origin>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    scheme: String,
    /// In lower case, without the port that the scheme has by default.
    authority: String,
}

/// The origins of the pages that may connect, which may change. Clones share them.
#[derive(Clone, Debug)]
pub struct Origins(Arc<RwLock<Arc<[Origin]>>>);

impl Origins {
    /// These origins.
    pub fn new(origins: &[Origin]) -> Origins {
        Origins(Arc::new(RwLock::new(origins.into())))
    }

    /// Lets others in, among the requests to come.
    pub fn set(&self, origins: &[Origin]) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = origins.into();
    }

    pub(super) fn current(&self) -> Arc<[Origin]> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The schemes of pages, with their ports.
const SCHEMES: [(&str, &str); 2] = [("http", ":80"), ("https", ":443")];

impl FromStr for Origin {
    type Err = String;

    fn from_str(text: &str) -> Result<Origin, String> {
        let wrong = || {
            format!(
                "{text:?} is no origin of a page; write it like https://chat.example or \
                     http://localhost:8080"
            )
        };
        let lower = text.to_ascii_lowercase();
        let (scheme, authority) = lower.split_once("://").ok_or_else(wrong)?;
        let (_, port) =
            SCHEMES.into_iter().find(|(known, _)| *known == scheme).ok_or_else(wrong)?;
        let known = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:[]".contains(&byte);
        if authority.is_empty() || !authority.bytes().all(known) {
            return Err(wrong());
        }
        let authority = authority.strip_suffix(port).unwrap_or(authority);
        Ok(Origin { scheme: scheme.to_owned(), authority: authority.to_owned() })
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.authority)
    }
}

/// Whether a request for a WebSocket may come from the page that its `Origin` names; one without
/// is of no browser.
///
/// # Errors
/// Why not, for people.
pub(super) fn check(
    origin: Option<&str>,
    host: Option<&str>,
    peer: IpAddr,
    allowed: &[Origin],
) -> Result<(), String> {
    let Some(origin) = origin else { return Ok(()) };
    let refused = |why: &str| Err(format!("{why}; the operator names its origin in --ws-origin"));
    let Ok(page) = origin.parse::<Origin>() else {
        return refused("the page has no origin of its own");
    };
    if allowed.contains(&page) {
        return Ok(());
    }
    if !allowed.is_empty() {
        return refused("the page is none of those that may connect");
    }
    let host = host.unwrap_or_default().to_ascii_lowercase();
    let ports = SCHEMES.iter().filter(|(scheme, _)| *scheme == page.scheme);
    let host = ports.fold(host.as_str(), |host, (_, port)| host.strip_suffix(port).unwrap_or(host));
    if page.authority != host {
        return refused("the page is of another host");
    }
    // A name can be made to mean 127.0.0.1 by anybody (DNS rebinding), so that the page and the
    // server seem to be of one host.
    if peer.to_canonical().is_loopback() && !is_of_this_machine(host) {
        return refused("the page is of a host whose name may mean anything on this machine");
    }
    Ok(())
}

/// Whether a host and a port are those of an address, or of `localhost`.
fn is_of_this_machine(authority: &str) -> bool {
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    let bracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    host == "localhost"
        || host.ends_with(".localhost")
        || host.parse::<Ipv4Addr>().is_ok()
        || bracketed.is_some_and(|address| address.parse::<Ipv6Addr>().is_ok())
}
