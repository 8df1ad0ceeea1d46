//! What the daemon is told to do: options and their file, where each dialect is served, and
//! conflicts between options.

mod certificates;
pub mod check;
pub mod configuration;
mod conflicts;
pub mod defaults;
pub mod endpoint;
mod file;
pub mod host;
pub mod keys;
pub(crate) mod log_filter;
pub mod options;
pub mod program;
pub mod rates;
pub mod sections;
pub mod served;
mod suggestion;
pub(crate) mod units;
mod variables;
pub(crate) mod written;
