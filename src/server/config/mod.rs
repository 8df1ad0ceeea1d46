//! What the daemon is told to do: options, where each dialect is served, and conflicts between
//! options.

mod certificates;
mod conflicts;
pub mod endpoint;
pub mod host;
pub mod options;
pub mod rates;
mod variables;
