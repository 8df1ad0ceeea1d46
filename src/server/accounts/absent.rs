//! A daemon that was built without a store: its options name no accounts.

use crate::config::options::Options;
use crate::service::Service;
use crate::transport::tcp::SystemClock;
use std::sync::Arc;

/// Nothing: nobody has an account.
#[expect(clippy::unnecessary_wraps, reason = "a store can fail, where there is one")]
pub(crate) fn start(_: &Options, _: &[Arc<Service<SystemClock>>]) -> Result<(), String> {
    Ok(())
}
