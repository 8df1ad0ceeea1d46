//! What the tests over real sockets share: the daemon as a process, and a client of our own.
//!
//! Goal: each test gets a server to itself, on a port that the system chose, and cannot hang.
//! Method: the built program is started and its start-up lines are awaited; it is killed by its
//! own handle when the test is over, however that ends. Every wait has a deadline, which only ever
//! turns a hang into a failure. Limits: `/proc` is read, so these tests are for Linux.
#![allow(dead_code, reason = "each test program uses its part of this")]
#![allow(unreachable_pub, reason = "it is a module of test programs, which export nothing")]
#![allow(unused_imports, reason = "as dead code")]

mod chat;
mod daemon;
pub mod openssl;
mod output;
mod reading;
mod stumbling;
mod wire;

pub use chat::{Chat, uninterrupted};
pub use daemon::{Daemon, Ended, clean, command, in_shell, loopback, program};
pub use output::Output;
pub use stumbling::Stumbling;
pub use wire::Wire;

use rustix::process::{Resource, getrlimit, setrlimit};
use std::time::Duration;

/// No wait is longer; none is expected to come near it.
pub const DEADLINE: Duration = Duration::from_secs(30);

/// A thousand clients need a thousand descriptors in the test's own process.
pub fn raise_own_descriptor_limit() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).expect("a soft limit may be raised to the hard one");
}
