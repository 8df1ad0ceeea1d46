//! The head of a request, read strictly: what two readers could take for two things is an error.

use super::response::{Response, bad};
use parlance_core::limits::HTTP_HEAD_BYTES_MAX;
use parlance_core::protocol::http::is_request;

/// The most fields of a head.
const FIELDS_MAX: usize = 64;

/// Fields that say where a request ends, for whom it is, or what a connection becomes. Twice they
/// are an error. [common/http-3]
const ONCE: [&str; 7] = [
    "Connection",
    "Content-Length",
    "Host",
    "Origin",
    "Sec-WebSocket-Key",
    "Sec-WebSocket-Version",
    "Upgrade",
];

/// What a head came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A request, and how many bytes its head has.
    Request {
        /// The request.
        request: Request,
        /// The length of its head, in bytes.
        length: usize,
    },
    /// An error, and its answer.
    Wrong(Response),
}

/// A request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// As it was sent: methods are case-sensitive.
    pub method: String,
    /// The target's path, without its query.
    pub path: String,
    /// Whether it is one of HTTP/1.0.
    pub is_old: bool,
    /// The fields, in their order. Names match in any case.
    fields: Vec<(String, String)>,
}

impl Request {
    /// The value of a field, of the first if there are several.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.values(name).next()
    }

    /// The values of all fields of this name.
    pub fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        let same = move |(other, _): &&(String, String)| other.eq_ignore_ascii_case(name);
        self.fields.iter().filter(same).map(|(_, value)| value.as_str())
    }

    /// Whether a word is in the list that a field is.
    pub fn has_word(&self, name: &str, word: &str) -> bool {
        let words = self.values(name).flat_map(|value| value.split(','));
        words
            .map(|found| found.trim_matches([' ', '\t']))
            .any(|found| found.eq_ignore_ascii_case(word))
    }
}

/// The request whose head `bytes` begins with, or what is wrong with it; nothing while more has to
/// come. [common/http-3]
///
/// ```
/// use parlance_server::http::{Outcome, read_head};
///
/// let bytes = b"GET /healthz?now HTTP/1.1\r\nHost: localhost:8080\r\n\r\nmore";
/// let Some(Outcome::Request { request, length }) = read_head(bytes) else { panic!("a request") };
/// assert_eq!((request.path.as_str(), &bytes[length..]), ("/healthz", &b"more"[..]));
/// assert_eq!(request.field("host"), Some("localhost:8080"));
/// assert_eq!(read_head(&bytes[..40]), None);
/// let Some(Outcome::Wrong(answer)) = read_head(b"JOIN den joe\n") else { panic!("no request") };
/// assert_eq!(answer.status(), "400 Bad Request");
/// ```
pub fn read_head(bytes: &[u8]) -> Option<Outcome> {
    let head = &bytes[..bytes.len().min(HTTP_HEAD_BYTES_MAX)];
    let length = match length(head) {
        Err(why) => return Some(Outcome::Wrong(bad(why))),
        Ok(None) if head.len() < HTTP_HEAD_BYTES_MAX => return None,
        Ok(None) => return Some(Outcome::Wrong(too_long())),
        Ok(Some(length)) => length,
    };
    let read = parse(&head[..length]).and_then(checked);
    Some(read.map_or_else(Outcome::Wrong, |request| Outcome::Request { request, length }))
}

/// The length of a head that is whole. Its lines end in CR LF, and it has no other control
/// characters but tabs; a client of another protocol need not wait to be told.
fn length(bytes: &[u8]) -> Result<Option<usize>, &'static str> {
    let mut line = 0;
    let mut after_cr = false;
    for (at, byte) in bytes.iter().enumerate() {
        match (after_cr, byte) {
            (true, b'\n') if line == 0 && at > 1 => return Ok(Some(at + 1)),
            (true, b'\n') => (line, after_cr) = (0, false),
            (true, _) | (false, b'\n') => return Err("a line of a head ends in CR LF"),
            (false, b'\r') => after_cr = true,
            (false, 0..=8 | 11..=31 | 127) => return Err("this is no request of HTTP"),
            (false, _) => line += 1,
        }
    }
    Ok(None)
}

fn too_long() -> Response {
    let why = format!("a head has at most {HTTP_HEAD_BYTES_MAX} bytes and {FIELDS_MAX} fields");
    Response::text("431 Request Header Fields Too Large", &why)
}

fn first_line(head: &[u8]) -> &[u8] {
    head.split(|byte| *byte == b'\r').find(|line| *line != b"").unwrap_or_default()
}

fn parse(head: &[u8]) -> Result<Request, Response> {
    let mut fields = [httparse::EMPTY_HEADER; FIELDS_MAX];
    let mut parsed = httparse::Request::new(&mut fields);
    match parsed.parse(head) {
        Ok(httparse::Status::Complete(length)) if length == head.len() => {}
        Ok(_) => return Err(bad("the head has an empty line too many")),
        Err(httparse::Error::TooManyHeaders) => return Err(too_long()),
        Err(httparse::Error::Version) if is_request(first_line(head)) => {
            let why = "write HTTP/1.1";
            return Err(Response::text("505 HTTP Version Not Supported", why));
        }
        Err(error) => return Err(bad(&format!("the head is not one of HTTP: {error}"))),
    }
    let target = parsed.path.unwrap_or_default();
    // Whether a proxy in front takes it, and as what, is not known.
    if !target.is_ascii() {
        return Err(bad("the target has bytes that are not ASCII"));
    }
    let path = target.split('?').next().unwrap_or_default();
    let text = |value: &[u8]| String::from_utf8(value.to_vec());
    let mut fields = Vec::new();
    for field in parsed.headers.iter() {
        let value = text(field.value).map_err(|_| bad(&format!("{} is not text", field.name)))?;
        fields.push((field.name.to_owned(), value.trim_matches([' ', '\t']).to_owned()));
    }
    Ok(Request {
        method: parsed.method.unwrap_or_default().to_owned(),
        path: path.to_owned(),
        is_old: parsed.version == Some(0),
        fields,
    })
}

/// What could mean one thing here and another to a proxy in front is wrong.
fn checked(request: Request) -> Result<Request, Response> {
    if let Some(name) = ONCE.into_iter().find(|name| request.values(name).count() > 1) {
        return Err(bad(&format!("{name} is there twice")));
    }
    if request.field("Transfer-Encoding").is_some() {
        return Err(bad("no Transfer-Encoding is taken"));
    }
    let length = request.field("Content-Length").unwrap_or("0");
    if length.is_empty() || !length.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(bad("Content-Length is not a number"));
    }
    if length != "0" && ["GET", "HEAD"].contains(&request.method.as_str()) {
        return Err(bad("no request here has a body"));
    }
    if request.path.contains('#') || !request.path.starts_with('/') {
        return Err(bad("the target is a path, like /"));
    }
    match request.field("Host") {
        None if !request.is_old => Err(bad("Host is missing")),
        Some(host) if !is_host(host) => Err(bad("Host is not a host and a port")),
        _ => Ok(request),
    }
}

/// The characters of a name or an address and a port.
fn is_host(host: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:[]".contains(&byte);
    !host.is_empty() && host.bytes().all(known)
}
