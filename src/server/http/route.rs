//! What is where.

use super::head::Request;
use super::origin::{self, Origin};
use super::page::page;
use super::response::Response;
use super::upgrade::Upgrade;
use parlance_core::protocol::DIALECTS;
use std::net::IpAddr;

/// What a request gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// A WebSocket.
    Upgrade(Upgrade),
    /// An answer, behind which the connection ends.
    Answer(Response),
}

/// What `request`, which comes from `peer`, gets. [common/http-2]
pub fn route(request: &Request, peer: IpAddr, origins: &[Origin]) -> Route {
    let reads = ["GET", "HEAD"];
    match request.path.as_str() {
        "/" => Route::Answer(allowed(request, &reads).unwrap_or_else(page)),
        "/healthz" => Route::Answer(allowed(request, &reads).unwrap_or_else(healthy)),
        path => match path.strip_prefix("/ws/") {
            None => Route::Answer(not_found("here are / and /healthz and /ws/DIALECT")),
            Some(name) => match upgrade(request, name, peer, origins) {
                Ok(upgrade) => Route::Upgrade(upgrade),
                Err(answer) => Route::Answer(answer),
            },
        },
    }
}

/// The answer to a request with another method than these.
pub(crate) fn allowed(request: &Request, methods: &[&str]) -> Option<Response> {
    if methods.contains(&request.method.as_str()) {
        return None;
    }
    let methods = methods.join(", ");
    let answer = Response::text("405 Method Not Allowed", &format!("here is only {methods}"));
    Some(answer.with(&format!("Allow: {methods}")))
}

fn not_found(why: &str) -> Response {
    Response::text("404 Not Found", why)
}

fn healthy() -> Response {
    Response::text("200 OK", "the server takes connections")
}

fn upgrade(
    request: &Request,
    name: &str,
    peer: IpAddr,
    origins: &[Origin],
) -> Result<Upgrade, Response> {
    let names = || DIALECTS.iter().map(|dialect| dialect.name());
    let dialect = names().find(|known| *known == name).ok_or_else(|| {
        let known: Vec<_> = names().collect();
        not_found(&format!("that is no dialect; the dialects are {}", known.join(", ")))
    })?;
    allowed(request, &["GET"]).map_or(Ok(()), Err)?;
    let (origin, host) = (request.field("Origin"), request.field("Host"));
    // First: a page that may not connect is told nothing else.
    origin::check(origin, host, peer, origins)
        .map_err(|why| Response::text("403 Forbidden", &why))?;
    Upgrade::new(request, dialect)
}
