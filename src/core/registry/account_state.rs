//! What is known of a client where there are accounts.

use crate::protocol::{AccountFault, Name};
use std::net::Ipv6Addr;

/// What is known of a client where there are accounts.
#[derive(Debug, Default)]
pub(super) struct AccountState {
    /// Its network, if rates concern it.
    pub(super) origin: Option<Ipv6Addr>,
    /// The account of which it has shown the password.
    pub(super) proof: Option<Name>,
    /// Why it was refused something last, until somebody asks.
    pub(super) refusal: Option<AccountFault>,
}
