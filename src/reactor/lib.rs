//! Readiness of sockets, and timers, for the thread that serves.
//!
//! The thread that runs the tasks waits in `epoll` itself, with its next deadline: a turn of its
//! loop is one call. The interest in input is told to the kernel once and stays, so that a client
//! that is read and waited for again costs no call; the interest in output is told when a socket
//! refuses bytes, which is rare. No other thread takes part.
//!
//! | file | what it has |
//! | --- | --- |
//! | `reactor` | the one reactor of the process: waits, and tells who waited |
//! | `kernel` | the calls of `epoll` |
//! | `source`, `watched` | a descriptor and what its tasks wait for |
//! | `interest` | what the kernel is to tell of one descriptor, as a state machine without calls |
//! | `timer`, `timers` | one timer; all of them, by their time |
//! | `doorbell` | how another thread ends a wait |
//! | `drive` | runs a future on a thread that waits here |
//!
//! Level-triggered: what is ready and not taken is told again. An event that nobody waits for any
//! more ends the interest, so that it is told a few times at most.
//!
//! # Examples
//!
//! ```
//! use parlance_reactor::{Source, block_on};
//! use std::io::{Read, Write};
//! use std::net::{TcpListener, TcpStream};
//!
//! let listener = TcpListener::bind("127.0.0.1:0")?;
//! let mut client = TcpStream::connect(listener.local_addr()?)?;
//! let (accepted, _) = listener.accept()?;
//! accepted.set_nonblocking(true)?;
//! let accepted = Source::new(accepted)?;
//! client.write_all(b"hello")?;
//! block_on(std::future::poll_fn(|cx| accepted.poll_readable(cx)));
//! let mut word = [0; 5];
//! accepted.get_ref().read_exact(&mut word)?;
//! assert_eq!(&word, b"hello");
//! # Ok::<(), std::io::Error>(())
//! ```
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "outside the deterministic core: the kernel, its clock and threads are its subject"
)]

mod doorbell;
mod drive;
mod interest;
mod kernel;
mod reactor;
mod source;
mod timer;
mod timers;
mod watched;

pub use drive::block_on;
pub use source::Source;
pub use timer::Timer;
