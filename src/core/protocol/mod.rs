//! Pure, per connection: framing, names, the session state machine, and one file per dialect.
//!
//! This module does not call the registry, read a clock, draw a random number, touch a socket or
//! await. Start with [`Session`], whose documentation is the contract of the whole module.

mod account_fault;
pub mod channels;
mod close_reason;
pub mod dialect;
mod exchange;
mod explanation;
pub mod extensions;
pub mod framing;
pub mod http;
mod kept;
pub mod lobby;
pub mod login;
mod name;
mod pace;
pub mod rooms;
mod secret;
mod session;
pub mod simple;
mod step;
pub mod table;
pub mod telnet;
pub mod tls_hello;
pub mod websocket;
mod words;

pub use account_fault::AccountFault;
pub use close_reason::{CloseReason, Ending};
pub use dialect::{Dialect, Fault};
pub use exchange::{Answer, Request};
pub use explanation::{EXPLANATION_BYTES_MAX, Explanation};
pub use extensions::Extensions;
pub use name::Name;
pub use secret::Secret;
pub use session::Session;
pub(crate) use words::default_room;

/// All dialects. A new one is a file beside [`rooms`] and an entry here.
pub const DIALECTS: &[&dyn Dialect] =
    &[&rooms::Rooms, &lobby::Lobby, &simple::Simple, &login::Login, &channels::Channels];
