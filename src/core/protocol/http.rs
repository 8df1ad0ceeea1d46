//! Requests of HTTP, which a web page can make a browser send to any port.

use memchr::memchr;

/// Whether a line is an HTTP request line: a method, a target and a version, one space between
/// them. [common/http-1]
///
/// ```
/// use parlance_core::protocol::http::is_request;
///
/// assert!(is_request(b"POST /login HTTP/1.1"));
/// assert!(!is_request(b"LOGIN boss"));
/// assert!(!is_request(b"POST /login HTTP/"));
/// ```
pub fn is_request(line: &[u8]) -> bool {
    let mut words = line.splitn(3, |&byte| byte == b' ');
    let (method, target, version) = (words.next(), words.next(), words.next());
    let (Some(method), Some(target), Some(version)) = (method, target, version) else {
        return false;
    };
    let is_version = version.strip_prefix(b"HTTP/").and_then(<[u8]>::first);
    !method.is_empty()
        && method.iter().all(|byte| is_token(*byte))
        && !target.is_empty()
        && is_version.is_some_and(u8::is_ascii_digit)
        && memchr(b' ', version).is_none()
}

/// The characters of a token in RFC 9110, 5.6.2.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || memchr(byte, b"!#$%&'*+-.^_`|~").is_some()
}
