//! What lies between the lines of a dialect and the socket.

use super::options::Options;
use super::segments::Segmentation;
use parlance_layers::{Plan, TlsClient, Trust, WebSocketClient};
use std::net::{Ipv4Addr, SocketAddr};

/// The layers of all connections of a run. The suite has nothing to hide, so every certificate will
/// do.
#[derive(Clone, Debug, Default)]
pub(super) struct Transport {
    tls: Option<TlsClient>,
    /// The path of a WebSocket endpoint.
    path: Option<String>,
}

impl Transport {
    /// The layers that the options ask for.
    pub(super) fn of(options: &Options) -> Result<Transport, String> {
        let ip = options.target.map_or(Ipv4Addr::LOCALHOST.into(), |target| target.ip());
        let tls = options.tls.then(|| TlsClient::new(&ip.to_string(), &Trust::Anyone));
        let dialect = options.dialect.as_deref().unwrap_or_default();
        let path = options.ws_path.clone().unwrap_or_else(|| format!("/ws/{dialect}"));
        Ok(Transport { tls: tls.transpose()?, path: options.ws.then_some(path) })
    }

    /// The layers of a connection to `address`; none if it is plain.
    pub(super) fn plan(&self, address: SocketAddr) -> Option<Plan> {
        let host = address.to_string();
        let websocket = self.path.clone().map(|path| WebSocketClient { host, path });
        let plan = Plan { tls: self.tls.clone(), websocket };
        (!plan.is_plain()).then_some(plan)
    }

    /// The further ways to cut the bytes of a case.
    pub(super) fn ways(&self) -> &'static [Segmentation] {
        match (&self.tls, &self.path) {
            (None, None) => &[],
            (Some(_), None) => &[Segmentation::Below],
            (_, Some(_)) => &[Segmentation::Below, Segmentation::Fragments],
        }
    }

    /// Its name in reports; `None` if it is plain.
    pub(super) fn name(&self) -> Option<&'static str> {
        match (&self.tls, &self.path) {
            (None, None) => None,
            (Some(_), None) => Some("tls"),
            (None, Some(_)) => Some("websocket"),
            (Some(_), Some(_)) => Some("websocket+tls"),
        }
    }
}
