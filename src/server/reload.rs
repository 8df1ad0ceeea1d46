//! SIGHUP, or the operator's word: the configuration is read anew, and what can change in a running
//! server changes. [common/reload-1]
//!
//! First everything is read and judged, then everything is applied. So a configuration that cannot
//! be used changes nothing.

mod parts;

pub(super) use self::parts::{Banned, DrainTime, Filter, Limits, Pages, Shown};

use super::config::configuration::{Configuration, Setting};
use super::config::served::Served;
use super::config::written::written;
use std::ffi::OsString;

/// A part of the server that can change while it runs.
pub(super) trait Part: Send {
    /// The options that it applies, each with a word on the clients for which it counts.
    fn options(&self) -> &'static [(&'static str, &'static str)];

    /// What it takes to apply a new configuration; nothing changes yet. `None` if the running
    /// server has no use for it.
    ///
    /// # Errors
    /// A message for the operator, which names the value at fault. Then nothing of the
    /// configuration is applied.
    fn prepare(&self, new: &mut New) -> Result<Option<Change>, String>;
}

/// Applies a part of a new configuration.
pub(super) type Change = Box<dyn FnOnce() + Send>;

/// A configuration that can be used.
pub(super) struct New {
    pub(super) configuration: Configuration,
    pub(super) served: Served,
}

/// An option that a new configuration has with another value.
#[derive(Clone, Debug)]
pub(super) struct Changed {
    pub(super) option: String,
    pub(super) from: String,
    pub(super) to: String,
    /// The place that the new value comes from.
    pub(super) source: String,
    /// The clients for which it counts; `None` if it cannot change before the next start.
    pub(super) whom: Option<&'static str>,
}

/// What a reload has come to.
#[derive(Clone, Debug, Default)]
pub(super) struct Outcome {
    pub(super) changed: Vec<Changed>,
    /// Whether the files of certificates were read anew.
    pub(super) has_certificates: bool,
}

/// What a reload needs.
pub(super) struct Reload {
    /// The command line, the program's name first.
    typed: Vec<OsString>,
    /// What the server runs with.
    running: Vec<Setting>,
    /// Everything that can change.
    parts: Vec<Box<dyn Part>>,
    /// Whether there is any file to read anew.
    has_files: bool,
}

impl Reload {
    /// A server that runs with `configuration`, of which `parts` can change.
    pub(super) fn new(
        typed: Vec<OsString>,
        configuration: &Configuration,
        parts: Vec<Box<dyn Part>>,
    ) -> Reload {
        let running = configuration.settings.clone();
        let has_files =
            configuration.file().is_some() || !configuration.options.tls_cert.is_empty();
        Reload { typed, running, parts, has_files }
    }

    /// Reads the configuration anew and applies it; the log has what has changed.
    ///
    /// # Errors
    /// Why nothing has changed, as the log has it too.
    pub(super) async fn run(&mut self) -> Result<Outcome, String> {
        if !self.has_files {
            tracing::info!("ignored: there is nothing to reload");
            return Err("there is nothing to reload: the server has no file to read".to_owned());
        }
        // Files are read and names are looked up while others are served.
        let typed = self.typed.clone();
        let read = smol::unblock(move || read(typed)).await;
        read.and_then(|new| self.apply(new)).map_err(|why| {
            let why = parlance_printable::escape(&why);
            tracing::error!(%why, "the configuration is not loaded anew; the old one stays");
            why
        })
    }

    fn apply(&mut self, mut new: New) -> Result<Outcome, String> {
        let mut changes = Vec::new();
        let mut applied = Vec::new();
        for part in &self.parts {
            if let Some(change) = part.prepare(&mut new)? {
                changes.push(change);
                applied.extend_from_slice(part.options());
            }
        }
        for change in changes {
            change();
        }
        let loads = new.served.has_files && applied.iter().any(|(name, _)| *name == "tls-cert");
        if loads {
            tracing::info!("the certificates are loaded anew");
        }
        let mut differences = Vec::new();
        for (running, new) in self.running.iter_mut().zip(new.configuration.settings) {
            if running.values != new.values {
                let known = applied.iter().find(|(name, _)| *name == new.key.name);
                differences.push(Changed::of(running, &new, known.map(|(_, whom)| *whom)));
                if known.is_some() {
                    *running = new;
                }
            }
        }
        differences.iter().for_each(Changed::log);
        if differences.is_empty() && !loads {
            tracing::info!("the configuration is loaded anew; nothing has changed");
        }
        Ok(Outcome { changed: differences, has_certificates: loads })
    }
}

impl Changed {
    /// An option that differs: one that counts for `whom`, or one that does not count yet.
    fn of(running: &Setting, new: &Setting, whom: Option<&'static str>) -> Changed {
        let [from, to] = [running, new].map(|setting| written(&setting.key, &setting.values));
        let source = parlance_printable::escape(&new.source.to_string());
        Changed { option: new.key.name.clone(), from, to, source, whom }
    }

    fn log(&self) {
        let Changed { option, from, to, source, whom } = self;
        if let Some(whom) = whom {
            tracing::info!(%option, %from, %to, %source, "changed, for {whom}");
        } else {
            tracing::warn!(%option, %from, %to, %source, "cannot change before the next start");
        }
    }
}

fn read(typed: Vec<OsString>) -> Result<New, String> {
    let configuration = Configuration::from_arguments(typed).map_err(|error| {
        let text = error.to_string();
        let text = text.strip_prefix("error: ").unwrap_or(&text);
        text.split("\n\n").next().unwrap_or(text).trim_end().to_owned()
    })?;
    let served = configuration.served()?;
    Ok(New { configuration, served })
}
