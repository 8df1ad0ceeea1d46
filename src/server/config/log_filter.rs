//! What `--log` and `RUST_LOG` say.

use super::options::Options;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

impl Options {
    /// The filter of the log: that of `--log`, or else of `RUST_LOG`.
    ///
    /// # Errors
    /// A message for the user, which names the value at fault.
    pub fn log_filter(&self) -> Result<EnvFilter, String> {
        let (name, text) = match &self.log {
            Some(filter) => ("--log", filter.clone()),
            None => ("RUST_LOG", std::env::var("RUST_LOG").unwrap_or_else(|_| "off".to_owned())),
        };
        // RUST_LOG may well be meant for another program.
        if self.log.is_some() { filter(name, &text) } else { any_filter(name, &text) }
    }
}

/// The filter that `text` says, which was given as `name`.
///
/// # Errors
/// A message for the user, which names the value at fault.
pub(crate) fn filter(name: &str, text: &str) -> Result<EnvFilter, String> {
    // To the filter a lone word that is no level is the name of a module, and then nothing is
    // logged.
    let word = text.bytes().all(|byte| byte.is_ascii_alphabetic());
    let is_level = text.is_empty() || text.parse::<LevelFilter>().is_ok();
    if word && !is_level {
        return Err(invalid(name, text, "a level is one of off, error, warn, info, debug, trace"));
    }
    any_filter(name, text)
}

fn any_filter(name: &str, text: &str) -> Result<EnvFilter, String> {
    EnvFilter::try_new(text).map_err(|error| invalid(name, text, &error.to_string()))
}

fn invalid(name: &str, text: &str, why: &str) -> String {
    format!("invalid value '{text}' for '{name}': {why}")
}
