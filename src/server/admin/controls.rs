//! What an operator can do to the daemon as a whole.

use super::rows::{Row, row};
use crate::config::log_filter::filter;
use crate::drain::Asked;
use crate::log;
use crate::observe::Sources;
use crate::observe::observer::OPERATOR_TARGET;
use crate::reload::{Changed, DrainTime, Reload};
use crate::service_manager::ServiceManager;
use crate::transport::tcp::SystemClock;
use serde_json::json;
use smol::channel::Sender;
use smol::lock::Mutex;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// The answer that a command gets later.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = Result<T, String>> + Send + 'a>>;

/// The daemon as its operator commands it.
pub trait Controls: Send + Sync {
    /// Changes the filter of the log, if one is given. Returns the filter that counts.
    ///
    /// # Errors
    /// What is wrong with the filter.
    fn log(&self, filter: Option<&str>) -> Result<String, String>;

    /// Reads the configuration anew. Returns a row for each option that has changed.
    ///
    /// # Errors
    /// Why nothing has changed.
    fn reload(&self) -> Later<'_, Vec<Row>>;

    /// Begins a drain. Returns its time.
    ///
    /// # Errors
    /// The daemon stops already.
    fn drain(&self) -> Result<Row, String>;

    /// The server as a whole.
    fn stats(&self) -> Row;
}

/// The controls of a running daemon.
pub(crate) struct DaemonControls {
    pub(crate) filter: log::Filter,
    pub(crate) reload: Arc<Mutex<Reload>>,
    pub(crate) manager: Arc<ServiceManager>,
    pub(crate) requests: Sender<Asked>,
    pub(crate) drain_time: DrainTime,
    pub(crate) sources: Arc<Sources<SystemClock>>,
}

impl Controls for DaemonControls {
    fn log(&self, text: Option<&str>) -> Result<String, String> {
        let gone = |_| "there is no log any more".to_owned();
        let from = self.filter.with_current(ToString::to_string).map_err(gone)?;
        let Some(text) = text else { return Ok(from) };
        let filter = filter("log", text)?;
        let to = filter.to_string();
        let tell = || {
            tracing::warn!(target: OPERATOR_TARGET, %from, %to, "the filter of the log is changed");
        };
        // One of the two filters may keep this from the log.
        let is_told_before = tracing::enabled!(target: OPERATOR_TARGET, tracing::Level::WARN);
        if is_told_before {
            tell();
        }
        self.filter.reload(filter).map_err(gone)?;
        if !is_told_before {
            tell();
        }
        Ok(to)
    }

    fn reload(&self) -> Later<'_, Vec<Row>> {
        Box::pin(async {
            let outcome = reload(&self.reload, &self.manager).await?;
            let mut rows: Vec<Row> = outcome.changed.iter().map(changed).collect();
            if outcome.has_certificates {
                rows.push(row(json!({
                    "option": "tls-cert", "applies": "connections that come from now on",
                    "note": "the files of certificates are read anew",
                })));
            }
            Ok(rows)
        })
    }

    fn drain(&self) -> Result<Row, String> {
        let asked = self.requests.try_send(Asked::Drain);
        asked.map_err(|_| "the server drains or stops already".to_owned())?;
        let time = self.drain_time.get();
        let seconds = (time != std::time::Duration::MAX).then_some(time.as_secs_f64());
        Ok(row(json!({ "draining": true, "seconds_max": seconds })))
    }

    fn stats(&self) -> Row {
        self.sources.stats()
    }
}

/// Reloads, and tells the service manager so.
pub(crate) async fn reload(
    reload: &Mutex<Reload>,
    manager: &ServiceManager,
) -> Result<crate::reload::Outcome, String> {
    let mut reload = reload.lock().await;
    manager.reloading();
    let outcome = reload.run().await;
    manager.ready();
    outcome
}

fn changed(changed: &Changed) -> Row {
    let Changed { option, from, to, source, whom } = changed;
    row(json!({
        "option": option, "from": from, "to": to, "source": source, "applies": whom,
    }))
}
