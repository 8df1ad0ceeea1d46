//! What a configuration comes to, once its options are seen together.

use super::configuration::Configuration;
use super::endpoint::Endpoint;
use crate::tls::certificates::Certificates;

/// What is served by a configuration that can be used.
pub struct Served {
    /// Where.
    pub endpoints: Vec<Endpoint>,
    /// With which certificates.
    pub certificates: Option<Certificates>,
    /// Whether those are in files.
    pub has_files: bool,
}

impl Configuration {
    /// Judges what no option says alone: where to listen, certificates, the filter of the log.
    ///
    /// # Errors
    /// A message for the user, which names the value at fault and, in a file, its line.
    /// [common/config-2]
    pub fn served(&self) -> Result<Served, String> {
        self.judged().map_err(|error| self.located(error))
    }

    fn judged(&self) -> Result<Served, String> {
        self.options.log_filter()?;
        self.options.check_store()?;
        self.options.check_accounts()?;
        let endpoints = self.options.endpoints(|name| std::env::var_os(name))?;
        let certificates = self.options.certificates(&endpoints)?;
        let has_files = certificates.as_ref().is_some_and(|each| !each.is_made());
        Ok(Served { endpoints, certificates, has_files })
    }
}
