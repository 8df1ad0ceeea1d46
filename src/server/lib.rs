//! smol: listeners, connections, timers, shutdown. The only part of the server that does I/O.
//!
//! It carries values between [`Session`](parlance_core::protocol::Session),
//! [`Registry`](parlance_core::registry::Registry) and the network. The accept loop and the
//! connection are generic over the traits of [`transport`]: tests run them on a scripted network
//! under virtual time.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "clocks, threads and sockets are what this crate is for"
)]

mod accept;
pub mod accounts;
pub mod admin;
pub mod arrival;
pub mod bans;
mod common;
pub mod config;
mod connection;
pub mod daemon;
mod drain;
mod entrance;
mod headroom;
pub mod http;
pub mod keeping;
mod listeners;
mod log;
pub mod network;
pub mod observe;
mod permit;
mod permits;
mod provision;
pub mod proxy;
mod refused;
mod reload;
pub mod run_queue;
mod service;
mod service_manager;
mod stop;
mod task;
pub mod telnet;
mod threads;
pub mod tls;
pub mod transport;
pub mod version;
pub mod websocket;

pub use accept::serve;
pub use common::Common;
pub use drain::{Asked, Clients};
pub use entrance::{Entrance, Reception};
pub use service::{AccountRules, Kept, Service};
pub use stop::{Stopped, until_stopped};
