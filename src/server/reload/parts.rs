//! What can change: the list of it is in [`daemon`](crate::daemon). What comes later (accounts, a
//! message of the day) is a part more.

use super::{Change, New, Part};
use crate::bans::Bans;
use crate::entrance::Reception;
use crate::http::Origins;
use crate::log;
use crate::service::Service;
use crate::tls::certificates::Certificates;
use crate::transport::tcp::SystemClock;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Limits, of every dialect and of visitors. [common/reload-2]
pub(crate) struct Limits {
    pub(crate) services: Vec<Arc<Service<SystemClock>>>,
    pub(crate) reception: Arc<Reception<SystemClock>>,
}

impl Part for Limits {
    fn options(&self) -> &'static [(&'static str, &'static str)] {
        const EVERY: &str = "every client";
        const NEW: &str = "clients that come from now on";
        &[
            ("clients-max", NEW),
            ("clients-per-address-max", NEW),
            ("rate-limits", NEW),
            ("rate-lines", NEW),
            ("rate-bytes", NEW),
            ("rate-joins", NEW),
            ("rate-names", NEW),
            ("rate-rooms", NEW),
            ("rate-connects", NEW),
            ("outbox-bytes-max", EVERY),
            ("total-bytes-max", EVERY),
            ("first-line-timeout", NEW),
            ("idle-timeout", NEW),
            ("stall-timeout", EVERY),
            ("drain-timeout", "clients that leave from now on"),
        ]
    }

    fn prepare(&self, new: &mut New) -> Result<Option<Change>, String> {
        let limits = new.configuration.options.limits();
        let (services, reception) = (self.services.clone(), Arc::clone(&self.reception));
        Ok(Some(Box::new(move || {
            for service in services {
                service.set_limits(&limits);
            }
            reception.set_limits(&limits);
        })))
    }
}

/// The certificates that are shown. [common/tls-7]
pub(crate) struct Shown(pub(crate) Arc<Certificates>);

impl Part for Shown {
    fn options(&self) -> &'static [(&'static str, &'static str)] {
        const NEW: &str = "connections that come from now on";
        &[("tls-cert", NEW), ("tls-key", NEW), ("tls-self-signed", NEW)]
    }

    fn prepare(&self, new: &mut New) -> Result<Option<Change>, String> {
        let (shown, others) = (Arc::clone(&self.0), new.served.certificates.take());
        // One that is made for this run lasts as long.
        let others = others.filter(|others| !(others.is_made() && shown.is_made()));
        Ok(others.map(|others| -> Change { Box::new(move || shown.replace(&others)) }))
    }
}

/// The filter of the log.
pub(crate) struct Filter(pub(crate) log::Filter);

impl Part for Filter {
    fn options(&self) -> &'static [(&'static str, &'static str)] {
        &[("log", "events from now on")]
    }

    fn prepare(&self, new: &mut New) -> Result<Option<Change>, String> {
        let (filter, handle) = (new.configuration.options.log_filter()?, self.0.clone());
        Ok(Some(Box::new(move || {
            // It fails only where there is no log any more.
            let _ = handle.reload(filter);
        })))
    }
}

/// The pages that may connect. [common/http-5]
pub(crate) struct Pages(pub(crate) Origins);

impl Part for Pages {
    fn options(&self) -> &'static [(&'static str, &'static str)] {
        &[("ws-origin", "requests from now on")]
    }

    fn prepare(&self, new: &mut New) -> Result<Option<Change>, String> {
        let (shared, origins) = (self.0.clone(), new.configuration.options.ws_origin.clone());
        Ok(Some(Box::new(move || shared.set(&origins))))
    }
}

/// The bans. [common/ban-4]
pub(crate) struct Banned {
    pub(crate) bans: Arc<Bans>,
    pub(crate) services: Vec<Arc<Service<SystemClock>>>,
}

impl Part for Banned {
    fn options(&self) -> &'static [(&'static str, &'static str)] {
        &[("ban", "clients that come from now on")]
    }

    fn prepare(&self, new: &mut New) -> Result<Option<Change>, String> {
        let (bans, services) = (Arc::clone(&self.bans), self.services.clone());
        let written = new.configuration.options.ban.clone();
        Ok(Some(Box::new(move || {
            bans.set_configured(&written);
            for service in services {
                service.learn_banned_names();
            }
        })))
    }
}

/// The time of a drain. [common/drain-1]
#[derive(Clone)]
pub(crate) struct DrainTime(Arc<Mutex<Duration>>);

impl DrainTime {
    pub(crate) fn new(time: Duration) -> DrainTime {
        DrainTime(Arc::new(Mutex::new(time)))
    }

    pub(crate) fn get(&self) -> Duration {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Part for DrainTime {
    fn options(&self) -> &'static [(&'static str, &'static str)] {
        &[("drain-time", "a drain that begins from now on")]
    }

    fn prepare(&self, new: &mut New) -> Result<Option<Change>, String> {
        let (shared, time) = (Arc::clone(&self.0), new.configuration.options.drain_time());
        Ok(Some(Box::new(move || *shared.lock().unwrap_or_else(PoisonError::into_inner) = time)))
    }
}
