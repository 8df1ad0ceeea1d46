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
        let invalid = |why: &str| format!("invalid value '{text}' for '{name}': {why}");
        // To the filter a lone word that is no level is the name of a module, and then nothing is
        // logged; RUST_LOG may well be meant for another program.
        let word = text.bytes().all(|byte| byte.is_ascii_alphabetic());
        let is_level = text.is_empty() || text.parse::<LevelFilter>().is_ok();
        if self.log.is_some() && word && !is_level {
            return Err(invalid("a level is one of off, error, warn, info, debug, trace"));
        }
        EnvFilter::try_new(&text).map_err(|error| invalid(&error.to_string()))
    }
}
