//! The server as a whole, as an operator sees it.

use super::metrics::Sources;
use crate::service::Service;
use crate::transport::Clock;
use crate::version;
use serde_json::{Map, Value, json};

impl<C: Clock> Sources<C> {
    /// Version, health, and the figures of each dialect: what metrics have too, in one object.
    pub(crate) fn stats(&self) -> Map<String, Value> {
        let served = self.served.get();
        let dialects = served.map(|served| served.services.iter().map(|each| dialect(each)));
        let dialects: Vec<Value> = dialects.into_iter().flatten().collect();
        let mut stats = Map::new();
        let mut has = |key: &str, value: Value| _ = stats.insert(key.to_owned(), value);
        has("version", json!(version::long().lines().next()));
        has("pid", json!(std::process::id()));
        has("uptime_s", json!(self.age().as_secs()));
        has("ready", json!(self.readiness.obstacles().is_empty()));
        has("not_ready_because", json!(self.readiness.obstacles()));
        has("visitors", json!(served.map(|served| served.reception.visitors())));
        has("log_events_left_out", json!(self.observer.events_left_out()));
        has("dialects", Value::Array(dialects));
        stats
    }
}

fn dialect<C: Clock>(service: &Service<C>) -> Value {
    let seen = service.registry().snapshot();
    let (bytes_in, lines_in) = service.figures.input();
    json!({
        "dialect": service.dialect.name(),
        "clients": seen.clients,
        "rooms": seen.rooms,
        "lines_in": lines_in,
        "bytes_in": bytes_in,
        "lines_out": seen.sent.lines,
        "bytes_out": seen.sent.bytes,
        "held_clients": service.figures.holds().0,
        "outbox_bytes": seen.total,
        "names_refused": seen.names_refused,
    })
}
